import { articleIdOf, articleOf, profileOf, userIdOf } from './samples';
import { type FeedPorts, getFeed } from '../../lambda/realworld-api/domain/feed';
import type { Article, ArticleRef } from '../../lambda/realworld-api/domain/model';
import { unauthorized } from '../../lambda/realworld-api/errors';

/** A day after the sample ids' time. */
export const NOW = Date.UTC(2024, 5, 11);
export const WINDOW = 90_000;
export const TTL = 60 * 24 * 3600 * 1000;
export const LONG_AGO = new Date(NOW - WINDOW - 1).toISOString();
export const JUST_NOW = new Date(NOW - WINDOW).toISOString();
export const ME = profileOf(1, { username: 'me' });

/** The truth, and what the stream has made of it so far. */
export class Stream {
  public readonly articles = new Map<string, Article>();
  /** Rows of the feed table. */
  public rows: ArticleRef[] = [];
  public readonly recent: ArticleRef[] = [];
  public readonly tombstones = new Set<string>();
  public readonly follows = new Map<string, string>();
  /** What an eventually consistent read still says of them. */
  public followsBefore?: ReadonlyMap<string, string>;
  /** Authors whose articles the stream leaves to readers. */
  public readonly pulled = new Set<string>();
  /** Since when the feed has whose articles. */
  public readonly filled = new Map<string, number>();
  /** Whose articles do not come in at present, and since when they do again. */
  public readonly dormant = new Set<string>();
  public readonly restored = new Map<string, number>();
  public activity: FeedPorts['activity'];
  public readCap = 1000;
  public asked: Record<string, unknown> = {};
  public hydrations = 0;
  /** How many rows were asked for, each time. */
  public readonly pages: number[] = [];
  public readOfAuthors = 0;
  public readonly changed = new Set([articleIdOf(99)]);

  /** An article; `row` and `recent` tell whether the feed has its row and whether it is of the last moments. */
  public add(number: number, author: number, { row = false, recent = false } = {}): void {
    const article = articleOf(number, author);
    this.articles.set(article.articleId, article);
    if (row) this.rows.unshift(article);
    if (recent) this.recent.push(article);
  }

  public follow(user: number, since = LONG_AGO): void {
    this.follows.set(userIdOf(user), since);
  }

  public ports(): FeedPorts {
    return {
      sessions: {
        claimedBy: async (token) => (token === 'forged' ? Promise.reject(unauthorized('is invalid')) : ME.userId),
        load: async (token) =>
          token === 'ended' ? Promise.reject(unauthorized('is invalid')) : { viewer: ME, userIds: [] },
      },
      lists: {
        lately: async ({ deleted: deletedSince, changed: changedSince }) => {
          this.asked = { ...this.asked, deletedSince, changedSince };
          return { deleted: this.tombstones, changed: this.changed };
        },
        readArticles: async (rows, viewerId, followed, unsettled) => {
          this.hydrations++;
          expect(unsettled).toEqual({ viewer: ME, changed: this.changed });
          expect(viewerId).toBe(ME.userId);
          return {
            articles: new Map([...this.articles].filter(([id]) => rows.some(({ articleId }) => articleId === id))),
            authors: new Map(Array.from({ length: 99 }, (_, n) => [userIdOf(n), profileOf(n)])),
            favorited: new Set([articleIdOf(1)]),
            following: followed ?? new Set(),
          };
        },
      },
      feed: {
        rows: async (userId, { max, now, before }) => {
          this.asked = { ...this.asked, userId, now };
          this.pages.push(max);
          const rest = this.rows.filter((row) => before === undefined || row.articleId < before);
          const rows = rest.slice(0, max);
          return { rows, next: rest.length > max ? rows[max - 1].articleId : undefined };
        },
        follows: async (_, { consistent }) =>
          [...(consistent ? this.follows : (this.followsBefore ?? this.follows))].map(([followee, createdAt]) => ({
            followee,
            createdAt,
            filledAt: this.filled.get(followee),
            isDormant: this.dormant.has(followee),
            restoredAt: this.restored.get(followee),
          })),
        pulled: async () => this.pulled,
        articlesSince: async (since) => ((this.asked = { ...this.asked, since }), this.recent),
        articlesOf: async (authorId, oldest, ofAuthor) => {
          this.asked = { ...this.asked, oldest, ofAuthor };
          const all = [...this.articles.values()].filter((row) => row.authorId === authorId && row.articleId >= oldest);
          const found = all.reverse().slice(0, ofAuthor);
          this.readOfAuthors += found.length;
          return found;
        },
      },
      activity: this.activity,
      now: () => NOW,
      window: WINDOW,
      readCap: this.readCap,
      ttl: TTL,
    };
  }

  /** The articles on a page of the feed, by their numbers, and how many there are. */
  public async feed(limit = 20, offset = 0) {
    const page = await getFeed(this.ports(), 'token', { limit, offset });
    return { numbers: page.articles.map(({ slug }) => Number(slug.split('-')[1])), count: page.articlesCount, page };
  }
}
