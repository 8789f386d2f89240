import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { BundledFunction } from '../core/bundled-function';
import { checkInteger, checkSeconds } from '../core/checks';
import { FunctionOptions, sharedFunctionOptions } from '../core/function-options';
import { StatefulResourceOptions, statefulOptions, tableProtection } from '../core/stateful-resource-options';
import { ISocialTable } from '../social-table/i-social-table';
import { SocialEvent } from '../social-table/social-event';
import { SocialStreamConsumer } from '../social-table/social-stream-consumer';
import { SocialTable } from '../social-table/social-table';
import { TableBilling } from '../social-table/table-billing';

/** Properties of a FeedFanout. */
export interface FeedFanoutProps extends FunctionOptions, StatefulResourceOptions {
  /**
   * The table whose articles and follows fill the feeds.
   *
   * @default - a new SocialTable, with the same billing, key and protection as the feed table
   */
  readonly table?: ISocialTable;
  /**
   * How long after its creation an article is in feeds (1 hour to 10 years).
   *
   * @default Duration.days(60)
   */
  readonly feedTtl?: Duration;
  /**
   * Articles that a feed shows at most, and so also how many of a newly followed author are brought in (1 to 10,000).
   *
   * @default 1000
   */
  readonly readCap?: number;
  /**
   * How far feeds may be behind before an alarm says so (20 seconds to 12 hours). Readers overlay what was written in
   * the `overlayWindow`, which follows from it.
   *
   * @default Duration.seconds(60)
   */
  readonly maxLag?: Duration;
  /**
   * Time-out of the worker (5 seconds to 15 minutes). Each of its steps takes far less, or is handed on in time.
   *
   * @default Duration.seconds(15)
   */
  readonly workerTimeout?: Duration;
  /**
   * Workers at a time (2 to 1000). Each writes about 1,000 rows a second; an on-demand table takes 4,000 a second at
   * first and 40,000 by the account's default limit.
   *
   * @default 40
   */
  readonly maxConcurrency?: number;
  /** Capacity of the feed table. @default TableBilling.onDemand() */
  readonly billing?: TableBilling;
  /** Told of every alarm, and of its end. @default - alarms without action */
  readonly alarmTopic?: sns.ITopic;
}

/** The worker runs twice for an article: once to list the followers, once for each part of them. */
const WORKER_STEPS = 2;
/** Between clocks, and for what is neither waiting nor working. */
const SLACK_SECONDS = 5;

/**
 * Keeps a feed for every user: the articles of those whom they follow, ready to read with one query.
 *
 * An article goes to its author's followers as the stream of the SocialTable tells of it; a follow brings in the older
 * articles, an unfollow and a deletion take theirs out. Feeds are behind by moments, at most `maxLag` or an alarm says
 * so; readers overlay the writes of the `overlayWindow`, and are right at once.
 *
 * Rows are in a table of their own, so that they do not come back through the stream: `PK` is `USER#<id>`, `SK` the
 * article's id, which sorts by time; `authorId`; `expiresAt`.
 */
export class FeedFanout extends Construct {
  /** The table whose articles and follows fill the feeds. */
  public readonly table: ISocialTable;
  /** The feeds. */
  public readonly feedTable: dynamodb.ITable;
  /** Writes the feeds. */
  public readonly worker: lambda.Function;
  /** The events and parts of work that wait for the worker. */
  public readonly queue: sqs.IQueue;
  /** Messages that failed too often. */
  public readonly deadLetterQueue: sqs.IQueue;
  /** How far back readers overlay recent writes: maxLag, both steps of the worker, and 5 seconds. */
  public readonly overlayWindow: Duration;
  /** Articles that a feed shows at most. */
  public readonly readCap: number;
  /** How long after its creation an article is in feeds. */
  public readonly feedTtl: Duration;
  /** The stream is read too late. */
  public readonly routerLagAlarm: cloudwatch.Alarm;
  /** Messages wait too long for the worker. */
  public readonly workerLagAlarm: cloudwatch.Alarm;
  /** A message failed too often: a feed may lack an article, or show one too many. */
  public readonly deadLetterAlarm: cloudwatch.Alarm;
  /** A record of the stream could not be routed. */
  public readonly routerDeadLetterAlarm: cloudwatch.Alarm;
  private readonly encryptionKey?: kms.IKey;

