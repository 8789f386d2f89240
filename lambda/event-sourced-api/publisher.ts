import { inLanes } from './domain/lanes';
import type { Publisher, ViewChange } from './domain/ports';
import { CHANGE_NOT_PUBLISHED } from '../../src/event-sourced-api/contract';
import { logError } from '../core/logger';
import { pause, type RetryOptions } from '../core/retry';
import { signedPost } from '../core/signed-post';

/**
 * Subscribers get of a change what the mutation selects, and nothing else.
 *
 * @see https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-real-time-data.html
 */
const FIELDS = ['view', 'id', 'owner', 'version', 'occurredAt', 'commandId', 'correlationId'];
const TYPES: Readonly<Record<string, string>> = {
  view: 'String!',
  id: 'ID!',
  owner: 'ID',
  version: 'Int!',
  occurredAt: 'AWSDateTime!',
  commandId: 'ID!',
  correlationId: 'ID!',
};

const MUTATION = `mutation PublishViewChange(${FIELDS.map((name) => `$${name}: ${TYPES[name]}`).join(', ')}) {
  publishViewChange(${FIELDS.map((name) => `${name}: $${name}`).join(', ')}) { ${FIELDS.join(' ')} }
}`;

/** Attempts of one change, and how long they wait for one another. */
const RETRIES: RetryOptions = { attempts: 3, baseMs: 100, capMs: 500 };

/** Milliseconds of one attempt. */
const TIMEOUT = 2000;

/** Aggregates whose changes are told at once; those of one are told in their order. */
const LANES = 8;

/** The API's answer to a change, where it is none that was taken. */
class NotPublished extends Error {
  public constructor(
    status: number,
    /** Whether it may be taken in a moment. */
    public readonly isPassing: boolean,
  ) {
    super(`AppSync answered with status ${status}`);
    this.name = 'NotPublished';
  }
}

/** Publishes changes by the mutation that the role of this function alone may call. */
export class AppSyncPublisher implements Publisher {
  /** @param url of the GraphQL API, with its path */
  public constructor(private readonly url: string) {}

  public async publish(changes: readonly ViewChange[]): Promise<void> {
    const rows = new Map<string, ViewChange[]>();
    for (const change of changes) {
      const key = `${change.view} ${change.id}`;
      rows.set(key, [...(rows.get(key) ?? []), change]);
    }
    await inLanes(rows.values(), LANES, async (ofRow) => {
      for (const change of ofRow) {
        await this.publishOrNote(change);
      }
    });
  }

  private async publishOrNote(change: ViewChange): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.send(change);
      } catch (error) {
        const isOver = attempt >= RETRIES.attempts || (error instanceof NotPublished && !error.isPassing);
        if (isOver) {
          // Counted by an alarm: the view has it, and whoever watches learns of it with the next change.
          const { view, id, version } = change;
          return logError(CHANGE_NOT_PUBLISHED, error, { view, id, version });
        }
        await pause(attempt, RETRIES);
      }
    }
  }

  private async send(change: ViewChange): Promise<void> {
    const body = JSON.stringify({ query: MUTATION, variables: { ...change, owner: change.owner ?? null } });
    const { status, text } = await signedPost(this.url, body, { service: 'appsync', timeoutMs: TIMEOUT });
    if (status !== 200) {
      throw new NotPublished(status, status === 429 || status >= 500);
    }
    // GraphQL answers with 200 and errors where it did not do what it was asked for.
    const { errors } = JSON.parse(text) as { readonly errors?: readonly unknown[] | null };
    if (errors && errors.length > 0) {
      throw new NotPublished(status, true);
    }
  }
}
