import { Duration } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { BundledFunction } from '../core/bundled-function';
import { FunctionOptions } from '../core/function-options';
import { consumerTiming } from '../social-table/consumer-timing';
import { ISocialTable } from '../social-table/i-social-table';
import { SocialEvent } from '../social-table/social-event';

/**
 * Properties of the clean-up of posts.
 *
 * @internal
 */
export interface PostsCleanUpProps {
  readonly functionOptions?: FunctionOptions;
  readonly table: ISocialTable;
}

const TIMEOUT_SECONDS = 60;

/** @internal */
export const POSTS_CLEAN_UP_TIMING = consumerTiming(60, TIMEOUT_SECONDS, 1);

/**
 * Does what does not fit the transaction of a request: removes what deleted posts, tags and users leave behind, and
 * makes the grants of a post what its owner has asked for.
 *
 * @internal
 */
export class PostsCleanUp extends Construct {
  public readonly handler: lambda.Function;
  public readonly queue: sqs.IQueue;
  public readonly deadLetterQueue: sqs.IQueue;

  public constructor(scope: Construct, id: string, { table, functionOptions }: PostsCleanUpProps) {
    super(scope, id);
    const consumer = table.addStreamConsumer('PostsCleanUp', {
      events: [
        SocialEvent.POST_DELETED,
        SocialEvent.POST_GRANTS_CHANGED,
        SocialEvent.TAG_DELETED,
        SocialEvent.USER_DELETED,
      ],
      visibilityTimeout: Duration.seconds(POSTS_CLEAN_UP_TIMING.visibilityTimeout),
    });
    this.queue = consumer.queue;
    this.deadLetterQueue = consumer.deadLetterQueue!;
    this.handler = new BundledFunction(this, 'Function', {
      ...functionOptions,
      code: 'posts-api/clean-up',
      description: 'Removes what deleted posts, tags and users leave behind, and makes changed grants',
      timeout: Duration.seconds(TIMEOUT_SECONDS),
      continuesItself: true,
      ownEnvironment: { QUEUE_URL: consumer.queue.queueUrl },
    });
    consumer.queue.grantSendMessages(this.handler);
    this.handler.addEventSource(
      new SqsEventSource(consumer.queue, { batchSize: 10, reportBatchItemFailures: true, maxConcurrency: 10 }),
    );
  }
}
