import { CLOCKS } from '../core/clocks';
import { numberEnv } from '../core/env';
import { newId, newNumericId } from '../core/ids';
import { pause } from '../core/retry';
import { AccountRepository } from './repository/accounts';
import { ActivityRepository } from './repository/activity';
import { ArticleRepository } from './repository/articles';
import { CommentRepository } from './repository/comments';
import { FavoriteRepository } from './repository/favorites';
import { FeedRepository } from './repository/feed';
import { ItemCache } from './repository/item-cache';
import { ListRepository } from './repository/lists';
import { ProfileRepository } from './repository/profiles';
import { SessionRepository } from './repository/sessions';
import { type Tables, tables } from './repository/tables';

/** What handlers give to use cases, made once a sandbox. A handler imports those it uses, and no others are bundled. */

const now = () => Date.now();
/** How far the stream may be behind before lists or feeds are eventual, in ms: the construct reckons it, nobody else. */
const window = (of: 'CLEAN_UP' | 'OVERLAY') => numberEnv(`${of}_WINDOW_SECONDS`) * 1000;

/** With what a sandbox keeps of articles and profiles, for those that read lists of them. */
export function cachingTables(): Tables {
  const ttlMs = numberEnv('ITEM_CACHE_TTL_SECONDS') * 1000;
  return { ...tables(), cache: ttlMs > 0 ? new ItemCache(ttlMs, CLOCKS) : undefined };
}

export const sessionPorts = () => ({ sessions: new SessionRepository(tables()), now });
export const accountPorts = () => ({ ...sessionPorts(), accounts: new AccountRepository(tables()), newId, pause });
export const profilePorts = () => ({ ...sessionPorts(), profiles: new ProfileRepository(tables()) });
export const articlePorts = () => ({ ...profilePorts(), articles: new ArticleRepository(tables()), newId });
export const favoritePorts = () => ({
  ...sessionPorts(),
  articles: new ArticleRepository(tables()),
  favorites: new FavoriteRepository(tables()),
});
export const commentPorts = () => ({ ...profilePorts(), comments: new CommentRepository(tables()), newNumericId });
export const commentReading = () => ({ ...commentPorts(), comments: new CommentRepository(cachingTables()) });
export const listReading = (of = cachingTables()) => ({ ...sessionPorts(), lists: new ListRepository(of) });
export const listPorts = (of = cachingTables()) => ({ ...listReading(of), window: window('CLEAN_UP') });
/** Undefined where feeds are filled whoever reads them. */
const activity = () => {
  const seconds = numberEnv('FEED_ACTIVE_SECONDS', 0);
  return seconds > 0 ? new ActivityRepository(tables(), seconds) : undefined;
};
export const feedPorts = () => ({
  ...listReading(),
  window: window('OVERLAY'),
  feed: new FeedRepository(tables(), CLOCKS),
  readCap: numberEnv('FEED_READ_CAP'),
  ttl: numberEnv('FEED_TTL_SECONDS') * 1000,
  activity: activity(),
});
