import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoDb } from './aws-clients';
import { clientConfig, lambdaCredentials } from './client-config';
import { defaultProvider } from './no-default-credentials';

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
