import { type Job, NOTHING, type Segment } from './job';
import { JobRepository } from './job-repository';
import type { JobStore } from './ports';
import { startTestEngine, type TestEngine } from '../../../test/support/engine';
import { MemoryJobStore } from '../../../test/support/job-store';
import { ARTICLES } from '../../../test/support/search-records';

const NOW = 1_800_000_000_000;

let engine: TestEngine;

beforeAll(async () => (engine = await startTestEngine()));
afterAll(() => engine.close());

const jobOf = (id: string, more: Partial<Job> = {}): Job => ({
  id,
  kind: 'reindex',
  alias: 'articles',
  phase: 'preparing',
  from: 'articles-000001',
  to: 'articles-000002',
  body: { settings: { number_of_shards: 1 }, mappings: { properties: { 'a.b': { type: 'keyword' } } } },
  source: ARTICLES,
  startedAt: NOW,
  changedAt: NOW,
  readyAt: NOW,
  round: 0,
  looks: 0,
  turn: 0,
  by: 'begin',
  ...more,
});

const KEY = { jobId: 'one', phase: 'copying', round: 0, segment: 0 } as const;

// What the fuzz has in memory is held to what functions have.
describe.each<[string, () => Promise<JobStore>]>([
  [
    'in DynamoDB',
    async () => {
      const { db, feed } = await engine.tables();
      return new JobRepository(db, feed, () => NOW);
    },
  ],
  ['in memory', async () => new MemoryJobStore()],
])('the state of jobs %s', (_, make) => {
  let store: JobStore;
  beforeEach(async () => {
    store = await make();
  });

  test('there is one job at a time, and another after it has ended', async () => {
    expect(await store.current()).toBeUndefined();
    expect(await store.begin(jobOf('one'))).toBe(true);
    expect(await store.begin(jobOf('two'))).toBe(false);
    expect(await store.current()).toEqual(jobOf('one'));
    for (const phase of ['copying', 'comparing', 'switching', 'differs'] as const) {
      const changed = await store.change((await store.current())!, { phase });
      expect([changed?.phase, await store.begin(jobOf('two'))]).toEqual([phase, false]);
    }
    await store.change((await store.current())!, { phase: 'done' });
    expect(await store.begin(jobOf('two'))).toBe(true);
    expect((await store.current())?.id).toBe('two');
  });

  test('a job whose beginning was told of no one is its own when it is begun again', async () => {
    await store.begin(jobOf('one'));
    expect(await store.begin(jobOf('one'))).toBe(true);
  });

  test('a job is changed once a turn', async () => {
    const job = jobOf('one');
    await store.begin(job);
    const table = { segments: 2, keys: ['PK', 'SK'], items: 10 };
    const changed = await store.change(job, { phase: 'copying', table, by: 'message-1' });
    expect(changed).toEqual({ ...job, phase: 'copying', table, by: 'message-1', turn: 1 });
    expect(await store.change(job, { phase: 'cancelled', by: 'message-2' })).toBeUndefined();
    expect(await store.change({ id: 'two', turn: 1 }, { phase: 'cancelled', by: 'x' })).toBeUndefined();
    expect(await store.current()).toEqual(changed);
  });

  test('an error is noted whatever the turn, and of no other job', async () => {
    await store.begin(jobOf('one'));
    await store.noteError('one', 'ConnectionError', NOW);
    expect(await store.current()).toMatchObject({ turn: 0, lastError: { name: 'ConnectionError', at: NOW } });
  });

  test('segments are made once, and go on once a turn', async () => {
    await store.makeSegments([KEY, { ...KEY, segment: 1 }]);
    const first = (await store.segment(KEY)) as Segment;
    expect(first).toMatchObject({ ...KEY, turn: 0, done: false, tally: NOTHING });
    const tally = { ...NOTHING, scanned: 7, tableSum: '18446744073709551615' };
    const next = await store.advance(first, { position: '{"PK":{"S":"x"}}', done: false, tally, by: 'm' });
    expect(next).toMatchObject({ turn: 1, position: '{"PK":{"S":"x"}}', tally, by: 'm' });
    expect(await store.advance(first, { position: undefined, done: true, tally, by: 'n' })).toBeUndefined();
    await store.makeSegments([KEY]);
    expect(await store.segment(KEY)).toMatchObject({ turn: 1 });
    const done = await store.advance(next!, { position: undefined, done: true, tally, by: 'm' });
    expect([done?.position, done?.done]).toEqual([undefined, true]);
    const all = await store.segments(KEY);
    expect(all.map(({ segment, turn }) => [segment, turn]).sort()).toEqual([
      [0, 2],
      [1, 0],
    ]);
    expect(await store.segments({ ...KEY, phase: 'comparing' })).toEqual([]);
  });

  test('what an attempt has noted stays until it is forgotten', async () => {
    const note = { attemptId: 'a', until: NOW, written: [{ key: '{"PK":{"S":"x"}}', id: 'x', version: 4 }] };
    await store.noteWritten('one', note);
    await store.noteWritten('one', { ...note, until: NOW + 1 });
    await store.noteWritten('two', { ...note, attemptId: 'b' });
    expect(await store.allWritten('one')).toMatchObject([{ ...note, until: NOW + 1 }]);
    await store.forgetWritten('one', 'a');
    expect(await store.allWritten('one')).toEqual([]);
  });

  test('an index is complete when it was marked, until it is forgotten; what is wanted is what was put last', async () => {
    expect(await store.isComplete('articles-000001')).toBe(false);
    await store.markComplete('articles-000001');
    expect(await store.isComplete('articles-000001')).toBe(true);
    await store.forgetIndex('articles-000001');
    expect(await store.isComplete('articles-000001')).toBe(false);
    expect(await store.wanted()).toBeUndefined();
    const blueprint = { body: { mappings: { dynamic: 'strict' } }, source: ARTICLES };
    await store.putWanted(blueprint);
    expect(await store.wanted()).toEqual(blueprint);
  });
});

test('a change whose answer was lost is its own when the SDK makes it again', async () => {
  const { db, feed } = await engine.tables();
  const store = new JobRepository(db, feed, () => NOW);
  const job = jobOf('one');
  await store.begin(job);
  const changed = await store.change(job, { phase: 'copying', by: 'm' });
  expect(await store.change(job, { phase: 'copying', by: 'm' })).toEqual(changed);
});
