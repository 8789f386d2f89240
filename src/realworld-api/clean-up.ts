import { Duration } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { BundledFunction } from '../core/bundled-function';
import { FunctionOptions } from '../core/function-options';
import { leadingKeys } from '../core/leading-keys';
import { ISocialTable } from '../social-table/i-social-table';
import { SOCIAL_KEY_PREFIXES } from '../social-table/key-prefixes';
import { SocialEvent } from '../social-table/social-event';

/**
 * Properties of the clean-up.
 *
 * @internal
 */
export interface CleanUpProps {
  readonly functionOptions?: FunctionOptions;
  readonly table: ISocialTable;
}

const cleanUps = new WeakMap<ISocialTable, CleanUp>();

/**
 * Removes what the deletion of an article leaves behind: text, edges, comments and favorites.
 *
 * @internal
 */
export class CleanUp extends Construct {
  /** The clean-up of a table; APIs on the same table share what the first of them makes. */
  public static of(scope: Construct, id: string, props: CleanUpProps): CleanUp {
    const cleanUp = cleanUps.get(props.table) ?? new CleanUp(scope, id, props);
    cleanUps.set(props.table, cleanUp);
    return cleanUp;
  }

  public readonly handler: lambda.Function;
  public readonly queue: sqs.IQueue;
  public readonly deadLetterQueue: sqs.IQueue;

  private constructor(scope: Construct, id: string, props: CleanUpProps) {
    super(scope, id);
    const { table } = props;
    const timeout = Duration.minutes(1);
    const consumer = table.addStreamConsumer('CleanUp', {
      events: [SocialEvent.ARTICLE_DELETED, SocialEvent.COMMENT_CREATED],
      visibilityTimeout: Duration.seconds(timeout.toSeconds() * 6),
    });
    this.queue = consumer.queue;
    this.deadLetterQueue = consumer.deadLetterQueue!;
    this.handler = new BundledFunction(this, 'Function', {
      ...props.functionOptions,
      code: 'realworld-api/clean-up',
      description: 'Removes what deleted articles leave behind',
      timeout,
      continuesItself: true,
      ownEnvironment: { TABLE_NAME: table.tableName, QUEUE_URL: consumer.queue.queueUrl },
    });
    table.grantOnKeys(this.handler, ['dynamodb:GetItem'], leadingKeys(SOCIAL_KEY_PREFIXES, ['article']));
    table.grantOnKeys(this.handler, ['dynamodb:Query'], leadingKeys(SOCIAL_KEY_PREFIXES, ['comment', 'favoritedBy']));
    table.grantOnKeys(
      this.handler,
      ['dynamodb:BatchWriteItem'],
      leadingKeys(SOCIAL_KEY_PREFIXES, [
        'articleText',
        'comment',
        'favoritedBy',
        'favorite',
        'timeline',
        'taggedArticle',
      ]),
    );
    table.grantOnKeys(
      this.handler,
      ['dynamodb:BatchGetItem', 'dynamodb:DeleteItem'],
      leadingKeys(SOCIAL_KEY_PREFIXES, ['tagCount']),
    );
    consumer.queue.grantSendMessages(this.handler);
    this.handler.addEventSource(
      new SqsEventSource(consumer.queue, { batchSize: 10, reportBatchItemFailures: true, maxConcurrency: 10 }),
    );
  }
}
