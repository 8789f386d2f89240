import { DescribeTableCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { dynamoDb, dynamoDbWire } from './aws-clients';
import { clientConfig, lambdaCredentials } from './client-config';
import { defaultProvider } from './no-default-credentials';

interface Request {
  readonly body: Uint8Array;
  readonly headers: Record<string, string>;
}

const SET = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'id',
  AWS_SECRET_ACCESS_KEY: 'key',
  AWS_SESSION_TOKEN: 'token',
};

beforeEach(() => {
  delete process.env.AWS_ENDPOINT_URL;
  Object.assign(process.env, SET);
});

test('credentials are those that Lambda gives, read when they are asked for', async () => {
  await expect(lambdaCredentials()).resolves.toEqual({
    accessKeyId: 'id',
    secretAccessKey: 'key',
    sessionToken: 'token',
  });
  process.env.AWS_ACCESS_KEY_ID = 'rotated';
  await expect(lambdaCredentials()).resolves.toMatchObject({ accessKeyId: 'rotated' });
  delete process.env.AWS_ACCESS_KEY_ID;
  await expect(lambdaCredentials()).rejects.toThrow('AWS_ACCESS_KEY_ID is not set');
});

test('the endpoint is the one of the region unless the environment names another', () => {
  expect(clientConfig()).toMatchObject({ region: 'eu-west-1', endpoint: undefined });
  process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:4566';
  expect(clientConfig().endpoint).toBe('http://127.0.0.1:4566');
});

test('a sandbox has one client, which keeps its connections', () => {
  expect(dynamoDb()).toBe(dynamoDb());
});

test('calls as they are sent go over the same connections, each with values and a number of its own', async () => {
  const { requestHandler } = dynamoDb().config;
  expect(dynamoDbWire()).toBe(dynamoDbWire());
  expect(dynamoDbWire().config.requestHandler).toBe(requestHandler);
  const requests: { body: string; headers: Record<string, string> }[] = [];
  const handle = jest.spyOn(requestHandler, 'handle').mockImplementation((({ body, headers }: Request) => {
    requests.push({ body: Buffer.concat([body]).toString(), headers: { ...headers } });
    const answer = Buffer.from(JSON.stringify({ Item: { PK: { S: String(requests.length) } } }));
    const told = { 'content-type': 'application/x-amz-json-1.0' };
    return Promise.resolve({ response: { statusCode: 200, headers: told, body: answer } });
  }) as unknown as typeof requestHandler.handle);
  const get = (PK: string) => dynamoDbWire().send(new GetItemCommand({ TableName: 't', Key: { PK: { S: PK } } }));
  const answers = [await get('a'), ...(await Promise.all(['b', 'c'].map(get)))];
  handle.mockRestore();
  expect(requests.map(({ body }) => (JSON.parse(body) as { Key: object }).Key)).toEqual(
    ['a', 'b', 'c'].map((PK) => ({ PK: { S: PK } })),
  );
  expect(answers.map(({ Item }) => Item?.PK.S)).toEqual(['1', '2', '3']);
  expect(new Set(requests.map(({ headers }) => headers['amz-sdk-invocation-id'])).size).toBe(3);
  expect(new Set(requests.map(({ headers }) => headers['user-agent'])).size).toBe(1);
});

test('no client falls back on the credentials of the machine it runs on', () => {
  expect(() => defaultProvider()).toThrow('A client was made without credentials: use clientConfig()');
});

test('no copy is made of inputs and outputs for a log that nobody writes, of good calls and of others', async () => {
  const filter = jest.fn();
  const statuses = [200, 400];
  const handle = async () => {
    const headers = { 'content-type': 'application/x-amz-json-1.0' };
    return { response: { statusCode: statuses.shift() ?? 500, headers, body: Buffer.from('{}') } };
  };
  const client = new DynamoDBClient({ ...clientConfig(), requestHandler: { handle } });
  client.middlewareStack.add(
    (next, context) => (args) => {
      Object.assign(context, { inputFilterSensitiveLog: filter, outputFilterSensitiveLog: filter });
      return next(args);
    },
    { step: 'initialize', priority: 'high' },
  );
  await client.send(new DescribeTableCommand({ TableName: 'a' }));
  await expect(client.send(new DescribeTableCommand({ TableName: 'a' }))).rejects.toThrow();
  expect(statuses).toEqual([]);
  expect(filter).not.toHaveBeenCalled();
});
