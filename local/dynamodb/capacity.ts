import { AttributeValue } from './model';
import { Json } from '../aws/protocol';

/** Units by table name. */
export type Units = Readonly<Record<string, number>>;

/** What a call consumed. */
export interface ConsumedUnits {
  readonly readUnits?: Units;
  readonly writeUnits?: Units;
}

/** One entry of ConsumedCapacity. */
interface Capacity {
  readonly TableName?: string;
  readonly CapacityUnits?: number;
  readonly ReadCapacityUnits?: number;
}

const READS = ['GetItem', 'BatchGetItem', 'TransactGetItems', 'Query', 'Scan'];

/** Adds up the engine's ConsumedCapacity (one entry, or a list) by table. */
export function consumed(operation: string, capacity: unknown): ConsumedUnits {
  const entries = (Array.isArray(capacity) ? capacity : [capacity]).filter(
    (entry) => entry !== undefined,
  ) as Capacity[];
  const read: Record<string, number> = {};
  const write: Record<string, number> = {};
  for (const entry of entries) {
    const units = entry.CapacityUnits ?? 0;
    // A transaction repeated with its token is answered by reading, and says so.
    const isRead = READS.includes(operation) || entry.ReadCapacityUnits === units;
    const target = isRead ? read : write;
    const table = entry.TableName ?? '?';
    target[table] = (target[table] ?? 0) + units;
  }
  return {
    ...(Object.keys(read).length === 0 ? {} : { readUnits: read }),
    ...(Object.keys(write).length === 0 ? {} : { writeUnits: write }),
  };
}

/** Leaves of ConsumedCapacity what the client asked for: INDEXES all, TOTAL the sums, NONE nothing. */
export function trimCapacity(body: Json, asked: unknown): Json {
  if (asked === 'INDEXES' || body.ConsumedCapacity === undefined) return body;
  const { ConsumedCapacity, ...rest } = body;
  if (asked !== 'TOTAL') return rest;
  const total = (entry: unknown): Json => {
    const { TableName, CapacityUnits } = entry as Json;
    return { TableName, CapacityUnits };
  };
  return {
    ...rest,
    ConsumedCapacity: Array.isArray(ConsumedCapacity) ? ConsumedCapacity.map(total) : total(ConsumedCapacity),
  };
}

/** Write units of a refused conditional write: the size of the item that is there, at least one. */
export function refusedWriteUnits(item: unknown): number {
  return Math.max(1, Math.ceil(itemSize((item ?? {}) as Readonly<Record<string, AttributeValue>>) / 1024));
}

/** Bytes of an item by the rules in the developer guide. */
export function itemSize(item: Readonly<Record<string, AttributeValue>>): number {
  return Object.entries(item).reduce((total, [name, value]) => total + Buffer.byteLength(name) + valueSize(value), 0);
}

function valueSize(value: AttributeValue): number {
  const [type, content] = Object.entries(value)[0] ?? ['NULL', true];
  switch (type) {
    case 'S':
      return Buffer.byteLength(String(content));
    case 'N':
      return numberSize(String(content));
    case 'B':
      return Buffer.from(String(content), 'base64').length;
    case 'SS':
      return sum((content as string[]).map((entry) => Buffer.byteLength(entry)));
    case 'NS':
      return sum((content as string[]).map(numberSize));
    case 'BS':
      return sum((content as string[]).map((entry) => Buffer.from(entry, 'base64').length));
    case 'L':
      return 3 + sum((content as AttributeValue[]).map((entry) => 1 + valueSize(entry)));
    case 'M': {
      const entries = Object.entries(content as Readonly<Record<string, AttributeValue>>);
      return 3 + sum(entries.map(([name, entry]) => 1 + Buffer.byteLength(name) + valueSize(entry)));
    }
    default:
      return 1;
  }
}

/** About one byte for two significant digits, and one. */
function numberSize(text: string): number {
  const digits = text
    .replace(/[eE].*$/, '')
    .replace(/[^\d]/g, '')
    .replace(/^0+/, '')
    .replace(/0+$/, '').length;
  return Math.ceil(Math.max(1, digits) / 2) + 1 + (text.startsWith('-') ? 1 : 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
