import { blobFault } from './domain/blob';
import { deleteBlob, getBlob, getBlobSegments, putBlob } from './domain/blobs';
import { getProfile, putProfile } from './domain/profiles';
import { DynamoProfilesRepo } from './repository/profiles-repo';
import { LOST, retryingClient, WireError } from '../../test/support/client';
import { operations } from '../../test/support/engine';
import { refusalOf, usePersonalisation } from '../../test/support/personalisation-world';

const world = usePersonalisation();

const ID = '473b82fb-8717-4e69-894c-1844a2f183bf';
const SEGMENTS = [{ type: 'morning_categories', top_categories: ['b', 'a'] }];
const DAY = 24 * 60 * 60 * 1000;

const put = (body: object, expected?: { any: boolean; versions: string[] }) =>
  putBlob(world.ports, { id: ID, ...body }, expected);
const get = async () => (await getBlob(world.ports, ID)).data;
const items = () => world.tables.items(world.tables.social);

describe('a blob', () => {
  test('is what was sent, whatever that was', async () => {
    const data = {
      id: ID,
      segments: SEGMENTS,
      a: { b: [null, true, '', 'ü😀\u0000', -0.25, 1e-130, [], {}] },
      constructor: { name: 'Set' },
      'x#y:z': 2,
    };
    expect(await put(data)).toMatchObject({ view: { id: ID }, created: true });
    expect(await get()).toEqual(data);
  });

  test('is a native map, one item with its kind and its end', async () => {
    await put({ segments: SEGMENTS });
    const [item] = await items();
    expect(item).toMatchObject({
      PK: `USER#${ID}`,
      SK: `BLOB#${ID}`,
      typ: 'BLOB',
      data: { id: ID, segments: SEGMENTS },
    });
    expect(Number(item.expiresAt) * 1000).toBe(world.clock + 365 * DAY);
  });

  test('takes the place of the one before, in one call', async () => {
    await put({ a: 1 });
    world.clock += 1000;
    world.tables.calls.length = 0;
    expect(await put({ b: 2 })).toMatchObject({ created: false });
    expect(operations(world.tables.calls)).toEqual(['PutItem']);
    expect(await get()).toEqual({ id: ID, b: 2 });
  });

  test('gets an id where none is sent, which is in it', async () => {
    const { view } = await putBlob(world.ports, {});
    expect((await getBlob(world.ports, view.id)).data).toEqual({ id: view.id });
  });

  test('is beside a profile of the same id: neither is in the way of the other', async () => {
    await put({ segments: SEGMENTS });
    await putProfile(world.ports, { id: ID, tags: ['t'] });
    expect((await getProfile(world.ports, ID)).view).toMatchObject({ tags: ['t'], segments: [] });
    expect(await get()).toEqual({ id: ID, segments: SEGMENTS });
    await deleteBlob(world.ports, ID);
    expect((await getProfile(world.ports, ID)).view).toMatchObject({ tags: ['t'] });
  });

  test('has segments that are read alone, whatever they are', async () => {
    for (const segments of [SEGMENTS, [], null, 'text', { a: 1 }]) {
      await put({ segments });
      expect(await getBlobSegments(world.ports, ID)).toEqual(segments);
    }
    const [read] = world.tables.calls.filter(({ operation }) => operation === 'GetItem');
    expect(read.input.ProjectionExpression).toContain('#data.#segments');
    await put({});
    expect((await refusalOf(getBlobSegments(world.ports, ID)))[0]).toBe(404);
  });

  test('is not there where none was stored', async () => {
    for (const action of [getBlob, getBlobSegments, deleteBlob]) {
      expect((await refusalOf(action(world.ports, ID)))[0]).toBe(404);
      expect((await refusalOf(action(world.ports, undefined)))[0]).toBe(404);
    }
  });

  test('is gone once it is deleted', async () => {
    await put({});
    await deleteBlob(world.ports, ID);
    expect(await items()).toEqual([]);
  });

  test('that has expired is not there, though DynamoDB has not deleted it; the next one is made', async () => {
    await put({ old: true, segments: SEGMENTS });
    world.clock += 365 * DAY;
    expect(await items()).toHaveLength(1);
    for (const action of [getBlob, getBlobSegments, deleteBlob]) {
      expect((await refusalOf(action(world.ports, ID)))[0]).toBe(404);
    }
    expect((await refusalOf(put({}, { any: true, versions: [] })))[0]).toBe(412);
    expect(await put({})).toMatchObject({ created: true });
    expect(await items()).toMatchObject([{ data: { id: ID } }]);
  });
});

