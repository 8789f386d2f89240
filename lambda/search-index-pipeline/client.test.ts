import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { SearchClient, SearchTimeout, statusOf } from './client';
import { useStubServer } from '../../test/support/stub-server';

const domain = useStubServer();
let client: SearchClient;

beforeAll(() =>
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'key-id',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SESSION_TOKEN: 'session',
  }),
);
beforeEach(() => {
  client = new SearchClient(domain.url, 'es');
});

test('signs a request for the service, in the region, and sends JSON', async () => {
  let heard: unknown;
  domain.listener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { authorization, 'x-amz-security-token': session, 'content-type': type } = request.headers;
      const signed = authorization?.replace(/Signature=.*/, '').replace(/\/\d{8}\//, '/DAY/');
      heard = {
        method: request.method,
        url: request.url,
        signed,
        session,
        type,
        body: Buffer.concat(chunks).toString(),
      };
      response.setHeader('content-type', 'application/json');
      response.end('{"hits":1}');
    });
  };
  expect(await client.request('POST', '/a%20b/_search?size=1', { query: 'é' }, 1000)).toEqual({ hits: 1 });
  expect(heard).toMatchObject({
    method: 'POST',
    url: '/a%20b/_search?size=1',
    signed: expect.stringContaining('Credential=key-id/DAY/eu-west-1/es/aws4_request') as string,
    session: 'session',
    type: 'application/json',
    body: '{"query":"é"}',
  });
});

test('a refusal has its status', async () => {
  domain.listener = (_, response) => {
    response
      .writeHead(404, { 'content-type': 'application/json' })
      .end('{"error":{"type":"index_not_found_exception"}}');
  };
  const error: unknown = await client.request('GET', '/none', undefined, 1000).catch((reason: unknown) => reason);
  expect(statusOf(error)).toBe(404);
});

test.each<[string, RequestListener]>([
  ['never answers', () => undefined],
  [
    'stops within its answer',
    (_, response) => void response.writeHead(200, { 'content-length': 100 }).write('{"took"'),
  ],
])('a server that %s is given up in time, every time, and its connection with it', async (_, silent) => {
  domain.listener = silent;
  for (let n = 0; n < 3; n++) {
    await expect(client.request('GET', '/_search', undefined, 80)).rejects.toThrow(
      /did not answer in 80 ms|timed out/i,
    );
  }
  expect(domain.sockets).toHaveLength(3);
  await Promise.all(domain.sockets.map((socket) => socket.closed || once(socket, 'close')));
});

test('one that did not answer is asked again the next time', async () => {
  domain.listener = () => undefined;
  await client.request('GET', '/', undefined, 50).catch(() => undefined);
  domain.listener = (_, response) => void response.setHeader('content-type', 'application/json').end('{}');
  await expect(client.request('GET', '/', undefined, 1000)).resolves.toEqual({});
});

test('nobody there is an error without a status', async () => {
  const nobody = new SearchClient('http://127.0.0.1:9', 'es');
  const error: unknown = await nobody.request('GET', '/', undefined, 1000).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  expect([statusOf(error), error instanceof SearchTimeout]).toEqual([undefined, false]);
});
