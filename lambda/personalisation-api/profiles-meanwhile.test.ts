import { deleteProfile, getProfile, getSegmentVersions, getTags, putProfile } from './domain/profiles';
import { ERASED_AT_ONCE } from './repository/erasure';
import { operations } from '../../test/support/engine';
import { refusalOf, usePersonalisation } from '../../test/support/personalisation-world';
import { DAY, EVENING, ID, MORNING, profileSteps } from '../../test/support/profile-steps';

/** A profile that others write, read or delete meanwhile, and what is too much for one. */

const world = usePersonalisation();
const { put, get, of, segment, items } = profileSteps(world);

describe('two writers of one profile', () => {
  const tag = async () => (await getProfile(world.ports, ID)).tag;
  const on = (...versions: string[]) => ({ any: false, versions });

  test('who say which version they have read: the second is refused', async () => {
    await put({ tags: ['first'] });
    const read = await tag();
    const { tag: next } = await put({ tags: ['second'] }, on(read));
    expect(await tag()).toBe(next);
    expect((await refusalOf(put({ tags: ['third'] }, on(read))))[0]).toBe(412);
    expect(await getTags(world.ports, ID)).toEqual(['second']);
    await put({ tags: ['third'] }, on('other', next));
  });

  test('at the very same moment: one is refused, and only what the other sent is there', async () => {
    await put({});
    const read = await tag();
    const outcomes = await Promise.allSettled([
      put({ tags: ['a'], segments: [MORNING] }, on(read)),
      put({ tags: ['b'], segments: [EVENING] }, on(read)),
    ]);
    const [refused] = outcomes.flatMap((one) =>
      one.status === 'rejected' ? [one.reason as { statusCode: number }] : [],
    );
    expect(refused.statusCode).toBe(412);
    const winner =
      outcomes[0].status === 'fulfilled' ? { tags: ['a'], segments: [MORNING] } : { tags: ['b'], segments: [EVENING] };
    expect(await get()).toMatchObject(winner);
    expect((await get()).segments).toHaveLength(1);
  });

  test('who do not: both are written, each as a version of its own', async () => {
    await Promise.all(
      Array.from({ length: 5 }, (_, at) => put({ segments: [{ ...MORNING, top_categories: [`${at}`] }] })),
    );
    const { segments } = await getSegmentVersions(world.ports, of(MORNING.type), { limit: 10 });
    expect(segments.map((one) => one.top_categories[0]).sort()).toEqual(['0', '1', '2', '3', '4']);
    expect((await get()).segments).toEqual([segments[0]]);
  });

  test('a profile that is to be there, and is not, is not made', async () => {
    expect((await refusalOf(put({}, { any: true, versions: [] })))[0]).toBe(412);
    expect(await items()).toEqual([]);
  });

  test('a version is never one that was there before, though the profile was deleted and made at the same moment', async () => {
    await put({});
    const read = await tag();
    await deleteProfile(world.ports, ID);
    await put({});
    expect((await refusalOf(put({}, on(read))))[0]).toBe(412);
  });

  test('the version changes when a segment expires', async () => {
    await put({ segments: [MORNING] });
    world.clock += 100 * DAY;
    await put({ tags: ['x'] });
    const read = await tag();
    world.clock += 83 * DAY;
    expect(await tag()).not.toBe(read);
  });
});

