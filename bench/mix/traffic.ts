import { BatchGetCommand, type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { RequestName } from './requests';
import { unsettledSince } from '../../lambda/realworld-api/domain/settling';
import { ArticleRepository } from '../../lambda/realworld-api/repository/articles';
import { changedRow } from '../../lambda/realworld-api/repository/changed';
import { CommentRepository } from '../../lambda/realworld-api/repository/comments';
import { ItemCache } from '../../lambda/realworld-api/repository/item-cache';
import { ListRepository } from '../../lambda/realworld-api/repository/lists';
import type { Tables } from '../../lambda/realworld-api/repository/tables';
import { ARTICLE, PROFILE, TOMBSTONE } from '../../lambda/social-table/entities';
import { articleKey } from '../../lambda/social-table/keys';
import { MemoryDynamoDb } from '../../test/support/memory/dynamodb';
import { articleIdOf, articleOf, userIdOf } from '../../test/support/samples';
import { seeded } from '../../test/support/seeded';

/**
 * What requests read of articles, authors and of what changed lately, on a site where so many come each second: the shipped
 * repositories, in sandboxes with memories of their own, on a table in memory by whose calls units are reckoned.
 */

/** How often requests come by so many of a thousand, of those that read cards or change them. */
const READS = { 'global list': 200, 'list by tag': 100, feed: 100, comments: 100, article: 250 } as const;
export type ReadName = keyof typeof READS & RequestName;
const WRITES = { favorite: 45, follow: 10, update: 4, post: 8, delete: 3 } as const;
type WriteName = keyof typeof WRITES;

/** What is taken of the site, where the mix says nothing. */
const ASSUMED = {
  authors: 2_000,
  articles: 5_000,
  tags: 500,
  followed: 77,
  rows: 20,
  commenters: 10,
  /** Of a request, in seconds, by which the number of sandboxes follows; a request goes to any of them. */
  duration: 0.05,
  /** Of favorites, those of articles on the first page; the others are of any of the newest thousand. */
  favoritesOfFirstPage: 0.5,
};

const TTL = 45_000;
const WINDOW = 175_000;
const START = Date.UTC(2026, 0, 1);
/** Requests that are counted at each rate, and, in ms, how long it has gone on by then. */
const REQUESTS = 2_000;
const BEFORE = 100_000;

interface Shown {
  readonly articleId: string;
  readonly authorId: string;
  readonly tags: readonly number[];
}

/** Bytes by DynamoDB's rules, near enough: names and values as text. */
const bytesOf = (item: object) =>
  Object.entries(item).reduce((sum, [name, value]) => sum + name.length + String(value).length, 0);
const KB4 = 4_096;

class Traffic {
  public readonly units = new Map<ReadName, { count: number; units: number }>();
  private readonly random = seeded(20_261_122);
  private now = START;
  private charged = 0;
  private made = 0;
  /** The newest first. */
  private readonly articles: Shown[] = [];
  private readonly db = new MemoryDynamoDb(() => this.now);
  private readonly popular: readonly number[];
  private readonly sandboxes: Readonly<Record<ReadName, readonly Tables[]>>;

  public constructor(
    private readonly perSecond: number,
    remembers: boolean,
  ) {
    let sum = 0;
    this.popular = Array.from({ length: ASSUMED.authors }, (_, n) => (sum += 1 / (n + 1)));
    for (let n = 0; n < ASSUMED.authors; n++) this.db.put('social', profile(userIdOf(n)));
    for (let n = 0; n < ASSUMED.articles; n++) this.post();
    this.now += WINDOW;
    const lists = this.functionOf(READS['global list'] + READS['list by tag'], remembers);
    this.sandboxes = {
      'global list': lists,
      'list by tag': lists,
      feed: this.functionOf(READS.feed, remembers),
      comments: this.functionOf(READS.comments, remembers),
      article: this.functionOf(READS.article, false),
    };
  }

  public async run(): Promise<void> {
    const all = { ...READS, ...WRITES };
    const total = Object.values(all).reduce((sum, times) => sum + times, 0);
    const begin = this.now + BEFORE;
    for (let counted = 0; counted < REQUESTS;) {
      // The others of a thousand are in the rate, and neither read cards nor change them.
      this.now += (-Math.log(1 - this.random()) / this.perSecond) * 1_000 * (1_000 / total);
      let left = this.random() * total;
      const [name] = Object.entries(all).find(([, times]) => (left -= times) < 0) ?? ['article'];
      if (name in READS) {
        const units = await this.read(name as ReadName);
        if (this.now < begin) continue;
        const { count, units: before } = this.units.get(name as ReadName) ?? { count: 0, units: 0 };
        this.units.set(name as ReadName, { count: count + 1, units: before + units });
        counted++;
      } else {
        this.write(name as WriteName);
      }
    }
  }

  private functionOf(times: number, remembers: boolean): Tables[] {
    const rate = (this.perSecond * times) / 1_000;
    const clock = () => Math.round(this.now);
    const send = async (command: object) => this.charge(command);
    return Array.from({ length: 1 + Math.ceil(2 * rate * ASSUMED.duration) }, () => ({
      db: { send } as unknown as DynamoDBDocumentClient,
      social: 'social',
      accounts: 'accounts',
      shards: 1,
      cache: remembers ? new ItemCache(TTL, { now: clock, elapsed: clock }) : undefined,
    }));
  }

  private charge(command: object): object {
    const answer = this.db.apply(command, { pageSize: Infinity, lag: () => 0, random: this.random });
    if (command instanceof QueryCommand) {
      const { Items = [] } = answer as { Items?: object[] };
      const units = Math.max(1, Math.ceil(Items.reduce((sum, item) => sum + bytesOf(item), 0) / KB4));
      this.charged += command.input.ConsistentRead ? units : units / 2;
    } else if (command instanceof BatchGetCommand) {
      const { Keys = [], ConsistentRead } = command.input.RequestItems?.social ?? {};
      this.charged += Keys.length * (ConsistentRead ? 1 : 0.5);
    }
    return answer;
  }

  /** @returns units of cards, and of what tells of changes */
  private async read(name: ReadName): Promise<number> {
    const tables = this.pick(this.sandboxes[name]);
    this.charged = 0;
    const now = Math.round(this.now);
    const since = unsettledSince(now);
    if (name === 'article') {
      const changed = await new ArticleRepository(tables).changedSince(since);
      const { articleId, authorId } = this.recent();
      // Article and author, and how who asks stands to both.
      for (const id of [articleId, authorId, articleId, userIdOf(0)]) this.charged += changed.has(id) ? 1 : 0.5;
    } else if (name === 'comments') {
      const comments = new CommentRepository(tables);
      const changed = await comments.changedSince(since);
      const commenterIds = Array.from({ length: ASSUMED.commenters }, () => this.author());
      const { articleId, authorId } = this.recent();
      const record = { articleId, authorId, slug: '', slugBase: '', tagList: [], commenterIds };
      await comments.list(record, { changed });
      // The query of the comments themselves, of which there are none here.
      this.charged -= 1;
    } else {
      const lists = new ListRepository(tables);
      const { deleted, changed } = await lists.lately({ deleted: now - WINDOW, changed: since });
      const rows = this.rowsOf(name).filter(({ articleId }) => !deleted.has(articleId));
      await lists.readArticles(rows.slice(0, ASSUMED.rows), undefined, undefined, { changed });
    }
    return this.charged;
  }

  private rowsOf(name: ReadName): readonly Shown[] {
    if (name === 'global list') return this.articles.slice(0, ASSUMED.rows);
    const isShown =
      name === 'list by tag'
        ? (
            (tag) => (article: Shown) =>
              article.tags.includes(tag)
          )(this.tag())
        : (
            (followed) => (article: Shown) =>
              followed.has(article.authorId)
          )(new Set(Array.from({ length: ASSUMED.followed }, () => this.author())));
    const rows: Shown[] = [];
    for (const article of this.articles) {
      if (isShown(article) && rows.push(article) === ASSUMED.rows) break;
    }
    return rows;
  }

  private write(name: WriteName): void {
    const at = new Date(this.now).toISOString();
    const tell = (id: string) => this.db.put('social', changedRow(this.sandboxes.article[0], id, at));
    if (name === 'post') {
      this.post();
    } else if (name === 'follow') {
      tell(userIdOf(Math.floor(this.random() * 100_000)));
    } else if (name === 'favorite') {
      const first = this.random() < ASSUMED.favoritesOfFirstPage;
      tell((first ? this.pick(this.articles.slice(0, ASSUMED.rows)) : this.recent()).articleId);
    } else if (name === 'update') {
      tell(this.recent().articleId);
    } else {
      const place = Math.floor(this.random() * 1_000);
      const [{ articleId, authorId }] = this.articles.splice(place, 1);
      this.db.remove('social', articleKey(authorId, articleId));
      this.db.put('social', TOMBSTONE.item([articleId, at, 1], { articleId, authorId, expiresAt: 0 }));
    }
  }

  private post(): void {
    const articleId = articleIdOf(this.made++);
    const authorId = this.author();
    const row = { ...articleOf(0, 0), articleId, authorId, version: 1 };
    this.db.put('social', ARTICLE.item([authorId, articleId], row));
    this.articles.unshift({ articleId, authorId, tags: [this.tag(), this.tag()] });
  }

  private recent = () => this.articles[Math.floor(this.random() * 1_000)];
  private author = () => userIdOf(this.zipf(ASSUMED.authors));
  private tag = () => this.zipf(ASSUMED.tags);

  /** The n-th is asked for by one n-th of what the first is. */
  private zipf(count: number): number {
    const wanted = this.random() * this.popular[count - 1];
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.popular[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private pick<T>(some: readonly T[]): T {
    return some[Math.floor(this.random() * some.length)];
  }
}

const profile = (userId: string) =>
  PROFILE.item([userId], { userId, username: userId, tokenVersion: 1, createdAt: '', updatedAt: '', version: 1 });

/** Units of a request of each kind, of cards and of what tells of changes. */
export type CardUnits = Readonly<Record<ReadName, number>>;

/** @param remembers whether functions keep articles, profiles and changes in memory */
async function cardUnits(perSecond: number, remembers: boolean): Promise<CardUnits> {
  const traffic = new Traffic(perSecond, remembers);
  await traffic.run();
  return Object.fromEntries(
    [...traffic.units].map(([name, { count, units }]) => [name, units / count]),
  ) as unknown as CardUnits;
}

/** So rarely that nothing happens between two. */
const QUIET = 0.001;

/** What is read more, or less, than where there is nobody else, by rates of requests. */
export async function differences(
  rates: readonly { readonly perSecond: number; readonly remembers: boolean }[],
): Promise<readonly CardUnits[]> {
  const quiet = await cardUnits(QUIET, false);
  const all: CardUnits[] = [];
  for (const { perSecond, remembers } of rates) {
    const units = await cardUnits(perSecond, remembers);
    const names = Object.keys(quiet) as ReadName[];
    all.push(Object.fromEntries(names.map((name) => [name, units[name] - quiet[name]])) as unknown as CardUnits);
  }
  return all;
}
