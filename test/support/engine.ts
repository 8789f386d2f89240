import {
  BatchWriteCommand,
  type BatchWriteCommandInput,
  type DynamoDBDocumentClient,
  GetCommand,
  ScanCommand,
} from '@aws-sdk/lib-dynamodb';
import { type Call, documentClient } from './client';
import type { Tables } from '../../lambda/realworld-api/repository/tables';
import { type Engine, startEngine } from '../../local/dynamodb/engine';

/** Fresh tables on a running engine, and what was asked of them. */
export interface TestTables extends Tables {
  readonly feed: string;
  readonly calls: Call[];
  /** Read units of the calls that have been answered. */
  readUnits: number;
  /** Write units of the calls that have been answered. */
  writeUnits: number;
  /** Called before each request is sent; a test may wait here, or write something in between. */
  before: (call: Call) => Promise<void> | void;
  /** Called once a request has been answered. @param done false where it was refused */
  after: (call: Call, done: boolean) => void;
  /** Reads an item, unrecorded. */
  item(table: string, key: { PK: string; SK: string }): Promise<Record<string, unknown> | undefined>;
  /** Every item of a table, unrecorded. */
  items(table: string): Promise<Record<string, unknown>[]>;
  /** Removes every item of a table, unrecorded. */
  clear(table: string): Promise<void>;
  /** Removes items, unrecorded. */
  delete(table: string, keys: readonly { PK: string; SK: string }[]): Promise<void>;
  /** Puts items, unrecorded. */
  put(table: string, items: readonly Record<string, unknown>[]): Promise<void>;
}

export interface TestEngine {
  /** Where it listens, for what makes a client of its own. */
  readonly endpoint: string;
  tables(): Promise<TestTables>;
  close(): Promise<void>;
}

const INDEXES = ['GSI1', 'GSI2', 'GSI3', 'GSI4'];

const keySchema = (prefix: string) => [
  { AttributeName: `${prefix}PK`, KeyType: 'HASH' },
  { AttributeName: `${prefix}SK`, KeyType: 'RANGE' },
];
const keyAttributes = (prefix: string) =>
  ['PK', 'SK'].map((name) => ({ AttributeName: `${prefix}${name}`, AttributeType: 'S' }));

/** The tables as the constructs make them, in what the engine can tell apart: `engine.test.ts` compares. */
export const SCHEMAS = {
  social: {
    KeySchema: keySchema(''),
    AttributeDefinitions: ['', ...INDEXES].flatMap(keyAttributes),
    GlobalSecondaryIndexes: INDEXES.map((name) => ({
      IndexName: name,
      KeySchema: keySchema(name),
      Projection: { ProjectionType: 'ALL' },
    })),
    BillingMode: 'PAY_PER_REQUEST',
  },
  accounts: { KeySchema: keySchema(''), AttributeDefinitions: keyAttributes(''), BillingMode: 'PAY_PER_REQUEST' },
  feed: { KeySchema: keySchema(''), AttributeDefinitions: keyAttributes(''), BillingMode: 'PAY_PER_REQUEST' },
};

/** Each request passes `on` first; what it consumed is told afterwards. */
function clientOf(
  engine: Engine,
  on: (call: Call) => Promise<void> | void = () => undefined,
  consumed: (call: Call, units: number, done: boolean) => void = () => undefined,
): DynamoDBDocumentClient {
  return documentClient(async (call) => {
    await on(call);
    const body = JSON.stringify({ ...call.input, ReturnConsumedCapacity: 'TOTAL' });
    const answer = await engine.client.raw('DynamoDB_20120810', call.operation, body);
    const { ConsumedCapacity: capacity = [] } = JSON.parse(answer.text) as { ConsumedCapacity?: Capacity | Capacity[] };
    consumed(
      call,
      [capacity].flat().reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0),
      answer.status === 200,
    );
    return answer;
  });
}

type Write = NonNullable<BatchWriteCommandInput['RequestItems']>[string][number];

interface Capacity {
  readonly CapacityUnits: number;
}

const READS = /^(Query|GetItem|BatchGetItem)$/;

