import { RemovalPolicy, Resource } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { ISocialTable } from './i-social-table';
import { SocialStreamConsumer, SocialStreamConsumerOptions } from './social-stream-consumer';
import { StreamRouter } from './stream-router';
import { failure } from '../core/checks';
import { FunctionOptions } from '../core/function-options';
import { leadingKeysCondition } from '../core/key-conditions';
import { takeStreamReader } from '../core/stream-readers';
import { grantStreamRead } from '../core/table-grants';

/**
 * The overloaded indexes of a SocialTable: `GSI1`, `GSI2` and so on.
 *
 * @internal
 */
export const indexNames = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `GSI${index + 1}`);

/** Indexes of a SocialTable that says nothing else. */
export const DEFAULT_INDEXES = 4;

const READ_ACTIONS = ['BatchGetItem', 'ConditionCheckItem', 'DescribeTable', 'GetItem', 'Query', 'Scan'];
const WRITE_ACTIONS = ['BatchWriteItem', 'DeleteItem', 'DescribeTable', 'PutItem', 'UpdateItem'];

/** Actions that a leading-key condition bounds: for the others the key is absent, and the condition holds. */
const KEYED_ACTIONS = new Set([
  'BatchGetItem',
  'BatchWriteItem',
  'ConditionCheckItem',
  'DeleteItem',
  'GetItem',
  'PutItem',
  'Query',
  'UpdateItem',
]);
const WRITES = new Set(['BatchWriteItem', 'DeleteItem', 'PutItem', 'UpdateItem']);

const prefixed = (actions: readonly string[]) => actions.map((action) => `dynamodb:${action}`);

/**
 * What an owned and an imported SocialTable have in common.
 *
 * @internal
 */
export abstract class SocialTableBase extends Resource implements ISocialTable {
  public abstract readonly table: dynamodb.ITable;
  public abstract readonly encryptionKey?: kms.IKey;
  public abstract readonly writeShards: number;
  /** @internal */
  protected abstract readonly _indexCount: number;
  /** @internal */
  protected abstract readonly _routerOptions?: FunctionOptions;
  private router?: StreamRouter;

  public get tableName(): string {
    return this.table.tableName;
  }

  public get tableArn(): string {
    return this.table.tableArn;
  }

  public get tableStreamArn(): string | undefined {
    return this.table.tableStreamArn;
  }

  public get indexNames(): string[] {
    return [...indexNames(this._indexCount)];
  }

  /** What becomes of the table; an imported one is not this stack's to remove. Deletion protection stays as it is. */
  public override applyRemovalPolicy(policy: RemovalPolicy): void {
    this.table.applyRemovalPolicy(policy);
  }

  public grantReadData(grantee: iam.IGrantable): iam.Grant {
    this.encryptionKey?.grantDecrypt(grantee);
    return this.grantActions(grantee, READ_ACTIONS);
  }

  public grantWriteData(grantee: iam.IGrantable): iam.Grant {
    this.encryptionKey?.grantEncryptDecrypt(grantee);
    return this.grantActions(grantee, WRITE_ACTIONS);
  }

  public grantReadWriteData(grantee: iam.IGrantable): iam.Grant {
    this.encryptionKey?.grantEncryptDecrypt(grantee);
    return this.grantActions(grantee, [...new Set([...READ_ACTIONS, ...WRITE_ACTIONS])].sort());
  }

  public grantOnKeys(grantee: iam.IGrantable, actions: string[], leadingKeys?: string[]): iam.Grant {
    if (actions.length === 0) {
      throw failure('actions must name at least one DynamoDB action, got: none', this);
    }
    for (const action of actions) {
      if (!action.startsWith('dynamodb:')) {
        throw failure(`actions must be DynamoDB actions such as dynamodb:GetItem, got: ${action}`, this);
      }
      if (leadingKeys && !KEYED_ACTIONS.has(action.slice('dynamodb:'.length))) {
        const allowed = [...KEYED_ACTIONS].join(', ');
        throw failure(
          `actions with leadingKeys must be among ${allowed}: others are not bounded, got: ${action}`,
          this,
        );
      }
    }
    if (leadingKeys?.length === 0) {
      throw failure('leadingKeys must hold at least one pattern such as USER#*, got: none', this);
    }
    if (this.encryptionKey) {
      const writes = actions.some((action) => WRITES.has(action.slice('dynamodb:'.length)));
      if (writes) {
        this.encryptionKey.grantEncryptDecrypt(grantee);
      } else {
        this.encryptionKey.grantDecrypt(grantee);
      }
    }
    return iam.Grant.addToPrincipal({
      grantee,
      actions,
      resourceArns: [this.tableArn],
      conditions: leadingKeys && leadingKeysCondition(leadingKeys),
    });
  }

