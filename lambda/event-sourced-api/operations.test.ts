import {
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import type { StoredEvent } from './domain/events';
import type { CommandRecord } from './domain/handle-command';
import { domain as claims } from './expense-claims/domain';
import type { ClaimView } from './expense-claims/model';
import { appendedItems } from './repository/event-items';
import { startTestEngine, type TestEngine, type TestTables } from '../../test/support/engine';
import { append } from '../../test/support/event-append';
import { useLogLines } from '../../test/support/log-lines';
import { useStubServer } from '../../test/support/stub-server';

/** The function that operators invoke, as it is shipped, on a real engine, with a queue that a test delivers. */

const logged = useLogLines();
const queue = mockClient(SQSClient);
const streams = mockClient(DynamoDBStreamsClient);
const appSync = useStubServer();

/** A second version of the view beside the first: what a new one is before queries read it. */
const { claims: first } = claims.views;
const shout = (view: ClaimView | undefined, event: Parameters<typeof first.apply>[1]) => {
  if (event.commandId === 'poison' && isBroken) throw new RangeError('hidden words');
  const next = first.apply(view, event);
  return next && { ...next, title: next.title.toUpperCase() };
};
let isBroken = false;
const domain = { ...claims, views: { ...claims.views, 'claims-v2': { ...first, version: 2, apply: shout } } };

let engine: TestEngine;
let tables: TestTables;
let handler: (event: unknown, context: Context) => Promise<SQSBatchResponse | object>;
let published: string[];
/** Bodies that wait in the work queue. */
let waiting: string[];
/** What happens while a job waits so many ms. */
let wait: (ms: number) => Promise<unknown>;
const { setTimeout: sleep } = jest.requireActual<{ setTimeout: typeof wait }>('node:timers/promises');

beforeAll(async () => {
  engine = await startTestEngine();
  tables = await engine.tables();
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL: engine.endpoint,
    EVENT_TABLE: tables.social,
    READ_MODEL_TABLE: tables.feed,
    GRAPHQL_ENDPOINT: `${appSync.url}/graphql`,
    DEAD_LETTER_QUEUE_URL: 'https://sqs.example/dead',
    WORK_QUEUE_URL: 'https://sqs.example/work',
    SEGMENTS: '2',
  });
  jest.doMock('./domain.js', () => ({ domain }), { virtual: true });
  jest.doMock('node:timers/promises', () => ({ setTimeout: (ms: number) => wait(ms) }));
  ({ handler } = jest.requireActual<{ handler: typeof handler }>('./operations'));
});
afterAll(() => engine.close());

beforeEach(async () => {
  await Promise.all([tables.clear(tables.social), tables.clear(tables.feed)]);
  isBroken = false;
  published = [];
  waiting = [];
  wait = sleep;
  queue.reset();
  streams.reset();
  queue.on(SendMessageBatchCommand).callsFake(({ Entries = [] }: { Entries?: { MessageBody: string }[] }) => {
    waiting.push(...Entries.map(({ MessageBody }) => MessageBody));
    return {};
  });
  appSync.listener = (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { variables } = JSON.parse(body) as { variables: { view: string; id: string; version: number } };
      published.push(`${variables.view} ${variables.id} ${variables.version}`);
      response.writeHead(200).end('{"data":{}}');
    });
  };
});

const context = (remaining = () => 120_000) => ({ getRemainingTimeInMillis: remaining }) as Context;
const ask = async (command: object) => (await handler(command, context())) as Record<string, unknown>;

/** Works off the queue. @returns how many messages it took */
async function deliver(): Promise<number> {
  let messages = 0;
  for (let body = waiting.shift(); body !== undefined; body = waiting.shift()) {
    const record = { messageId: `m${++messages}`, body, attributes: { ApproximateReceiveCount: '1' } };
    const event = { Records: [record] } as unknown as SQSEvent;
    expect(await handler(event, context())).toEqual({ batchItemFailures: [] });
    if (messages > 500) throw new Error('it goes on for ever');
  }
  return messages;
}

/** Long enough that the stream has brought it everywhere. */
const LONG_AGO = '2026-01-01T12:00:00.000Z';

