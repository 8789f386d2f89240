import { randomUUID } from 'node:crypto';
import { callLatencyMs, type Cost, costOf } from './costs';
import { type DesignRow, personalisationPage } from './costs-page';
import { newProfile, type PersonalisationRun, startPersonalisation, TEST_PROFILE } from './personalisation/world';
import { ITEM_BYTES, itemSize } from '../../lambda/core/dynamodb/item-size';
import { LIMITS } from '../../lambda/personalisation-api/domain/limits';
import { PERSONALISATION_ENDPOINTS } from '../../src/personalisation-api/contract';

/**
 * What each endpoint of the personalisation API costs, and what the same profile costs by both of its designs, counted on
 * the running system: calls, their depth (the longest chain of calls that wait for one another), read and write units. The
 * numbers are exact: what changes them changes what users pay.
 */

const rows: (Cost & { readonly name: string })[] = [];
const designs: DesignRow[] = [];
let run: PersonalisationRun;
const world = {
  settled: () => run.app.idle(),
  get running() {
    return { app: run.app };
  },
};

beforeAll(async () => {
  run = await startPersonalisation({ callLatencyMs });
}, 120_000);
afterAll(() => run?.close(), 60_000);

/** A request that succeeds. */
async function send(method: string, path: string, body?: object): Promise<unknown> {
  const { status, json, text } = await run.send(method, path, { body });
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
  return json;
}

/** The endpoints that rows are about. */
const counted = new Set<string>();

function row(
  operation: keyof typeof PERSONALISATION_ENDPOINTS,
  name: string,
  limits: Pick<Cost, 'calls' | 'depth'>,
  prepare: () => Promise<() => Promise<unknown>>,
): void {
  counted.add(operation);
  test(`${name}: ${limits.calls} calls, depth ${limits.depth}`, async () => {
    const [before, measured] = await Promise.all([prepare(), prepare()]);
    // Once before, so that processes and connections are there.
    await before();
    const cost = await costOf(world, measured);
    rows.push({ name, ...cost });
    expect(cost).toMatchObject(limits);
    expect(cost).toMatchSnapshot(name);
  });
}

/** A profile that is there. */
async function stored(kind: 'profile' | 'blob' = 'profile', profile = newProfile()): Promise<string> {
  await send('PUT', `/${kind}`, profile);
  return profile.id;
}
const reading = (kind: 'profile' | 'blob', part: string) => async () => {
  const id = await stored(kind);
  return () => send('GET', `/${kind}/${id}${part}`);
};
const MORNING = '/segment/morning_categories';

describe('what an endpoint costs', () => {
  jest.setTimeout(60_000);
  row('PutProfile', 'make a profile', { calls: 2, depth: 2 }, async () => () => send('PUT', '/profile', newProfile()));
  row('PutProfile', 'a new version of one segment', { calls: 2, depth: 2 }, async () => {
    const id = await stored();
    return () => send('PUT', '/profile', { id, segments: [TEST_PROFILE.segments[0]] });
  });
  row('GetProfile', 'a profile', { calls: 2, depth: 2 }, reading('profile', ''));
  row('GetProfile', 'a page of all its versions', { calls: 2, depth: 1 }, reading('profile', '?versions=all'));
  row('GetTags', 'its tags', { calls: 1, depth: 1 }, reading('profile', '/tags'));
  row('GetSegment', 'its latest segment of a type', { calls: 1, depth: 1 }, reading('profile', MORNING));
  row('GetSegment', 'the one of a time', { calls: 1, depth: 1 }, async () => {
    const id = await stored();
    return () => send('GET', `/profile/${id}${MORNING}?asOf=2126-01-01T00:00:00Z`);
  });
  row(
    'GetSegmentVersions',
    'a page of its versions',
    { calls: 1, depth: 1 },
    reading('profile', `${MORNING}/versions`),
  );
  row('GetCategories', 'its categories', { calls: 1, depth: 1 }, reading('profile', `${MORNING}/categories`));
  row('GetTopCategories', 'its top categories', { calls: 1, depth: 1 }, reading('profile', `${MORNING}/topcategories`));
  row('GetSegmentTags', 'the tags by a segment', { calls: 1, depth: 1 }, reading('profile', `${MORNING}/tags`));
  row('DeleteProfile', 'delete a profile', { calls: 6, depth: 6 }, async () => {
    const id = await stored();
    return () => send('DELETE', `/profile/${id}`);
  });
  row('PutBlob', 'make a blob', { calls: 1, depth: 1 }, async () => () => send('PUT', '/blob', newProfile()));
  row('PutBlob', 'replace it', { calls: 1, depth: 1 }, async () => {
    const id = await stored('blob');
    return () => send('PUT', '/blob', newProfile({ id }));
  });
  row('GetBlob', 'a blob', { calls: 1, depth: 1 }, reading('blob', ''));
  row('GetBlobSegments', 'its segments', { calls: 1, depth: 1 }, reading('blob', '/segments'));
  row('DeleteBlob', 'delete a blob', { calls: 1, depth: 1 }, async () => {
    const id = await stored('blob');
    return () => send('DELETE', `/blob/${id}`);
  });

  test('every endpoint has a row', () => {
    expect([...counted].sort()).toEqual(Object.keys(PERSONALISATION_ENDPOINTS).sort());
  });
});

