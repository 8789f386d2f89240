import { readCached } from './cached';
import { sumOf, totalOf } from './counts';
import { favoritedAmong, followedAmong } from './edges';
import { withAllFavorites } from './favorites';
import { toArticle, toProfile } from './items';
import { latelySince } from './lately';
import { ProfileRepository } from './profiles';
import type { Tables } from './tables';
import { batchGet, type Consistency, type Item, queryUpTo } from '../../core/dynamodb';
import { lowestIdAt } from '../../core/ids';
import {
  ARTICLE_PREFIX,
  articleKey,
  articlesPk,
  authorCountPk,
  authorTagPk,
  FAVORITE_PREFIX,
  favoritesPk,
  idOf,
  profileKey,
  rankOf,
  TAG_RANK_PREFIX,
  tagCountPks,
  tagEdgeKey,
  tagPk,
  TIMELINE_COUNT_SHARDS,
  TIMELINE_END,
  timelinePks,
} from '../../social-table/keys';
import type { Article, ArticleRef, ArticlesInContext, Profile, Rows } from '../domain/model';
import type { Lately, LatelySince, Unsettled } from '../domain/settling';

const refOf = (item: Item): ArticleRef => ({ articleId: idOf(String(item.SK)), authorId: String(item.authorId) });
const newestFirst = (a: ArticleRef, b: ArticleRef) => (a.articleId < b.articleId ? 1 : -1);

/** How often tags are used by what one shard says: a count where it was read, else the rank. */
function usesIn(items: readonly Item[]): Map<string, number> {
  const uses = new Map<string, number>();
  for (const { SK, articlesCount } of items) {
    const sk = String(SK);
    if (sk.startsWith(TAG_RANK_PREFIX)) {
      const { tag, level } = rankOf(sk);
      uses.set(tag, 2 ** level);
    } else {
      // Counts lie behind ranks.
      uses.set(idOf(sk), Number(articlesCount));
    }
  }
  return uses;
}

/**
 * Lists read edges of the base table, consistently: what is written is listed at once. What edges lead to is read
 * eventually consistent where the caller knows what changed lately.
 */
export class ListRepository {
  public constructor(private readonly tables: Tables) {}

  public lately(since: LatelySince): Promise<Lately> {
    return latelySince(this.tables, since);
  }

  /** The newest of all, merged from the timeline's shards, each of which has counts behind its articles. */
  public async timeline(max: number): Promise<Rows> {
    const shards = await Promise.all(
      timelinePks(this.tables.shards).map((pk) =>
        queryUpTo(
          this.tables.db,
          {
            TableName: this.tables.social,
            KeyConditionExpression: 'PK = :pk AND SK BETWEEN :first AND :end',
            ExpressionAttributeValues: { ':pk': pk, ':first': ARTICLE_PREFIX, ':end': TIMELINE_END },
            ScanIndexForward: false,
          },
          max + TIMELINE_COUNT_SHARDS,
        ),
      ),
    );
    const isArticle = ({ SK }: Item) => String(SK).startsWith(ARTICLE_PREFIX);
    const all = shards.flatMap(({ items }) => items);
    const rows = all.filter(isArticle).map(refOf).sort(newestFirst);
    const counts = all.filter((item) => !isArticle(item));
    return {
      // A shard that was cut off may hide rows beyond its last: the first `max` of the merge are right all the same.
      rows: rows.slice(0, max),
      more: rows.length > max || shards.some(({ more }) => more),
      // Of a table that was not counted so at first, more may have been deleted since than made.
      total: Math.max(0, totalOf(counts)),
    };
  }

  public async byTag(tag: string, max: number): Promise<Rows> {
    const { items, more } = await this.edges(tagPk(tag), ARTICLE_PREFIX, max);
    return { rows: items.map(refOf), more };
  }

  /** An author's articles. */
  public async byAuthor(authorId: string, max: number): Promise<Rows<Article>> {
    const { items, more } = await this.edges(articlesPk(authorId), ARTICLE_PREFIX, max);
    return { rows: items.map(toArticle), more };
  }

  /**
   * An author's articles with a tag. The stream may have yet to write the edges of those since a moment (in ms since
   * 1970): of these the articles themselves tell.
   */
  public async byAuthorAndTag(authorId: string, tag: string, since: number, max: number): Promise<Rows> {
    const query = (pk: string, condition: string, projection?: string) =>
      queryUpTo(
        this.tables.db,
        {
          TableName: this.tables.social,
          KeyConditionExpression: `PK = :pk AND SK ${condition} :since`,
          ExpressionAttributeValues: { ':pk': pk, ':since': `${ARTICLE_PREFIX}${lowestIdAt(since)}` },
          ProjectionExpression: projection,
          ScanIndexForward: false,
        },
        max,
      );
    const [recent, edges] = await Promise.all([
      query(articlesPk(authorId), '>='),
      query(authorTagPk(authorId, tag), '<', 'SK'),
    ]);
    const tagged = recent.items.map(toArticle).filter(({ tagList }) => tagList.includes(tag));
    const rows = [...tagged, ...edges.items.map(({ SK }) => ({ articleId: idOf(String(SK)), authorId }))];
    return { rows: rows.slice(0, max), more: rows.length > max || edges.more };
  }

  /** How many articles an author has. */
  public authorCount(authorId: string): Promise<number> {
    return sumOf(this.tables, authorCountPk(authorId));
  }

