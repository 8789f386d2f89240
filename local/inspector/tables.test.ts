import { createServer, request as httpRequest } from 'node:http';
import { AddressInfo } from 'node:net';
import { BatchWriteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Stack } from 'aws-cdk-lib';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { synthesize, TestAssembly } from '../assembly/test-assembly';
import { startApp } from '../runner';
import { RunningApp } from '../running-app';

/** The page of tables as a program sees it, and the address of DynamoDB that takes any credentials. */

const CREDENTIALS = { accessKeyId: 'any', secretAccessKey: 'any' };

let assembly: TestAssembly;
let app: RunningApp;
let dynamodb: DynamoDBClient;
const fact = (name: string): string => app.facts.find((one) => one.name === name)?.value ?? `no ${name}`;

beforeAll(async () => {
  assembly = synthesize((cdk) => {
    const stack = new Stack(cdk, 'App');
    const table = new Table(stack, 'Things', {
      tableName: 'things',
      partitionKey: { name: 'PK', type: AttributeType.STRING },
      sortKey: { name: 'SK', type: AttributeType.NUMBER },
      timeToLiveAttribute: 'expiresAt',
    });
    table.addGlobalSecondaryIndex({
      indexName: 'ByOwner',
      partitionKey: { name: 'owner', type: AttributeType.STRING },
    });
    new Table(stack, 'Other', { tableName: 'empty', partitionKey: { name: 'id', type: AttributeType.BINARY } });
  });
  app = await startApp({ assembly: assembly.directory, port: 0, ports: { 'dynamodb-port': 0 }, adminPort: 0 });
  dynamodb = new DynamoDBClient({ endpoint: fact('DynamoDB'), region: 'local', credentials: CREDENTIALS });
  const puts = Array.from({ length: 7 }, (_, number) => ({
    PutRequest: {
      Item: {
        PK: { S: 'a' },
        SK: { N: String(number) },
        owner: { S: number < 2 ? 'ann' : 'bob' },
        tags: { SS: ['x'] },
      },
    },
  }));
  await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { things: puts } }));
}, 60_000);

afterAll(async () => {
  dynamodb?.destroy();
  await app?.close();
  assembly.remove();
});

async function get(path: string): Promise<[number, unknown]> {
  const response = await fetch(`${fact('tables')}/_local/tables/${path}`);
  return [response.status, await response.json()];
}

interface Page {
  readonly items: readonly { readonly SK: { readonly N: string } }[];
  readonly next?: string;
}

async function page(query: Readonly<Record<string, string>>): Promise<Page> {
  const [status, body] = await get(`items?${new URLSearchParams({ table: 'things', ...query })}`);
  expect([status, body]).toEqual([200, expect.anything()]);
  return body as Page;
}

const numbers = ({ items }: Page): number[] => items.map(({ SK }) => Number(SK.N));

test('tables are listed with keys, indexes and counts', async () => {
  expect(await get('list')).toEqual([
    200,
    {
      tables: [
        { name: 'empty', key: { partition: 'id' }, indexes: [], types: { id: 'B' }, itemCount: 0 },
        {
          name: 'things',
          key: { partition: 'PK', sort: 'SK' },
          indexes: [{ name: 'ByOwner', local: false, partition: 'owner' }],
          types: { PK: 'S', SK: 'N', owner: 'S' },
          itemCount: 7,
          ttlAttribute: 'expiresAt',
        },
      ],
    },
  ]);
});