describe('a deleted profile', () => {
  test('is gone with all its versions, and nobody else’s', async () => {
    const other = '11111111-1111-4111-8111-111111111111';
    await putProfile(world.ports, { id: other, segments: [MORNING] });
    for (let version = 0; version < 30; version++) await put({ segments: [MORNING, EVENING] });
    await deleteProfile(world.ports, ID);
    expect((await items()).map(({ PK }) => PK)).toEqual([`USER#${other}`, `USER#${other}`]);
  });

  test('is not deleted where it has another version', async () => {
    const { tag } = await put({});
    await put({});
    expect((await refusalOf(deleteProfile(world.ports, ID, { any: false, versions: [tag] })))[0]).toBe(412);
    expect(await get()).toBeDefined();
  });

  test('that has more versions than one call deletes is not there meanwhile, and 503 until it is done', async () => {
    await put({ segments: [MORNING] });
    const [version] = (await items()).filter(({ typ }) => typ === 'SEG');
    const more = Array.from({ length: ERASED_AT_ONCE + 100 }, (_, at) => ({ ...version, SK: `SEG#z#${at}` }));
    await world.tables.put(world.tables.social, more);
    await expect(deleteProfile(world.ports, ID)).rejects.toMatchObject({ name: 'Busy' });
    expect((await refusalOf(getProfile(world.ports, ID)))[0]).toBe(404);
    await deleteProfile(world.ports, ID);
    expect(await items()).toEqual([]);
  });

  /** The deletion of the versions fails. */
  async function interrupted() {
    await put({ tags: ['old'], segments: [MORNING] });
    world.tables.before = ({ operation }) => {
      if (operation === 'BatchWriteItem') throw new Error('interrupted');
    };
    await expect(deleteProfile(world.ports, ID)).rejects.toThrow('interrupted');
    world.tables.before = () => undefined;
    expect(await items()).toHaveLength(2);
  }

  test('whose deletion was interrupted is not there, and the next deletion goes on', async () => {
    await interrupted();
    expect((await refusalOf(getProfile(world.ports, ID)))[0]).toBe(404);
    expect((await refusalOf(getTags(world.ports, ID)))[0]).toBe(404);
    await deleteProfile(world.ports, ID);
    expect(await items()).toEqual([]);
  });

  test('and so does a write: nothing of the old one is in the new', async () => {
    await interrupted();
    expect((await put({ segments: [EVENING] })).created).toBe(true);
    expect(await get()).toMatchObject({ tags: [], segments: [EVENING] });
    expect((await refusalOf(segment()))[0]).toBe(404);
  });

  test('is deleted for a write as well that had read it before: nothing of the old one is in the new', async () => {
    await put({ tags: ['old'], segments: [MORNING] });
    world.tables.before = async ({ operation }) => {
      if (operation !== 'TransactWriteItems') return;
      world.tables.before = (call) => {
        if (call.operation === 'BatchWriteItem') throw new Error('interrupted');
      };
      await expect(deleteProfile(world.ports, ID)).rejects.toThrow('interrupted');
      world.tables.before = () => undefined;
    };
    expect((await put({ segments: [EVENING] })).created).toBe(true);
    expect(await get()).toMatchObject({ tags: [], segments: [EVENING] });
    expect((await refusalOf(segment()))[0]).toBe(404);
  });

  test('that a write has made anew meanwhile is not deleted again', async () => {
    await put({ segments: [MORNING] });
    const [version] = (await items()).filter(({ typ }) => typ === 'SEG');
    const more = Array.from({ length: 600 }, (_, at) => ({ ...version, SK: `SEG#z#${at}` }));
    await world.tables.put(world.tables.social, more);
    let queries = 0;
    world.tables.before = async ({ operation }) => {
      if (operation !== 'Query' || ++queries < 2) return;
      world.tables.before = () => undefined;
      await put({ segments: [EVENING] });
    };
    await deleteProfile(world.ports, ID);
    expect(await get()).toMatchObject({ tags: [], segments: [EVENING] });
  });
});

