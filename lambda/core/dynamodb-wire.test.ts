import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { dynamoDb, dynamoDbWire } from './aws-clients';
import { clientConfig } from './client-config';
import { batchWriteWire } from './dynamodb';
import { verifySignature } from '../../local/aws/signature';
import { useStubServer } from '../../test/support/stub-server';

/**
 * The client that keeps what its middleware is put together to must do in everything as the plain one, on which the
 * SDK's own tests are: calls that are under way at once share what is kept of their kind. Which errors are tried again is
 * the SDK's standard mode.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */

const REGION = 'eu-west-1';
const HOUR = 3_600_000;

/** What a test's server is asked. */
interface Attempt {
  readonly operation: string;
  readonly input: Record<string, unknown>;
  /** What tells calls apart. */
  readonly id: string;
  /** One for all attempts of a call. */
  readonly invocation: string;
  /** `attempt=1; max=3`. */
  readonly attempt: string;
  /** Which of the credentials it is signed with: their number. */
  readonly signedWith: number;
}

/** What it answers: a body, an error of DynamoDB, a connection that breaks, or nothing. */
type Answer = { readonly body: object } | { readonly status: number; readonly error: string } | 'break' | 'silence';

/** That of Node, which is the SDK's own. */
interface BoundedHandler {
  updateHttpClientConfig(name: 'requestTimeout', ms: number): void;
}

const stub = useStubServer();
const credentialsOf = (number: number) => ({
  accessKeyId: `ASIA${number}`,
  secretAccessKey: `secret-${number}`,
  sessionToken: `token-${number}/+=`,
});
/** Of the credentials that are given to whoever asks now. */
let current = 0;
let attempts: Attempt[] = [];
/** What the server's clock is ahead, in ms. */
let ahead = 0;

const idOf = (input: Record<string, unknown>): string =>
  /"S":"(call [^"]*)"/.exec(JSON.stringify(input))?.[1] ?? 'none is named';

function attemptOf(request: IncomingMessage, body: Buffer): Attempt {
  const { url = '/', method = '', rawHeaders, headers } = request;
  const pairs = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ''] as const] : []));
  const known = new Map(Array.from({ length: current + 1 }, (_, number) => [`ASIA${number}`, credentialsOf(number)]));
  const key = verifySignature(
    { method, path: url, rawQuery: '', rawHeaders: pairs, body },
    { region: REGION, service: 'dynamodb', now: Date.now() + ahead, credentials: (id) => known.get(id) },
  );
  const input = JSON.parse(body.toString()) as Record<string, unknown>;
  return {
    operation: String(headers['x-amz-target']).replace('DynamoDB_20120810.', ''),
    input,
    id: idOf(input),
    invocation: String(headers['amz-sdk-invocation-id']),
    attempt: String(headers['amz-sdk-request']),
    signedWith: Number(key.slice('ASIA'.length)),
  };
}

function send(response: ServerResponse, answer: Answer, id: string): void {
  if (answer === 'silence') return;
  if (answer === 'break') {
    response.destroy();
    return;
  }
  const [status, body] =
    'body' in answer
      ? [200, answer.body]
      : [answer.status, { __type: `com.amazonaws.dynamodb.v20120810#${answer.error}`, message: `of ${id}` }];
  response
    .writeHead(status, {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-requestid': `request of ${id}`,
      date: new Date(Date.now() + ahead).toUTCString(),
    })
    .end(JSON.stringify(body));
}

/** Requests whose signature does not do are refused as by AWS. */
function serve(answer: (attempt: Attempt) => Answer | Promise<Answer>): void {
  stub.listener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      let attempt: Attempt;
      try {
        attempt = attemptOf(request, Buffer.concat(chunks));
      } catch (error) {
        send(response, { status: 400, error: 'InvalidSignatureException' }, String(error));
        return;
      }
      attempts.push(attempt);
      void Promise.resolve(answer(attempt)).then((answered) => send(response, answered, attempt.id));
    });
  };
}

/** The first answers of a call, by how often it was asked; then it is done. */
const inTurn =
  (...answers: Answer[]) =>
  ({ id }: Attempt): Answer =>
    answers[attempts.filter((attempt) => attempt.id === id).length - 1] ?? { body: { Item: { PK: { S: id } } } };

const item = (id: string) => ({ PK: { S: id }, bytes: { B: createHash('sha256').update(id).digest() } });
const putOf = (id: string): WriteRequest => ({ PutRequest: { Item: item(id) } });

/** A call of each kind that fan-out makes by the thousand. */
const CALLS: readonly ((client: DynamoDBClient, id: string) => Promise<unknown>)[] = [
  (client, id) => client.send(new GetItemCommand({ TableName: 't', Key: { PK: { S: id } } })),
  (client, id) =>
    client.send(
      new QueryCommand({
        TableName: 't',
        KeyConditionExpression: 'PK = :pk',
        ExpressionAttributeValues: { ':pk': { S: id } },
      }),
    ),
  (client, id) => client.send(new BatchWriteItemCommand({ RequestItems: { t: [putOf(id)] } })),
];

