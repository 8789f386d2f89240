import { randomInt } from 'node:crypto';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { tellChanged } from './changed';
import { sumOf } from './counts';
import type { Tables } from './tables';
import { Busy, isBusy } from '../../core/busy';
import {
  batchGet,
  type Condition,
  EXISTS,
  type NamedWrites,
  NOT_THERE,
  putOf,
  type TableWrites,
  transactWrite,
  TransactionRefused,
  type Write,
  writesOn,
} from '../../core/dynamodb';
import { CONTENTION, retry, type RetryOptions } from '../../core/retry';
import { FAVORITE, FAVORITE_COUNT, FAVORITED_BY } from '../../social-table/entities';
import {
  articleKey,
  favoriteCountKey,
  favoriteCountPk,
  FAVORITE_COUNT_SHARDS,
  favoriteKey,
} from '../../social-table/keys';
import type { FavoriteOutcome } from '../domain/articles';
import type { Article, ArticleRef } from '../domain/model';

/** Retries of a favorite under contention, before the count of its article is sharded. */
const BEFORE_SHARDING: RetryOptions = { ...CONTENTION, attempts: 3 };
const ONCE: RetryOptions = { ...CONTENTION, attempts: 1 };

/** Longer than any queue keeps a message of the clean-up. */
const LEFT_SECONDS = 30 * 24 * 3600;

/** The article is there, and counts its favorites on its own item. */
export const UNSHARDED: Condition = { expression: 'attribute_exists(PK) AND attribute_not_exists(favoriteShards)' };

type Target = Pick<Article, 'articleId' | 'authorId' | 'favoriteShards'>;

/**
 * Favorites: an edge and a count, in one transaction. The edge of the other side is only what the clean-up of a deleted
 * article finds favorites by. It is there before a favorite is and stays when that is taken back: removing it could
 * come after the next favorite has put it. What is left of it goes with its article.
 *
 * Transactions on one item take turns, so that an article that counts its favorites itself takes some tens a second.
 * One whose favorites get in each other's way is marked, once and for good: from then on favorites count on shards of
 * their own. A shard is also the proof that the article exists, because its deletion removes the shards. Whoever reads
 * an article reads shards only where it is marked.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html (transaction conflicts)
 */
export class FavoriteRepository {
  private readonly writes: TableWrites;

  public constructor(private readonly tables: Tables) {
    this.writes = writesOn(tables.social);
  }

  public tell(id: string, at: string): Promise<void> {
    return tellChanged(this.tables, id, at);
  }

  public async announce(userId: string, { articleId }: ArticleRef, favorite: boolean, at: string): Promise<void> {
    const { db, social } = this.tables;
    const favoritedBy = putOf(social, FAVORITED_BY.item([articleId, userId], {}));
    await Promise.all([
      tellChanged(this.tables, articleId, at),
      favorite ? db.send(new PutCommand(favoritedBy)) : undefined,
    ]);
  }

  /**
   * For a favorite that found its article gone: the clean-up may have been done before it was announced, so that the row
   * is left to its expiry. Until then it is there: another request may have made the favorite while the article was,
   * and a clean-up that is yet to come has to find it.
   */
  public async forgetGone(userId: string, articleId: string, now: string): Promise<void> {
    const expiresAt = Math.floor(Date.parse(now) / 1000) + LEFT_SECONDS;
    const left = FAVORITED_BY.item([articleId, userId], { expiresAt });
    await this.tables.db.send(new PutCommand(putOf(this.tables.social, left)));
  }

  /** Idempotent. It must have been announced. */
  public favorite(userId: string, article: Target, createdAt: string): Promise<FavoriteOutcome> {
    const { articleId, authorId } = article;
    const favorite = this.writes.put(FAVORITE.item([userId, articleId], { authorId, createdAt }), NOT_THERE);
    return this.change(article, { favorite }, 1);
  }

