import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import type { StoredEvent } from './domain/events';
import type { TestTables } from '../../test/support/engine';
import { contextWith, type OperationsHandler, useEventFunctions } from '../../test/support/event-functions';
import { useLogLines } from '../../test/support/log-lines';
import { LONG_AGO, storeClaims, withSecondView } from '../../test/support/stored-claims';

/** The function that operators invoke, as it is shipped, on a real engine, with a queue that a test delivers. */

const logged = useLogLines();
const queue = mockClient(SQSClient);

let isBroken = false;
const functions = useEventFunctions(
  withSecondView(() => isBroken),
  () => ({
    LIVE_VIEWS: '{}',
    GRAPHQL_ENDPOINT: 'http://127.0.0.1:1/graphql',
    WORK_QUEUE_URL: 'https://sqs.example/work',
    PROJECTOR_FUNCTION_ARN: 'arn:aws:lambda:eu-west-1:111111111111:function:project',
    SEGMENTS: '2',
  }),
);
const { rowsOf } = functions;

let tables: TestTables;
let handler: OperationsHandler<SQSBatchResponse | object>;
let projector: (event: unknown) => Promise<object>;
/** Bodies that wait in the work queue. */
let waiting: string[];
/** What happens while a job waits so many ms. */
let wait: (ms: number) => Promise<unknown>;
const { setTimeout: sleep } = jest.requireActual<{ setTimeout: typeof wait }>('node:timers/promises');

beforeAll(() => {
  ({ tables } = functions);
  jest.doMock('node:timers/promises', () => ({ setTimeout: (ms: number) => wait(ms) }));
  handler = functions.load('operations');
  projector = functions.load('project');
});

beforeEach(() => {
  isBroken = false;
  waiting = [];
  wait = sleep;
  queue.reset();
  queue.on(SendMessageBatchCommand).callsFake(({ Entries = [] }: { Entries?: { MessageBody: string }[] }) => {
    waiting.push(...Entries.map(({ MessageBody }) => MessageBody));
    return {};
  });
});

const ask = async (command: object) => (await handler(command, contextWith())) as Record<string, unknown>;

/** Works off the queue. @returns how many messages it took */
async function deliver(): Promise<number> {
  let messages = 0;
  for (let body = waiting.shift(); body !== undefined; body = waiting.shift()) {
    const record = { messageId: `m${++messages}`, body, attributes: { ApproximateReceiveCount: '1' } };
    const event = { Records: [record] } as unknown as SQSEvent;
    expect(await handler(event, contextWith())).toEqual({ batchItemFailures: [] });
    if (messages > 500) throw new Error('it goes on for ever');
  }
  return messages;
}

const store = (count: number, more: Partial<StoredEvent> = {}, name = 'c') => storeClaims(tables, count, more, name);

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
    await projector({ bringUp: { ids: ['c0', 'c1'], view: 'claims' } });
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
    await handler({ Records: [record] }, contextWith(short()));
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
  await expect(handler(command, contextWith())).rejects.toThrow('A command is {"command": C, ...}');
});

test('a view that there is not is refused by name, with those that there are', async () => {
  for (const command of ['rebuild', 'status']) {
    await expect(ask({ command, view: 'nothing' })).rejects.toThrow(
      'The domain has no view nothing, it has: claims, claims-v2',
    );
  }
  await expect(ask({ command: 'resume', view: 'claims' })).rejects.toThrow('there was no job of it');
});