/** Stores so many claims of two events each. */
async function store(count: number, more: Partial<StoredEvent> = {}, name = 'c'): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => `${name}${n}`);
  for (const id of ids) {
    const event = (version: number, type: string, data: object): StoredEvent => ({
      ...{ eventId: `e-${id}-${version}`, aggregateType: 'ExpenseClaim', id, version, type, data, schemaVersion: 1 },
      ...{ occurredAt: LONG_AGO, actor: 'ann', commandId: `k${version}` },
      correlationId: `k${version}`,
      ...more,
    });
    const events = [event(1, 'ClaimOpened', { title: `trip ${id}`, limit: 500 }), event(2, 'ClaimWithdrawn', {})];
    const record: CommandRecord = {
      ...{ status: 'ACCEPTED', command: 'x', commandId: `k-${id}`, aggregateType: 'ExpenseClaim', aggregateId: id },
      ...{ requestHash: 'h', fromVersion: 0, toVersion: 2, events: [], actor: 'ann', occurredAt: 'now' },
      correlationId: 'k',
    };
    expect(await append(tables.db, tables.social, appendedItems(record, events))).toEqual({ outcome: 'written' });
  }
  return ids;
}

const rowsOf = async (view: string) =>
  (await tables.items(tables.feed)).filter(({ PK }) => String(PK).startsWith(`${view}#`));
const jobOf = (answer: Record<string, unknown>) => answer.job as Record<string, unknown>;

test('a new view is rebuilt from the events, says when it is complete, is equal to them, and is erased once it is old', async () => {
  await store(30);
  expect(await ask({ command: 'status', view: 'claims-v2' })).toEqual({
    views: [{ view: 'claims-v2', projectionVersion: 2, complete: false }],
  });
  const started = await ask({ command: 'rebuild', view: 'claims-v2' });
  expect(started).toMatchObject({ complete: false, job: { kind: 'rebuild', phase: 'running' } });
  await deliver();
  const [status] = (await ask({ command: 'status' })).views as Record<string, unknown>[];
  expect(status).toMatchObject({ view: 'claims', complete: false });
  const done = await ask({ command: 'status', view: 'claims-v2' });
  expect(done.views).toMatchObject([
    { complete: true, job: { phase: 'done', progress: 1, aggregates: 30, written: 30, stuck: 0, wrong: 0 } },
  ]);
  const rows = await rowsOf('claims-v2');
  expect(rows).toHaveLength(90);
  expect(rows.find(({ PK }) => PK === 'claims-v2#c7')).toMatchObject({
    ...{ position: 2, projectionVersion: 2 },
    data: { title: 'TRIP C7', status: 'WITHDRAWN', limitCents: 50_000, currency: 'EUR' },
  });
  await ask({ command: 'verify', view: 'claims-v2' });
  await deliver();
  const verified = await ask({ command: 'status', view: 'claims-v2' });
  expect(verified.views).toMatchObject([
    { complete: true, job: { kind: 'verify', aggregates: 30, wrong: 0, behind: 0 } },
  ]);
  await expect(ask({ command: 'erase', view: 'claims-v2' })).rejects.toThrow(
    'The view claims-v2 is one of the domain: it is erased once the domain has it no more',
  );
});

test('a view that the domain has no more is erased, and nothing else', async () => {
  const others = Array.from({ length: 120 }, (_, n) => ({ PK: `claims#x${n}`, SK: 'ROW' }));
  const old = Array.from({ length: 230 }, (_, n) => ({ PK: `claims-v0#x${n}`, SK: 'ROW' }));
  await tables.put(tables.feed, [...others, ...old, { PK: 'claims-v0#byOwner#ann', SK: 's#x1' }]);
  await ask({ command: 'erase', view: 'claims-v0' });
  await deliver();
  expect(await rowsOf('claims-v0')).toEqual([]);
  expect(await rowsOf('claims')).toHaveLength(120);
  const answer = (await ask({ command: 'status', view: 'claims-v0' })).views as Record<string, unknown>[];
  expect(answer).toMatchObject([{ complete: false, job: { kind: 'erase', phase: 'done', erased: 231 } }]);
});

