import { Duration } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { BundledFunction } from '../core/bundled-function';
import { FunctionOptions } from '../core/function-options';
import { boundBatch } from '../core/key-conditions';
import { leadingKeys } from '../core/leading-keys';
import { consumerTiming } from '../social-table/consumer-timing';
import { ISocialTable } from '../social-table/i-social-table';
import { SOCIAL_KEY_PREFIXES } from '../social-table/key-prefixes';
import { shardsEnvironment } from '../social-table/shards-environment';
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

const TIMEOUT_SECONDS = 60;

/**
 * Alarms of the feed tell of a router that is late; what is in the queue for longer is told of by the clean-up's own.
 *
 * @internal
 */
export const CLEAN_UP_TIMING = consumerTiming(60, TIMEOUT_SECONDS, 1);

const cleanUps = new WeakMap<ISocialTable, CleanUp>();

/**
 * Removes what the deletion of an article leaves behind: text, edges, comments and favorites. And writes the edges by
 * author and tag of a new one, for which its request has no write units left.
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
    const consumer = table.addStreamConsumer('CleanUp', {
      events: [
        SocialEvent.ARTICLE_CREATED,
        SocialEvent.ARTICLE_UPDATED,
        SocialEvent.ARTICLE_DELETED,
        SocialEvent.COMMENT_CREATED,
      ],
      visibilityTimeout: Duration.seconds(CLEAN_UP_TIMING.visibilityTimeout),
    });
    this.queue = consumer.queue;
    this.deadLetterQueue = consumer.deadLetterQueue!;
    this.handler = new BundledFunction(this, 'Function', {
      ...props.functionOptions,
      code: 'realworld-api/clean-up',
      description: 'Removes what deleted articles leave behind, and lists new ones by author and tag',
      timeout: Duration.seconds(TIMEOUT_SECONDS),
      continuesItself: true,
      ownEnvironment: {
        TABLE_NAME: table.tableName,
        QUEUE_URL: consumer.queue.queueUrl,
        ...shardsEnvironment(table),
      },
    });
    table.grantOnKeys(this.handler, ['dynamodb:Query'], leadingKeys(SOCIAL_KEY_PREFIXES, ['comment', 'favoritedBy']));
    // It deletes, and puts edges that are no more than their keys.
    boundBatch(
      table.grantOnKeys(
        this.handler,
        ['dynamodb:BatchWriteItem'],
        leadingKeys(SOCIAL_KEY_PREFIXES, [
          'articleText',
          'comment',
          'favoritedBy',
          'favorite',
          'taggedArticle',
          'authorTag',
        ]),
      ),
      ['PK', 'SK', 'entityType'],
    );
    table.grantOnKeys(
      this.handler,
      ['dynamodb:BatchGetItem'],
      leadingKeys(SOCIAL_KEY_PREFIXES, ['article', 'tagCount']),
    );
    // Counts lie beside both: a batch could also put some.
    table.grantOnKeys(
      this.handler,
      ['dynamodb:DeleteItem'],
      leadingKeys(SOCIAL_KEY_PREFIXES, ['tagCount', 'timeline']),
    );
    consumer.queue.grantSendMessages(this.handler);
    this.handler.addEventSource(
      new SqsEventSource(consumer.queue, { batchSize: 10, reportBatchItemFailures: true, maxConcurrency: 10 }),
    );
  }
}
