import { Stack, Token } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { IConstruct } from 'constructs';
import { failure } from '../core/checks';

/** An attribute of a table's key, and what its values begin with before the id. */
export interface FeedKeyAttribute {
  /** Name of the attribute: a text. */
  readonly attribute: string;
  /**
   * What its values begin with, as `AUTHOR#` in `AUTHOR#<id>`. What begins otherwise is another kind of item, and of no
   * meaning to feeds. Without `*`, `?` and `$`.
   *
   * @default - nothing: the value is the id
   */
  readonly prefix?: string;
}

/** Where the items are that are shown in feeds: those of an author lie together. */
export interface FeedItemsTable {
  /** A table with a stream of any view. Imported, it needs `tableStreamArn`. */
  readonly table: dynamodb.ITable;
  /** Partition key: the author's id. */
  readonly author: FeedKeyAttribute;
  /**
   * Sort key: the item's id, a UUIDv7 in lower case or a ULID in upper case, and all items of one kind. It says when the
   * item was made, by a clock that is right to 5 seconds, and is never used again.
   */
  readonly id: FeedKeyAttribute;
}

/** Where it is said who follows whom: followers of one user lie together. */
export interface FeedFollowersTable {
  /** A table with a stream of any view; that of the items too. Imported, it needs `tableStreamArn`. */
  readonly table: dynamodb.ITable;
  /** Partition key: the id of whom is followed, as the author of items has it. */
  readonly followee: FeedKeyAttribute;
  /** Sort key: the id of who follows. */
  readonly follower: FeedKeyAttribute;
}

/** Tables of your own of which feeds are made. Ids have 1 to 256 characters. */
export interface FeedTablesOptions {
  /** What is shown in feeds. */
  readonly items: FeedItemsTable;
  /** Whose feeds it is shown in. */
  readonly followers: FeedFollowersTable;
}

/** A part of a source. @internal */
export interface BoundFeedTable {
  readonly table: dynamodb.ITable;
  readonly streamArn: string;
  readonly partition: Required<FeedKeyAttribute>;
  readonly sort: Required<FeedKeyAttribute>;
}

/** A source, as FeedFanout uses it. @internal */
export interface BoundFeedSource {
  readonly items: BoundFeedTable;
  readonly followers: BoundFeedTable;
}

/** What feeds are made of, where that is not a SocialTable. */
export abstract class FeedSource {
  /**
   * Items and followers in tables of your own, or both in one. They are read by their keys alone, consistently, and
   * nothing is written there.
   */
  public static fromTables(options: FeedTablesOptions): FeedSource {
    return new TablesSource(options);
  }

  /** @internal */
  public abstract _bind(scope: IConstruct): BoundFeedSource;
}

class TablesSource extends FeedSource {
  public constructor(private readonly options: FeedTablesOptions) {
    super();
  }

  /** @internal */
  public _bind(scope: IConstruct): BoundFeedSource {
    const { items, followers } = this.options;
    const bound = {
      items: boundTable('items', items.table, { author: items.author, id: items.id }, scope),
      followers: boundTable(
        'followers',
        followers.table,
        { followee: followers.followee, follower: followers.follower },
        scope,
      ),
    };
    checkApart(bound, scope);
    return bound;
  }
}

function boundTable(
  kind: string,
  table: dynamodb.ITable,
  keys: Readonly<Record<string, FeedKeyAttribute>>,
  scope: IConstruct,
): BoundFeedTable {
  const known = keySchemaOf(table);
  const [partition, sort] = Object.entries(keys).map(([prop, key], index) => {
    const name = `source.${kind}.${prop}`;
    checkKey(name, key, scope);
    checkSchema(name, key, index === 0 ? 'HASH' : 'RANGE', table, known, scope);
    return { attribute: key.attribute, prefix: key.prefix ?? '' };
  });
  return { table, partition, sort, streamArn: streamOf(kind, table, scope) };
}