test('verify finds a row that shows something else, one of other code, and a list that lies', async () => {
  await store(6);
  await ask({ command: 'rebuild', view: 'claims' });
  await deliver();
  const row = async (id: string) => (await tables.item(tables.feed, { PK: `claims#${id}`, SK: 'ROW' }))!;
  await tables.put(tables.feed, [
    { ...(await row('c0')), data: { id: 'c0', title: 'forged' } },
    { ...(await row('c1')), projectionVersion: 7 },
    { ...(await row('c2')), position: 9 },
  ]);
  const [listed] = (await rowsOf('claims')).filter(({ PK, id }) => PK === 'claims#byOwner#ann' && id === 'c3');
  await tables.delete(tables.feed, [{ PK: String(listed.PK), SK: String(listed.SK) }]);
  await tables.delete(tables.feed, [{ PK: 'claims#c4', SK: 'ROW' }]);
  await ask({ command: 'verify', view: 'claims' });
  await deliver();
  const [status] = (await ask({ command: 'status', view: 'claims' })).views as Record<string, unknown>[];
  expect(status).toMatchObject({ complete: false, job: { aggregates: 6, wrong: 5, behind: 0, stuck: 0 } });
  const examples = jobOf(status).examples as { id: string; reason: string }[];
  expect(examples.sort((one, other) => (one.id < other.id ? -1 : 1))).toEqual([
    { id: 'c0', reason: 'shows something else than its events make' },
    { id: 'c1', reason: 'made by version 7 of the view, which is of version 1' },
    { id: 'c2', reason: 'is of version 9, its events make version 2' },
    { id: 'c3', reason: 'a list does not show what the row does' },
    { id: 'c4', reason: `lacks version 1 of ${LONG_AGO}` },
  ]);
  await ask({ command: 'rebuild', view: 'claims' });
  await deliver();
  await ask({ command: 'verify', view: 'claims' });
  await deliver();
  const again = (await ask({ command: 'status', view: 'claims' })).views as Record<string, unknown>[];
  expect(again).toMatchObject([{ complete: true, job: { wrong: 0, behind: 0 } }]);
});

test('a view of which rows are missing is not complete, however often it is compared', async () => {
  await store(3);
  await ask({ command: 'verify', view: 'claims-v2' });
  await deliver();
  expect(await ask({ command: 'status', view: 'claims-v2' })).toMatchObject({
    views: [{ complete: false, job: { kind: 'verify', phase: 'done', aggregates: 3, wrong: 3, behind: 0 } }],
  });
});

test('rows whose events have just come are looked at again, and say nothing where they are still behind', async () => {
  const just = () => ({ occurredAt: new Date().toISOString() });
  await store(2, just());
  const waited: number[] = [];
  wait = async (ms) => waited.push(ms);
  await ask({ command: 'verify', view: 'claims' });
  await deliver();
  expect(await ask({ command: 'status', view: 'claims' })).toMatchObject({
    views: [{ complete: false, job: { phase: 'done', aggregates: 2, behind: 2, wrong: 0 } }],
  });
  // Each segment that has some waits once.
  expect(waited.filter((ms) => ms === 2000).length).toBeGreaterThan(0);
  // By the second look, the stream has brought them.
  wait = async (ms) => {
    if (ms !== 2000) return;
    wait = async () => undefined;
    deadLetters(parked('c0', 'claims'), parked('c1', 'claims'));
    await ask({ command: 'redrive' });
  };
  await ask({ command: 'verify', view: 'claims' });
  await deliver();
  expect(await ask({ command: 'status', view: 'claims' })).toMatchObject({
    views: [{ complete: true, job: { aggregates: 2, behind: 0, wrong: 0 } }],
  });
  // One more that has just come takes nothing back.
  await store(1, just(), 'd');
  wait = async () => undefined;
  await ask({ command: 'verify', view: 'claims' });
  await deliver();
  expect(await ask({ command: 'status', view: 'claims' })).toMatchObject({
    views: [{ complete: true, job: { aggregates: 3, behind: 1, wrong: 0 } }],
  });
});

test('a comparison tells of an event that the view cannot take, and does not wait for it', async () => {
  await store(1, { commandId: 'poison' }, 'p');
  isBroken = true;
  await ask({ command: 'verify', view: 'claims-v2' });
  await deliver();
  expect(await ask({ command: 'status', view: 'claims-v2' })).toMatchObject({
    views: [{ complete: false, job: { aggregates: 1, stuck: 1, wrong: 0, behind: 0 } }],
  });
});

test.each(['rebuild', 'verify', 'erase'])(
  '%s takes no view that is called as the state of jobs is',
  async (command) => {
    await ask({ command: 'rebuild', view: 'claims' });
    await expect(ask({ command, view: 'JOB' })).rejects.toThrow('JOB is no view');
    await deliver();
    expect(await ask({ command: 'status', view: 'claims' })).toMatchObject({ views: [{ job: { phase: 'done' } }] });
  },
);

