import { AwsError, Json } from '../aws/protocol';

/** An attribute value as on the wire: `{ S: 'x' }`. */
export type AttributeValue = Readonly<Record<string, unknown>>;

/** What the runner knows of a table that it created. */
export interface TableInfo {
  readonly name: string;
  readonly arn: string;
  readonly partitionKey: string;
  readonly sortKey?: string;
  readonly indexes: readonly IndexInfo[];
  /** As declared in the template; the engine's own stream may exist without it, for lag. */
  readonly streamViewType?: StreamViewType;
  readonly streamArn?: string;
  readonly ttlAttribute?: string;
  readonly pointInTimeRecovery: boolean;
  /** ARN of the customer's key. */
  readonly keyArn?: string;
}

export interface IndexInfo {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey?: string;
  /** A local index may be read consistently. */
  readonly local: boolean;
}

export type StreamViewType = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

/** The tables of the run, by physical name. */
export class Tables {
  private readonly byName = new Map<string, TableInfo>();

  public add(table: TableInfo): void {
    this.byName.set(table.name, table);
  }

  /** Takes a name or an ARN, as the API does. */
  public get(nameOrArn: unknown): TableInfo {
    const name = tableName(nameOrArn);
    const table = this.byName.get(name);
    if (table === undefined) {
      throw new AwsError('ResourceNotFoundException', 'Requested resource not found', 400, {}, NAMESPACE);
    }
    return table;
  }

  public all(): readonly TableInfo[] {
    return [...this.byName.values()];
  }

  /** By the ARN of the stream that the template sees. */
  public byStreamArn(streamArn: string): TableInfo | undefined {
    return this.all().find((table) => table.streamArn === streamArn);
  }
}

/** What stands before `#` in the errors of DynamoDB. */
export const NAMESPACE = 'com.amazonaws.dynamodb.v20120810';

/** The name in a name or a table ARN. */
export function tableName(nameOrArn: unknown): string {
  if (typeof nameOrArn !== 'string' || nameOrArn === '') {
    throw new AwsError('ValidationException', `TableName must be a non-empty string, got ${JSON.stringify(nameOrArn)}`);
  }
  const match = /^arn:[^:]*:dynamodb:[^:]*:[^:]*:table\/([^/]+)/.exec(nameOrArn);
  return match === null ? nameOrArn : match[1];
}

/** The key attributes of an item or a key, in one text that is equal for equal keys. */
export function keyText(table: TableInfo, item: Json): string {
  return JSON.stringify([
    table.name,
    keyPart(item[table.partitionKey]),
    table.sortKey === undefined ? null : keyPart(item[table.sortKey]),
  ]);
}

function keyPart(value: unknown): readonly [string, string] {
  const [type, content] = Object.entries((value ?? {}) as AttributeValue)[0] ?? ['?', ''];
  // 1, 1.0 and 10e-1 are the same key.
  return [type, type === 'N' ? canonicalNumber(String(content)) : String(content)];
}

/** One text for all ways of writing a number, beyond the precision of a double. */
function canonicalNumber(text: string): string {
  const match = /^\s*([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?\s*$/.exec(text);
  if (match === null) return text;
  const digits = `${match[2]}${match[3]}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const exponent = Number(match[4] ?? 0) - match[3].length + (digits.length - significant.length);
  return `${match[1] === '-' ? '-' : ''}${significant}e${exponent}`;
}

/** The key of an item, without its other attributes. */
export function keyOf(table: TableInfo, item: Json): Json {
  const key: Record<string, unknown> = { [table.partitionKey]: item[table.partitionKey] };
  if (table.sortKey !== undefined) key[table.sortKey] = item[table.sortKey];
  return key;
}

/** A key value as `dynamodb:LeadingKeys` has it. */
export function conditionValue(value: unknown): string {
  const content = Object.values((value ?? {}) as AttributeValue)[0];
  return typeof content === 'string' ? content : JSON.stringify(content ?? null);
}