test('items come by page, with their types, the key first', async () => {
  const first = await page({ limit: '4' });
  expect(JSON.stringify(first.items[0])).toMatch(
    /^\{"PK":\{"S":"a"\},"SK":\{"N":"\d"\},"owner":.*"tags":\{"SS":\["x"\]\}\}$/,
  );
  const second = await page({ limit: '4', start: first.next ?? '' });
  expect([...numbers(first), ...numbers(second)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(second.next).toBeUndefined();
});

test.each<[Readonly<Record<string, string>>, number[]]>([
  [{ partition: 'a' }, [0, 1, 2, 3, 4, 5, 6]],
  [{ partition: 'a', descending: 'true', limit: '2' }, [6, 5]],
  [{ partition: 'a', sort: '3' }, [3]],
  [{ partition: 'a', sort: '5', comparison: '>=' }, [5, 6]],
  [{ partition: 'b' }, []],
  [{ index: 'ByOwner', partition: 'ann' }, [0, 1]],
])('a query with %j finds %j', async (query, found) => {
  const numbersFound = numbers(await page(query));
  expect(query.index === undefined ? numbersFound : [...numbersFound].sort()).toEqual(found);
});

test.each([
  ['items', 'a table must be named'],
  ['items?table=none', 'there is no table none'],
  ['items?table=things&index=x', 'things has no index x'],
  ['items?table=things&limit=0', 'limit must be a whole number from 1 to 100'],
  ['items?table=things&limit=1e9', 'limit must be a whole number from 1 to 100'],
  ['items?table=things&start=x', 'the page starts nowhere'],
  ['items?table=things&partition=a&sort=1&comparison=<>', 'comparison must be one of =, begins_with, <, <=, >, >='],
  ['items?table=things&index=ByOwner&partition=ann&sort=1', 'there is no sort key'],
])('%s is refused: %s', async (path, message) => {
  expect(await get(path)).toEqual([400, { message }]);
});

test('what DynamoDB does not take is told in its words', async () => {
  const [status, body] = await get('items?table=things&partition=a&sort=x');
  expect([status, body]).toEqual([400, { message: expect.stringMatching(/\w/) }]);
});

/** A request with a host of its own, which `fetch` does not let one choose. */
async function send(url: string, method: string, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    httpRequest(url, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end(method === 'POST' ? '{}' : undefined);
  });
}

describe('the address of its own', () => {
  test('is the page of tables, which asks nobody else', async () => {
    const response = await fetch(`${fact('tables')}/`);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
    const text = await response.text();
    expect(text).toContain('<title>Tables</title>');
    expect(text.match(/(src|href)="(?!\/_local\/)/)).toBeNull();
    for (const [, path] of text.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect((await fetch(fact('tables') + path)).status).toBe(200);
    }
  });

  test('is only for this machine, and only to look', async () => {
    const url = `${fact('tables')}/_local/tables/list`;
    expect(await send(url, 'GET', { host: 'evil.example' })).toBe(403);
    expect(await send(url, 'POST', {})).toBe(405);
  });
});

describe('the address of DynamoDB', () => {
  test('is of this machine alone, and of DynamoDB alone', async () => {
    const { hostname } = new URL(fact('DynamoDB'));
    expect(hostname).toBe('localhost');
    const headers = { 'x-amz-target': 'DynamoDB_20120810.ListTables', 'content-type': 'application/x-amz-json-1.0' };
    expect(await send(fact('DynamoDB'), 'POST', headers)).toBe(200);
    expect(await send(fact('DynamoDB'), 'POST', { ...headers, host: 'evil.example:8000' })).toBe(403);
    const sqs = new SQSClient({
      endpoint: fact('DynamoDB'),
      region: 'local',
      credentials: CREDENTIALS,
      maxAttempts: 1,
    });
    await expect(sqs.send(new ListQueuesCommand({}))).rejects.toThrow('not supported by the local runner');
    sqs.destroy();
  });

  test('writes what functions read', async () => {
    await dynamodb.send(new PutItemCommand({ TableName: 'things', Item: { PK: { S: 'b' }, SK: { N: '1' } } }));
    const { endpoint, region, credentials } = app.aws;
    const client = new DynamoDBClient({ endpoint, region, credentials });
    const Key = { PK: { S: 'b' }, SK: { N: '1' } };
    const { Item } = await client.send(new GetItemCommand({ TableName: 'things', Key }));
    client.destroy();
    expect(Item).toEqual(Key);
  });
});

test.each([
  ['dynamodb-port', (port: number) => ({ ports: { 'dynamodb-port': port } })],
  ['admin-port', (port: number) => ({ adminPort: port })],
])('a port that is taken is told with the option --%s', async (option, options) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  const message = `port ${port} is taken: use --${option} N, or --${option} 0 for a free one`;
  await expect(startApp({ assembly: assembly.directory, port: 0, ...options(port) })).rejects.toThrow(message);
  server.close();
});
