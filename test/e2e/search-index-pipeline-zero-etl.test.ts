import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteItemCommand, DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { Client } from '@opensearch-project/opensearch';
import { AwsSigv4Signer } from '@opensearch-project/opensearch/aws-v3';
import { CfnOutput, CustomResource, Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { bookSearch } from '../../examples/search/system';
import { synthesize, TestAssembly } from '../../local/assembly/test-assembly';
import { startApp } from '../../local/runner';
import { RunningApp } from '../../local/running-app';
import { SearchIndexPipeline } from '../../src';
import { seeded } from '../support/seeded';

/** A SearchIndexPipeline as it is by default: zero-ETL, from the articles of a table that had some before. */

jest.setTimeout(60_000);

const SDK = JSON.stringify(require.resolve('@aws-sdk/client-dynamodb'));

/** The item that is the source of an article's document. */
const article = (id: string, title: string) => ({
  ...{ PK: { S: `ARTICLE#${id}` }, SK: { S: 'TEXT' }, entityType: { S: 'ArticleText' }, version: { N: '1' } },
  ...{
    articleId: { S: id },
    authorId: { S: 'author' },
    title: { S: title },
    description: { S: '' },
    body: { S: 'body' },
  },
  tagList: { L: [{ S: 'tag' }] },
});

/** An item of the same table that is no document. */
const account = (id: string) => ({ PK: { S: `ACCOUNT#${id}` }, SK: { S: 'A' }, entityType: { S: 'Account' } });

const SEED = [article('1', 'One'), article('2', 'Two'), account('1')];

// Puts items while the stack is deployed, before the pipeline is there.
const SEEDER = `
const { DynamoDBClient, PutItemCommand } = require(${SDK});
const client = new DynamoDBClient({});
exports.handler = async ({ RequestType, ResponseURL, StackId, RequestId, LogicalResourceId }) => {
  for (const Item of RequestType === 'Create' ? ${JSON.stringify(SEED)} : []) {
    await client.send(new PutItemCommand({ TableName: process.env.TABLE, Item }));
  }
  const body = { Status: 'SUCCESS', PhysicalResourceId: 'seed', StackId, RequestId, LogicalResourceId };
  await fetch(ResponseURL, { method: 'PUT', body: JSON.stringify(body) });
};`;

let assembly: TestAssembly;
let app: RunningApp;
let db: DynamoDBClient;
let client: Client;

beforeAll(async () => {
  assembly = synthesized();
  app = await startApp({ assembly: assembly.directory, port: 0, lag: { stream: 200, search: 300, ingestion: 50 } });
  db = new DynamoDBClient(app.aws);
  const { region, credentials } = app.aws;
  client = new Client({
    ...AwsSigv4Signer({ region, service: 'es', getCredentials: async () => Promise.resolve(credentials) }),
    node: String(app.outputs.App.Endpoint),
  });
});
afterAll(async () => {
  db?.destroy();
  await client?.close();
  await app?.close();
  assembly?.remove();
});

function synthesized(): TestAssembly {
  return synthesize((cdk, code) => {
    const stack = new Stack(cdk, 'App');
    const search = new SearchIndexPipeline(stack, 'Search');
    const { table } = search.table!;
    const seeder = new LambdaFunction(stack, 'Seeder', {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromAsset(code({ 'index.js': SEEDER })),
      environment: { TABLE: table.tableName },
    });
    table.grantWriteData(seeder);
    const seed = new CustomResource(stack, 'Seed', { serviceToken: seeder.functionArn });
    seed.node.addDependency(seeder);
    search.node.findChild('ZeroEtl').node.findChild('Pipeline').node.addDependency(seed);
    new CfnOutput(stack, 'Endpoint', { value: search.endpoint });
    new CfnOutput(stack, 'TableName', { value: table.tableName });
  });
}

const tableName = () => String(app.outputs.App.TableName);
const put = async (Item: ReturnType<typeof account>) => {
  await db.send(new PutItemCommand({ TableName: tableName(), Item }));
};
const remove = async ({ PK, SK }: ReturnType<typeof account>) => {
  await db.send(new DeleteItemCommand({ TableName: tableName(), Key: { PK, SK } }));
};

/** Titles of the index by id, as a search finds them. */
async function found(): Promise<Record<string, unknown>> {
  const { body } = await client.search({ index: 'articles', body: { query: { match_all: {} }, size: 1000 } });
  return Object.fromEntries(body.hits.hits.map(({ _id, _source }) => [_id, (_source as { title: string }).title]));
}

/** The same of the table. */
async function stored(): Promise<Record<string, unknown>> {
  const { Items = [] } = await db.send(new ScanCommand({ TableName: tableName(), ConsistentRead: true }));
  const texts = Items.filter(({ entityType }) => entityType.S === 'ArticleText');
  return Object.fromEntries(texts.map(({ articleId, title }) => [articleId.S, title.S]));
}

/** A part of the page. */
async function shown(key: string): Promise<readonly Record<string, unknown>[]> {
  const { url } = app.urls.find(({ name }) => name === 'inspector')!;
  const page = (await (await fetch(`${url}/api`)).json()) as Record<string, readonly Record<string, unknown>[]>;
  return page[key];
}

test('articles that were there before the pipeline are found, and nothing else of the table', async () => {
  await app.idle();
  expect(await found()).toEqual({ '1': 'One', '2': 'Two' });
  expect(await shown('ingestionPipelines')).toEqual([
    expect.objectContaining({ state: 'following', exported: SEED.length, refused: 0, waiting: 0, lastError: '' }),
  ]);
  const [document] = await shown('searchDocuments');
  expect((document.items as Record<string, unknown>[])[0]).toEqual({
    ...{ _id: expect.any(String) as string, _version: expect.any(Number) as number },
    ...{ articleId: '2', authorId: 'author', title: 'Two', description: '', body: 'body', tagList: ['tag'] },
  });
});

test('what is put, changed and deleted follows, and another kind of item does not', async () => {
  await put(article('3', 'Three'));
  await put(article('1', 'Uno'));
  await put(account('2'));
  await remove(article('2', ''));
  await remove(account('1'));
  await app.idle();
  expect(await found()).toEqual({ '1': 'Uno', '3': 'Three' });
});

test('a change is not found before the stream, the sink and the index have it', async () => {
  const start = performance.now();
  await put(article('4', 'Four'));
  expect(await found()).not.toHaveProperty('4');
  await app.idle();
  expect(performance.now() - start).toBeGreaterThanOrEqual(200 + 50 + 300);
  expect(await found()).toHaveProperty('4');
});

test('many writes of few articles, within a few seconds, end with what is in the table', async () => {
  const random = seeded(7);
  const pick = (count: number) => Math.floor(random() * count);
  for (let n = 0; n < 300; n += 1) {
    const id = `m${pick(8)}`;
    if (pick(3) === 0) await remove(article(id, ''));
    else await put(article(id, `Title ${n}`));
  }
  await app.idle();
  expect(await found()).toEqual(await stored());
});

test('what the index refuses is in the bucket of dead letters, and shown', async () => {
  await put({ ...article('5', ''), title: { M: { a: { S: 'map' } } } } as unknown as ReturnType<typeof account>);
  await put(article('6', 'Six'));
  await app.idle();
  expect(await found()).toMatchObject({ '6': 'Six' });
  expect(await found()).not.toHaveProperty('5');
  const [, bucket] = await shown('buckets');
  expect(bucket.items).toEqual([
    {
      key: expect.stringMatching(/^dead-letters\/dlq-v2-search-index-opensearch-/) as string,
      lastModified: expect.any(String) as string,
      content: {
        dlqObjects: [expect.objectContaining({ failedData: expect.objectContaining({ indexId: '5' }) as object })],
      },
    },
  ]);
  expect(await shown('ingestionPipelines')).toEqual([expect.objectContaining({ refused: 1 })]);
});

test('the role of the pipeline uses all of its rights on the table and the domain', () => {
  expect(app.resources.filter(({ logicalId }) => logicalId.startsWith('SearchZeroEtlRole'))).toHaveLength(2);
  expect(app.unusedActions().filter(({ role }) => role.includes('ZeroEtl'))).toEqual([]);
});

describe('a template that is changed', () => {
  const changed = async (change: (text: string) => string): Promise<void> => {
    const other = synthesized();
    try {
      const file = join(other.directory, 'App.template.json');
      const before = readFileSync(file, 'utf8');
      const after = change(before);
      expect(after).not.toBe(before);
      writeFileSync(file, after);
      await (await startApp({ assembly: other.directory, port: 0 })).close();
    } finally {
      other.remove();
    }
  };

  test.each([
    ['trust', (text: string) => text.replace(/:pipeline\/app-search/, ':pipeline/other'), 'may not assume'],
    ['right', (text: string) => text.replace('"dynamodb:GetRecords"', '"dynamodb:Scan"'), 'dynamodb:GetRecords on'],
    ['role mapping', (text: string) => text.replace('cluster_monitor', 'cluster_other'), 'its domain answers 403'],
    [
      'YAML',
      (text: string) => text.replace('select_entries', 'select_all'),
      'processor[1].select_all is not supported',
    ],
  ])('in a %s of the pipeline does not start, and says why', async (_, change, message) => {
    await expect(changed(change)).rejects.toThrow(message);
  });
});

test('the example of books answers the same with zero-ETL, though its numbers are texts in the index', async () => {
  const books = synthesize((cdk) => {
    cdk.node.setContext('zeroEtl', true);
    bookSearch(cdk);
  });
  const example = await startApp({ assembly: books.directory, port: 0 });
  try {
    const url = `${String(example.outputs.BookSearch.Url).replace(/\/$/, '')}/books`;
    const book = { title: 'A Wizard of Earthsea', author: 'Ursula K. Le Guin', subjects: ['dragons'], year: 1968 };
    for (const [isbn, title] of [
      ['1', book.title],
      ['2', 'The Tombs of Atuan'],
    ]) {
      const answer = await fetch(`${url}/${isbn}`, { method: 'PUT', body: JSON.stringify({ ...book, title }) });
      expect(answer.status).toBe(200);
    }
    expect((await fetch(`${url}/2`, { method: 'DELETE' })).status).toBe(204);
    await example.idle();
    const page = await fetch(`${url}?search=le+guin`);
    expect(await page.json()).toEqual({
      books: [{ isbn: '1', ...book }],
      total: 1,
      subjects: [{ subject: 'dragons', count: 1 }],
    });
    expect(example.resources.filter(({ type }) => type === 'AWS::OSIS::Pipeline')).toHaveLength(1);
  } finally {
    await example.close();
    books.remove();
  }
});