/** Prefixes are in patterns of IAM policies and of event filters, and have to mean themselves there. */
function checkKey(name: string, { attribute, prefix = '' }: FeedKeyAttribute, scope: IConstruct): void {
  if (Token.isUnresolved(attribute) || attribute === '' || Buffer.byteLength(attribute) > 255) {
    const got = Token.isUnresolved(attribute) ? 'a token' : `'${attribute}'`;
    throw failure(`${name}.attribute must be a name of 1 to 255 bytes, got: ${got}`, scope);
  }
  if (Token.isUnresolved(prefix) || /[*?$]/.test(prefix)) {
    const got = Token.isUnresolved(prefix) ? 'a token' : `'${prefix}'`;
    throw failure(`${name}.prefix must be a text without *, ? and $, got: ${got}`, scope);
  }
}

interface KeyElement {
  readonly name: string;
  readonly keyType: string;
  readonly type?: string;
}

/** The keys of a table that is made in this app; undefined of others. */
function keySchemaOf(table: dynamodb.ITable): readonly KeyElement[] | undefined {
  const made = table.node.defaultChild;
  if (!dynamodb.CfnTable.isCfnTable(made) && !dynamodb.CfnGlobalTable.isCfnGlobalTable(made)) {
    return undefined;
  }
  // A TableV2 says its attributes when it is asked.
  const { keySchema, attributeDefinitions } = Stack.of(made).resolve({
    keySchema: made.keySchema,
    attributeDefinitions: made.attributeDefinitions,
  }) as {
    readonly keySchema: readonly dynamodb.CfnTable.KeySchemaProperty[];
    readonly attributeDefinitions: readonly dynamodb.CfnTable.AttributeDefinitionProperty[];
  };
  return keySchema.map(({ attributeName, keyType }) => ({
    name: attributeName,
    keyType,
    type: attributeDefinitions.find((attribute) => attribute.attributeName === attributeName)?.attributeType,
  }));
}

function checkSchema(
  name: string,
  { attribute }: FeedKeyAttribute,
  keyType: string,
  table: dynamodb.ITable,
  known: readonly KeyElement[] | undefined,
  scope: IConstruct,
): void {
  if (known === undefined) {
    return;
  }
  const role = keyType === 'HASH' ? 'partition key' : 'sort key';
  const key = known.find((element) => element.keyType === keyType);
  if (key?.name !== attribute) {
    throw failure(
      `${name} must be the ${role} of ${table.node.path}, ${key?.name ?? 'none'}, got: ${attribute}`,
      scope,
    );
  }
  if (key.type !== undefined && key.type !== dynamodb.AttributeType.STRING) {
    throw failure(`${name} must be a text (S), got: ${attribute} of type ${key.type}`, scope);
  }
}

function streamOf(kind: string, table: dynamodb.ITable, scope: IConstruct): string {
  const made = table.node.defaultChild;
  // A TableV2 names a stream whether it has one or not.
  const hasNone =
    dynamodb.CfnGlobalTable.isCfnGlobalTable(made) && Stack.of(made).resolve(made.streamSpecification) === undefined;
  if (table.tableStreamArn === undefined || hasNone) {
    throw failure(
      `source.${kind}.table needs a stream, ${table.node.path} has none: set stream (dynamoStream of a TableV2), ` +
        'or give tableStreamArn where it is imported',
      scope,
    );
  }
  return table.tableStreamArn;
}

/** Do two prefixes tell two kinds of keys apart? */
const tellApart = (one: string, other: string) => !one.startsWith(other) && !other.startsWith(one);

function checkApart({ items, followers }: BoundFeedSource, scope: IConstruct): void {
  const isOne = items.table === followers.table || items.table.tableArn === followers.table.tableArn;
  if (
    isOne &&
    !tellApart(items.partition.prefix, followers.partition.prefix) &&
    !tellApart(items.sort.prefix, followers.sort.prefix)
  ) {
    const got = [items.partition, followers.partition, items.sort, followers.sort].map(({ prefix }) => `'${prefix}'`);
    throw failure(
      'source.items and source.followers in one table must be told apart by the prefixes of their partition keys or ' +
        `of their sort keys, got: ${got[0]} and ${got[1]}, ${got[2]} and ${got[3]}`,
      scope,
    );
  }
}
