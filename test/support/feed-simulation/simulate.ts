import { checkDormancy, dormantFollows, loseMarks } from './dormancy';
import { ownSite, SHAPE_COUNT } from './own-site';
import { Disagreement, FEED_TABLE, type Settings, type Site } from './site';
import { socialSite } from './social-site';
import { inVirtualTime, VirtualTime } from './time';
import { World } from './world';
import { isBusy } from '../../../lambda/core/busy';
import { logError } from '../../../lambda/core/logger';
import { authoredPk, feedPk, pulledPk } from '../../../lambda/feed-fanout/keys';
import { creationTime } from '../../../lambda/feed-fanout/worker/article-times';
import { seeded } from '../seeded';

/** What a run did, so that a test can tell that it tried what it is for. */
export interface Outcome {
  readonly calls: number;
  readonly rows: number;
  readonly left: number;
  readonly compared: number;
  readonly exact: number;
  readonly passedOver: number;
  readonly faults: number;
  readonly rested: number;
  readonly restored: number;
}

const FAULTS = 24;
const MINUTE = 60_000;
/** Some hundred are usual. */
const MAX_CALLS = 30_000;

/** Whose tables the graph is in. */
export const GRAPHS = ['social', 'own'] as const;
export type GraphKind = (typeof GRAPHS)[number];

/** Ids that sort otherwise by halves of characters, that begin one another, and that look like keys. */
const ODD_IDS = ['\u{1F600}', '\uFF5E', 'a', 'a#', '@'];

function settingsOf(
  random: () => number,
  kind: GraphKind,
): Settings & {
  readonly site: Site;
  readonly isShort: boolean;
  readonly isHectic: boolean;
  readonly hasNonsense: boolean;
  /** Do readers leave and return all the time, while there is much to read? */
  readonly isRestless: boolean;
  /** Is one followed by all, so that their articles are left to readers, before anything else happens? */
  readonly isFamous: boolean;
  /** Does nobody hear of the return of all of them in the end? */
  readonly isForgotten: boolean;
  /** Does somebody follow, unfollow and follow again within moments, and look when all of it is held to be done? */
  readonly isFickle: boolean;
  readonly acts: number;
} {
  const often = () => (random() < 0.5 ? 0 : random() ** 2);
  const pick = <T>(...all: readonly T[]): T => all[Math.floor(random() * all.length)];
  // Followers whose ids end alike are on one shard.
  const tail = pick(
    () => '00',
    (n: number) => `0${n}`,
  );
  const isShort = random() < 0.15;
  const isFickle = random() < 0.15;
  const writeShards = pick(1, 4);
  const site =
    kind === 'social'
      ? socialSite(writeShards)
      : ownSite(Math.floor(random() * SHAPE_COUNT), random() < 0.5 ? 'uuid' : 'ulid');
  const nameOf = kind === 'own' && random() < 0.3 ? (n: number) => ODD_IDS[n] : (n: number) => `user-${n}-${tail(n)}`;
  const pullAbove = pick(...site.pullAbove);
  const activeSeconds = site.readersOf && pick(undefined, undefined, 1, 20, 120);
  const isRestless = activeSeconds !== undefined && random() < 0.5;
  return {
    site,
    userIds: Array.from({ length: pick(3, 4, 5) }, (_, n) => nameOf(n)),
    weather: {
      faults: random() < 0.2 ? 0 : isFickle ? 3 * FAULTS : FAULTS,
      crash: isFickle ? 0.1 : often() * 0.06,
      throttle: often() * 0.05,
      conflict: often() * 0.2,
      unprocessed: often() * 0.3,
      duplicate: often() * 0.3,
      late: isFickle ? 0.2 : often() * 0.2,
      // What takes long is what others come between.
      slow: isFickle ? 0.5 : isRestless && random() < 0.5 ? 0.8 : often() * 0.5,
      stale: random() < 0.5 ? 0 : random(),
    },
    isShort,
    isFickle,
    isHectic: isFickle || random() < 0.4,
    hasNonsense: random() < 0.03,
    readCap: isShort ? pick(2, 3, 4) : 1000,
    ttlSeconds: pick(3600, 3600, 900),
    pullAbove,
    activeSeconds,
    isRestless,
    isFamous: pullAbove < 1_000_000 && random() < 0.7,
    pageSize: pick(Infinity, Infinity, 1, 2, 4),
    shards: pick(1, 2, 3),
    polling: pick(200, 1_000, 5_000),
    acts: 12 + Math.floor(random() * 14),
    isForgotten: random() < 0.3,
  };
}

