import { Duration, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { checkConverterKeys } from './converter-keys';
import { ISocialTable } from './i-social-table';
import { SOCIAL_KEY_PREFIXES } from './key-prefixes';
import { AlarmOptions, makeAlarms } from '../core/alarms';
import { BundledFunction } from '../core/bundled-function';
import { checkInteger, failure, numberText } from '../core/checks';
import { deadLetterQueue } from '../core/dead-letter-queue';
import { FunctionOptions, sharedFunctionOptions } from '../core/function-options';
import { leadingKeys } from '../core/leading-keys';

/**
 * Thresholds above which a TableMigration alarms, by severity: `{ Warning: 0, Critical: 100 }`. An empty record makes no
 * alarm of that kind.
 */
export interface TableMigrationAlarmThresholds {
  /** Parts of a migration that failed too often. @default - Critical: 0 */
  readonly deadLetters?: { readonly [severity: string]: number };
  /** Items that no converter made sense of. @default - Critical: 0 */
  readonly failedItems?: { readonly [severity: string]: number };
}

/** Properties of a TableMigration. */
export interface TableMigrationProps extends FunctionOptions, AlarmOptions {
  /** The table whose items are brought to their schema versions of now. */
  readonly table: ISocialTable;
  /**
   * Parts of the table that are worked on side by side (1 to 100). A migration that runs keeps those that it began with.
   *
   * @default 4
   */
  readonly segments?: number;
  /**
   * Read units a second that a migration takes at most (at least 1), all segments together. The command `rate` changes
   * it for the one that runs.
   *
   * @default 200
   */
  readonly maxReadUnitsPerSecond?: number;
  /**
   * Write units a second that a migration takes at most (at least 1), all segments together. Of an on-demand table that
   * is a bound on cost in time; of a provisioned one leave your users theirs.
   *
   * @default 100
   */
  readonly maxWriteUnitsPerSecond?: number;
  /**
   * Under which name migrations keep their state in the table: 1 to 64 letters, digits, `-` and `_`. Two constructs on
   * one table need two names.
   *
   * @default 'default'
   */
  readonly migrationName?: string;
  /**
   * A function of yours, or an alias of it, that says what becomes of your own items: those under `converterKeys`. It is
   * given a page of them, answers for each, and writes nothing itself; a dry run asks it too. One attempt may take 15
   * seconds.
   *
   * @default - items of this library alone are converted
   */
  readonly converter?: lambda.IFunction;
  /**
   * Partition keys of the items that `converter` is given and may put: whole keys, or their beginnings and `*` (`NOTE#*`).
   * None of this library's.
   *
   * @default - none; needed with `converter`
   */
  readonly converterKeys?: string[];
  /** Where alarms fire. @default - as each says */
  readonly alarmThresholds?: TableMigrationAlarmThresholds;
}

/** Of which half is for work, and half for its last page. */
const TIMEOUT = Duration.minutes(2);

/** A message that fails comes again after 5 s, 10 s and so on to 5 minutes: this often is more than an hour and a half. */
const RECEIVES = 25;

/** Lambda takes no lower maximum of a queue's concurrency. */
const LEAST_CONCURRENCY = 2;

/** What this library's own converters read and write. */
const OWN_KEYS = leadingKeys(SOCIAL_KEY_PREFIXES, [
  'post',
  'userPost',
  'publicPost',
  'sharedPost',
  'taggedPost',
  'tag',
  'userTag',
  'publicTag',
  'profile',
]);

const MINUTE: cloudwatch.MetricOptions = { period: Duration.minutes(1) };

/**
 * Brings the items of a SocialTable to their schema versions of now: by commands to a function, in segments of the table
 * on a queue, within rates, and resumably.
 *
 * Items carry `schemaVersion`; without it they are of version 1. It runs after the code that writes the version of now
 * is deployed; PostsApi lists posts of the first layout once they are migrated, and reads them before. Each item is replaced by a condition that
 * it is as it was read: whoever writes meanwhile loses nothing, and a second migration changes nothing.
 *
 * Its state lies in the table, under `MIGRATION#`, and goes 90 days after it was last written.
 */
export class TableMigration extends Construct {
  /** The table whose items are migrated. */
  public readonly table: ISocialTable;
  /** Takes commands (`{"command": "start", "dryRun": true}`, `status`, `resume`, `cancel`, `rate`), and works. */
  public readonly handler: lambda.Function;
  /** The segments that wait. */
  public readonly queue: sqs.IQueue;
  /** Messages that failed too often; the command `resume` goes on from there. */
  public readonly deadLetterQueue: sqs.IQueue;
  /** Keys of items that no converter made sense of, and why. */
  public readonly failedItemsQueue: sqs.IQueue;
  /**
   * The alarms by construct id: `DeadLetterAlarm` (a segment failed too often, and waits for the command `resume`) and
   * `FailedItemAlarm` (an item was left as it is), with the severity before `Alarm` where it is not `Critical`.
   */
  public readonly alarms: Record<string, cloudwatch.Alarm>;

  public constructor(scope: Construct, id: string, props: TableMigrationProps) {
    super(scope, id);
    checkInteger('segments', props.segments, { min: 1, max: 100 }, this);
    checkInteger('maxReadUnitsPerSecond', props.maxReadUnitsPerSecond, { min: 1 }, this);
    checkInteger('maxWriteUnitsPerSecond', props.maxWriteUnitsPerSecond, { min: 1 }, this);
    const name = props.migrationName ?? 'default';
    if (!/^[\w-]{1,64}$/.test(name)) {
      throw failure(`migrationName must be 1 to 64 letters, digits, - and _, got: ${name}`, this);
    }
    if ((props.converter === undefined) !== (props.converterKeys === undefined)) {
      const [got, not] = props.converter ? ['converter', 'converterKeys'] : ['converterKeys', 'converter'];
      throw failure(`converter and converterKeys need each other, got ${got} and no ${not}`, this);
    }
    if (props.converterKeys) {
      checkConverterKeys(props.converterKeys, this);
    }
    this.table = props.table;
    this.deadLetterQueue = deadLetterQueue(this, 'DeadLetterQueue');
    this.failedItemsQueue = deadLetterQueue(this, 'FailedItems');
    this.queue = new sqs.Queue(this, 'Queue', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(6 * TIMEOUT.toSeconds()),
      retentionPeriod: Duration.days(14),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: RECEIVES },
    });
    this.handler = this.makeHandler(props, name);
    this.alarms = makeAlarms(this, props, [
      {
        name: 'DeadLetter',
        description: 'a part of a migration failed too often, and waits for the command resume',
        metric: this.metricDeadLetters(MINUTE),
        thresholds: props.alarmThresholds?.deadLetters ?? { Critical: 0 },
      },
      {
        name: 'FailedItem',
        description: 'an item could not be migrated, and is as it was',
        metric: this.metricFailedItems(MINUTE),
        thresholds: props.alarmThresholds?.failedItems ?? { Critical: 0 },
      },
    ]);
  }

  /** Messages that failed too often and wait in the dead-letter queue; the most of 5 minutes by default. */
  public metricDeadLetters(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.deadLetterQueue.metricApproximateNumberOfMessagesVisible(options);
  }

  /** Items that no converter made sense of; the most of 5 minutes by default. */
  public metricFailedItems(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.failedItemsQueue.metricApproximateNumberOfMessagesVisible(options);
  }

  private makeHandler(props: TableMigrationProps, name: string): lambda.Function {
    const segments = props.segments ?? 4;
    const handler = new BundledFunction(this, 'Handler', {
      ...sharedFunctionOptions(this, props),
      code: props.converter ? 'social-table/migrate-with-converter' : 'social-table/migrate',
      continuesItself: true,
      description: 'Brings items of the social table to their schema versions of now, in segments; takes commands',
      timeout: TIMEOUT,
      ownEnvironment: {
        TABLE_NAME: this.table.tableName,
        MIGRATION_NAME: name,
        MIGRATION_QUEUE_URL: this.queue.queueUrl,
        FAILED_ITEMS_QUEUE_URL: this.failedItemsQueue.queueUrl,
        SEGMENTS: numberText(segments),
        MAX_READ_UNITS: numberText(props.maxReadUnitsPerSecond ?? 200),
        MAX_WRITE_UNITS: numberText(props.maxWriteUnitsPerSecond ?? 100),
      },
    });
    this.allow(handler, `${SOCIAL_KEY_PREFIXES.migration}${name}`);
    if (props.converter && props.converterKeys) {
      this.addConverter(handler, props.converter, props.converterKeys);
    }
    handler.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: 1,
        reportBatchItemFailures: true,
        maxConcurrency: Token.isUnresolved(segments) ? segments : Math.max(LEAST_CONCURRENCY, segments),
      }),
    );
    return handler;
  }

  private addConverter(handler: lambda.Function, converter: lambda.IFunction, keys: string[]): void {
    handler.addEnvironment('CONVERTER_FUNCTION_ARN', converter.functionArn);
    handler.addEnvironment('CONVERTER_KEYS', Stack.of(this).toJsonString(keys));
    // This very function or alias: `grantInvoke` of a function would allow each of its versions as well.
    iam.Grant.addToPrincipal({
      grantee: handler,
      actions: ['lambda:InvokeFunction'],
      resourceArns: [converter.functionArn],
    });
    const actions = ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem'];
    this.table.grantOnKeys(handler, actions, keys);
  }

  private allow(handler: lambda.Function, stateKey: string): void {
    const of = (...actions: string[]) => actions.map((action) => `dynamodb:${action}`);
    this.table.grantOnKeys(handler, of('DescribeTable', 'Scan'));
    this.table.grantOnKeys(handler, of('DeleteItem', 'GetItem', 'PutItem', 'Query'), OWN_KEYS);
    this.table.grantOnKeys(handler, of('GetItem', 'PutItem', 'Query', 'UpdateItem'), [stateKey]);
    // It hands parts of its work on to itself; what it receives, it may put off.
    this.queue.grantSendMessages(handler);
    this.failedItemsQueue.grantSendMessages(handler);
  }
}