  public grantStreamRead(grantee: iam.IGrantable): iam.Grant {
    return grantStreamRead(this.requireStream('grantStreamRead'), this.encryptionKey, grantee);
  }

  public registerStreamReader(reader: string): string {
    const streamArn = this.requireStream(`stream reader '${reader}'`);
    const refusal = takeStreamReader(this.table, reader, this.node.path);
    if (refusal !== undefined) throw new Error(`${refusal}. Use addStreamConsumer to share a reader.`);
    return streamArn;
  }

  public addStreamConsumer(id: string, options: SocialStreamConsumerOptions): SocialStreamConsumer {
    if (this.node.tryFindChild(id)) {
      throw failure(`id of a stream consumer must be unique in its table, got one that is taken: ${id}`, this);
    }
    const router = this.streamRouter(id);
    const consumer = new SocialStreamConsumer(this, id, {
      ...options,
      router: router.handler,
      routerDeadLetterQueue: router.deadLetterQueue,
    });
    router.add(consumer);
    return consumer;
  }

  public metric(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/DynamoDB',
      metricName,
      dimensionsMap: { TableName: this.tableName },
      ...options,
    }).attachTo(this);
  }

  public metricForIndex(indexName: string, metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    const known = indexNames(this._indexCount);
    if (!known.includes(indexName)) {
      throw failure(`indexName must be one of ${known.join(', ') || 'none'}, got: ${indexName}`, this);
    }
    return this.metric(metricName, {
      ...options,
      dimensionsMap: { TableName: this.tableName, GlobalSecondaryIndexName: indexName },
    });
  }

  public metricConsumedReadCapacityUnits(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.sum('ConsumedReadCapacityUnits', options);
  }

  public metricConsumedWriteCapacityUnits(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.sum('ConsumedWriteCapacityUnits', options);
  }

  public metricReadThrottleEvents(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.sum('ReadThrottleEvents', options);
  }

  public metricWriteThrottleEvents(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.sum('WriteThrottleEvents', options);
  }

  public metricThrottledRequests(operation: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.sum('ThrottledRequests', {
      ...options,
      dimensionsMap: { TableName: this.tableName, Operation: operation },
    });
  }

  public metricTransactionConflict(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.sum('TransactionConflict', options);
  }

  private sum(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(metricName, { statistic: cloudwatch.Stats.SUM, ...options });
  }

  /** On the table and on its indexes by name: no wildcard. */
  private grantActions(grantee: iam.IGrantable, actions: readonly string[]): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: prefixed(actions),
      resourceArns: [this.tableArn, ...indexNames(this._indexCount).map((index) => `${this.tableArn}/index/${index}`)],
    });
  }

  private requireStream(what: string): string {
    if (this.tableStreamArn === undefined) {
      throw new Error(
        `${what} needs the stream of ${this.node.path}, which has none. ` +
          'Set stream to true, or give tableStreamArn where the table is imported.',
      );
    }
    return this.tableStreamArn;
  }

  private streamRouter(consumer: string): StreamRouter {
    this.requireStream(`stream consumer '${consumer}'`);
    this.router ??= new StreamRouter(this, 'StreamRouter', {
      tableStreamArn: this.registerStreamReader('StreamRouter'),
      grantStreamRead: (grantee) => this.grantStreamRead(grantee),
      functionOptions: this._routerOptions,
    });
    return this.router;
  }
}
