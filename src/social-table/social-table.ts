import { Token } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { ISocialTable } from './i-social-table';
import { INDEX_NAMES, SocialTableBase } from './social-table-base';
import { TableBilling } from './table-billing';
import { checkInteger } from '../core/checks';
import { FunctionOptions } from '../core/function-options';
import { StatefulResourceOptions, tableProtection } from '../core/stateful-resource-options';

/** Properties of a SocialTable. */
export interface SocialTableProps extends StatefulResourceOptions {
  /** How capacity is paid for. @default TableBilling.onDemand() */
  readonly billing?: TableBilling;
  /**
   * Throughput that the table takes at once, without growing into it first. AWS charges for raising it.
   *
   * @default - what DynamoDB starts a table with: 12,000 reads and 4,000 writes a second on demand
   */
  readonly warmThroughput?: dynamodb.WarmThroughput;
  /**
   * The same for each of the four indexes.
   *
   * @default - what DynamoDB starts an index with
   */
  readonly indexWarmThroughput?: dynamodb.WarmThroughput;
  /** Whether changes are streamed, with both images; consumers and search need it. @default true */
  readonly stream?: boolean;
  /** Options of the function that routes the stream to its consumers. @default - those of all functions */
  readonly routerOptions?: FunctionOptions;
}

/** What an imported SocialTable is known by. */
export interface SocialTableAttributes {
  /** Physical name of the table. @default - taken from tableArn; one of the two is needed */
  readonly tableName?: string;
  /** ARN of the table. @default - made from tableName, in the stack's account and region */
  readonly tableArn?: string;
  /** Needed by consumers of the stream. @default - no consumer can be added */
  readonly tableStreamArn?: string;
  /** The customer managed key the table is encrypted under. @default - none */
  readonly encryptionKey?: kms.IKey;
  /** Options of the function that routes the stream to its consumers. @default - those of all functions */
  readonly routerOptions?: FunctionOptions;
}

/**
 * One DynamoDB table for a social graph and its content: profiles, follows, articles, comments, favorites, tags.
 *
 * String keys `PK` and `SK`, four overloaded indexes `GSI1` to `GSI4` (`GSI1PK`, `GSI1SK` and so on, all attributes),
 * TTL on `expiresAt`, a stream with both images. Retained, protected from deletion, recoverable to a point in time and
 * encrypted unless you say otherwise.
 *
 * It is a plain `AWS::DynamoDB::Table`: all that it needs is there, and it stays usable where global tables are not.
 */
export class SocialTable extends SocialTableBase {
  /**
   * Uses a SocialTable of another app. Readers of its stream in other apps cannot be counted from here: DynamoDB
   * allows two.
   */
  public static fromSocialTableAttributes(scope: Construct, id: string, attrs: SocialTableAttributes): ISocialTable {
    const { tableName, tableArn } = attrs;
    if ((tableName === undefined) === (tableArn === undefined)) {
      const got = tableName === undefined ? 'neither' : 'both';
      throw new Error(`Either provide tableName or tableArn for SocialTable '${id}', got: ${got}`);
    }
    return new ImportedSocialTable(scope, id, attrs);
  }

  public readonly table: dynamodb.ITable;
  public readonly encryptionKey?: kms.IKey;
  /** @internal */
  protected readonly _routerOptions?: FunctionOptions;

  public constructor(scope: Construct, id: string, props: SocialTableProps = {}) {
    super(scope, id);
    const billing = props.billing ?? TableBilling.onDemand();
    checkWarmThroughput('warmThroughput', props.warmThroughput, billing);
    checkWarmThroughput('indexWarmThroughput', props.indexWarmThroughput, billing);
    const table = new dynamodb.Table(this, 'Table', {
      partitionKey: { name: 'PK', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'SK', type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
      stream: (props.stream ?? true) ? dynamodb.StreamViewType.NEW_AND_OLD_IMAGES : undefined,
      billingMode: billing.billingMode,
      ...billing._capacity(),
      warmThroughput: props.warmThroughput,
      ...tableProtection(this, props),
    });
    // All at creation: CloudFormation changes one index an update.
    for (const indexName of INDEX_NAMES) {
      table.addGlobalSecondaryIndex({
        indexName,
        partitionKey: { name: `${indexName}PK`, type: dynamodb.AttributeType.STRING },
        sortKey: { name: `${indexName}SK`, type: dynamodb.AttributeType.STRING },
        projectionType: dynamodb.ProjectionType.ALL,
        ...billing._capacity(),
        warmThroughput: props.indexWarmThroughput,
      });
    }
    billing._scale(table, INDEX_NAMES);
    this.table = table;
    this.encryptionKey = props.encryptionKey;
    this._routerOptions = props.routerOptions;
  }
}

class ImportedSocialTable extends SocialTableBase {
  public readonly table: dynamodb.ITable;
  public readonly encryptionKey?: kms.IKey;
  /** @internal */
  protected readonly _routerOptions?: FunctionOptions;

  public constructor(scope: Construct, id: string, attrs: SocialTableAttributes) {
    super(scope, id);
    this.table = dynamodb.Table.fromTableAttributes(this, 'Table', {
      tableName: attrs.tableName,
      tableArn: attrs.tableArn,
      tableStreamArn: attrs.tableStreamArn,
      encryptionKey: attrs.encryptionKey,
    });
    this.encryptionKey = attrs.encryptionKey;
    this._routerOptions = attrs.routerOptions;
  }
}

/** On demand, DynamoDB refuses a warm throughput below what every table starts with. */
function checkWarmThroughput(prop: string, value: dynamodb.WarmThroughput | undefined, billing: TableBilling): void {
  const onDemand = billing.billingMode === dynamodb.BillingMode.PAY_PER_REQUEST;
  const { readUnitsPerSecond, writeUnitsPerSecond } = value ?? {};
  checkInteger(`${prop}.readUnitsPerSecond`, readUnitsPerSecond, { min: onDemand ? 12000 : 1 });
  checkInteger(`${prop}.writeUnitsPerSecond`, writeUnitsPerSecond, { min: onDemand ? 4000 : 1 });
  if (value && readUnitsPerSecond === undefined && writeUnitsPerSecond === undefined && !Token.isUnresolved(value)) {
    throw new Error(`${prop} must give readUnitsPerSecond or writeUnitsPerSecond, got: neither`);
  }
}
