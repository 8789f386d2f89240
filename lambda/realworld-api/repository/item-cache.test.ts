import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { changedRow } from './changed';
import { ItemCache } from './item-cache';
import { ListRepository } from './lists';
import type { Tables } from './tables';
import { MemoryDynamoDb } from '../../../test/support/memory/dynamodb';
import { articleIdOf, articleOf, userIdOf } from '../../../test/support/samples';
import { seeded } from '../../../test/support/seeded';
import { ARTICLE, PROFILE, TOMBSTONE } from '../../social-table/entities';
import { articleKey } from '../../social-table/keys';
import { ChangeLog, unsettledSince } from '../domain/settling';

const TTL = 45_000;
const START = Date.UTC(2026, 0, 1);

describe('an item', () => {
  const time = { now: START, elapsed: 1_000 };
  const item = { bio: 'as it was' };
  let cache: ItemCache;
  /** Of changes that are known from a moment on, and of deletions. */
  const log = (last: Record<string, number> = {}, changed = START - 60_000, deleted = START - 175_000) =>
    new ChangeLog(new Map(Object.entries(last)), { changed, deleted }, time.now - 15_000);
  const pass = (ms: number, elapsed = ms) => {
    time.now += ms;
    time.elapsed += elapsed;
  };

  beforeEach(() => {
    Object.assign(time, { now: START, elapsed: 1_000 });
    cache = new ItemCache(TTL, { now: () => time.now, elapsed: () => time.elapsed });
    cache.keep('a', item, false, cache.moment());
    pass(30_000);
  });

  test('is shown again where all changes since it may have been read are known, and none is of it', () => {
    expect(cache.get('a', log({ b: START + 1_000, a: START - 15_001 }))).toBe(item);
    expect(cache.get('b', log())).toBeUndefined();
  });

  test.each<[string, Record<string, number>, number?, number?]>([
    ['it was changed', { a: START + 1_000 }],
    ['it was changed shortly before it was read, which may have been behind', { a: START - 15_000 }],
    ['changes are known from later on', {}, START - 14_999],
    ['deletions are known from later on', {}, START - 60_000, START - 14_999],
  ])('is read again where %s', (_, ...given) => {
    expect(cache.get('a', log(...given))).toBeUndefined();
  });

  test('that was read consistently is good but for what was written since, or said so shortly before', () => {
    const at = time.now;
    cache.keep('c', item, true, cache.moment());
    pass(10_000);
    expect(cache.get('c', log({ c: at - 5_001 }))).toBe(item);
    expect(cache.get('c', log({ c: at - 5_000 }))).toBeUndefined();
  });

  test('is read again where nothing is known of what happened before that', () => {
    expect(cache.get('a', new Set())).toBeUndefined();
  });

  test.each([
    ['too old', 15_000, 15_000],
    ['too old by a clock that only goes on', 0, 15_000],
    ['of a clock that was put back', -30_001, 0],
  ])('is read again where it is %s', (_, ms, elapsed) => {
    pass(14_999 - Math.max(ms, elapsed), 0);
    expect(cache.get('a', log())).toBe(item);
    time.now = START + 30_000;
    pass(ms, elapsed);
    expect(cache.get('a', log())).toBeUndefined();
  });

  test('makes room for others where there are four thousand, the one that was kept first', () => {
    cache.keep('b', item, false, cache.moment());
    cache.keep('a', item, false, cache.moment());
    for (let n = 0; n < 3_999; n++) cache.keep(`other ${n}`, item, false, cache.moment());
    expect(cache.get('a', log())).toBe(item);
    expect(cache.get('b', log())).toBeUndefined();
  });
});

/**
 * Sandboxes that read lists, and writers, over a table in memory whose eventually consistent reads are up to ten seconds
 * behind, with clocks that differ. Who reads sees whatever was answered before.
 */
class Site {
  public readonly random: () => number;
  public shown = 0;
  public itemsRead = 0;
  private now = START;
  private readonly db: MemoryDynamoDb;
  private readonly sandboxes: { readonly lists: ListRepository; clock(): number }[];
  /** Writes under way: what they do, and when. */
  private readonly pending: { readonly at: number; commit(): void }[] = [];
  private readonly written = new Map<string, number>();
  private readonly answered = new Map<string, number>();
  private readonly deleted = new Set<string>();
  private readonly rows = Array.from({ length: 6 }, (_, n) => ({
    articleId: articleIdOf(n),
    authorId: userIdOf(n % 3),
  }));

  public constructor(seed: number) {
    this.random = seeded(seed);
    this.db = new MemoryDynamoDb(() => this.now);
    this.rows.forEach(({ articleId, authorId }) => [articleId, authorId].forEach((id) => this.put(id)));
    this.now += 60_000;
    this.sandboxes = Array.from({ length: 2 }, () => {
      const clock = this.clock();
      const cache = new ItemCache(TTL, { now: clock, elapsed: clock });
      return { lists: new ListRepository({ ...this.tables(), cache }), clock };
    });
  }

