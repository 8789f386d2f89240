import { Arn, ArnFormat, Stack, Token } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { ISocialTable } from './i-social-table';
import { DEFAULT_INDEXES, indexNames, SocialTableBase } from './social-table-base';
import { TableBilling } from './table-billing';
import { checkInteger, failure } from '../core/checks';
import { FunctionOptions } from '../core/function-options';
import { StatefulResourceOptions, tableProtection } from '../core/stateful-resource-options';

/** Properties of a SocialTable. */
export interface SocialTableProps extends StatefulResourceOptions {
  /**
   * Physical name of the table. A table with a name cannot be replaced by CloudFormation.
   *
   * @default - a name that CloudFormation makes
   */
  readonly tableName?: string;
  /**
   * How many overloaded indexes the table has, `GSI1` and so on (0 to 20). They are for items of your own: RealWorldApi
   * and FeedFanout write none of their attributes. CloudFormation adds or removes one an update, so that a table which
   * may grow has them from the start. On demand an index without items costs nothing; with provisioned billing each is
   * paid for by the hour as the table is: four indexes make five times the capacity.
   *
   * @default 4
   */
  readonly indexCount?: number;
  /** How capacity is paid for. @default TableBilling.onDemand() */
  readonly billing?: TableBilling;
  /**
   * Throughput that the table takes at once, without growing into it first. AWS charges for raising it.
   *
   * @default - what DynamoDB starts a table with: 12,000 reads and 4,000 writes a second on demand
   */
  readonly warmThroughput?: dynamodb.WarmThroughput;
  /**
   * The same for each of the indexes.
   *
   * @default - what DynamoDB starts an index with
   */
  readonly indexWarmThroughput?: dynamodb.WarmThroughput;
  /**
   * On how many partitions is spread what everybody writes: the list of all articles, counts of tags, deletions, and
   * changes of the last moments. One takes about 250 articles a second (50 with one and the same tag), 500 deletions, 500
   * follows, and 1,000 favorites; each further one costs a list of articles two read units. 1, 2, 4, 8 or 16: it may be raised at any time and never lowered, because what was written on more would not be found.
   *
   * @default 1
   */
  readonly writeShards?: number;
  /** Whether changes are streamed, with both images; consumers and search need it. @default true */
  readonly stream?: boolean;
  /** Options of the function that routes the stream to its consumers. @default - those of all functions */
  readonly routerOptions?: FunctionOptions;
}

/** What DynamoDB takes. */
const MAX_INDEXES = 20;

const DEFAULT_SHARDS = 1;
/** Powers of two: so an item has been in few places by its key, however often the number was raised. */
const SHARDS: readonly number[] = [1, 2, 4, 8, 16];

/** What an imported SocialTable is known by. */
export interface SocialTableAttributes {
  /** Physical name of the table. @default - taken from tableArn; one of the two is needed */
  readonly tableName?: string;
  /** ARN of the table. @default - made from tableName, in the stack's account and region */
  readonly tableArn?: string;
  /** How many indexes the table has. @default 4 */
  readonly indexCount?: number;
  /** As its own stack says: with another number, functions here do not find what functions there write. @default 1 */
  readonly writeShards?: number;
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
 * String keys `PK` and `SK`, overloaded indexes `GSI1` to `GSI4` (`GSI1PK`, `GSI1SK` and so on, all attributes),
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
      throw failure(`Either provide tableName or tableArn for SocialTable '${id}', got: ${got}`, scope);
    }
    checkInteger('indexCount', attrs.indexCount, { min: 0, max: MAX_INDEXES }, scope);
    checkWriteShards(attrs.writeShards, scope);
    checkStream(scope, attrs);
    return new ImportedSocialTable(scope, id, attrs);
  }

  public readonly table: dynamodb.ITable;
  public readonly encryptionKey?: kms.IKey;
  public readonly writeShards: number;
  /** @internal */
  protected readonly _indexCount: number;
  /** @internal */
  protected readonly _routerOptions?: FunctionOptions;

  public constructor(scope: Construct, id: string, props: SocialTableProps = {}) {
    super(scope, id);
    const billing = props.billing ?? TableBilling.onDemand();
    checkWarmThroughput('warmThroughput', props.warmThroughput, billing);
    checkWarmThroughput('indexWarmThroughput', props.indexWarmThroughput, billing);
    checkInteger('indexCount', props.indexCount, { min: 0, max: MAX_INDEXES }, this);
    if (Token.isUnresolved(props.indexCount)) {
      throw failure('indexCount must be known at synth, got: a token', this);
    }
    checkWriteShards(props.writeShards, this);
    this.writeShards = props.writeShards ?? DEFAULT_SHARDS;
    this._indexCount = props.indexCount ?? DEFAULT_INDEXES;
    const indexes = indexNames(this._indexCount);
    const table = new dynamodb.Table(this, 'Table', {
      tableName: props.tableName,
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
    for (const indexName of indexes) {
      table.addGlobalSecondaryIndex({
        indexName,
        partitionKey: { name: `${indexName}PK`, type: dynamodb.AttributeType.STRING },
        sortKey: { name: `${indexName}SK`, type: dynamodb.AttributeType.STRING },
        projectionType: dynamodb.ProjectionType.ALL,
        ...billing._capacity(),
        warmThroughput: props.indexWarmThroughput,
      });
    }
    billing._scale(table, indexes);
    this.table = table;
    this.encryptionKey = props.encryptionKey;
    this._routerOptions = props.routerOptions;
  }
}

class ImportedSocialTable extends SocialTableBase {
  public readonly table: dynamodb.ITable;
  public readonly encryptionKey?: kms.IKey;
  public readonly writeShards: number;
  /** @internal */
  protected readonly _indexCount: number;
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
    this.writeShards = attrs.writeShards ?? DEFAULT_SHARDS;
    this._indexCount = attrs.indexCount ?? DEFAULT_INDEXES;
    this.encryptionKey = attrs.encryptionKey;
    this._routerOptions = attrs.routerOptions;
  }
}

/** The stream must be this table's, and in the region of the stack: Lambda reads no other. */
function checkStream(scope: Construct, { tableName, tableArn, tableStreamArn }: SocialTableAttributes): void {
  if (tableStreamArn === undefined || Token.isUnresolved(tableStreamArn)) {
    return;
  }
  const stream = Arn.split(tableStreamArn, ArnFormat.SLASH_RESOURCE_NAME);
  const of = tableStreamArn.split('/stream/')[0];
  const name = tableName ?? (Token.isUnresolved(tableArn) ? undefined : tableArn?.split('/').pop());
  const known = (value: string | undefined) => value !== undefined && !Token.isUnresolved(value);
  if (!tableStreamArn.includes('/stream/') || (known(name) && of.split('/').pop() !== name)) {
    throw failure(`tableStreamArn must be of a stream of table ${name}, got: ${tableStreamArn}`, scope);
  }
  if (known(tableArn) && of !== tableArn) {
    throw failure(`tableStreamArn must be of a stream of ${tableArn}, got: ${tableStreamArn}`, scope);
  }
  const { region } = Stack.of(scope);
  if (known(region) && stream.region !== region) {
    throw failure(`tableStreamArn must be in the region of the stack (${region}), got: ${tableStreamArn}`, scope);
  }
}

function checkWriteShards(writeShards: number | undefined, scope: Construct): void {
  if (writeShards === undefined || SHARDS.includes(writeShards)) {
    return;
  }
  const got = Token.isUnresolved(writeShards) ? 'a token' : writeShards;
  throw failure(`writeShards must be 1, 2, 4, 8 or 16, known at synth, got: ${got}`, scope);
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
