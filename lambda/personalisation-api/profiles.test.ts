import { encodePosition } from './domain/positions';
import {
  deleteProfile,
  getAllVersions,
  getCategories,
  getProfile,
  getSegmentTags,
  getSegmentVersions,
  getTags,
  getTopCategories,
  putProfile,
} from './domain/profiles';
import { refusalOf, usePersonalisation } from '../../test/support/personalisation-world';
import { DAY, EVENING, ID, MORNING, profileSteps } from '../../test/support/profile-steps';

const world = usePersonalisation();
const { put, get, of, segment, versionsOf, items } = profileSteps(world);

const TIME = '2026-11-22T12:00:00.000Z';

describe('a profile', () => {
  test('is made with what is sent, and read back', async () => {
    const { view, created } = await put({ tags: ['politics_nerd'], segments: [MORNING, EVENING] });
    expect(created).toBe(true);
    const times = { created_at: TIME, updated_at: TIME };
    expect(view).toEqual({
      id: ID,
      ...times,
      segments: [
        { type: MORNING.type, created_at: TIME },
        { type: EVENING.type, created_at: TIME },
      ],
    });
    expect(await get()).toEqual({
      id: ID,
      tags: ['politics_nerd'],
      ...times,
      segments: [
        { ...EVENING, created_at: TIME },
        { ...MORNING, created_at: TIME },
      ],
    });
  });

  test('and its segments are of one time, though the clock moves on', async () => {
    world.tables.before = () => void world.clock++;
    const { view } = await put({ segments: [MORNING, EVENING] });
    expect(new Set([view.created_at, view.updated_at, ...view.segments.map((one) => one.created_at)]).size).toBe(1);
  });

  test('gets an id where none is sent', async () => {
    const { view } = await putProfile(world.ports, {});
    expect(await get(view.id)).toMatchObject({ id: view.id, tags: [], segments: [] });
  });

  test('keeps the time it was made at, and all that is not sent again', async () => {
    await put({ tags: ['politics_nerd'], segments: [MORNING, EVENING] });
    world.clock += 1000;
    const { created } = await put({ segments: [{ ...EVENING, top_categories: [] }] });
    expect(created).toBe(false);
    expect(await get()).toMatchObject({
      tags: ['politics_nerd'],
      created_at: TIME,
      updated_at: '2026-11-22T12:00:01.000Z',
      segments: [
        { type: EVENING.type, top_categories: [], created_at: '2026-11-22T12:00:01.000Z' },
        { ...MORNING, created_at: TIME },
      ],
    });
  });

  test('takes tags in place of those before, and none where none are left', async () => {
    await put({ tags: ['a', 'b'] });
    await put({ tags: ['c', 'b', 'c'] });
    expect(await getTags(world.ports, ID)).toEqual(['c', 'b', 'c']);
    await put({ tags: [] });
    expect(await getTags(world.ports, ID)).toEqual([]);
  });

  test('takes null for a list that was never made', async () => {
    await put({ tags: null, segments: [{ type: 'empty', categories: null, top_categories: null }] });
    expect(await get()).toMatchObject({ tags: [], segments: [{ type: 'empty', categories: [], top_categories: [] }] });
  });

  test('is stored by the keys of the design, each item with its kind and its end', async () => {
    await put({ segments: [MORNING] });
    const stored = await items();
    expect(stored.map(({ PK, SK, typ }) => [PK, SK, typ]).sort()).toEqual([
      [`USER#${ID}`, `SEG#morning_categories#${TIME}`, 'SEG'],
      [`USER#${ID}`, `USER#${ID}`, 'USER'],
    ]);
    const ends = Object.fromEntries(
      stored.map(({ typ, expiresAt }) => [typ, (Number(expiresAt) * 1000 - world.clock) / DAY]),
    );
    expect(ends).toEqual({ USER: 365, SEG: 183 });
  });

  test('is not there, nor any of it, where none was made', async () => {
    const reads: (() => Promise<unknown>)[] = [
      () => getProfile(world.ports, ID),
      () => getAllVersions(world.ports, ID, { limit: 1 }),
      () => getTags(world.ports, ID),
      () => segment(),
      () => getSegmentVersions(world.ports, of(MORNING.type), { limit: 1 }),
      () => getCategories(world.ports, of(MORNING.type)),
      () => getTopCategories(world.ports, of(MORNING.type)),
      () => getSegmentTags(world.ports, of(MORNING.type)),
      () => deleteProfile(world.ports, ID),
      () => getProfile(world.ports, undefined),
      () => segment('no type'),
    ];
    for (const read of reads) expect((await refusalOf(read()))[0]).toBe(404);
  });
});