test('a job goes on in further messages where time is short, is given other rates, and is cancelled and resumed by name', async () => {
  await store(20);
  await ask({ command: 'rebuild', view: 'claims', maxReadUnitsPerSecond: 10_000, maxWriteUnitsPerSecond: 10_000 });
  await expect(ask({ command: 'rebuild', view: 'claims' })).rejects.toThrow(/^One job of a view at a time: rebuild /);
  expect(jobOf(await ask({ command: 'rate', view: 'claims', maxReadUnitsPerSecond: 20_000 }))).toMatchObject({
    ...{ maxReadUnitsPerSecond: 20_000, maxWriteUnitsPerSecond: 10_000 },
  });
  // The messages of both segments are lost.
  waiting = [];
  await ask({ command: 'resume', view: 'claims' });
  // Each message has time for one aggregate.
  const short = () => {
    let asked = 0;
    return () => (asked++ === 0 ? 120_000 : 1);
  };
  let messages = 0;
  while (waiting.length > 0) {
    const body = waiting.shift()!;
    const record = { messageId: `s${++messages}`, body, attributes: { ApproximateReceiveCount: '1' } };
    await handler({ Records: [record] }, context(short()));
  }
  expect(messages).toBeGreaterThan(20);
  expect((await ask({ command: 'status', view: 'claims' })).views).toMatchObject([
    { complete: true, job: { phase: 'done', aggregates: 20, written: 20 } },
  ]);
  await ask({ command: 'rebuild', view: 'claims' });
  expect(jobOf(await ask({ command: 'cancel', view: 'claims' }))).toMatchObject({ phase: 'cancelled' });
  await deliver();
  expect((await ask({ command: 'status', view: 'claims' })).views).toMatchObject([{ job: { aggregates: 0 } }]);
  await expect(ask({ command: 'resume', view: 'claims' })).rejects.toThrow(
    /^Nothing of the view claims is to be resumed: its rebuild .* is cancelled\.$/,
  );
});

test('an aggregate whose event the view cannot take is told by name, and does not hold up the others', async () => {
  await store(4);
  await store(1, { commandId: 'poison' }, 'p');
  isBroken = true;
  await ask({ command: 'rebuild', view: 'claims-v2' });
  await deliver();
  expect((await ask({ command: 'status', view: 'claims-v2' })).views).toMatchObject([
    {
      complete: false,
      job: {
        ...{ aggregates: 5, written: 4, stuck: 1 },
        examples: [{ id: 'p0', reason: 'views.claims-v2.apply of ClaimOpened threw RangeError' }],
      },
    },
  ]);
  expect(JSON.stringify(logged())).not.toContain('hidden');
});

/** Puts messages into the dead-letter queue, which are received once. @returns the receipts of those removed */
function deadLetters(...bodies: object[]): () => unknown[] {
  const messages: Message[] = bodies.map((body, n) => ({
    ...{ MessageId: `d${n}`, Body: JSON.stringify(body), ReceiptHandle: `r${n}` },
  }));
  queue.on(ReceiveMessageCommand).resolvesOnce({ Messages: messages }).resolves({});
  queue.on(DeleteMessageCommand).resolves({});
  queue.on(ChangeMessageVisibilityBatchCommand).resolves({});
  return () => queue.commandCalls(DeleteMessageCommand).map(({ args }) => args[0].input.ReceiptHandle);
}

const parked = (aggregateId: string, view: string) => ({
  ...{ type: 'parked-aggregate', aggregateType: 'ExpenseClaim', aggregateId, view, version: 1, reason: 'x' },
});
const discarded = {
  version: '1.0',
  requestContext: { condition: 'RetryAttemptsExhausted' },
  DDBStreamBatchInfo: {
    ...{ shardId: 'shard-1', startSequenceNumber: '100', endSequenceNumber: '300', batchSize: 2 },
    streamArn: 'arn:aws:dynamodb:eu-west-1:111111111111:table/events/stream/s',
  },
};