/** What became of a call: an id in its answer, or the name of its error, and after how many attempts. */
async function outcome(answer: Promise<unknown>) {
  const { name, $metadata, Item, Items, UnprocessedItems } = (await answer.catch((error: unknown) => error)) as {
    name?: string;
    $metadata?: { attempts?: number; requestId?: string };
    Item?: unknown;
    Items?: unknown;
    UnprocessedItems?: unknown;
  };
  const named = Item ?? Items ?? UnprocessedItems;
  return {
    ...(named === undefined ? { error: name } : { of: idOf({ named }) }),
    attempts: $metadata?.attempts,
    request: $metadata?.requestId,
  };
}

const BODIES: Readonly<Record<string, (id: string) => object>> = {
  GetItem: (id) => ({ Item: { PK: { S: id } } }),
  Query: (id) => ({ Items: [{ PK: { S: id } }] }),
  BatchWriteItem: (id) => ({ UnprocessedItems: { t: [{ DeleteRequest: { Key: { PK: { S: id } } } }] } }),
};

let plain: DynamoDBClient | undefined;
const plainClient = () => (plain ??= new DynamoDBClient({ ...clientConfig(), endpoint: stub.url }));

beforeAll(() => {
  Object.assign(process.env, { AWS_REGION: REGION, AWS_ACCESS_KEY_ID: 'unused', AWS_SECRET_ACCESS_KEY: 'unused' });
});
afterAll(() => {
  dynamoDb().destroy();
  plain?.destroy();
});

