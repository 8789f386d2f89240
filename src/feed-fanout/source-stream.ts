import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { BoundFeedSource, BoundFeedTable } from './feed-source';
import { BundledFunction } from '../core/bundled-function';
import { failure } from '../core/checks';
import { deadLetterQueue } from '../core/dead-letter-queue';
import { FunctionOptions } from '../core/function-options';
import { takeStreamReader } from '../core/stream-readers';
import { grantStreamRead } from '../core/table-grants';
import { routerMapping } from '../social-table/router-mapping';
import { SocialEvent } from '../social-table/social-event';
import { SocialStreamConsumer } from '../social-table/social-stream-consumer';
import { ROUTER_TIMEOUT_SECONDS } from '../social-table/stream-router';

/** @internal */
export interface SourceStreamProps {
  readonly source: BoundFeedSource;
  readonly events: SocialEvent[];
  readonly visibilityTimeout?: Duration;
  readonly functionOptions: FunctionOptions;
}

/** What functions that read a source are told of it. @internal */
export function sourceText(scope: Construct, { items, followers }: BoundFeedSource): string {
  const part = ({ table, partition, sort }: BoundFeedTable) => ({ tableName: table.tableName, partition, sort });
  return Stack.of(scope).toJsonString({ items: part(items), followers: part(followers) });
}

/**
 * The reader between the streams of a user's tables and the queue of the worker. A table that holds items and followers
 * is read once.
 *
 * @internal
 */
export class SourceStream extends Construct {
  public readonly consumer: SocialStreamConsumer;
  private readonly router: lambda.Function;
  private readonly unreadable: sqs.IQueue;

  public constructor(scope: Construct, id: string, props: SourceStreamProps) {
    super(scope, id);
    const { source, events } = props;
    this.unreadable = deadLetterQueue(this, 'DeadLetterQueue');
    this.router = new BundledFunction(this, 'Handler', {
      ...props.functionOptions,
      code: 'feed-fanout/tables-router',
      description: 'Turns changes of items and followers into messages for the worker of feeds',
      timeout: Duration.seconds(ROUTER_TIMEOUT_SECONDS),
      ownEnvironment: {
        FEED_SOURCE: sourceText(this, source),
        DEAD_LETTER_QUEUE_URL: this.unreadable.queueUrl,
        ROUTES: Lazy.string({ produce: () => this.routes() }),
      },
    });
    this.consumer = new SocialStreamConsumer(this, 'Worker', {
      events,
      visibilityTimeout: props.visibilityTimeout,
      router: this.router,
      routerDeadLetterQueue: this.unreadable,
    });
    this.unreadable.grantSendMessages(this.router);
    this.consumer.queue.grantSendMessages(this.router);
    if (source.items.streamArn === source.followers.streamArn) {
      this.read('Stream', [source.items, source.followers]);
    } else {
      this.read('Items', [source.items]);
      this.read('Followers', [source.followers]);
    }
  }

  private routes(): string {
    const { queue, events } = this.consumer;
    return Stack.of(this).toJsonString([{ queueUrl: queue.queueUrl, events }]);
  }

  /** Reads the stream of a table that holds these, as a SocialTable's is read. */
  private read(id: string, parts: readonly BoundFeedTable[]): void {
    const { table, streamArn } = parts[0];
    const refusal = takeStreamReader(table, this.node.path, table.node.path);
    if (refusal !== undefined) {
      throw failure(refusal, this);
    }
    routerMapping(this, id, {
      router: this.router,
      streamArn,
      grant: grantStreamRead(streamArn, table.encryptionKey, this.router),
      deadLetterQueue: this.unreadable,
      filters: parts.map((part) => ({ pattern: JSON.stringify(patternOf(part)) })),
    });
  }
}

/**
 * What came and went, by the prefixes of its keys: an item that is written anew, or another kind of one, runs no function.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax (prefix)
 */
function patternOf({ partition, sort }: BoundFeedTable): Record<string, unknown> {
  const prefixed = [partition, sort].filter(({ prefix }) => prefix !== '');
  const keys = Object.fromEntries(prefixed.map(({ attribute, prefix }) => [attribute, { S: [{ prefix }] }]));
  return {
    eventName: ['INSERT', 'REMOVE'],
    ...(prefixed.length > 0 ? { dynamodb: { Keys: keys } } : {}),
  };
}