  public constructor(scope: Construct, id: string, props: FeedFanoutProps = {}) {
    super(scope, id);
    checkSeconds('feedTtl', props.feedTtl, { min: 3600, max: 10 * 366 * 86400 });
    checkInteger('readCap', props.readCap, { min: 1, max: 10_000 });
    checkSeconds('maxLag', props.maxLag, { min: 20, max: 12 * 3600 });
    checkSeconds('workerTimeout', props.workerTimeout, { min: 5, max: 900 });
    checkInteger('maxConcurrency', props.maxConcurrency, { min: 2, max: 1000 });
    const maxLag = (props.maxLag ?? Duration.seconds(60)).toSeconds();
    const timeout = (props.workerTimeout ?? Duration.seconds(15)).toSeconds();
    this.readCap = props.readCap ?? 1000;
    this.feedTtl = props.feedTtl ?? Duration.days(60);
    this.overlayWindow = Duration.seconds(maxLag + WORKER_STEPS * timeout + SLACK_SECONDS);

    const functions = sharedFunctionOptions(this, props);
    this.table = props.table ?? this.ownTable(props, functions);
    this.encryptionKey = props.encryptionKey;
    this.feedTable = this.makeFeedTable(props);
    const consumer = this.table.addStreamConsumer('FeedFanout', {
      events: [SocialEvent.ARTICLE_CREATED, SocialEvent.ARTICLE_DELETED, SocialEvent.FOLLOWED, SocialEvent.UNFOLLOWED],
      visibilityTimeout: Duration.seconds(Math.min(6 * timeout, 43200)),
    });
    this.queue = consumer.queue;
    this.deadLetterQueue = consumer.deadLetterQueue!;
    this.worker = this.makeWorker(props, functions, consumer, timeout);

    // Of the lag allowed, half is for the stream and a quarter for each wait in the queue: one for each step.
    this.routerLagAlarm = this.alarm(props, 'RouterLagAlarm', consumer.metricIteratorAge(MINUTE), (maxLag * 1000) / 2);
    this.workerLagAlarm = this.alarm(
      props,
      'WorkerLagAlarm',
      consumer.metricAgeOfOldestMessage(MINUTE),
      Math.floor(maxLag / 4),
    );
    this.deadLetterAlarm = this.alarm(props, 'DeadLetterAlarm', messagesIn(this.deadLetterQueue), 0);
    this.routerDeadLetterAlarm = this.alarm(
      props,
      'RouterDeadLetterAlarm',
      messagesIn(consumer.routerDeadLetterQueue),
      0,
    );
  }

  /** Lets the grantee read feeds. */
  public grantReadFeed(grantee: iam.IGrantable): iam.Grant {
    this.encryptionKey?.grantDecrypt(grantee);
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ['dynamodb:Query'],
      resourceArns: [this.feedTable.tableArn],
    });
  }

  private ownTable(props: FeedFanoutProps, functions: FunctionOptions): ISocialTable {
    return new SocialTable(this, 'Table', {
      ...statefulOptions(props),
      billing: props.billing,
      routerOptions: functions,
    });
  }

  private makeFeedTable(props: FeedFanoutProps): dynamodb.Table {
    const billing = props.billing ?? TableBilling.onDemand();
    const table = new dynamodb.Table(this, 'Feed', {
      partitionKey: { name: 'PK', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'SK', type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
      billingMode: billing.billingMode,
      ...billing._capacity(),
      ...tableProtection(this, props),
    });
    billing._scale(table, []);
    return table;
  }

  private makeWorker(
    props: FeedFanoutProps,
    functions: FunctionOptions,
    consumer: SocialStreamConsumer,
    timeout: number,
  ): lambda.Function {
    const worker = new BundledFunction(this, 'Worker', {
      ...functions,
      code: 'feed-fanout/worker',
      continuesItself: true,
      description: 'Puts articles into feeds and takes them out again',
      timeout: Duration.seconds(timeout),
      ownEnvironment: {
        TABLE_NAME: this.table.tableName,
        FEED_TABLE_NAME: this.feedTable.tableName,
        QUEUE_URL: consumer.queue.queueUrl,
        FEED_TTL_SECONDS: String(this.feedTtl.toSeconds()),
        FEED_READ_CAP: String(this.readCap),
      },
    });
    this.table.grantOnKeys(worker, ['dynamodb:GetItem'], ['USER#*']);
    this.table.grantOnKeys(worker, ['dynamodb:Query'], ['USER#*', 'FOLLOWERS#*']);
    props.encryptionKey?.grantEncryptDecrypt(worker);
    iam.Grant.addToPrincipal({
      grantee: worker,
      actions: ['dynamodb:BatchWriteItem', 'dynamodb:Query'],
      resourceArns: [this.feedTable.tableArn],
    });
    // It hands parts of its work on to itself.
    consumer.queue.grantSendMessages(worker);
    worker.addEventSource(
      new SqsEventSource(consumer.queue, {
        batchSize: 10,
        reportBatchItemFailures: true,
        maxConcurrency: props.maxConcurrency ?? 40,
      }),
    );
    return worker;
  }

  private alarm(props: FeedFanoutProps, id: string, metric: cloudwatch.IMetric, threshold: number): cloudwatch.Alarm {
    const alarm = new cloudwatch.Alarm(this, id, {
      metric,
      threshold,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    if (props.alarmTopic) {
      const action = new SnsAction(props.alarmTopic);
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
    return alarm;
  }
}

const MINUTE: cloudwatch.MetricOptions = { period: Duration.minutes(1) };

const messagesIn = (queue: sqs.IQueue) => queue.metricApproximateNumberOfMessagesVisible(MINUTE);