  public async byFavorited(userId: string, max: number): Promise<Rows> {
    const { items, more } = await this.edges(favoritesPk(userId), FAVORITE_PREFIX, max);
    return { rows: items.map(refOf), more };
  }

  /** Those of some articles that carry a tag. */
  public async withTag(rows: readonly ArticleRef[], tag: string): Promise<ArticleRef[]> {
    const edges = await batchGet(
      this.tables.db,
      rows.map(({ articleId }) => ({ table: this.tables.social, key: tagEdgeKey(tag, articleId) })),
    );
    return rows.filter((_, index) => edges[index] !== undefined);
  }

  public profile(userId: string): Promise<Profile | undefined> {
    return new ProfileRepository(this.tables).get(userId);
  }

  /**
   * Everything that a page of rows needs, in calls side by side.
   *
   * @param followed whom the viewer follows, where that is known already
   * @param unsettled with it, all is read eventually consistent but for what it knows better; the viewer's favorites,
   * where any of the articles was changed lately: it may have been a favorite of theirs
   */
  public async readArticles(
    rows: readonly ArticleRef[],
    viewerId: string | undefined,
    followed?: ReadonlySet<string>,
    unsettled?: Unsettled,
  ): Promise<ArticlesInContext> {
    const { social } = this.tables;
    const authorIds = [...new Set(rows.map((row) => row.authorId))];
    const viewer = unsettled?.viewer;
    const changedLately = (id: string) => !unsettled || unsettled.changed.has(id);
    const [items, favorited, following] = await Promise.all([
      readCached(
        this.tables,
        [
          ...rows.map(({ authorId, articleId }) => ({
            id: articleId,
            table: social,
            key: articleKey(authorId, articleId),
          })),
          ...authorIds.filter((id) => id !== viewer?.userId).map((id) => ({ id, table: social, key: profileKey(id) })),
        ],
        unsettled?.changed,
      ),
      this.favorited(viewerId, rows, { consistent: rows.some(({ articleId }) => changedLately(articleId)) }),
      followed ?? this.following(viewerId, authorIds, { consistent: changedLately(viewerId ?? '') }),
    ]);
    const present = (found: readonly (Item | undefined)[]) => found.filter((item): item is Item => item !== undefined);
    const articles = await this.withAllFavorites(present(items.slice(0, rows.length)).map(toArticle));
    const authors = [...present(items.slice(rows.length)).map(toProfile), ...(viewer ? [viewer] : [])];
    return {
      articles: new Map(articles.map((article) => [article.articleId, article])),
      authors: new Map(authors.map((author) => [author.userId, author])),
      favorited,
      following,
    };
  }

  /** Articles of which many were favorited at once have their counts read further. */
  public withAllFavorites(articles: readonly Article[]): Promise<Article[]> {
    return withAllFavorites(this.tables, articles);
  }

  public async favorited(
    viewerId: string | undefined,
    rows: readonly ArticleRef[],
    read?: Consistency,
  ): Promise<Set<string>> {
    const ids = rows.map((row) => row.articleId);
    return viewerId === undefined ? new Set() : favoritedAmong(this.tables, viewerId, ids, read);
  }

  public async following(
    viewerId: string | undefined,
    userIds: readonly string[],
    read?: Consistency,
  ): Promise<Set<string>> {
    return viewerId === undefined ? new Set() : followedAmong(this.tables, viewerId, userIds, read);
  }

  /** The viewer's newest favorites, up to a number: known before the rows are. */
  public async newestFavorites(
    viewerId: string | undefined,
    max: number,
  ): Promise<{ ids: Set<string>; down?: string }> {
    if (viewerId === undefined) {
      return { ids: new Set() };
    }
    const { items, more } = await this.edges(favoritesPk(viewerId), FAVORITE_PREFIX, max);
    const ids = items.map((item) => idOf(String(item.SK)));
    return { ids: new Set(ids), down: more ? ids[ids.length - 1] : undefined };
  }

  /**
   * Tags that articles carry, the most used first. Each shard is read up to `max` rows at least, all together up to four
   * times as many: the ranks of what is used most, then the counts by name. Where that is all there is, the order is by
   * exact numbers; else by powers of two.
   */
  public async tags(max: number): Promise<string[]> {
    const ofEach = Math.max(max, Math.ceil((4 * max) / this.tables.shards));
    const shards = await Promise.all(
      tagCountPks(this.tables.shards).map((pk) =>
        queryUpTo(
          this.tables.db,
          {
            TableName: this.tables.social,
            KeyConditionExpression: 'PK = :pk',
            ExpressionAttributeValues: { ':pk': pk },
          },
          ofEach,
        ),
      ),
    );
    const uses = new Map<string, number>();
    for (const { items } of shards) {
      for (const [tag, count] of usesIn(items)) {
        uses.set(tag, (uses.get(tag) ?? 0) + count);
      }
    }
    return [...uses]
      .filter(([, count]) => count > 0)
      .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
      .slice(0, max)
      .map(([tag]) => tag);
  }

  /** Rows of one partition, newest (highest) first. */
  private edges(pk: string, prefix: string, max: number) {
    return queryUpTo(
      this.tables.db,
      {
        TableName: this.tables.social,
        KeyConditionExpression: 'PK = :pk AND begins_with(SK, :prefix)',
        ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
        ScanIndexForward: false,
      },
      max,
    );
  }
}
