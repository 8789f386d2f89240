import { Duration, Lazy, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { EVENT_SOURCES } from './event-sources';
import { routerMapping } from './router-mapping';
import { SocialEvent } from './social-event';
import { SocialStreamConsumer } from './social-stream-consumer';
import { BundledFunction } from '../core/bundled-function';
import { failure } from '../core/checks';
import { deadLetterQueue } from '../core/dead-letter-queue';
import { FunctionOptions } from '../core/function-options';

/**
 * Time-out of the router: sending a batch of 100 records takes a fraction of a second.
 *
 * @internal
 */
export const ROUTER_TIMEOUT_SECONDS = 10;

/** Lambda takes 4 kB of environment variables, names and values together. */
const ENVIRONMENT_BYTES = 4096;
/** What a queue URL takes at most: host and account (60), and a name of 80 characters. */
const QUEUE_URL_BYTES = 140;

/** @internal */
export interface StreamRouterProps {
  readonly tableStreamArn: string;
  readonly grantStreamRead: (grantee: iam.IGrantable) => iam.Grant;
  readonly functionOptions?: FunctionOptions;
}

/**
 * The one reader between a SocialTable's stream and the queues of its consumers. DynamoDB allows two readers a shard,
 * so that consumers share this one.
 *
 * @internal
 */
export class StreamRouter extends Construct {
  public readonly handler: lambda.IFunction;
  public readonly deadLetterQueue: sqs.IQueue;
  private readonly consumers: SocialStreamConsumer[] = [];
  private readonly otherBytes: number;

  public constructor(scope: Construct, id: string, props: StreamRouterProps) {
    super(scope, id);
    this.otherBytes = environmentBytes(props.functionOptions?.environment ?? {});
    this.deadLetterQueue = deadLetterQueue(this, 'DeadLetterQueue');
    this.handler = new BundledFunction(this, 'Handler', {
      ...props.functionOptions,
      code: 'social-table/stream-router',
      description: 'Turns changes of the social table into events on the queues that want them',
      timeout: Duration.seconds(ROUTER_TIMEOUT_SECONDS),
      ownEnvironment: {
        ROUTES: Lazy.string({ produce: () => Stack.of(this).toJsonString(this.routes()) }),
        DEAD_LETTER_QUEUE_URL: this.deadLetterQueue.queueUrl,
      },
    });
    this.deadLetterQueue.grantSendMessages(this.handler);
    const mapping = routerMapping(this, 'Stream', {
      router: this.handler,
      streamArn: props.tableStreamArn,
      grant: props.grantStreamRead(this.handler),
      deadLetterQueue: this.deadLetterQueue,
    });
    // The patterns depend on consumers that are added later.
    const resource = mapping.node.defaultChild as lambda.CfnEventSourceMapping;
    resource.filterCriteria = Lazy.any({ produce: () => ({ filters: this.filters() }) });
  }

  public add(consumer: SocialStreamConsumer): void {
    this.consumers.push(consumer);
    this.checkRoutes();
    consumer.queue.grantSendMessages(this.handler);
  }

  private routes() {
    return this.consumers.map((consumer) => ({ queueUrl: consumer.queue.queueUrl, events: consumer.events }));
  }

  /** What queue URLs will take is not known at synth: as much as they can. */
  private checkRoutes(): void {
    const routes = this.consumers.map(({ queue, events }) => ({
      queueUrl: Token.isUnresolved(queue.queueUrl) ? 'x'.repeat(QUEUE_URL_BYTES) : queue.queueUrl,
      events,
    }));
    const own = { ROUTES: JSON.stringify(routes), DEAD_LETTER_QUEUE_URL: 'x'.repeat(QUEUE_URL_BYTES) };
    const bytes = environmentBytes(own) + this.otherBytes;
    if (bytes > ENVIRONMENT_BYTES) {
      throw failure(
        `stream consumers must be so few that the router's environment stays within ${ENVIRONMENT_BYTES} bytes, ` +
          `got: ${this.consumers.length} consumers with up to ${bytes} bytes`,
        this,
      );
    }
  }

  /** One pattern a kind of change, at most three: an event source mapping takes five. */
  private filters(): { pattern: string }[] {
    const wanted = new Set<SocialEvent>(this.consumers.flatMap((consumer) => consumer.events));
    const entities = new Map<string, Set<string>>();
    for (const event of Object.values(SocialEvent).filter((candidate) => wanted.has(candidate))) {
      const { eventName, entityType } = EVENT_SOURCES[event];
      entities.set(eventName, (entities.get(eventName) ?? new Set()).add(entityType));
    }
    return [...entities].map(([eventName, types]) => ({
      pattern: JSON.stringify({
        eventName: [eventName],
        dynamodb: { [eventName === 'REMOVE' ? 'OldImage' : 'NewImage']: { entityType: { S: [...types] } } },
      }),
    }));
  }
}

const environmentBytes = (variables: Readonly<Record<string, string>>) =>
  Object.entries(variables).reduce((bytes, pair) => bytes + Buffer.byteLength(pair.join('')), 0);