/** How many articles are in feeds in the end, by rows, and how many are left to readers. */
interface Found {
  readonly rows: number;
  readonly left: number;
}

/** Rows of feeds and of authors' lists as they are, and as the graph calls for them; expired ones do not count. */
function checkRows(world: World, { isShort }: { isShort: boolean }): Found {
  const { graph, time, settings } = world;
  const isFresh = (articleId: string) => creationTime(articleId) + settings.ttlSeconds * 1000 - 8_000 > time.now;
  const items = world.cloud.db
    .items(FEED_TABLE)
    .map(({ PK, SK, pulled, expiresAt }) => ({ pk: String(PK), sk: String(SK), pulled, expiresAt }));
  const rowsOf = (prefix: string) =>
    items.filter(({ pk, sk }) => pk.startsWith(prefix) && isFresh(sk)).map(({ pk, sk }) => `${pk} ${sk}`);
  const rows = rowsOf(feedPk(''));
  const fresh = [...graph.articles.values()].filter(({ articleId }) => isFresh(articleId));
  const wanted = settings.userIds.flatMap((userId) =>
    fresh
      .filter(({ authorId }) => graph.follow(userId, authorId))
      .map(({ articleId }) => `${feedPk(userId)} ${articleId}`),
  );
  const left = items.filter(({ pulled }) => pulled === true).map(({ sk }) => sk);
  const laidOver = items.filter(({ pk, expiresAt }) => pk === pulledPk() && Number(expiresAt) * 1000 > time.now);
  const compare = (what: string, found: readonly string[], right: readonly string[], mayLack: boolean) => {
    const extra = found.filter((row) => !right.includes(row));
    const lacking = right.filter((row) => !found.includes(row));
    if (extra.length > 0) throw new Disagreement(`${what} should not be there at the end`, extra);
    if (lacking.length > 0 && !mayLack) throw new Disagreement(`${what} should be there at the end`, lacking);
  };
  // What is left to readers is in nobody's feed, and a follow of a pulled author brings in none.
  const isLeft = (row: string) => left.includes(row.split(' ')[1]);
  compare('rows of what is left to readers', rows.filter(isLeft), [], false);
  const dormant = dormantFollows(world);
  const isDormant = (row: string) => {
    const [pk, articleId] = row.split(' ');
    return dormant.has(`${pk.slice(feedPk('').length)}>${graph.articles.get(articleId)?.authorId}`);
  };
  const isLaidOver = (row: string) =>
    isDormant(row) || laidOver.some(({ sk }) => sk === graph.articles.get(row.split(' ')[1])?.authorId);
  // A follow brings in no more than a feed shows.
  compare(
    'rows',
    rows,
    wanted.filter((row) => rows.includes(row) || !isLaidOver(row)),
    isShort,
  );
  const authored = fresh.map(({ articleId, authorId }) => `${authoredPk(authorId)} ${articleId}`);
  compare('rows of authors', rowsOf(authoredPk('')), authored, false);
  return { rows: rows.length, left: left.length };
}

/**
 * One who changes their mind within moments. What works on an earlier follow may remove rows or mark it when the later one
 * is there; where it dies, that is put right half a minute later. A mark counts a quarter of a minute after it was made: in
 * between is when a feed shows whether a mark was right.
 */