  /** Idempotent. */
  public unfavorite(userId: string, article: Target): Promise<FavoriteOutcome> {
    return this.change(article, { favorite: this.writes.remove(favoriteKey(userId, article.articleId), EXISTS) }, -1);
  }

  private async change(article: Target, edges: NamedWrites, by: 1 | -1): Promise<FavoriteOutcome> {
    const shards = article.favoriteShards ?? (await this.changeUnsharded(article, edges, by));
    if (typeof shards !== 'number') {
      return shards;
    }
    const count = () => this.add(favoriteCountKey(article.articleId, randomInt(shards)), by, EXISTS);
    const refused = await this.attempt(() => ({ ...edges, count: count() }), CONTENTION);
    return refused?.failed('count') ? { kind: 'gone' } : outcomeOf(refused);
  }

  /** @returns the number of shards where the count is, or is now, on shards */
  private async changeUnsharded(article: Target, edges: NamedWrites, by: 1 | -1): Promise<FavoriteOutcome | number> {
    const count = this.add(articleKey(article.authorId, article.articleId), by, UNSHARDED);
    try {
      const refused = await this.attempt({ ...edges, count }, BEFORE_SHARDING);
      return refused?.failed('count') ? shardsIn(refused.item('count')) : outcomeOf(refused);
    } catch (error) {
      if (error instanceof Busy) {
        return this.addShards(article);
      }
      throw error;
    }
  }

  /**
   * Marks an article and makes its shards, unless somebody has: that is looked at before each try, because a try holds
   * all shards, which others count on by then.
   */
  private addShards({ articleId, authorId }: Target): Promise<FavoriteOutcome | number> {
    const { update } = this.writes;
    const { db, social } = this.tables;
    const key = articleKey(authorId, articleId);
    const shards = Array.from({ length: FAVORITE_COUNT_SHARDS }, (_, shard): [string, Write] => [
      `shard ${shard}`,
      update(favoriteCountKey(articleId, shard), { set: { entityType: FAVORITE_COUNT.type, favoritesCount: 0 } }),
    ]);
    const mark = update(key, { set: { favoriteShards: FAVORITE_COUNT_SHARDS } }, UNSHARDED);
    return retry(async () => {
      const [stored] = await batchGet(db, [{ table: social, key }]);
      if (stored === undefined || stored.favoriteShards !== undefined) {
        return shardsIn(stored);
      }
      const refused = await this.attempt({ ...Object.fromEntries(shards), article: mark }, ONCE);
      return refused ? shardsIn(refused.item('article')) : FAVORITE_COUNT_SHARDS;
    }, isBusy);
  }

  private add(key: { PK: string; SK: string }, by: 1 | -1, condition: Condition): Write {
    return this.writes.update(key, { add: { favoritesCount: by } }, condition);
  }

  private async attempt(writes: NamedWrites | (() => NamedWrites), options: RetryOptions) {
    try {
      await transactWrite(this.tables.db, writes, options);
      return undefined;
    } catch (error) {
      if (error instanceof TransactionRefused) {
        return error;
      }
      throw error;
    }
  }
}

/** Of a change whose count was not refused: where anything else was, that is the edge, which is as wanted already. */
const outcomeOf = (refused: TransactionRefused | undefined): FavoriteOutcome => ({
  kind: refused ? 'already' : 'done',
});

/** What an article that does not count its favorites itself says, as it was stored. */
const shardsIn = (stored: { readonly favoriteShards?: unknown } | undefined): FavoriteOutcome | number =>
  stored === undefined ? { kind: 'gone' } : Number(stored.favoriteShards);

/** Articles with all their favorites counted: only those that are marked are read further. */
export function withAllFavorites<T extends Article>(tables: Tables, articles: readonly T[]): Promise<T[]> {
  return Promise.all(
    articles.map(async (article) =>
      article.favoriteShards === undefined
        ? article
        : {
            ...article,
            favoritesCount:
              article.favoritesCount + (await sumOf(tables, favoriteCountPk(article.articleId), 'favoritesCount')),
          },
    ),
  );
}