describe('a segment', () => {
  test('is its latest version, and so are its categories and top categories', async () => {
    await put({ segments: [MORNING] });
    world.clock += 1;
    const next = { ...MORNING, categories: [{ id: 'art', score: 0.5 }], top_categories: ['art'] };
    await put({ tags: ['t'], segments: [next] });
    expect(await segment()).toEqual({ ...next, created_at: '2026-11-22T12:00:00.001Z' });
    expect(await getCategories(world.ports, of(MORNING.type))).toEqual(next.categories);
    expect(await getTopCategories(world.ports, of(MORNING.type))).toEqual(['art']);
    expect(await getSegmentTags(world.ports, of(MORNING.type))).toEqual(['t']);
  });

  test('keeps the order of its top categories, and one that is there twice', async () => {
    const ranking = ['z', 'a', 'm', 'a', 'b'];
    await put({ segments: [{ ...MORNING, top_categories: ranking }] });
    expect(await getTopCategories(world.ports, of(MORNING.type))).toEqual(ranking);
    expect((await segment()).top_categories).toEqual(ranking);
  });

  test('may have a type that objects have anyway', async () => {
    await put({ segments: [{ ...MORNING, type: 'constructor' }] });
    await put({ segments: [{ ...MORNING, type: 'toString' }] });
    expect((await get()).segments.map(({ type }) => type)).toEqual(['constructor', 'toString']);
    expect((await refusalOf(getSegmentTags(world.ports, of('valueOf'))))[0]).toBe(404);
  });

  test('is not another whose type begins with its own', async () => {
    await put({ segments: [{ ...MORNING, type: 'morning' }, MORNING, { ...MORNING, type: 'morning.x' }] });
    expect((await segment('morning')).type).toBe('morning');
    expect(await versionsOf('morning')).toHaveLength(1);
    expect((await refusalOf(segment('morn')))[0]).toBe(404);
  });

  test('has a version for each write, within a second and within a millisecond', async () => {
    for (const step of [0, 1, 0, 0]) {
      world.clock += step;
      await put({ segments: [MORNING] });
    }
    const ms = ['003', '002', '001', '000'].map((fraction) => `2026-11-22T12:00:00.${fraction}Z`);
    expect(await versionsOf()).toEqual(ms);
  });

  test('is never older than the one before, though the clock is set back', async () => {
    await put({ segments: [MORNING] });
    world.clock -= 60_000;
    await put({ segments: [{ ...MORNING, top_categories: ['later'] }] });
    expect(await versionsOf()).toEqual(['2026-11-22T12:00:00.001Z', TIME]);
    expect(await getTopCategories(world.ports, of(MORNING.type))).toEqual(['later']);
    expect((await get()).updated_at).toBe('2026-11-22T12:00:00.001Z');
  });

  test('is found by its version, to the millisecond or to the second', async () => {
    for (const fraction of ['100', '250', '900']) {
      world.clock = Date.parse(`2026-11-22T12:00:00.${fraction}Z`);
      await put({ segments: [{ ...MORNING, top_categories: [fraction] }] });
    }
    const top = async (createdAt: string) => (await segment(MORNING.type, { createdAt })).top_categories[0];
    expect(await top('2026-11-22T12:00:00.250Z')).toBe('250');
    expect(await top('2026-11-22T12:00:00.1Z')).toBe('100');
    expect(await top('2026-11-22T12:00:00Z')).toBe('900');
    for (const other of ['2026-11-22T12:00:00.000Z', '2026-11-22T12:00:01Z', '2026-11-22T11:59:59Z']) {
      expect((await refusalOf(segment(MORNING.type, { createdAt: other })))[0]).toBe(404);
    }
  });

  test('is what it was at a time', async () => {
    await put({ segments: [{ ...MORNING, top_categories: ['old'] }] });
    world.clock += 10_000;
    await put({ segments: [{ ...MORNING, top_categories: ['new'] }] });
    const top = async (asOf: string) => (await segment(MORNING.type, { asOf })).top_categories[0];
    expect(await top(TIME)).toBe('old');
    expect(await top('2026-11-22T12:00:09.999Z')).toBe('old');
    expect(await top('2026-11-22T12:00:10Z')).toBe('new');
    expect(await top('2027-01-01T00:00:00Z')).toBe('new');
    expect((await refusalOf(segment(MORNING.type, { asOf: '2026-11-22T11:59:59.999Z' })))[0]).toBe(404);
  });

  test('may bring its version: several of a type in one request, older ones later', async () => {
    const at = (created_at: string) => ({ ...MORNING, top_categories: [created_at], created_at });
    await put({ segments: [at('2026-11-01T00:00:00Z'), at('2026-11-03T00:00:00Z')] });
    await put({ segments: [at('2026-11-02T00:00:00Z')] });
    expect(await versionsOf()).toEqual(['2026-11-03', '2026-11-02', '2026-11-01'].map((day) => `${day}T00:00:00.000Z`));
    expect((await get()).segments).toMatchObject([{ created_at: '2026-11-03T00:00:00.000Z' }]);
  });

  test('may be sent as it was read: what is there already is not written again', async () => {
    await put({ segments: [MORNING, EVENING] });
    const { segments } = await get();
    world.clock += 1000;
    const { view } = await put({ tags: ['new'], segments });
    expect(view.segments.map((one) => one.created_at)).toEqual([TIME, TIME]);
    expect(await get()).toMatchObject({ tags: ['new'], segments });
    expect(await items()).toHaveLength(3);
  });

  test('never changes: another one of its version is refused, and nothing of the request is written', async () => {
    await put({ tags: ['before'], segments: [MORNING] });
    const body = { tags: ['after'], segments: [EVENING, { ...MORNING, top_categories: ['other'], created_at: TIME }] };
    expect(await refusalOf(put(body))).toEqual([409, expect.stringContaining(`morning_categories of ${TIME}`)]);
    expect(await get()).toMatchObject({ tags: ['before'], segments: [MORNING] });
  });

  test.each([
    ['in the future', '2026-11-22T12:01:00.001Z', 'must not be in the future'],
    ['of before segments are kept', '2026-05-23T12:00:00.000Z', 'is longer ago than segments are kept'],
  ])('of a time %s is refused', async (_, created_at, message) => {
    expect(await refusalOf(put({ segments: [EVENING, { ...MORNING, created_at }] }))).toEqual([
      400,
      expect.stringContaining(`segments.1.created_at ${message}`),
    ]);
    expect(await items()).toEqual([]);
  });
});