/** Ten categories each: a segment of about 400 bytes. */
function segmentsOf(count: number, from = 0) {
  const names = (segment: number) => Array.from({ length: 10 }, (_, at) => `category-${segment}-${at}`);
  return Array.from({ length: count }, (_, at) => ({
    type: `segment_${from + at}`,
    categories: names(from + at).map((id, place) => ({ id, score: (100 - place) / 128 })),
    top_categories: names(from + at).slice(0, 5),
  }));
}

const sum = (costs: readonly Cost[]): Cost =>
  costs.reduce((one, other) => ({
    calls: one.calls + other.calls,
    depth: one.depth + other.depth,
    rcu: one.rcu + other.rcu,
    wcu: one.wcu + other.wcu,
  }));

/** Times that end in zeros take a byte less: all are taken to be of the usual length. */
const usual = ({ expiresAt: _, latest, ...item }: Record<string, unknown>) => ({
  ...item,
  expiresAt: 1_234_567_891,
  ...(latest === undefined
    ? {}
    : {
        latest: Object.fromEntries(Object.keys(latest as object).map((type) => [type, [1_234_567_890_123, 567, 678]])),
      }),
});

async function bytesOf(id: string, typ: readonly string[]): Promise<number> {
  const items = await run.items();
  return items
    .filter((item) => item.PK === `USER#${id}` && typ.includes(String(item.typ)))
    .reduce((bytes, item) => bytes + itemSize(usual(item)), 0);
}

/** Nine older versions of each, in one request. */
const olderOf = (segments: readonly object[], day: number) =>
  Array.from({ length: 9 }, (_, at) => new Date(Date.now() - (day * 9 + at + 1) * 3_600_000).toISOString()).flatMap(
    (created_at) => segments.map((segment) => ({ ...segment, created_at })),
  );

describe('the same profile by both designs', () => {
  jest.setTimeout(120_000);

  test.each([1, 10, 100])('of %i segments', async (count) => {
    const id = randomUUID();
    const all = { id, tags: TEST_PROFILE.tags, segments: segmentsOf(count) };
    const changed = segmentsOf(1);
    const requests = Array.from({ length: Math.ceil(count / LIMITS.segments) }, (_, at) => ({
      ...all,
      segments: all.segments.slice(at * LIMITS.segments, (at + 1) * LIMITS.segments),
    }));
    const add = (what: string, items: DesignRow['items'], map: DesignRow['map']) =>
      designs.push({ segments: count, what, items, map });
    const cost = (method: string, path: string, body?: object) => costOf(world, () => send(method, path, body));

    const writes: Cost[] = [];
    for (const body of requests) writes.push(await cost('PUT', '/profile', body));
    add('store it', sum(writes), await cost('PUT', '/blob', all));
    add('is stored as', { bytes: await bytesOf(id, ['USER', 'SEG']) }, { bytes: await bytesOf(id, ['BLOB']) });
    add('read it', await cost('GET', `/profile/${id}`), await cost('GET', `/blob/${id}`));
    add(
      'read one segment',
      await cost('GET', `/profile/${id}/segment/segment_0`),
      await cost('GET', `/blob/${id}/segments`),
    );
    add(
      'change one segment',
      await cost('PUT', '/profile', { id, segments: changed }),
      await cost('PUT', '/blob', all),
    );
    if (count === 10) {
      for (const day of [0, 1, 2]) await send('PUT', '/profile', { id, segments: olderOf(all.segments, day) });
      add('read it, with 28 versions of each', await cost('GET', `/profile/${id}`), undefined);
    }
    expect(await bytesOf(id, ['BLOB'])).toBeLessThan(ITEM_BYTES);
  });

  test('one segment costs as much of a hundred as of one; of a map all that there is', () => {
    const of = (segments: number) =>
      designs.find((one) => one.segments === segments && one.what === 'read one segment');
    expect(of(100)?.items).toEqual(of(1)?.items);
    expect((of(100)?.map as Cost).rcu).toBeGreaterThan((of(1)?.map as Cost).rcu);
  });

  test('docs/personalisation.md says so (npm run costs writes it)', () => {
    const { committed, current } = personalisationPage(rows, designs);
    expect(committed).toBe(current);
  });
});
