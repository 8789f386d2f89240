import { Duration } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { BoundSource } from './search-source';
import { SearchStore } from './search-store';
import { BundledFunction } from '../core/bundled-function';
import { deadLetterQueue } from '../core/dead-letter-queue';
import { FunctionOptions } from '../core/function-options';
import { StatefulResourceOptions, tableProtection } from '../core/stateful-resource-options';

/** @internal */
export interface ReindexerProps {
  readonly source: BoundSource;
  readonly store: SearchStore;
  readonly alias: string;
  readonly functionOptions: FunctionOptions;
  readonly stateful: StatefulResourceOptions;
  /** Where items go that cannot be documents. */
  readonly unindexable: sqs.IQueue;
}

/** Of which half is for work, and half for its last page. */
const TIMEOUT = Duration.minutes(2);

/**
 * A message that fails comes again after 5 s, 10 s and so on to 5 minutes: this often is more than an hour and a half, in
 * which OpenSearch may be away. Messages that Lambda throttles count as well.
 */
const RECEIVES = 25;

/** Segments that are worked on side by side: what a small domain takes beside its searches. */
const CONCURRENCY = 4;

/**
 * The function that loads a table into an index, with its jobs: segments of the table on a queue, and their state in a
 * table.
 *
 * @internal
 */
export class Reindexer extends Construct {
  public readonly handler: lambda.Function;
  /** The state of jobs. */
  public readonly jobs: dynamodb.Table;
  public readonly queue: sqs.Queue;
  /** Messages that failed too often. */
  public readonly deadLetterQueue: sqs.Queue;
  private readonly store: SearchStore;
  private readonly jobsKey?: StatefulResourceOptions['encryptionKey'];

  public constructor(scope: Construct, id: string, props: ReindexerProps) {
    super(scope, id);
    const { source, store, stateful } = props;
    this.store = store;
    this.jobsKey = stateful.encryptionKey;
    this.jobs = new dynamodb.Table(this, 'Jobs', {
      partitionKey: { name: 'PK', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'SK', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiresAt',
      ...tableProtection(this, stateful),
    });
    this.deadLetterQueue = deadLetterQueue(this, 'DeadLetterQueue');
    this.queue = new sqs.Queue(this, 'Queue', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(6 * TIMEOUT.toSeconds()),
      retentionPeriod: Duration.days(14),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: RECEIVES },
    });
    this.handler = new BundledFunction(this, 'Handler', {
      ...props.functionOptions,
      code: 'search-index-pipeline/reindex',
      continuesItself: true,
      description: 'Loads the table into the search index, in segments; takes commands',
      timeout: TIMEOUT,
      ownEnvironment: {
        SEARCH_ENDPOINT: store.endpoint,
        SEARCH_SERVICE: store.service,
        SEARCH_ALIAS: props.alias,
        TABLE_NAME: source.table.tableName,
        DEAD_LETTER_QUEUE_URL: props.unindexable.queueUrl,
        ...this.environment,
      },
    });
    this.allow(props);
    this.handler.addEventSource(
      new SqsEventSource(this.queue, { batchSize: 1, reportBatchItemFailures: true, maxConcurrency: CONCURRENCY }),
    );
  }

  /** Lets a function begin jobs and cancel them. */
  public grantBegin(fn: lambda.Function): void {
    Object.entries(this.environment).forEach(([name, value]) => fn.addEnvironment(name, value));
    this.allowJobs(fn);
    this.queue.grantSendMessages(fn);
    this.store.grant(fn, 'begin');
  }

  private get environment(): Record<string, string> {
    return { JOBS_TABLE_NAME: this.jobs.tableName, JOBS_QUEUE_URL: this.queue.queueUrl };
  }

  private allowJobs(fn: lambda.Function): void {
    this.jobsKey?.grantEncryptDecrypt(fn);
    iam.Grant.addToPrincipal({
      grantee: fn,
      actions: ['DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'].map((action) => `dynamodb:${action}`),
      resourceArns: [this.jobs.tableArn],
    });
  }

  private allow({ source, store, unindexable }: ReindexerProps): void {
    const { handler } = this;
    iam.Grant.addToPrincipal({
      grantee: handler,
      actions: ['BatchGetItem', 'DescribeTable', 'Scan'].map((action) => `dynamodb:${action}`),
      resourceArns: [source.tableArn],
    });
    source.grantDecrypt(handler);
    this.allowJobs(handler);
    // It hands parts of its work on to itself; what it receives, it may put off.
    this.queue.grantSendMessages(handler);
    unindexable.grantSendMessages(handler);
    store.connect(handler);
    store.grant(handler, 'reindex');
  }
}