describe('pages of versions', () => {
  beforeEach(async () => {
    for (let version = 0; version < 5; version++) {
      await put({ segments: [MORNING, EVENING] });
      world.clock += 1000;
    }
  });

  /** All pages of a list, and how many there were. */
  async function walk(
    page: (
      cursor?: string,
    ) => Promise<{ segments: readonly { type: string; created_at: string }[]; next_cursor?: string | null }>,
  ) {
    const [seen, cursors]: [string[], string[]] = [[], []];
    let cursor: string | undefined;
    do {
      const { segments, next_cursor: next } = await page(cursor);
      seen.push(...segments.map((one) => `${one.type} ${one.created_at.slice(17, 19)}`));
      cursor = next ?? undefined;
      if (cursor) cursors.push(cursor);
    } while (cursor);
    return { seen, cursors };
  }
  const seconds = ['04', '03', '02', '01', '00'];

  test('of a segment have each once, newest first', async () => {
    const { seen } = await walk((cursor) => getSegmentVersions(world.ports, of(MORNING.type), { limit: 2, cursor }));
    expect(seen).toEqual(seconds.map((second) => `morning_categories ${second}`));
  });

  test('of all segments have each once, by type and newest first', async () => {
    const { seen } = await walk((cursor) => getAllVersions(world.ports, ID, { limit: 3, cursor }));
    const all = ['morning_categories', 'evening_categories'].flatMap((type) =>
      seconds.map((second) => `${type} ${second}`),
    );
    expect(seen).toEqual(all);
  });

  test('are of one list: a cursor of another, a changed and a made-up one are refused', async () => {
    const { cursors } = await walk((cursor) => getAllVersions(world.ports, ID, { limit: 3, cursor }));
    const [ofSegment] = (
      await walk((cursor) => getSegmentVersions(world.ports, of(MORNING.type), { limit: 2, cursor }))
    ).cursors;
    const other = '00000000-0000-4000-8000-000000000000';
    const flipped = `${cursors[0].startsWith('A') ? 'B' : 'A'}${cursors[0].slice(1)}`;
    const renamed = cursors[0].replace('morning', 'evening');
    const wrong = [
      () => getAllVersions(world.ports, other, { limit: 3, cursor: cursors[0] }),
      ...['', '.', 'x', ofSegment, flipped, renamed, `${cursors[0]}.`].map(
        (cursor) => () => getAllVersions(world.ports, ID, { limit: 3, cursor }),
      ),
      ...[cursors[0], `${ofSegment}.morning_categories`].map(
        (cursor) => () => getSegmentVersions(world.ports, of(MORNING.type), { limit: 2, cursor }),
      ),
      () => getSegmentVersions(world.ports, of(EVENING.type), { limit: 2, cursor: ofSegment }),
      // Anybody can make them: there is no secret in a cursor.
      ...['~', 'é', 'a#b', 'x'.repeat(101), '€'.repeat(350)].map((type) => {
        const cursor = encodePosition(['GetProfile', ID], { type, at: world.clock });
        return () => getAllVersions(world.ports, ID, { limit: 3, cursor });
      }),
    ];
    for (const page of wrong) expect(await refusalOf(page())).toEqual([400, 'cursor is not one of this list']);
  });
});

