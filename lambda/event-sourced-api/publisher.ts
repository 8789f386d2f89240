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

/** When telling changes of a batch is late, and when it ends, in ms. */
export interface PublishingTime {
  /** From then on, of the changes of a row only the newest is told to each owner: the row has all before it. */
  readonly late: number;
  /** Changes that are not told by then are noted: the stream does not wait for who watches. */
  readonly end: number;
}

const TIME: PublishingTime = { late: 5000, end: 15_000 };

/** Changes that failed in a row, by which it is known that others would too. */
const FAILURES = 5;

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

/** No further change is tried. */
class Ended extends Error {
  public constructor() {
    super('No change is told any more: time is up, or those before were not taken');
    this.name = 'PublishingEnded';
  }
}

/** How telling the changes of one batch goes. */
class Progress {
  private readonly begun = Date.now();
  private failures = 0;

  public constructor(private readonly time: PublishingTime) {}

  public get isLate(): boolean {
    return this.elapsed >= this.time.late;
  }

  public get isOver(): boolean {
    return this.remaining <= 0 || this.failures >= FAILURES;
  }

  /** In ms. */
  public get remaining(): number {
    return this.time.end - this.elapsed;
  }

  public note(isTaken: boolean): void {
    this.failures = isTaken ? 0 : this.failures + 1;
  }

  private get elapsed(): number {
    return Date.now() - this.begun;
  }
}

/** Publishes changes by the mutation that the role of this function alone may call. */
export class AppSyncPublisher implements Publisher {
  /** @param url of the GraphQL API, with its path */
  public constructor(
    private readonly url: string,
    private readonly time: PublishingTime = TIME,
  ) {}

  public async publish(changes: readonly ViewChange[]): Promise<void> {
    const rows = new Map<string, ViewChange[]>();
    for (const change of changes) {
      const key = `${change.view} ${change.id} ${change.owner ?? ''}`;
      rows.set(key, [...(rows.get(key) ?? []), change]);
    }
    const progress = new Progress(this.time);
    await inLanes(rows.values(), LANES, async (ofRow) => {
      for (const [index, change] of ofRow.entries()) {
        // Whoever watches reads the row: what it is told of the last change is told of those before.
        const isLast = index === ofRow.length - 1;
        if (isLast || !(progress.isLate || progress.isOver)) {
          await this.publishOrNote(change, progress);
        }
      }
    });
  }

  private async publishOrNote(change: ViewChange, progress: Progress): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        if (progress.isOver) {
          throw new Ended();
        }
        await this.send(change, Math.max(1, Math.min(TIMEOUT, progress.remaining)));
        return progress.note(true);
      } catch (error) {
        const isOver =
          attempt >= RETRIES.attempts || progress.isOver || (error instanceof NotPublished && !error.isPassing);
        if (isOver) {
          progress.note(false);
          // Counted by an alarm: the view has it, and whoever watches learns of it with the next change.
          const { view, id, version } = change;
          return logError(CHANGE_NOT_PUBLISHED, error, { view, id, version });
        }
        await pause(attempt, RETRIES);
      }
    }
  }

  private async send(change: ViewChange, timeoutMs: number): Promise<void> {
    const body = JSON.stringify({ query: MUTATION, variables: { ...change, owner: change.owner ?? null } });
    const { status, text } = await signedPost(this.url, body, { service: 'appsync', timeoutMs });
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
