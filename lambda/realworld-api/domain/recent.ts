import type { ArticleRef } from './model';
import { type Lately, type LatelySince, unsettledSince } from './settling';

/** An article that was made or changed, with the tags that it has since. */
export interface RecentArticle extends ArticleRef {
  readonly tagList: readonly string[];
  /** Characters of its body, where they are known. */
  readonly bodyLength?: number;
}

/** As the last change left it; only changes of the body tell how long that is. */
export const changed = (row: RecentArticle | undefined, change: RecentArticle): RecentArticle => ({
  ...change,
  bodyLength: change.bodyLength ?? row?.bodyLength,
});

/** What the search index may have yet to learn. */
export interface RecentWrites extends Lately {
  /** Articles of this id and above are among `created`, all of them: the index need not be asked for any. */
  readonly bound: string;
  /** Newest first. */
  readonly created: readonly RecentArticle[];
  /** Each once, as it was changed last; only those below `bound`. */
  readonly updated: readonly RecentArticle[];
}

/**
 * From when on writes may be missing in the index, in ms since 1970. Documents go later than articles: their text is
 * removed by the clean-up.
 */
export interface RecentSince extends LatelySince {
  readonly written: number;
}

/** How far the index may be behind, in ms. */
export interface SearchWindows {
  readonly written: number;
  readonly deleted: number;
}

export const recentSince = (now: number, { written, deleted }: SearchWindows): RecentSince => ({
  written: now - written,
  deleted: now - deleted,
  changed: unsettledSince(now),
});

/** What the index is not asked for: the overlay knows better. */
export interface Known {
  /** This id and above. @default - none by its height */
  readonly bound?: string;
  readonly ids: readonly string[];
}

/** What of the index is not asked for where all recent writes are laid over it. */
export function knownOf({ bound, updated, deleted }: RecentWrites, others: Iterable<string> = []): Known {
  const ids = new Set([...updated.map(({ articleId }) => articleId), ...deleted, ...others]);
  return { bound, ids: [...ids].filter((id) => id < bound) };
}