describe('what has expired', () => {
  test('is not there, though DynamoDB has not deleted it: a segment', async () => {
    await put({ segments: [MORNING] });
    world.clock += 100 * DAY;
    await put({ segments: [EVENING] });
    world.clock += 83 * DAY - 1;
    expect((await get()).segments).toHaveLength(2);
    world.clock += 1;
    expect(await items()).toHaveLength(3);
    expect((await get()).segments).toMatchObject([EVENING]);
    expect((await getAllVersions(world.ports, ID, { limit: 10 })).segments).toMatchObject([EVENING]);
    for (const read of [
      () => segment(),
      () => getCategories(world.ports, of(MORNING.type)),
      () => getSegmentTags(world.ports, of(MORNING.type)),
    ]) {
      expect((await refusalOf(read()))[0]).toBe(404);
    }
    expect((await refusalOf(getSegmentVersions(world.ports, of(MORNING.type), { limit: 1 })))[0]).toBe(404);
  });

  test('is not read one by one: many versions that DynamoDB has not deleted take no call each', async () => {
    await put({ segments: [MORNING] });
    const [version] = (await items()).filter(({ typ }) => typ === 'SEG');
    const times = Array.from({ length: 60 }, (_, at) => new Date(world.clock - at * 1000).toISOString());
    const more = times.map((time) => ({ ...version, SK: `SEG#${MORNING.type}#${time}`, createdAt: time }));
    await world.tables.put(world.tables.social, more);
    const { next_cursor: cursor } = await getSegmentVersions(world.ports, of(MORNING.type), { limit: 30 });
    world.clock += 183 * DAY;
    for (const read of [
      () => segment(),
      () => segment(MORNING.type, { asOf: TIME }),
      () => segment(MORNING.type, { createdAt: TIME }),
      () => getSegmentVersions(world.ports, of(MORNING.type), { limit: 1 }),
    ]) {
      world.tables.calls.length = 0;
      expect((await refusalOf(read()))[0]).toBe(404);
      expect(world.tables.calls.length).toBeLessThanOrEqual(1);
    }
    const page = await getSegmentVersions(world.ports, of(MORNING.type), { limit: 1, cursor: cursor ?? '' });
    expect(page).toEqual({ segments: [], next_cursor: null });
  });

  test('and of a profile nothing: one that is sent again is made', async () => {
    await put({ tags: ['old'], segments: [MORNING] });
    world.clock += 365 * DAY;
    expect((await refusalOf(getProfile(world.ports, ID)))[0]).toBe(404);
    expect((await refusalOf(getTags(world.ports, ID)))[0]).toBe(404);
    expect((await refusalOf(deleteProfile(world.ports, ID)))[0]).toBe(404);
    expect((await refusalOf(put({}, { any: true, versions: [] })))[0]).toBe(412);
    expect((await put({})).created).toBe(true);
    expect(await get()).toEqual({
      id: ID,
      tags: [],
      segments: [],
      created_at: '2027-11-22T12:00:00.000Z',
      updated_at: '2027-11-22T12:00:00.000Z',
    });
  });

  test('is told by the item itself, whatever its key says', async () => {
    await put({ segments: [MORNING] });
    const stored = await items();
    await world.tables.put(
      world.tables.social,
      stored.map((item) => ({ ...item, expiresAt: world.clock / 1000 })),
    );
    for (const read of [() => getProfile(world.ports, ID), () => segment(), () => getTags(world.ports, ID)]) {
      expect((await refusalOf(read()))[0]).toBe(404);
    }
    expect((await put({ segments: [MORNING] })).created).toBe(true);
    expect((await get()).segments).toHaveLength(1);
  });
});
