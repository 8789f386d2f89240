import type { RequestListener } from 'node:http';
import { SecretReader, SecretUnreadable } from './secrets';
import { useLogLines } from '../../test/support/log-lines';
import { useStubServer } from '../../test/support/stub-server';

/** Through the SDK, against a server in the place of Secrets Manager. */

const SECONDS = 1000;
const MINUTES = 60 * SECONDS;

const stub = useStubServer();
const lines = useLogLines();
let now: number;

const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.1' };
const answers =
  (body: object, status = 200): RequestListener =>
  (_, response) =>
    void response.writeHead(status, JSON_TYPE).end(JSON.stringify(body));
const holds = (text: string) => (stub.listener = answers({ SecretString: text }));
const fails = (name: string, status = 400) =>
  (stub.listener = answers({ __type: name, message: 'arn:aws:secretsmanager:eu-west-1:1:secret:hunter2' }, status));
const passes = (ms: number) => (now += ms);

beforeAll(() => {
  Object.assign(process.env, { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' });
  process.env.AWS_ENDPOINT_URL = stub.url;
});
afterAll(() => delete process.env.AWS_ENDPOINT_URL);
beforeEach(() => {
  now = Date.UTC(2026, 0, 1);
  jest.spyOn(Date, 'now').mockImplementation(() => now);
  jest.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(() => jest.restoreAllMocks());

/** The error of a read that must fail. */
async function failureOf(read: Promise<unknown>): Promise<SecretUnreadable> {
  const error: unknown = await read.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SecretUnreadable);
  return error as SecretUnreadable;
}

describe('a value', () => {
  test('is that of the current version of the secret that is named', async () => {
    let asked: unknown;
    stub.listener = (request, response) => {
      request.on('data', (body: Buffer) => (asked = JSON.parse(body.toString())));
      request.on('end', () => answers({ SecretString: 'one' })(request, response));
    };
    expect(await new SecretReader('api-keys').text()).toBe('one');
    expect(asked).toEqual({ SecretId: 'api-keys', VersionStage: 'AWSCURRENT' });
  });

  test('is parsed where it is JSON, once', async () => {
    holds('{"mobile":"k1"}');
    const secret = new SecretReader('api-keys');
    const value = await secret.json();
    expect(value).toEqual({ mobile: 'k1' });
    expect(await secret.json()).toBe(value);
    expect(await secret.text()).toBe('{"mobile":"k1"}');
    expect(stub.asked).toBe(1);
  });

  test('is read by one call for all who wait for it, and kept for them all', async () => {
    holds('one');
    const secret = new SecretReader('api-keys');
    const reads = Array.from({ length: 20 }, (_, index) => secret.text({ fresh: index % 2 === 0 }));
    expect(new Set(await Promise.all(reads))).toEqual(new Set(['one']));
    expect(await secret.text()).toBe('one');
    expect(stub.asked).toBe(1);
  });

  test('of one secret is not that of another', async () => {
    const [one, other] = [new SecretReader('one'), new SecretReader('other')];
    holds('1');
    await one.text();
    holds('2');
    expect([await one.text(), await other.text()]).toEqual(['1', '2']);
  });
});

describe('a rotated secret', () => {
  test('is in use within its time, which is five minutes where none is given', async () => {
    const [secret, short] = [new SecretReader('a'), new SecretReader('a', { ttl: 60 * SECONDS })];
    holds('one');
    await Promise.all([secret.text(), short.text()]);
    holds('two');
    passes(60 * SECONDS);
    expect([await secret.text(), await short.text()]).toEqual(['one', 'one']);
    passes(1);
    expect([await secret.text(), await short.text()]).toEqual(['one', 'two']);
    passes(4 * MINUTES - 1);
    expect(await secret.text()).toBe('one');
    passes(1);
    expect(await secret.text()).toBe('two');
  });

  test('is in use at once for whoever asks for a fresh value, and then for all', async () => {
    const secret = new SecretReader('a');
    holds('{"v":1}');
    await secret.json();
    holds('{"v":2}');
    passes(10 * SECONDS);
    expect(await secret.json()).toEqual({ v: 1 });
    expect(await secret.json({ fresh: true })).toEqual({ v: 2 });
    expect(await secret.json()).toEqual({ v: 2 });
    expect(stub.asked).toBe(2);
  });

  test('is asked for by fresh values once in ten seconds, however many ask', async () => {
    const secret = new SecretReader('a');
    holds('one');
    await secret.text();
    for (let count = 0; count < 50; count++) {
      passes(1 * SECONDS);
      await Promise.all([1, 2, 3].map(() => secret.text({ fresh: true })));
    }
    expect(stub.asked).toBe(1 + 5);
  });

  test('is in use at once where it is not to be kept', async () => {
    const secret = new SecretReader('a', { ttl: 0 });
    for (const text of ['one', 'two', 'three']) {
      holds(text);
      expect(await secret.text()).toBe(text);
      passes(1);
    }
    expect(stub.asked).toBe(3);
  });
});

describe('a secret that cannot be read', () => {
  test.each([
    ['is gone', 'ResourceNotFoundException'],
    ['may not be read', 'AccessDeniedException'],
    ['is being deleted', 'InvalidRequestException'],
    ['cannot be decrypted', 'DecryptionFailure'],
  ])('as it %s fails by the name of the error alone, and is not used beyond its time', async (_, name) => {
    const secret = new SecretReader('a');
    fails(name);
    const error = await failureOf(secret.text());
    expect(error).toMatchObject({ reason: name, transient: false, message: `A secret could not be read: ${name}` });
    expect(error.cause).toBeUndefined();
    holds('one');
    expect(await secret.text()).toBe('one');
    fails(name);
    passes(5 * MINUTES + 1);
    expect(await failureOf(secret.text())).toMatchObject({ reason: name });
    expect(await failureOf(secret.text())).toMatchObject({ reason: name });
  });

  test('for a while is used for another quarter of an hour, asked for again every ten seconds', async () => {
    const secret = new SecretReader('a');
    holds('one');
    await secret.text();
    fails('InternalServiceError', 500);
    passes(5 * MINUTES + 1);
    const before = stub.asked;
    expect(await secret.text()).toBe('one');
    const attempts = stub.asked - before;
    expect(attempts).toBe(3);
    passes(10 * SECONDS - 1);
    expect(await secret.text()).toBe('one');
    expect(stub.asked - before).toBe(attempts);
    passes(1);
    expect(await secret.text()).toBe('one');
    expect(stub.asked - before).toBe(2 * attempts);
    expect(lines()).toHaveLength(2);
    expect(JSON.stringify(lines())).not.toMatch(/hunter2|arn:|one"/);
    passes(15 * MINUTES);
    expect(await failureOf(secret.text())).toMatchObject({ reason: 'InternalServiceError', transient: true });
    holds('two');
    expect(await secret.text()).toBe('two');
  });

  test.each([
    ['holds bytes', { SecretBinary: 'aHVudGVyMg==' }, 'it holds no text'],
    ['holds no JSON', { SecretString: 'hunter2' }, 'it holds no JSON'],
    ['holds half a document', { SecretString: '{"hunter2":' }, 'it holds no JSON'],
  ])('as it %s tells nothing of its value, and is read again for the next', async (_, body, reason) => {
    stub.listener = answers(body);
    const secret = new SecretReader('a');
    const error = await failureOf(secret.json());
    expect(error.reason).toBe(reason);
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('hunter2');
    expect(error.cause).toBeUndefined();
    holds('{"v":1}');
    expect(await secret.json()).toEqual({ v: 1 });
  });
});

describe('time', () => {
  const BOUND = 150;
  /** As it passes outside of the test's own clock. */
  async function lasts(read: Promise<unknown>): Promise<number> {
    const start = performance.now();
    await failureOf(read);
    return performance.now() - start;
  }

  test.each<[string, RequestListener]>([
    ['never answers', () => undefined],
    [
      'stops in the middle of an answer',
      (_, response) => void response.writeHead(200, { ...JSON_TYPE, 'content-length': 100 }).write('{"Secret'),
    ],
    [
      'sends an answer byte by byte',
      (_, response) => {
        response.writeHead(200, JSON_TYPE);
        const timer = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(timer));
      },
    ],
  ])('is bounded where a server %s', async (_, listener) => {
    stub.listener = listener;
    const secret = new SecretReader('a', { timeout: BOUND });
    const took = await lasts(secret.text());
    expect(took).toBeGreaterThan(BOUND * 0.9);
    expect(took).toBeLessThan(BOUND * 8);
    holds('one');
    expect(await secret.text()).toBe('one');
  });

  test('that is over leaves no call under way', async () => {
    const ended = new Promise((resolve) => {
      stub.listener = (request) => request.socket.once('close', resolve);
    });
    const start = performance.now();
    await failureOf(new SecretReader('a', { timeout: BOUND }).text());
    await ended;
    // Before the client's own bound of an attempt would end it.
    expect(performance.now() - start).toBeLessThan(1500);
  });
});
