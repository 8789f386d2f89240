import {
  deleteProfile,
  getAllVersions,
  getProfile,
  getSegment,
  getSegmentTags,
  getSegmentVersions,
  putProfile,
} from './domain/profiles';
import { usePersonalisation } from '../../test/support/personalisation-world';
import { inScope } from '../../test/support/scope';

/** Random writes, deletions and passing time; after each, all that can be read is what a plain model says. */

const world = usePersonalisation();

const ID = '473b82fb-8717-4e69-894c-1844a2f183bf';
const TYPES = ['a', 'a.b', 'b', 'constructor'];
const DAY = 24 * 60 * 60 * 1000;
const SEEDS = Array.from({ length: inScope(3, 30) }, (_, seed) => seed + 1);
const STEPS = 25;

/** Reproducible: each seed is one run. */
function generator(seed: number) {
  let state = seed;
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return {
    below: (bound: number) => Math.floor(next() * bound),
    pick: <T>(list: readonly T[]) => list[Math.floor(next() * list.length)],
  };
}

interface Version {
  readonly type: string;
  readonly top: string;
  readonly at: number;
}
interface Model {
  profile?: { tags: string[]; createdAt: number; updatedAt: number };
  versions: Version[];
}

const text = (at: number) => new Date(at).toISOString();
const or404 = async <T>(action: Promise<T>): Promise<T | 404> =>
  action.catch((error: { statusCode?: number }) => {
    if (error.statusCode === 404) return 404;
    throw error;
  });
const seen = (segments: readonly { type: string; top_categories: readonly string[]; created_at: string }[]) =>
  segments.map(({ type, top_categories: [top], created_at: at }) => `${type} ${top} ${at}`);
const shown = ({ type, top, at }: Version) => `${type} ${top} ${text(at)}`;

/** All that can be read, beside what the model has. */
async function compare({ profile, versions }: Model) {
  const newest = [...versions].sort((one, other) => other.at - one.at);
  const latest = TYPES.flatMap((type) => newest.find((one) => one.type === type) ?? []);
  const read = await or404(getProfile(world.ports, ID));
  expect(read === 404 ? 404 : { ...read.view, segments: seen(read.view.segments) }).toEqual(
    profile
      ? {
          id: ID,
          tags: profile.tags,
          created_at: text(profile.createdAt),
          updated_at: text(profile.updatedAt),
          segments: latest.map(shown),
        }
      : 404,
  );
  const all = await or404(getAllVersions(world.ports, ID, { limit: 100 }));
  const ordered = [...TYPES].reverse().flatMap((type) => newest.filter((one) => one.type === type));
  expect(all === 404 ? 404 : seen(all.segments)).toEqual(profile ? ordered.map(shown) : 404);
  for (const type of TYPES) {
    const own = newest.filter((one) => one.type === type);
    const page = await or404(getSegmentVersions(world.ports, { id: ID, type }, { limit: 100 }));
    expect(page === 404 ? [] : seen(page.segments)).toEqual(own.map(shown));
    expect(await or404(getSegmentTags(world.ports, { id: ID, type }))).toEqual(own.length > 0 ? profile?.tags : 404);
    const middle = own[Math.floor(own.length / 2)];
    if (middle) {
      const asOf = await getSegment(world.ports, { id: ID, type }, { asOf: text(middle.at) });
      expect(seen([asOf])).toEqual([shown(middle)]);
      expect(await getSegment(world.ports, { id: ID, type }, { createdAt: text(middle.at) })).toEqual(asOf);
    }
  }
}

test.each(SEEDS)('run %i', async (seed) => {
  const { below, pick } = generator(seed);
  const model: Model = { versions: [] };
  let writes = 0;

  const put = async () => {
    const types = TYPES.filter(() => below(2) === 0);
    const sent = types.map((type) => {
      const top = `write ${++writes}`;
      const back = below(3) === 0 ? world.clock - below(200) * DAY : undefined;
      const at =
        back !== undefined &&
        back > world.clock - 183 * DAY &&
        !model.versions.some((one) => one.type === type && one.at === back)
          ? back
          : undefined;
      return { type, top, at };
    });
    const tags = below(2) === 0 ? [`tag ${writes}`] : undefined;
    const segments = sent.map(({ type, top, at }) => ({
      type,
      top_categories: [top],
      ...(at === undefined ? {} : { created_at: text(at) }),
    }));
    await putProfile(world.ports, { id: ID, tags, segments });
    for (const { type, top, at } of sent) {
      const last = Math.max(-1, ...model.versions.filter((one) => one.type === type).map((one) => one.at));
      model.versions.push({ type, top, at: at ?? Math.max(world.clock, last + 1) });
    }
    const before = model.profile;
    model.profile = {
      tags: tags ?? before?.tags ?? [],
      createdAt: before?.createdAt ?? world.clock,
      updatedAt: Math.max(world.clock, (before?.updatedAt ?? -1) + 1),
    };
  };
  const remove = async () => {
    expect((await or404(deleteProfile(world.ports, ID))) === 404).toBe(!model.profile);
    Object.assign(model, { profile: undefined, versions: [] });
  };
  const wait = async () => {
    world.clock += pick([0, 1, 999, DAY, 30 * DAY, 100 * DAY, 400 * DAY]);
    const isLive = (from: number, days: number) => Math.ceil((from + days * DAY) / 1000) * 1000 > world.clock;
    model.versions = model.versions.filter(({ at }) => isLive(at, 183));
    if (model.profile && !isLive(model.profile.updatedAt, 365)) model.profile = undefined;
  };

  for (let step = 0; step < STEPS; step++) {
    await pick([put, put, put, put, wait, wait, remove])();
    await compare(model);
  }
  expect(writes).toBeGreaterThan(5);
});
