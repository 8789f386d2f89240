import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type {
  CloudFormationCustomResourceEvent,
  Context,
  DynamoDBBatchResponse,
  DynamoDBStreamEvent,
} from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { startDomain, type TestDomain } from '../../local/opensearch/testing';
import { useLogLines } from '../../test/support/log-lines';
import { ARTICLES, recordOf, textAt } from '../../test/support/search-records';

const logged = useLogLines();
const queue = mockClient(SQSClient);

const BODY = {
  settings: { number_of_shards: 1, number_of_replicas: 0, gc_deletes: '25h' },
  mappings: {
    dynamic: 'strict',
    properties: { articleId: { type: 'keyword' }, title: { type: 'text' }, tagList: { type: 'keyword' } },
  },
};

let domain: TestDomain;
let cloudFormation: Server;
/** What CloudFormation was answered. */
let answers: Record<string, unknown>[];
let index: (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse>;
let manage: (event: CloudFormationCustomResourceEvent, context: Context) => Promise<void>;

beforeAll(async () => {
  domain = await startDomain();
  const { region, credentials, endpoint } = domain.test.client;
  const key = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' });
  const { ref: jobs } = await domain.test.create('AWS::DynamoDB::Table', 'Jobs', {
    KeySchema: ['PK', 'SK'].map((AttributeName, n) => ({ AttributeName, KeyType: n === 0 ? 'HASH' : 'RANGE' })),
    AttributeDefinitions: ['PK', 'SK'].map(key),
    BillingMode: 'PAY_PER_REQUEST',
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpoint,
    JOBS_TABLE_NAME: jobs,
    JOBS_QUEUE_URL: 'https://sqs.example/jobs',
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    SEARCH_ENDPOINT: domain.url,
    SEARCH_SERVICE: 'es',
    SEARCH_ALIAS: 'articles',
    DEAD_LETTER_QUEUE_URL: 'https://sqs.example/dead',
  });
  cloudFormation = createServer((message, response) => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      answers.push(JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>);
      response.end();
    });
  });
  await new Promise<void>((resolve) => cloudFormation.listen(0, '127.0.0.1', resolve));
  index = jest.requireActual<{ handler: typeof index }>('./indexer').handler;
  manage = jest.requireActual<{ handler: typeof manage }>('./manage-index').handler;
}, 60_000);
afterAll(async () => {
  await domain.close();
  await new Promise((resolve) => cloudFormation.close(resolve));
});
beforeEach(() => {
  answers = [];
  queue.reset();
  queue.on(SendMessageBatchCommand).resolves({});
});

/** A deployment's call; `timeLeft` of the function's time, in ms. */
async function deploy(type: 'Create' | 'Update' | 'Delete', properties: object, timeLeft = 60_000): Promise<void> {
  const { port } = cloudFormation.address() as AddressInfo;
  const event = {
    RequestType: type,
    ResponseURL: `http://127.0.0.1:${port}/answer`,
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'Index',
    ...(type === 'Create' ? {} : { PhysicalResourceId: 'search-index-articles' }),
    ResourceProperties: {
      ServiceToken: 'token',
      Alias: 'articles',
      IndexName: 'articles-000001',
      Body: JSON.stringify(BODY),
      Source: JSON.stringify(ARTICLES),
      Backfill: 'false',
      ...properties,
    },
  } as unknown as CloudFormationCustomResourceEvent;
  await manage(event, { getRemainingTimeInMillis: () => timeLeft } as Context);
}

const search = async (): Promise<unknown[]> => {
  await domain.client.indices.refresh({ index: 'articles' });
  const { body } = await domain.client.search({ index: 'articles', body: { sort: [{ articleId: 'asc' }] } });
  return body.hits.hits.map(({ _source }) => _source);
};

test('records that come before the index wait, and make no index of the name of the alias', async () => {
  const record = recordOf(1, undefined, textAt('a', 1));
  expect(await index({ Records: [record] })).toEqual({
    batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber }],
  });
  expect((await domain.client.indices.exists({ index: 'articles' })).body).toBe(false);
  expect(logged()).toMatchObject([{ level: 'ERROR', message: 'changes are not indexed yet', changes: 1 }]);
});

test('a deployment makes the index and its alias, once', async () => {
  await deploy('Create', {});
  await deploy('Create', {});
  expect(answers).toEqual(
    Array(2).fill(
      expect.objectContaining({
        Status: 'SUCCESS',
        PhysicalResourceId: 'search-index-articles',
        Data: { IndexName: 'articles-000001' },
      }),
    ),
  );
  const { body } = await domain.client.indices.getAlias({ name: 'articles' });
  expect(body).toEqual({ 'articles-000001': { aliases: { articles: { is_write_index: true } } } });
});

test('what is written, changed and removed is found so', async () => {
  const records = [
    recordOf(1, undefined, textAt('a', 1)),
    recordOf(2, undefined, textAt('b', 1)),
    recordOf(3, textAt('a', 1), textAt('a', 2)),
  ];
  expect(await index({ Records: records })).toEqual({ batchItemFailures: [] });
  expect(await search()).toEqual([
    { articleId: 'a', title: 'Title 2', tagList: ['dragons'] },
    { articleId: 'b', title: 'Title 1', tagList: ['dragons'] },
  ]);
  expect(await index({ Records: [recordOf(4, textAt('b', 1), undefined), records[1]] })).toEqual({
    batchItemFailures: [],
  });
  expect(await search()).toMatchObject([{ articleId: 'a' }]);
});