async function waver(
  world: World,
  random: () => number,
  settled: (action: Promise<void>) => Promise<unknown>,
): Promise<Promise<unknown>[]> {
  const { time } = world;
  const [star, fickle] = world.settings.userIds;
  const results: Promise<unknown>[] = [];
  const also = async (action: Promise<void>, most: number) => {
    results.push(settled(action));
    await time.pause(random() * most);
  };
  for (let turns = 1 + Math.floor(random() * 3); turns > 0; turns--) {
    await also(world.unfollow(fickle, star), 4_000);
    await also(world.follow(fickle, star), turns > 1 ? 5_000 : 0);
  }
  await time.pause(12_000 + random() * 6_000);
  for (let reads = 0; reads < 8; reads++) await also(world.read(fickle, 100, 0), 5_000);
  await time.pause(random() * 2 * MINUTE);
  return results;
}

/** Users act, read and are struck by faults, all of it by the seed. */
async function live(world: World, random: () => number, settings: ReturnType<typeof settingsOf>): Promise<void> {
  const { graph, time } = world;
  const { userIds, isShort, isHectic, isRestless } = settings;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  // One is at the centre of most of it; where it is hectic, it is all between two, in quick succession.
  const star = () => (isHectic || random() < 0.5 ? userIds[0] : pick(userIds));
  const anybody = () => (isHectic && random() < 0.8 ? userIds[1] : pick(userIds));
  /** Chances of an act, each with all before it: follow, unfollow, publish, delete; else somebody reads. */
  const [follow, unfollow, publish, remove] = isRestless
    ? [0.12, 0.2, 0.5, 0.56]
    : isHectic
      ? [0.27, 0.5, 0.53, 0.58]
      : [0.27, 0.38, 0.6, 0.7];
  const act = (): Promise<void> => {
    const kind = random();
    const [user, other] = [anybody(), star()];
    if (kind < follow) return user === other ? Promise.resolve() : world.follow(user, other);
    if (kind < unfollow) return user === other ? Promise.resolve() : world.unfollow(user, other);
    if (kind < publish) return world.publish(star());
    const articles = [...graph.articles.values()];
    // Where feeds show few, a deletion makes room for what a follow did not bring in.
    if (kind < remove && articles.length > 0 && !isShort) return world.delete(pick(articles));
    const isWhole = random() < 0.7;
    return world.read(user, isWhole ? 100 : 1 + Math.floor(random() * 3), isWhole ? 0 : Math.floor(random() * 3));
  };
  const isCalm = random() < 0.3;
  const under: Promise<unknown>[] = [];
  // Users who are refused let it be. What else goes wrong is told at the end, with nobody listening before.
  const settled = (action: Promise<void>) =>
    action.then(
      () => undefined,
      (error: Error) => (isBusy(error) ? undefined : error),
    );
  if (isHectic) {
    // So old that no overlay covers them.
    await Promise.all([1, 2, 3].map(() => settled(world.publish(userIds[0]))));
    await time.pause(4 * MINUTE);
  }
  if (settings.isFamous) {
    // By the next article all readers know of this author.
    await Promise.all(userIds.slice(1).map((user) => settled(world.follow(user, userIds[0]))));
    await settled(world.publish(userIds[0]));
    await time.pause(2 * MINUTE);
  }
  if (settings.isFickle) {
    for (let n = 0; n < 4; n++) under.push(...(await waver(world, random, settled)));
  }
  for (let n = 0; n < settings.acts; n++) {
    under.push(settled(act()));
    const kind = random();
    const [some, much] = isHectic ? [1_500, 20_000] : [10_000, (isCalm ? 20 : 3) * MINUTE];
    await time.pause(random() * (kind < 0.5 ? 300 : kind < 0.9 ? some : much));
    if (random() < 0.1) world.cloud.db.expire(FEED_TABLE, () => random() < 0.5);
    if (settings.activeSeconds) time.after(2_000 * random(), () => loseMarks(world, () => random() < 0.3));
  }
  const wrong = (await Promise.all(under)).find((error) => error !== undefined);
  if (wrong !== undefined) throw wrong;
}

