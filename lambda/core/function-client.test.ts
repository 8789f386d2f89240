import type { RequestListener } from 'node:http';
import { invokerOf } from './function-client';
import { functionErrorOf } from './invocation';
import { useStubServer } from '../../test/support/stub-server';

/** Invoking a function, against a server that is slow, full, or breaks off. */

const server = useStubServer();
const FUNCTION = 'arn:aws:lambda:eu-west-1:123456789012:function:convert:live';
const OPTIONS = { seconds: 15, attempts: 3 };

beforeEach(() => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'key',
    AWS_ENDPOINT_URL: server.url,
  });
});

test('an event is sent to the very function or alias, and its answer told', async () => {
  let asked = '';
  server.listener = (request, response) => {
    request.on('data', (chunk: Buffer) => (asked += chunk.toString()));
    request.on('end', () => {
      asked += ` to ${decodeURIComponent(request.url ?? '')}`;
      response.writeHead(200, { 'x-amz-function-error': 'Unhandled' }).end('{"errorType":"é"}');
    });
  };
  await expect(invokerOf(FUNCTION, OPTIONS)('{"items":[]}')).resolves.toEqual({
    payload: '{"errorType":"é"}',
    functionError: 'Unhandled',
  });
  expect(asked).toBe(`{"items":[]} to /2015-03-31/functions/${FUNCTION}/invocations`);
});

test.each<[string, RequestListener]>([
  ['that never comes', () => undefined],
  [
    'that stops in its body',
    (_, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('{');
    },
  ],
])('an answer %s is given up, tried for three times, and told', async (_, listener) => {
  server.listener = listener;
  const begun = Date.now();
  await expect(invokerOf(FUNCTION, { ...OPTIONS, seconds: 0.2 })('{}')).rejects.toThrow();
  expect(Date.now() - begun).toBeLessThan(5000);
  expect(server.asked).toBe(3);
});

test('an answer may take longer than one of a database', async () => {
  server.listener = (_, response) => void setTimeout(() => response.writeHead(200).end('{}'), 2500);
  await expect(invokerOf(FUNCTION, OPTIONS)('{}')).resolves.toMatchObject({ payload: '{}' });
  expect(server.asked).toBe(1);
});

test('a function that is throttled is asked again, and one that may not be asked is not', async () => {
  const statuses = [429, 200];
  server.listener = (_, response) => {
    const status = statuses.shift() ?? 500;
    response.writeHead(status, status === 429 ? { 'x-amzn-errortype': 'TooManyRequestsException' } : {}).end('{}');
  };
  await expect(invokerOf(FUNCTION, OPTIONS)('{}')).resolves.toMatchObject({ payload: '{}' });
  expect(server.asked).toBe(2);
  server.listener = (_, response) =>
    void response.writeHead(403, { 'x-amzn-errortype': 'AccessDeniedException' }).end('{}');
  await expect(invokerOf(FUNCTION, OPTIONS)('{}')).rejects.toMatchObject({ name: 'AccessDeniedException' });
  expect(server.asked).toBe(3);
});

test('a function that may not run twice at once is asked once, though it is late', async () => {
  server.listener = () => undefined;
  await expect(invokerOf(FUNCTION, { seconds: 0.2, attempts: 1 })('{}')).rejects.toThrow();
  expect(server.asked).toBe(1);
});

test.each<[string, object]>([
  ['{"errorType":"Busy","errorMessage":"hidden words"}', { errorType: 'Busy', isTimeout: false }],
  ['{"errorType":"Sandbox.Timedout"}', { errorType: 'Sandbox.Timedout', isTimeout: true }],
  ['{"errorMessage":"2026 x Task timed out after 3.00 seconds"}', { errorType: 'an error', isTimeout: true }],
  ['{"errorType":"hidden words"}', { errorType: 'an error', isTimeout: false }],
  ['null', { errorType: 'an error', isTimeout: false }],
  ['no JSON', { errorType: 'an error', isTimeout: false }],
])('of a function that has failed with %s a name is told', (payload, told) => {
  expect(functionErrorOf(payload)).toEqual(told);
});
