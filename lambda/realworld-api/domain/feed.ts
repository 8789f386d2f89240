import { type ListPorts, type Page, toViews } from './lists';
import type { ArticleRef, Follow } from './model';
import type { Sessions } from './session';
import { unauthorized } from '../errors';

/** What the rules about feeds need of storage. */
export interface FeedPorts {
  readonly sessions: Sessions;
  readonly lists: Pick<ListPorts['lists'], 'hydrate'>;
  readonly feed: {
    rows(userId: string, max: number, now: number): Promise<ArticleRef[]>;
    follows(userId: string): Promise<Follow[]>;
    articlesSince(since: number): Promise<ArticleRef[]>;
    articlesOf(authorId: string, since: number, max: number): Promise<ArticleRef[]>;
    deletedSince(since: number): Promise<Set<string>>;
  };
  /** How far the stream may be behind, in ms. */
  readonly window: number;
  /** Rows that a feed shows at most. */
  readonly readCap: number;
  /** How old an article of a feed may be, in ms. */
  readonly ttl: number;
  /** Milliseconds since 1970. */
  now(): number;
}

/** Follows of the last moments whose articles are read through at most; those of a script's further ones come a moment later. */
const NEWLY_FOLLOWED = 50;

/**
 * The newest articles of those whom a user follows now. Rows come from the feed, which the stream fills; what it may
 * have yet to bring is laid over: articles of the last moments, and all of those newly followed. Rows of deleted
 * articles and of those not followed any more are left out, whether the stream has removed them or not.
 */
export async function getFeed(ports: FeedPorts, token: string, { limit, offset }: Page) {
  const { userId } = await ports.sessions.verify(token);
  const now = ports.now();
  const since = now - ports.window;
  const [opened, stored, follows, recent, deleted] = await Promise.all([
    ports.sessions.load(token, {}),
    ports.feed.rows(userId, ports.readCap, now),
    ports.feed.follows(userId),
    ports.feed.articlesSince(since),
    ports.feed.deletedSince(since),
  ]);
  if (!opened.viewer) {
    throw unauthorized('is invalid');
  }
  const followed = new Set(follows.map((follow) => follow.followee));
  const newly = follows
    .filter((follow) => Date.parse(follow.createdAt) >= since)
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
    .slice(0, NEWLY_FOLLOWED);
  const ofNewly = await Promise.all(
    newly.map((follow) => ports.feed.articlesOf(follow.followee, now - ports.ttl, ports.readCap)),
  );

  const merged = new Map<string, ArticleRef>();
  for (const row of [...stored, ...recent, ...ofNewly.flat()]) {
    if (followed.has(row.authorId) && !deleted.has(row.articleId)) {
      merged.set(row.articleId, row);
    }
  }
  const rows = [...merged.values()].sort((a, b) => (a.articleId < b.articleId ? 1 : -1)).slice(0, ports.readCap);

  // A row may still lead nowhere, where the stream is further behind than the window: fill the page from the next.
  const gone = new Set<string>();
  for (;;) {
    const live = rows.filter((row) => !gone.has(row.articleId));
    const wanted = live.slice(offset, offset + limit);
    const found = await ports.lists.hydrate(wanted, userId, followed);
    const missing = wanted.filter((row) => !found.articles.has(row.articleId));
    if (missing.length === 0) {
      return { articles: toViews(wanted, found), articlesCount: live.length };
    }
    missing.forEach((row) => gone.add(row.articleId));
  }
}
