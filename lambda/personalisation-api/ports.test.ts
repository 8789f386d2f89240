import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bundled } from '../../test/support/bundled';

/** What a function asks of DynamoDB, by its environment alone. */

let server: Server;
const asked: { table: string; target: string }[] = [];
const before = { ...process.env };

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { TableName } = JSON.parse(Buffer.concat(chunks).toString()) as { TableName: string };
      asked.push({ table: TableName, target: String(request.headers['x-amz-target']) });
      response.end('{}');
    });
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
});
afterAll(() => server.close());
beforeEach(() => {
  asked.length = 0;
  const { port } = server.address() as AddressInfo;
  const here = `http://127.0.0.1:${port}`;
  const credentials = { AWS_ACCESS_KEY_ID: 'dummy', AWS_SECRET_ACCESS_KEY: 'dummy' };
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    DYNAMO_ENDPOINT: here,
    ...credentials,
  });
  delete process.env.TABLE_NAME;
});
afterEach(() => {
  process.env = { ...before };
});

type Ports = typeof import('./ports');
const ID = '473b82fb-8717-4e69-894c-1844a2f183bf';

test.each([
  ['user_profiles, unless it is told another', undefined, 'user_profiles'],
  ['the one that it is told', 'profiles-restored', 'profiles-restored'],
])('a function asks the DynamoDB of DYNAMO_ENDPOINT for %s', async (_, given, table) => {
  if (given !== undefined) process.env.TABLE_NAME = given;
  const { profilePorts } = bundled<Ports>(require.resolve('./ports'));
  expect(await profilePorts().profiles.getUserTags(ID)).toBeUndefined();
  expect(asked).toEqual([{ table, target: 'DynamoDB_20120810.GetItem' }]);
});