describe.each([
  ['the plain client', plainClient],
  ['the client for calls by the thousand', () => dynamoDbWire(stub.url)],
])('%s', (_name, clientOf) => {
  let client: DynamoDBClient;

  beforeEach(() => {
    [current, attempts, ahead] = [0, [], 0];
    client = clientOf();
    // Credentials that expire at once are asked for with every call.
    const credentials = async () => ({ ...credentialsOf(current), expiration: new Date() });
    Object.assign(client.config, { credentials, systemClockOffset: 0 });
    // The pauses before other attempts are of no length.
    jest.spyOn(Math, 'random').mockReturnValue(0);
  });
  afterEach(() => jest.restoreAllMocks());

  test('signs each call with the credentials of that time, many at once, and gives each its own answer', async () => {
    const [ROUNDS, CALLS_EACH] = [12, 36];
    let release: () => void = () => undefined;
    let full: () => void = () => undefined;
    let arrived = 0;
    let held = Promise.resolve();
    serve(async ({ operation, id }) => {
      const mine = held;
      if (++arrived === CALLS_EACH) full();
      await mine;
      return { body: BODIES[operation]?.(id) ?? {} };
    });
    const all: Promise<unknown>[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      current = round;
      arrived = 0;
      // Answers of the round before come while these calls are made.
      release();
      held = new Promise((resolve) => (release = resolve));
      const allThere = new Promise<void>((resolve) => (full = resolve));
      const calls = Array.from({ length: CALLS_EACH }, (_, call) =>
        outcome(CALLS[call % CALLS.length](client, `call ${round} ${call}`)),
      );
      all.push(...calls);
      // None of them ends before it is released, but for those that are refused.
      await Promise.race([allThere, ...calls]);
    }
    release();
    const ids = Array.from(
      { length: ROUNDS * CALLS_EACH },
      (_, n) => `call ${Math.floor(n / CALLS_EACH)} ${n % CALLS_EACH}`,
    );
    expect(await Promise.all(all)).toEqual(ids.map((id) => ({ of: id, attempts: 1, request: `request of ${id}` })));
    expect(attempts.filter(({ id, signedWith }) => id.split(' ')[1] !== String(signedWith))).toEqual([]);
    expect(new Set(attempts.map(({ invocation }) => invocation)).size).toBe(ROUNDS * CALLS_EACH);
  });

  test('tries again what may pass and nothing else, each call by itself, while credentials change', async () => {
    const throttled: Answer = { status: 400, error: 'ProvisionedThroughputExceededException' };
    const broken: Answer = { status: 500, error: 'InternalServerError' };
    const refused: Answer = { status: 400, error: 'ValidationException' };
    const scripts: Readonly<Record<string, [answers: Answer[], attempts: number, error?: string]>> = {
      good: [[], 1],
      'throttled once': [[throttled], 2],
      'throttled always': [[throttled, throttled, throttled], 3, 'ProvisionedThroughputExceededException'],
      'limited once': [[{ status: 400, error: 'ThrottlingException' }], 2],
      'broken twice': [[broken, broken], 3],
      'broken always': [[broken, broken, broken], 3, 'InternalServerError'],
      'cut off once': [['break'], 2],
      refused: [[refused], 1, 'ValidationException'],
      'in conflict': [[{ status: 400, error: 'TransactionConflictException' }], 1, 'TransactionConflictException'],
      unmet: [[{ status: 400, error: 'ConditionalCheckFailedException' }], 1, 'ConditionalCheckFailedException'],
    };
    serve((attempt) => {
      // Between any two answers credentials may become others.
      current++;
      return inTurn(...(scripts[attempt.id.slice('call '.length, -2)]?.[0] ?? []))(attempt);
    });
    const ids = ['1', '2', '3'].flatMap((n) => Object.keys(scripts).map((script) => `call ${script} ${n}`));
    const outcomes = await Promise.all(ids.map((id) => outcome(CALLS[0](client, id))));
    const expected = (id: string) => scripts[id.slice('call '.length, -2)] ?? [];
    expect(outcomes).toEqual(
      ids.map((id) => {
        const [, tries, error] = expected(id);
        return { ...(error === undefined ? { of: id } : { error }), attempts: tries, request: `request of ${id}` };
      }),
    );
    for (const id of ids) {
      const own = attempts.filter((attempt) => attempt.id === id);
      const [, tries] = expected(id);
      expect(own.map(({ attempt }) => attempt)).toEqual([1, 2, 3].slice(0, tries).map((n) => `attempt=${n}; max=3`));
      expect(new Set(own.map(({ invocation }) => invocation)).size).toBe(1);
    }
  });

  test('waits for an answer no longer than it is told to, and lets the others go on', async () => {
    // Shorter than functions wait: that is what `clientConfig()` says.
    const { requestHandler } = client.config as unknown as { requestHandler: BoundedHandler };
    requestHandler.updateHttpClientConfig('requestTimeout', 300);
    serve((attempt) => {
      const silent = { once: 1, always: 3 }[attempt.id.split(' ')[1] ?? ''] ?? 0;
      return inTurn(...Array.from({ length: silent }, (): Answer => 'silence'))(attempt);
    });
    const ids = ['call once 1', 'call good 1', 'call always 1', 'call once 2', 'call good 2'];
    const outcomes = await Promise.all(ids.map((id) => outcome(CALLS[0](client, id))));
    requestHandler.updateHttpClientConfig('requestTimeout', 2000);
    expect(outcomes).toEqual([
      { of: 'call once 1', attempts: 2, request: 'request of call once 1' },
      { of: 'call good 1', attempts: 1, request: 'request of call good 1' },
      { error: 'TimeoutError', attempts: 3, request: undefined },
      { of: 'call once 2', attempts: 2, request: 'request of call once 2' },
      { of: 'call good 2', attempts: 1, request: 'request of call good 2' },
    ]);
  });

  test('hands back what was not processed as it was sent, and that alone is written again', async () => {
    const stored: string[] = [];
    serve(({ input }) => {
      const { t } = input.RequestItems as { t: { PutRequest: { Item: { PK: { S: string } } } }[] };
      const [done, left] = [t.slice(0, Math.ceil(t.length / 2)), t.slice(Math.ceil(t.length / 2))];
      stored.push(...done.map(({ PutRequest }) => JSON.stringify(PutRequest.Item)));
      return { body: { UnprocessedItems: left.length > 0 ? { t: left } : {} } };
    });
    const ids = Array.from({ length: 100 }, (_, n) => `call ${n}`);
    const writes = [0, 25, 50, 75].map((from) => batchWriteWire(client, 't', ids.slice(from, from + 25).map(putOf)));
    await Promise.all(writes);
    const asSent = ids.map((id) => {
      const { PK, bytes } = item(id);
      return JSON.stringify({ PK, bytes: { B: bytes.B.toString('base64') } });
    });
    expect([...stored].sort()).toEqual([...asSent].sort());
    expect(
      attempts.map(({ input }) => (input.RequestItems as { t: unknown[] }).t.length).sort((a, b) => b - a),
    ).toEqual([25, 12, 6, 3, 1].flatMap((size) => [size, size, size, size]));
  });

  test('learns from a refusal what time it is, for every call under way and those after them', async () => {
    ahead = HOUR;
    serve(({ operation, id }) => ({ body: BODIES[operation]?.(id) ?? {} }));
    const ids = Array.from({ length: 9 }, (_, n) => `call ${n}`);
    const outcomes = await Promise.all(ids.map((id, n) => outcome(CALLS[n % CALLS.length](client, id))));
    expect(outcomes).toEqual(ids.map((id) => ({ of: id, attempts: 2, request: `request of ${id}` })));
    expect(await outcome(CALLS[0](client, 'call after'))).toMatchObject({ of: 'call after', attempts: 1 });
  });
});