describe('two writers of one blob', () => {
  const on = (...versions: string[]) => ({ any: false, versions });

  test('who say which version they have read: the second is refused', async () => {
    const { tag } = await put({ by: 'first' });
    const outcomes = await Promise.allSettled([put({ by: 'a' }, on(tag)), put({ by: 'b' }, on(tag))]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await refusalOf(put({ by: 'c' }, on(tag))))[0]).toBe(412);
    expect((await refusalOf(deleteBlob(world.ports, ID, on(tag))))[0]).toBe(412);
    expect((await refusalOf(put({ by: 'c' }, on())))[0]).toBe(412);
    const { version } = await getBlob(world.ports, ID);
    await put({ by: 'c' }, on('other', version));
    expect(await get()).toEqual({ id: ID, by: 'c' });
  });

  test('who ask for one that is there make none', async () => {
    expect((await refusalOf(put({}, { any: true, versions: [] })))[0]).toBe(412);
    await put({});
    await put({ again: true }, { any: true, versions: [] });
    expect(await get()).toEqual({ id: ID, again: true });
  });
});

describe('a write that the SDK has sent twice', () => {
  const REFUSED = 'ConditionalCheckFailedException';
  const THROTTLED = new WireError('ProvisionedThroughputExceededException');
  const refusedFor = (version: string) => new WireError(REFUSED, { Item: { version: { S: version } } });
  const answered = (...answers: object[]) => {
    const { db } = retryingClient(3, ...answers);
    const now = () => world.clock;
    const profiles = new DynamoProfilesRepo({ db, table: 'profiles', now, newVersion: () => 'own' });
    return { ...world.ports, profiles };
  };
  const expected = { any: false, versions: ['before'] };

  test('is done where the first was, and another’s in its place is told', async () => {
    const done = putBlob(answered(LOST, refusedFor('own')), { id: ID }, expected);
    await expect(done).resolves.toEqual({ view: { id: ID }, created: false, tag: 'own' });
    const other = putBlob(answered(LOST, refusedFor('of another')), { id: ID }, expected);
    expect((await refusalOf(other))[0]).toBe(412);
  });

  test('to delete is done where the first may have been, and finds nothing where it was throttled', async () => {
    await expect(deleteBlob(answered(LOST, new WireError(REFUSED)), ID)).resolves.toBeUndefined();
    expect((await refusalOf(deleteBlob(answered(THROTTLED, new WireError(REFUSED)), ID)))[0]).toBe(404);
  });
});

describe('what DynamoDB would refuse', () => {
  const nested = (levels: number): object => (levels === 1 ? {} : { a: nested(levels - 1) });

  test('for its size is told it first: 413 from the first byte too many', async () => {
    const [status, text] = await refusalOf(put({ text: 'x'.repeat(409_600) }));
    expect([status, text]).toEqual([413, expect.stringMatching(/would take \d+ bytes, of at most 409600/)]);
    const over = Number(/take (\d+)/.exec(text)?.[1]) - 409_600;
    expect((await refusalOf(put({ text: 'x'.repeat(409_601 - over) })))[0]).toBe(413);
    expect(operations(world.tables.calls)).toEqual([]);
    await put({ text: 'x'.repeat(409_600 - over) });
    expect(await get()).toMatchObject({ text: 'x'.repeat(409_600 - over) });
  });

  test('for its levels: 32 are stored, 33 are not', async () => {
    expect(blobFault({ a: nested(31) })).toBeUndefined();
    await put({ a: nested(31) });
    expect(await get()).toEqual({ id: ID, a: nested(31) });
    expect(blobFault({ a: nested(32) })?.message).toBe('is nested too deep (maximum is 32 levels)');
    const deep = JSON.parse(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`) as object;
    expect(blobFault(deep)?.message).toContain('nested too deep');
  });

  test.each<[string, object, string, string]>([
    ['an empty name', { a: [{ '': 1 }] }, 'a.0', 'has a name that is empty'],
    ['a name that objects have anyway', JSON.parse('{"a":{"__proto__":1}}') as object, 'a', 'has the name __proto__'],
    [
      'a name of 64 KB',
      { ['n'.repeat(65_536)]: 1 },
      '',
      'has a name that is too long (maximum is 65535 bytes, got 65536)',
    ],
    ['half a character', { a: { b: '\ud800' } }, 'a.b', 'must be valid Unicode'],
    ['half a character in a name', { '\udc00': 1 }, '', 'has a name that is no valid Unicode'],
    [
      'a whole number that doubles do not have',
      { n: 9007199254740993 },
      'n',
      'must be from -9007199254740991 to 9007199254740991',
    ],
    [
      'a number without end',
      JSON.parse('{"n":-1e999}') as object,
      'n',
      'must be from -9007199254740991 to 9007199254740991',
    ],
    ['a number too close to zero', { n: 1e-131 }, 'n', 'must be 0, or at least 1e-130 from it'],
  ])('for %s', (_, blob, path, message) => {
    expect(blobFault(blob)).toEqual({ path, message });
  });

  test('is told without more of a name than its beginning', () => {
    expect(blobFault({ ['n'.repeat(500)]: 1e-131 })?.path).toHaveLength(101);
  });
});