async function makeTables(engine: Engine, suffix: number): Promise<TestTables> {
  const names = { social: `social-${suffix}`, accounts: `accounts-${suffix}`, feed: `feed-${suffix}` };
  for (const [kind, name] of Object.entries(names)) {
    await engine.client.call('CreateTable', { TableName: name, ...SCHEMAS[kind as keyof typeof SCHEMAS] });
  }
  const quiet = clientOf(engine);
  const write = async (table: string, writes: readonly Write[]) => {
    for (let start = 0; start < writes.length; start += 25) {
      await quiet.send(new BatchWriteCommand({ RequestItems: { [table]: writes.slice(start, start + 25) } }));
    }
  };
  const calls: Call[] = [];
  const tables: TestTables = {
    ...names,
    shards: 1,
    calls,
    readUnits: 0,
    writeUnits: 0,
    before: () => undefined,
    after: () => undefined,
    db: clientOf(
      engine,
      (call) => {
        calls.push(call);
        return tables.before(call);
      },
      (call, units, done) => {
        tables[READS.test(call.operation) ? 'readUnits' : 'writeUnits'] += units;
        tables.after(call, done);
      },
    ),
    item: async (table, key) =>
      (await quiet.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item,
    items: async (table) => (await quiet.send(new ScanCommand({ TableName: table, ConsistentRead: true }))).Items ?? [],
    clear: async (table) => {
      const keys = (await tables.items(table)).map(({ PK, SK }) => ({ PK, SK }));
      await write(
        table,
        keys.map((Key) => ({ DeleteRequest: { Key } })),
      );
    },
    delete: (table, keys) =>
      write(
        table,
        keys.map((Key) => ({ DeleteRequest: { Key } })),
      ),
    put: (table, items) =>
      write(
        table,
        items.map((Item) => ({ PutRequest: { Item } })),
      ),
  };
  return tables;
}

/** Starts a DynamoDB on a free port, in memory: one for each file of tests. */
export async function startTestEngine(): Promise<TestEngine> {
  const engine = await startEngine({});
  let made = 0;
  return {
    endpoint: engine.client.url.href,
    tables: () => makeTables(engine, ++made),
    close: () => engine.close(),
  };
}

/** One engine for all tests of a file. @param begin called before each of them, with tables that nothing is in */
export function useTestTables(begin: (tables: TestTables) => Promise<void> | void): void {
  let engine: TestEngine;
  beforeAll(async () => (engine = await startTestEngine()));
  afterAll(() => engine.close());
  beforeEach(async () => begin(await engine.tables()));
}

interface BatchGet {
  readonly ConsistentRead?: boolean;
  readonly Keys: readonly { readonly PK: { readonly S: string } }[];
}

/**
 * Reads that were not strongly consistent, and scans: there must be none.
 *
 * @param promised how partition keys begin of items that may be read eventually consistent, by their keys; behind
 * `Query ` of those of which that is so for ranges
 */
export function weakReads(calls: readonly Call[], ...promised: readonly string[]): Call[] {
  const isPromised = (pk: string) => promised.some((prefix) => pk.startsWith(prefix));
  const isWeak = ({ operation, input }: Call) => {
    switch (operation) {
      case 'Query':
        return (
          input.IndexName !== undefined ||
          (input.ConsistentRead !== true &&
            !isPromised(`Query ${(input.ExpressionAttributeValues as Record<string, { S: string }>)[':pk'].S}`))
        );
      case 'GetItem':
        return input.ConsistentRead !== true;
      case 'BatchGetItem':
        return Object.values(input.RequestItems as Record<string, BatchGet>).some(
          ({ ConsistentRead, Keys }) => ConsistentRead !== true && !Keys.every(({ PK }) => isPromised(PK.S)),
        );
      default:
        return !/^(PutItem|UpdateItem|DeleteItem|BatchWriteItem|TransactWriteItems)$/.test(operation);
    }
  };
  return calls.filter(isWeak);
}

/** Names of the operations that were asked for, in order. */
export const operations = (calls: readonly Call[]) => calls.map((call) => call.operation);