async function finish(world: World, settings: ReturnType<typeof settingsOf>): Promise<Found> {
  const { cloud, time } = world;
  cloud.weather.faults = 0;
  const nonsense = settings.hasNonsense ? [JSON.stringify({ type: 'deliver', followers: 'all' })] : [];
  if (settings.hasNonsense) {
    // Comes to nothing alone: what is beside it is worked off all the same.
    world.recordNonsense();
    cloud.enqueue('feed', nonsense[0], time.now);
    await world.publish(settings.userIds[0]);
  }
  await quiet(world);
  const dead = { messages: cloud.deadLetters, records: cloud.routerDeadLetters.length };
  if (dead.messages.join() !== nonsense.join() || dead.records !== nonsense.length) {
    throw new Disagreement('other messages are dead than those that make no sense', dead);
  }
  const found = checkRows(world, settings);
  const readAll = async () => {
    await time.pause(10_100);
    for (const userId of settings.userIds) await world.read(userId, 100, 0, true);
    await quiet(world);
  };
  await readAll();
  if (settings.activeSeconds === undefined) return found;
  checkDormancy(world);
  checkRows(world, settings);
  // All leave, something is published that nobody gets, and all come back.
  loseMarks(world, () => true);
  await quiet(world);
  checkDormancy(world);
  await Promise.all(settings.userIds.map((userId) => world.publish(userId)));
  await quiet(world);
  await time.pause(4 * MINUTE);
  if (settings.isForgotten) {
    // That they are back is lost for good. Their marks say that it is told; once they are old, it is told anew.
    cloud.loses = (body) => body.includes('feed-reader-returned');
    await readAll();
    cloud.loses = undefined;
    await time.pause(250 * settings.activeSeconds + 20_000);
  }
  await readAll();
  checkDormancy(world);
  const restored = checkRows(world, settings);
  await readAll();
  return { ...restored, left: found.left };
}

/** Lets all work be done. */
async function quiet(world: World): Promise<void> {
  for (let minutes = 0; !world.isQuiet; minutes++) {
    if (minutes > 300) {
      throw new Disagreement(
        'there is no end of work',
        world.cloud.queue.map(({ body }) => body),
      );
    }
    await world.time.pause(MINUTE);
  }
  if (world.wrong) throw world.wrong;
}

let warm: Promise<void> | undefined;

/**
 * One run: what it does follows from its graph and its seed alone.
 *
 * @param trace told of every call and what it was answered
 * @throws Disagreement where feeds are not as the graph says
 */
export async function simulate(kind: GraphKind, seed: number, trace?: (line: string) => void): Promise<Outcome> {
  // Its log is loaded on first use, which takes time that is not virtual.
  warm ??= logError('simulation', undefined);
  await warm;
  const random = seeded(seed);
  random();
  const time = new VirtualTime(Date.UTC(2026, 0, 1));
  return inVirtualTime(time, random, async () => {
    const settings = settingsOf(random, kind);
    const world = new World(time, random, settings, settings.site, trace);
    let found: Found | undefined;
    let failure: unknown;
    live(world, random, settings)
      .then(() => finish(world, settings))
      .then(
        (all) => (found = all),
        (error: unknown) => (failure = error),
      );
    await time.run(() => failure !== undefined || world.cloud.calls > MAX_CALLS);
    if (world.cloud.calls > MAX_CALLS) throw new Disagreement('there is no end of calls', world.cloud.calls);
    if (failure !== undefined) throw failure;
    if (found === undefined) throw new Disagreement('nothing happens any more', settings);
    const { tally, cloud } = world;
    return { calls: cloud.calls, ...found, ...tally, faults: cloud.struck };
  });
}