test('parked aggregates are redriven once the domain takes their events; until then they stay', async () => {
  await store(1, { commandId: 'poison' }, 'p');
  isBroken = true;
  let removed = deadLetters(parked('p0', 'claims-v2'), parked('p0', 'claims-v2'), parked('p0', 'gone'));
  expect(await ask({ command: 'redrive' })).toEqual({
    ...{ redriven: 1, left: 2, more: false },
    reasons: [0, 1].map((n) => ({
      messageId: `d${n}`,
      reason: 'claims-v2 of p0 at version 1: views.claims-v2.apply of ClaimOpened threw RangeError',
    })),
  });
  expect(removed()).toEqual(['r2']);
  isBroken = false;
  queue.resetHistory();
  removed = deadLetters(parked('p0', 'claims-v2'), parked('p0', 'claims-v2'));
  expect(await ask({ command: 'redrive' })).toEqual({ redriven: 2, left: 0, reasons: [], more: false });
  expect(removed()).toEqual(['r0', 'r1']);
  expect(published).toEqual(['claims-v2 p0 2']);
  expect(await rowsOf('claims-v2')).toHaveLength(3);
});

test('records that Lambda gave up are read from the stream again, and their aggregates brought up', async () => {
  await store(2);
  const record = (id: string, number: string) => ({
    dynamodb: { Keys: { PK: { S: `ExpenseClaim#${id}` }, SK: { S: '1' } }, SequenceNumber: number },
  });
  streams.on(GetShardIteratorCommand).resolves({ ShardIterator: 'i1' });
  streams.on(GetRecordsCommand, { ShardIterator: 'i1' }).resolves({ Records: [], NextShardIterator: 'i2' });
  streams.on(GetRecordsCommand, { ShardIterator: 'i2' }).resolves({
    Records: [record('c0', '100'), record('c0', '200')],
    NextShardIterator: 'i3',
  });
  streams.on(GetRecordsCommand, { ShardIterator: 'i3' }).resolves({
    Records: [record('c1', '300'), record('c9', '400')],
    NextShardIterator: 'i4',
  });
  const removed = deadLetters(discarded);
  expect(await ask({ command: 'redrive' })).toMatchObject({ redriven: 1, left: 0 });
  expect(streams.commandCalls(GetShardIteratorCommand)[0].args[0].input).toEqual({
    ...{ StreamArn: discarded.DDBStreamBatchInfo.streamArn, ShardId: 'shard-1' },
    ...{ ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: '100' },
  });
  expect(streams.commandCalls(GetRecordsCommand)).toHaveLength(3);
  expect(removed()).toEqual(['r0']);
  expect(published.sort()).toEqual(['claims c0 2', 'claims c1 2', 'claims-v2 c0 2', 'claims-v2 c1 2']);
});

test('what the stream has no more needs a rebuild, and says so; what is no message of the projector stays', async () => {
  streams.on(GetShardIteratorCommand).rejects(new TrimmedDataAccessException({ message: 'hidden', $metadata: {} }));
  const removed = deadLetters(discarded, { type: 'unreadable-record' });
  expect(await ask({ command: 'redrive' })).toEqual({
    ...{ redriven: 0, left: 2, more: false },
    reasons: [
      {
        messageId: 'd0',
        reason: 'the stream has these records no more: rebuild each view, and remove this message',
      },
      { messageId: 'd1', reason: expect.stringContaining('it is no message of the projector') as string },
    ],
  });
  expect(removed()).toEqual([]);
});

test('the events of an aggregate are listed, page by page', async () => {
  await store(1);
  const page = await ask({ command: 'events', id: 'c0', limit: 1 });
  expect(page).toMatchObject({ events: [{ version: 1, type: 'ClaimOpened', data: { limit: 500 } }], more: true });
  expect(await ask({ command: 'events', id: 'c0', after: 1 })).toMatchObject({ events: [{ version: 2 }], more: false });
  expect(await ask({ command: 'events', id: 'none' })).toEqual({ events: [], more: false });
});

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['no command', {}],
  ['another command', { command: 'start' }],
  ['a rebuild of no view', { command: 'rebuild' }],
  ['a rate of nothing', { command: 'rate', view: 'claims', maxReadUnitsPerSecond: 0 }],
  ['more than is asked for', { command: 'redrive', view: 'claims' }],
])('%s is refused, with what a command is', async (_, command) => {
  await expect(handler(command, context())).rejects.toThrow('A command is {"command": C, ...}');
});

test('a view that there is not is refused by name, with those that there are', async () => {
  for (const command of ['rebuild', 'status']) {
    await expect(ask({ command, view: 'nothing' })).rejects.toThrow(
      'The domain has no view nothing, it has: claims, claims-v2',
    );
  }
  await expect(ask({ command: 'resume', view: 'claims' })).rejects.toThrow('there was no job of it');
});
