import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { EVENT_SOURCES } from './event-sources';
import { SocialEvent } from './social-event';
import { SocialStreamConsumer } from './social-stream-consumer';
import { BundledFunction } from '../core/bundled-function';
import { deadLetterQueue } from '../core/dead-letter-queue';
import { FunctionOptions } from '../core/function-options';

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

  public constructor(scope: Construct, id: string, props: StreamRouterProps) {
    super(scope, id);
    this.deadLetterQueue = deadLetterQueue(this, 'DeadLetterQueue');
    this.handler = new BundledFunction(this, 'Handler', {
      ...props.functionOptions,
      code: 'social-table/stream-router',
      description: 'Turns changes of the social table into events on the queues that want them',
      timeout: Duration.seconds(30),
      ownEnvironment: {
        ROUTES: Lazy.string({ produce: () => Stack.of(this).toJsonString(this.routes()) }),
        DEAD_LETTER_QUEUE_URL: this.deadLetterQueue.queueUrl,
      },
    });
    this.deadLetterQueue.grantSendMessages(this.handler);
    const grant = props.grantStreamRead(this.handler);
    const mapping = new lambda.EventSourceMapping(this, 'Stream', {
      target: this.handler,
      eventSourceArn: props.tableStreamArn,
      startingPosition: lambda.StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      // Consumers assume no order, so that a busy shard may be read in parallel.
      parallelizationFactor: 10,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts: 20,
      // Half of the time a stream keeps its records: what ends in the dead-letter queue can still be looked up.
      maxRecordAge: Duration.hours(12),
      onFailure: new SqsDlq(this.deadLetterQueue),
    });
    grant.applyBefore(mapping);
    // The patterns depend on consumers that are added later.
    const resource = mapping.node.defaultChild as lambda.CfnEventSourceMapping;
    resource.filterCriteria = Lazy.any({ produce: () => ({ filters: this.filters() }) });
  }

  public add(consumer: SocialStreamConsumer): void {
    this.consumers.push(consumer);
    consumer.queue.grantSendMessages(this.handler);
  }

  private routes() {
    return this.consumers.map((consumer) => ({ queueUrl: consumer.queue.queueUrl, events: consumer.events }));
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