describe('what does not fit', () => {
  const big = (type: string, bytes: number) => ({ type, categories: [], top_categories: ['x'.repeat(bytes)] });

  test('into an item is told its size, and nothing is written', async () => {
    const body = { tags: ['t'], segments: [MORNING, big('big', 409_600)] };
    expect(await refusalOf(put(body))).toEqual([
      413,
      expect.stringMatching(/An item would take 409\d{3} bytes, of at most 409600/),
    ]);
    expect(await items()).toEqual([]);
  });

  test('an item of the largest size does', async () => {
    await put({ segments: [big('big', 409_000)] });
    const [, text] = await refusalOf(put({ segments: [big('big', 409_600)] }));
    const over = Number(/take (\d+)/.exec(text)?.[1]) - 409_600;
    await put({ segments: [big('big', 409_600 - over)] });
    expect((await segment('big')).top_categories[0]).toHaveLength(409_600 - over);
    expect((await refusalOf(put({ segments: [big('big', 409_601 - over)] })))[0]).toBe(413);
  });

  test('into a transaction is told its size', async () => {
    const segments = Array.from({ length: 11 }, (_, at) => big(`type${at}`, 400_000));
    expect(await refusalOf(put({ segments }))).toEqual([413, expect.stringContaining('of at most 4194304')]);
    expect(await items()).toEqual([]);
  });

  test('into an answer is told its size, before it is too late', async () => {
    const segments = (from: number) => Array.from({ length: 10 }, (_, at) => big(`type${from + at}`, 400_000));
    await put({ segments: segments(0) });
    expect(await refusalOf(put({ segments: segments(10) }))).toEqual([
      413,
      expect.stringContaining('of at most 5000000'),
    ]);
    expect((await get()).segments).toHaveLength(10);
    await put({ segments: segments(0) });
  });

  test('into an answer is told its size as Lambda takes it: JSON within JSON', async () => {
    const quotes = (from: number) => ({
      segments: Array.from({ length: 5 }, (_, at) => ({
        type: `type${from + at}`,
        categories: [],
        top_categories: Array.from({ length: 1000 }, () => '"'.repeat(200)),
      })),
    });
    await put(quotes(0));
    // Each of a million quotes is four bytes: \\\".
    expect(await refusalOf(put(quotes(5)))).toEqual([413, expect.stringContaining('of at most 5000000')]);
    expect(Buffer.byteLength(JSON.stringify({ body: JSON.stringify(await get()) }))).toBeLessThan(6_291_556);
  });

  test('into a profile: no more types than it may have', async () => {
    const named = (from: number, count: number) => ({
      segments: Array.from({ length: count }, (_, at) => big(`type${from + at}`, 1)),
    });
    for (let from = 0; from < 495; from += 99) await put(named(from, 99));
    expect(await refusalOf(put(named(495, 6)))).toEqual([400, expect.stringContaining('maximum is 500, got 501')]);
    await put(named(495, 5));
    expect((await get()).segments).toHaveLength(500);
  });
});

describe('reading the latest versions', () => {
  test('is one query while that reads no more, and a batch once there is more history', async () => {
    await put({ segments: [MORNING, EVENING] });
    world.tables.calls.length = 0;
    await get();
    expect(operations(world.tables.calls)).toEqual(['GetItem', 'Query']);
    for (let version = 0; version < 30; version++) await put({ segments: [MORNING, EVENING] });
    world.tables.calls.length = 0;
    const { segments } = await get();
    expect(operations(world.tables.calls)).toEqual(['GetItem', 'BatchGetItem']);
    expect(segments).toHaveLength(2);
  });

  test('gives a profile as one write has left it, though another comes in between', async () => {
    await put({
      tags: ['first'],
      segments: [
        { ...MORNING, top_categories: ['first'] },
        { ...EVENING, top_categories: ['first'] },
      ],
    });
    world.tables.before = async ({ operation }) => {
      if (operation !== 'Query') return;
      world.tables.before = () => undefined;
      await put({ tags: ['second'], segments: [{ ...MORNING, top_categories: ['second'] }] });
    };
    const { tags, segments } = await get();
    expect([tags, ...segments.map((one) => one.top_categories)]).toEqual([['first'], ['first'], ['first']]);
  });

  test('gives all of a profile or nothing, though it is deleted in between', async () => {
    await put({ segments: [MORNING, EVENING] });
    world.tables.before = async ({ operation }) => {
      if (operation !== 'Query') return;
      world.tables.before = () => undefined;
      await deleteProfile(world.ports, ID);
    };
    expect((await refusalOf(getProfile(world.ports, ID)))[0]).toBe(404);
  });
});