  public async run(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      this.pass(this.random() ** 3 * 20_000);
      const what = this.random();
      if (what < 0.6) await this.read();
      else if (what < 0.97) this.write();
      else if (what < 0.99) this.noise();
      else this.delete();
    }
  }

  /** Up to 1.2 s from the true time. */
  private clock() {
    const skew = (this.random() - 0.5) * 2_400;
    return () => Math.round(this.now + skew);
  }

  private pass(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const [next] = this.pending.sort((a, b) => a.at - b.at);
      if (!next || next.at > until) break;
      this.pending.shift();
      this.now = Math.max(this.now, next.at);
      next.commit();
    }
    this.now = until;
  }

  private tables(): Tables {
    const send = async (command: object) => {
      if (command instanceof BatchGetCommand) this.itemsRead += command.input.RequestItems?.social.Keys?.length ?? 0;
      return this.db.apply(command, {
        pageSize: Infinity,
        lag: () => (this.random() < 0.7 ? this.random() * 9_900 : 0),
        random: this.random,
      });
    };
    return { db: { send } as unknown as DynamoDBDocumentClient, social: 'social', accounts: 'accounts', shards: 1 };
  }

  private put(id: string): void {
    const version = (this.written.get(id) ?? -1) + 1;
    this.written.set(id, version);
    const times = { createdAt: '2026-01-01', updatedAt: '2026-01-01' };
    const row = this.rows.find(({ articleId }) => articleId === id);
    const item = row
      ? ARTICLE.item([row.authorId, id], { ...articleOf(0, 0, { ...row, favoritesCount: version }), version })
      : PROFILE.item([id], { userId: id, username: id, bio: String(version), tokenVersion: 1, ...times, version });
    this.db.put('social', item);
  }

  /** As the API writes: what is changed is told, by the writer's clock, before the answer; the write may come later. */
  private write(): void {
    const { articleId, authorId } = this.pick(this.rows);
    const id = this.random() < 0.5 ? articleId : authorId;
    const at = new Date(this.clock()()).toISOString();
    const tell = () => this.db.put('social', changedRow(this.tables(), id, at));
    if (this.random() < 0.5) tell();
    const commit = () => {
      if (this.deleted.has(id)) return;
      tell();
      this.put(id);
      this.answered.set(id, this.written.get(id) ?? 0);
    };
    this.pending.push({ at: this.now + this.random() * 2_500, commit });
  }

  /** More changes of others than are read. */
  private noise(): void {
    const at = new Date(this.clock()()).toISOString();
    for (let n = 0; n < 200; n++) this.db.put('social', changedRow(this.tables(), userIdOf(1_000 + n), at));
  }

  /** The row that leads to it stays: the stream is behind. */
  private delete(): void {
    const { articleId, authorId } = this.pick(this.rows);
    if (this.deleted.has(articleId)) return;
    const at = new Date(this.clock()()).toISOString();
    const commit = () => {
      this.deleted.add(articleId);
      this.db.put('social', TOMBSTONE.item([articleId, at, 1], { articleId, authorId, expiresAt: this.now }));
      this.db.remove('social', articleKey(authorId, articleId));
    };
    this.pending.push({ at: this.now + this.random() * 2_500, commit });
  }

  private async read(): Promise<void> {
    const { lists, clock } = this.pick(this.sandboxes);
    const [answered, deletedBefore] = [new Map(this.answered), new Set(this.deleted)];
    const now = clock();
    const { deleted, changed } = await lists.lately({ deleted: now - 30_000, changed: unsettledSince(now) });
    this.pass(this.random() * 1_000);
    const rows = this.rows.filter(({ articleId }) => !deleted.has(articleId) && this.random() < 0.7);
    const { articles, authors } = await lists.readArticles(rows, undefined, undefined, { changed });
    this.shown += articles.size + authors.size;
    for (const { articleId, favoritesCount } of articles.values()) {
      if (deletedBefore.has(articleId)) throw new Error(`${articleId} is shown, and was deleted before`);
      this.check(articleId, favoritesCount, answered);
    }
    for (const { userId, bio } of authors.values()) this.check(userId, Number(bio), answered);
  }

  private check(id: string, shown: number, answered: ReadonlyMap<string, number>): void {
    const least = answered.get(id) ?? 0;
    if (shown < least) throw new Error(`${id} is shown as of version ${shown}, and ${least} was answered before`);
  }

  private pick<T>(some: readonly T[]): T {
    return some[Math.floor(this.random() * some.length)];
  }
}

test('whatever was answered is seen, however far behind reads are and however long items are kept', async () => {
  let [shown, itemsRead] = [0, 0];
  for (let seed = 1; seed <= 40; seed++) {
    const site = new Site(seed);
    await site.run(120).catch((error: Error) => Promise.reject(new Error(`seed ${seed}: ${error.message}`)));
    shown += site.shown;
    itemsRead += site.itemsRead;
  }
  // Else it would say nothing of what is kept.
  expect(shown).toBeGreaterThan(5_000);
  expect(itemsRead / shown).toBeLessThan(0.9);
});
