import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { Client } from '@opensearch-project/opensearch';
import { Changes, pipelineYaml, ROLE } from './testing';
import { DOMAIN, signedClient } from '../opensearch/testing';
import { startTestServices, TestOptions, TestServices } from '../testing';

const KEY = 'arn:aws:kms:us-east-1:000000000000:key/mine';
const PIPELINE = 'arn:aws:osis:us-east-1:000000000000:pipeline/books-pipeline';

const TABLE = {
  AttributeDefinitions: [{ AttributeName: 'isbn', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'isbn', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
  StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: KEY },
};

const BUCKET = {
  BucketEncryption: {
    ServerSideEncryptionConfiguration: [
      { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { KMSMasterKeyID: KEY, SSEAlgorithm: 'aws:kms' } },
    ],
  },
};

const INDEX = {
  mappings: {
    dynamic: 'strict' as const,
    properties: { isbn: { type: 'keyword' as const }, title: { type: 'text' as const } },
  },
};

/** What a pipeline in a test may have otherwise. */
interface Given {
  readonly table?: object;
  readonly domain?: object;
  readonly pipeline?: object;
  readonly changes?: Changes;
  readonly options?: TestOptions;
  /** Items that are there before the pipeline. */
  readonly items?: readonly Record<string, string>[];
}

/** A table, a domain with an index, and a pipeline between them. */
class World {
  public static async start({ table, domain, pipeline, changes, options, items = [] }: Given = {}): Promise<World> {
    const test = await startTestServices(options);
    const world = new World(test);
    try {
      const books = await test.create('AWS::DynamoDB::Table', 'Books', { ...TABLE, ...table });
      world.table = books.ref;
      for (const item of items) await world.put(item);
      const made = await test.create(DOMAIN, 'Domain', { EngineVersion: 'OpenSearch_2.19', ...domain });
      const host = test.host.localizeAddresses(`https://${String(made.attributes.DomainEndpoint)}`);
      world.client = signedClient(test, host);
      if (domain === undefined && !(await world.client.indices.exists({ index: 'books' })).body) {
        await world.client.indices.create({ index: 'books', body: INDEX });
      }
      const exports = (await test.create('AWS::S3::Bucket', 'Exports', BUCKET)).ref;
      const deadLetters = (await test.create('AWS::S3::Bucket', 'DeadLetters', BUCKET)).ref;
      const places = { table: String(books.attributes.Arn), exports, deadLetters, host };
      world.created = await test.create('AWS::OSIS::Pipeline', 'Pipeline', {
        ...{ PipelineName: 'books-pipeline', MinUnits: 1, MaxUnits: '4' },
        PipelineConfigurationBody: pipelineYaml(places, changes),
        ...pipeline,
      });
      test.authorizations.length = 0;
      return world;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  public table = '';
  public created: Awaited<ReturnType<TestServices['create']>> | undefined;
  private client: Client | undefined;
  private readonly db: DynamoDBClient;

  private constructor(public readonly test: TestServices) {
    this.db = new DynamoDBClient(test.client);
  }

  public async put(item: Record<string, string>): Promise<void> {
    const Item = Object.fromEntries(Object.entries({ kind: 'Book', ...item }).map(([name, S]) => [name, { S }]));
    await this.db.send(new PutItemCommand({ TableName: this.table, Item }));
  }

  public async remove(isbn: string): Promise<void> {
    await this.db.send(new DeleteItemCommand({ TableName: this.table, Key: { isbn: { S: isbn } } }));
  }

  /** Titles by id. */
  public async documents(): Promise<Record<string, unknown>> {
    const found = await this.client?.search({ index: 'books', body: { query: { match_all: {} }, size: 100 } });
    const hits = found?.body.hits.hits ?? [];
    return Object.fromEntries(hits.map(({ _id, _source }) => [_id, (_source as { title?: string }).title]));
  }

  /** The version of a document. */
  public async version(id: string): Promise<number | undefined> {
    return (await this.client?.get({ index: 'books', id }))?.body._version;
  }

  public async progress(): Promise<Readonly<Record<string, unknown>>> {
    return (await this.test.section('ingestionPipelines'))[0];
  }

  public async close(): Promise<void> {
    this.db.destroy();
    await this.client?.close();
    await this.test.close();
  }
}

async function withWorld(given: Given, work: (world: World) => Promise<void>): Promise<void> {
  const world = await World.start(given);
  try {
    await work(world);
  } finally {
    await world.close();
  }
}

test('what is in a table comes into the index, then what is written to it', async () => {
  const items: Given['items'] = [
    { isbn: '1', title: 'one' },
    { isbn: 'f', kind: 'Film', title: 'f' },
    { isbn: '2', title: 'two' },
  ];
  await withWorld({ items }, async (world) => {
    expect(world.created).toMatchObject({ ref: PIPELINE, attributes: { PipelineArn: PIPELINE } });
    await world.remove('2');
    await world.test.host.deployed();
    await world.test.host.idle();
    expect(await world.documents()).toEqual({ '1': 'one' });
    expect(await world.progress()).toMatchObject({ state: 'following', exported: 2, refused: 0, lastError: '' });
    await world.put({ isbn: '1', title: 'uno' });
    await world.put({ isbn: '3', title: 'three' });
    await world.put({ isbn: '4', title: 'four' });
    await world.remove('4');
    await world.put({ isbn: 'g', kind: 'Film' });
    await world.test.host.idle();
    expect(await world.documents()).toEqual({ '1': 'uno', '3': 'three' });
    const calls = world.test.calls.filter(({ principal }) => principal === 'books-pipeline');
    expect(new Set(calls.map(({ operation }) => operation))).toEqual(new Set(['ESHttpGet', 'ESHttpPost']));
    expect(calls.at(-1)?.resources).toEqual([expect.stringMatching(/:domain\/[^/]+\/_bulk$/) as string]);
  });
});

test('what the mapping refuses is in the bucket of dead letters, and the rest in the index', async () => {
  await withWorld({ changes: { '"title"': '"title"\n          - "strange"' } }, async (world) => {
    await world.test.host.deployed();
    await world.test.host.idle();
    await world.put({ isbn: '1', title: 'one', strange: 'x' });
    await world.put({ isbn: '2', title: 'two' });
    await world.test.host.idle();
    expect(await world.documents()).toEqual({ '2': 'two' });
    const [, bucket] = await world.test.section('buckets');
    expect(bucket.items).toMatchObject([
      {
        key: expect.stringMatching(/^refused\/dlq-v2-books-opensearch-/) as string,
        content: { dlqObjects: [{ failedData: { indexId: '1', status: 400, document: { strange: 'x' } } }] },
      },
    ]);
    expect(await world.progress()).toMatchObject({ indexed: 1, refused: 1 });
  });
});

test('its role is asked for all that it does, and who assumes it', async () => {
  await withWorld({}, async ({ test }) => {
    await test.host.deployed();
    const asked = test.authorizations.filter(({ principal }) => principal === 'books-pipeline');
    const table = expect.stringMatching(/:table\/Test-Books-\w+$/) as string;
    const stream = expect.stringMatching(/:table\/Test-Books-\w+\/stream\//) as string;
    const exported = expect.stringMatching(/^arn:aws:s3:::test-exports-\w+\/export\/\/AWSDynamoDB\//) as string;
    expect(asked.map(({ action, resources }) => [action, ...resources])).toEqual([
      ['dynamodb:DescribeTable', table],
      ['dynamodb:DescribeStream', stream],
      ['dynamodb:GetShardIterator', stream],
      ['dynamodb:GetRecords', stream],
      ['kms:Decrypt', KEY],
      ['dynamodb:DescribeContinuousBackups', table],
      ['dynamodb:ExportTableToPointInTime', table],
      ['dynamodb:DescribeExport', expect.stringMatching(/:table\/Test-Books-\w+\/export\//)],
      ['s3:PutObject', exported],
      ['s3:PutObjectAcl', exported],
      ['s3:AbortMultipartUpload', exported],
      ['s3:GetObject', exported],
      ['kms:GenerateDataKey', KEY],
      ['kms:Decrypt', KEY],
      ['s3:PutObject', expect.stringMatching(/^arn:aws:s3:::test-deadletters-\w+\/refused\//)],
      ['kms:GenerateDataKey', KEY],
      ['es:DescribeDomain', expect.stringMatching(/:domain\/test-domain-[0-9a-f]+$/)],
      ['es:ESHttpGet', expect.stringMatching(/:domain\/[^/]+\/$/)],
    ]);
    expect(asked[4].context).toMatchObject({ 'kms:ViaService': 'dynamodb.us-east-1.amazonaws.com' });
  });
});

test.each([
  'dynamodb:DescribeTable',
  'dynamodb:GetRecords',
  'dynamodb:ExportTableToPointInTime',
  's3:GetObject',
  's3:PutObject',
  'kms:Decrypt',
  'kms:GenerateDataKey',
  'es:DescribeDomain',
])('a role without %s is told before anything begins', async (action) => {
  await withWorld({}, async ({ test }) => {
    test.denied.add(action);
    await expect(test.host.deployed()).rejects.toThrow(`books-pipeline is not authorized to perform: ${action} on`);
  });
});

test('a domain that does not know the role is told before anything begins, whatever IAM allows', async () => {
  const security = { Enabled: true, MasterUserOptions: { MasterUserARN: 'arn:aws:iam::000000000000:role/master' } };
  await withWorld({ domain: { AdvancedSecurityOptions: security } }, async ({ test }) => {
    await expect(test.host.deployed()).rejects.toThrow(
      new RegExp(`pipeline books-pipeline: its domain answers 403: .*no permissions for .*${ROLE}`),
    );
  });
  await withWorld({}, async ({ test }) => {
    test.denied.add('es:ESHttpGet');
    await expect(test.host.deployed()).rejects.toThrow('books-pipeline is not authorized to perform: es:ESHttpGet');
  });
});

test('the lag of the stream comes before a change is taken, and that of ingestion before it is written', async () => {
  await withWorld({ options: { lag: { stream: 150, ingestion: 200 } } }, async (world) => {
    await world.test.host.deployed();
    await world.test.host.idle();
    const start = performance.now();
    await world.put({ isbn: '1', title: 'one' });
    await world.test.host.idle();
    expect(performance.now() - start).toBeGreaterThanOrEqual(350);
    expect(await world.documents()).toEqual({ '1': 'one' });
  });
});

test.each<[given: Given, message: string]>([
  [
    { table: { PointInTimeRecoverySpecification: undefined } },
    'point-in-time recovery must be enabled to export table',
  ],
  [{ table: { StreamSpecification: undefined } }, 'must have NEW_IMAGE or NEW_AND_OLD_IMAGES, got none'],
  [{ table: { StreamSpecification: { StreamViewType: 'KEYS_ONLY' } } }, 'NEW_AND_OLD_IMAGES, got KEYS_ONLY'],
  [{ changes: { 'table_arn: "': 'table_arn: "x' } }, 'is not part of this app'],
  [{ changes: { 's3_bucket: "': 's3_bucket: "x' } }, 'of exports is not part of this app'],
  [{ changes: { '            bucket: "': '            bucket: "x' } }, 'of dead letters is not part of this app'],
  [
    { changes: { '- "http': '- "https://search.example.com"\n#' } },
    'https://search.example.com is no domain of this app',
  ],
  [{ pipeline: { PipelineName: 'Books' } }, 'PipelineName must be 3 to 28 of a-z, 0-9 and -, got Books'],
  [{ pipeline: { MinUnits: 5 } }, 'MinUnits and MaxUnits must be given, and in order, got 5 and 4'],
  [{ pipeline: { MinUnits: 0 } }, 'MinUnits must be 1 to 384, got 0'],
  [{ pipeline: { MaxUnits: undefined } }, 'MinUnits and MaxUnits must be given'],
  [{ pipeline: { LogPublishingOptions: { IsLoggingEnabled: true } } }, 'must name a LogGroup where logging is on'],
  [
    { pipeline: { LogPublishingOptions: { CloudWatchLogDestination: { LogGroup: '/mine' } } } },
    'LogGroup must begin with /aws/vendedlogs/, got /mine',
  ],
  [{ pipeline: { VpcOptions: { SecurityGroupIds: ['sg'] } } }, 'VpcOptions must name SubnetIds'],
  [{ pipeline: { BufferOptions: {} } }, 'property BufferOptions is not supported here'],
  [{ changes: { 'version: "2"': 'version: "2"\nextra: 1' } }, 'PipelineConfigurationBody: must have one pipeline'],
])('%j is refused: %s', async (given, message) => {
  await expect(World.start(given)).rejects.toThrow(message);
});

describe('with a data folder', () => {
  let dataDir: string;

  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'ingestion-'))));
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test('the next run exports nothing again, and goes on in the stream where it was', async () => {
    const options = { dataDir };
    let version: number | undefined;
    await withWorld({ options, items: [{ isbn: '1', title: 'one' }] }, async (world) => {
      await world.test.host.deployed();
      await world.test.host.idle();
      await world.put({ isbn: '2', title: 'two', strange: 'x' });
      await world.test.host.idle();
      expect(await world.progress()).toMatchObject({ exported: 1, changes: 2 });
      version = await world.version('2');
    });
    const later = Date.now() + 60_000;
    jest.spyOn(Date, 'now').mockImplementation(() => later);
    await withWorld({ options }, async (world) => {
      await world.put({ isbn: '3', title: 'three' });
      await world.test.host.deployed();
      await world.test.host.idle();
      expect(await world.documents()).toEqual({ '1': 'one', '2': 'two', '3': 'three' });
      // The last change is read again, as Data Prepper does, and is of the time when it was written.
      expect(await world.progress()).toMatchObject({ state: 'following', exported: 0, changes: 2, outdated: 1 });
      expect(await world.version('2')).toBe(version);
    });
  });
});