test('a document that the mapping refuses goes to the dead-letter queue without what it holds, the rest is indexed', async () => {
  const poison = recordOf(6, undefined, textAt('p', 1, { title: { M: { secret: { S: 'hidden words' } } } }));
  expect(await index({ Records: [poison, recordOf(7, undefined, textAt('c', 1))] })).toEqual({ batchItemFailures: [] });
  expect(await search()).toMatchObject([{ articleId: 'a' }, { articleId: 'c' }]);
  const [{ args }] = queue.commandCalls(SendMessageBatchCommand);
  const bodies = (args[0].input.Entries ?? []).map(({ MessageBody }) => JSON.parse(MessageBody ?? '') as object);
  expect(bodies).toEqual([
    expect.objectContaining({
      type: 'unindexable-record',
      reason: 'mapper_parsing_exception',
      keys: poison.dynamodb?.Keys,
    }),
  ]);
  expect(logged()).toMatchObject([{ message: 'record cannot be indexed', reason: 'mapper_parsing_exception' }]);
  expect(JSON.stringify([bodies, logged()])).not.toContain('hidden');
});

const TWO_HOURS = { ...BODY, settings: { ...BODY.settings, gc_deletes: '2h' } };

test('a deployment that changes a setting does so to the index that is there', async () => {
  await deploy('Update', { Body: JSON.stringify(TWO_HOURS) });
  expect(answers).toMatchObject([{ Status: 'SUCCESS', Data: { IndexName: 'articles-000001' } }]);
  const { body: there } = await domain.client.indices.get({ index: 'articles' });
  expect(there['articles-000001']).toMatchObject({ settings: { index: { gc_deletes: '2h' } } });
  expect(await search()).toHaveLength(2);
  expect(queue.commandCalls(SendMessageBatchCommand)).toEqual([]);
});

const withField = (name: string, field: object) => ({
  Body: JSON.stringify({
    ...TWO_HOURS,
    mappings: { ...BODY.mappings, properties: { ...BODY.mappings.properties, [name]: field } },
  }),
});

test('one that adds a field or takes another kind of it begins to load another index, and readers keep theirs', async () => {
  await deploy('Update', withField('authorId', { type: 'keyword' }));
  expect(answers).toMatchObject([{ Status: 'SUCCESS', Data: { IndexName: 'articles-000001' } }]);
  const { body: there } = await domain.client.indices.get({ index: 'articles-000002' });
  expect(there['articles-000002']).toMatchObject({
    aliases: { 'articles-writes': { is_write_index: false } },
    mappings: { properties: { authorId: { type: 'keyword' } }, _meta: { documentSource: ARTICLES } },
  });
  const sent = queue.commandCalls(SendMessageBatchCommand).flatMap(({ args }) => args[0].input.Entries ?? []);
  expect(sent).toMatchObject([{ MessageBody: expect.stringContaining('"type":"job"') as string, DelaySeconds: 10 }]);
  // Another one takes its place.
  await deploy('Update', withField('title', { type: 'keyword' }));
  expect((await domain.client.indices.exists({ index: 'articles-000002' })).body).toBe(false);
  expect((await domain.client.indices.exists({ index: 'articles-000003' })).body).toBe(true);
  expect(await search()).toHaveLength(2);
});

test('one that goes back leaves what was there, and what was begun is gone', async () => {
  await deploy('Update', { Body: JSON.stringify(TWO_HOURS) });
  expect(answers).toMatchObject([{ Status: 'SUCCESS', Data: { IndexName: 'articles-000001' } }]);
  expect((await domain.client.indices.exists({ index: 'articles-000003' })).body).toBe(false);
  expect(await search()).toHaveLength(2);
});

test('one of which OpenSearch makes no index fails by name, and leaves nothing', async () => {
  await deploy('Update', withField('title', { type: 'no_such_type' }), 46_000);
  expect(answers).toEqual([
    expect.objectContaining({
      Status: 'FAILED',
      Reason: expect.stringContaining('makes no index of this body: mapper_parsing_exception') as string,
    }),
  ]);
  answers = [];
  await deploy('Update', { Body: JSON.stringify(TWO_HOURS) });
  expect(answers).toMatchObject([{ Status: 'SUCCESS' }]);
});

test('without a function that writes the index, one that a field cannot take fails by name', async () => {
  await deploy('Update', { ...withField('title', { type: 'keyword' }), Source: undefined }, 46_000);
  expect(answers).toEqual([
    expect.objectContaining({ Status: 'FAILED', Reason: expect.stringContaining('the field title is') as string }),
  ]);
});

test('one of another ingestion fails by name, and makes no index', async () => {
  await deploy('Update', { IndexName: 'articles-zero-etl-000001' }, 46_000);
  expect(answers).toEqual([
    expect.objectContaining({ Status: 'FAILED', Reason: expect.stringContaining('of another ingestion') as string }),
  ]);
  expect((await domain.client.indices.exists({ index: 'articles-zero-etl-000001' })).body).toBe(false);
});

test('a stack that is deleted leaves its index', async () => {
  await deploy('Delete', {});
  expect(answers).toMatchObject([{ Status: 'SUCCESS' }]);
  expect(await search()).toHaveLength(2);
});

test('with a domain that does not answer, records wait and a deployment fails with a kind of error alone', async () => {
  await domain.test.close();
  const record = recordOf(9, undefined, textAt('z', 1));
  expect(await index({ Records: [record] })).toEqual({
    batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber }],
  });
  await deploy('Create', {}, 45_100);
  expect(answers).toEqual([
    expect.objectContaining({ Status: 'FAILED', Reason: 'The index was not made: ConnectionError' }),
  ]);
});
