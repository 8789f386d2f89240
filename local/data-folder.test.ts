import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startTestServices, TABLE, TestServices } from './testing';

const MAPPING = {
  FunctionName: 'arn:aws:lambda:us-east-1:000000000000:function:worker',
  StartingPosition: 'TRIM_HORIZON',
};

describe('a data folder', () => {
  let dataDir: string;
  let test: TestServices;
  let client: DynamoDBClient;
  let sqs: SQSClient;
  let table: string;
  let queue: string;

  async function begin(properties: Record<string, unknown> = TABLE): Promise<void> {
    test = await startTestServices({ dataDir });
    client = new DynamoDBClient(test.client);
    sqs = new SQSClient(test.client);
    const made = await test.create('AWS::DynamoDB::Table', 'Table', properties);
    table = made.ref;
    queue = (await test.create('AWS::SQS::Queue', 'Queue', {})).ref;
    await test.create('AWS::Lambda::EventSourceMapping', 'Mapping', {
      ...MAPPING,
      EventSourceArn: made.attributes.StreamArn,
    });
    await test.host.deployed();
  }

  async function end(): Promise<void> {
    client.destroy();
    sqs.destroy();
    await test.close();
  }

  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'data-'))));
  afterEach(async () => {
    await end();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const put = async (sk: string): Promise<unknown> =>
    client.send(new PutItemCommand({ TableName: table, Item: { PK: { S: 'p' }, SK: { S: sk } } }));

  it('keeps tables by their names, messages and how far streams were read', async () => {
    await begin();
    await put('1');
    await sqs.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: 'kept' }));
    await test.host.idle();
    expect(test.invocations).toHaveLength(1);
    const before = table;
    await end();
    await begin();
    expect(table).toBe(before);
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: { PK: { S: 'p' }, SK: { S: '1' } } }),
    );
    expect(Item).toBeDefined();
    expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue }))).Messages?.[0].Body).toBe('kept');
    await put('2');
    await test.host.idle();
    const keys = test.invocations.flatMap(({ event }) =>
      (event as { Records: { dynamodb: { Keys: { SK: unknown } } }[] }).Records.map(({ dynamodb }) => dynamodb.Keys.SK),
    );
    expect(keys).toEqual([{ S: '2' }]);
  });

  it('says which table no longer fits', async () => {
    await begin();
    const changed = { ...TABLE, GlobalSecondaryIndexes: [{ ...TABLE.GlobalSecondaryIndexes[0], IndexName: 'Other' }] };
    await end();
    await expect(begin(changed)).rejects.toThrow(
      /keys or indexes of Test-Table-\w+ differ from the table in the data folder/,
    );
  });
});

describe('the engine', () => {
  it('is gone when the runner is killed', async () => {
    const script = `
      require('tsx/cjs');
      const { startEngine } = require(${JSON.stringify(join(__dirname, 'dynamodb/engine.ts'))});
      startEngine({}).then((engine) => console.log(engine.client.url.port));
    `;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const port = await new Promise<string>((resolve) =>
      child.stdout.on('data', (data: Buffer) => resolve(data.toString().trim())),
    );
    const answers = async (): Promise<boolean> => {
      try {
        await fetch(`http://127.0.0.1:${port}/`, { method: 'POST' });
        return true;
      } catch {
        return false;
      }
    };
    expect(await answers()).toBe(true);
    child.kill('SIGKILL');
    while (await answers()) await new Promise((resolve) => setImmediate(resolve));
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(`--port ${port}`);
  }, 40_000);

  it('says in one line what to install or what is wrong', async () => {
    await expect(startTestServices({ engines: { dynamodb: 'http://127.0.0.1:9' } })).rejects.toThrow(
      /^DynamoDB at http:\/\/127\.0\.0\.1:9 does not answer: .*ECONNREFUSED/,
    );
    await expect(startTestServices({ engines: { dynamodb: 'postgres' } })).rejects.toThrow(
      'dynamodb must be dynoxide, dynamodb-local or a URL, got postgres',
    );
    const folder = process.env.DYNAMODB_LOCAL_DIR;
    process.env.DYNAMODB_LOCAL_DIR = '/nonexistent';
    try {
      await expect(startTestServices({ engines: { dynamodb: 'dynamodb-local' } })).rejects.toThrow(
        'DYNAMODB_LOCAL_DIR /nonexistent has no DynamoDBLocal.jar',
      );
    } finally {
      if (folder === undefined) delete process.env.DYNAMODB_LOCAL_DIR;
      else process.env.DYNAMODB_LOCAL_DIR = folder;
    }
  });
});
