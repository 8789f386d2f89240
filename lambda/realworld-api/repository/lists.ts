import { sumOf } from './counts';
import { favoritedAmong, followedAmong } from './edges';
import { withAllFavorites } from './favorites';
import { toArticle, toProfile } from './items';
import { ProfileRepository } from './profiles';
import type { Tables } from './tables';
import { deletedSince } from './tombstones';
import { batchGet, type Item, queryUpTo } from '../../core/dynamodb';
import {
  ARTICLE_PREFIX,
  articleKey,
  articlesPk,
  authorCountPk,
  FAVORITE_PREFIX,
  favoritesPk,
  idOf,
  profileKey,
  TAG_PREFIX,
  tagCountPks,
  tagEdgeKey,
  tagPk,
  timelineCountPk,
  timelinePks,
} from '../../social-table/keys';
import type { Article, ArticleRef, Hydrated, Profile, Rows } from '../domain/model';

const refOf = (item: Item): ArticleRef => ({ articleId: idOf(String(item.SK)), authorId: String(item.authorId) });
const newestFirst = (a: ArticleRef, b: ArticleRef) => (a.articleId < b.articleId ? 1 : -1);

/** Lists read edges of the base table, consistently: what is written is listed at once. */
export class ListRepository {
  public constructor(private readonly tables: Tables) {}

  public deletedSince(since: number): Promise<Set<string>> {
    return deletedSince(this.tables, since);
  }

  /** The newest of all, merged from the timeline's shards. */
  public async timeline(max: number): Promise<Rows> {
    const [total, ...shards] = await Promise.all([
      sumOf(this.tables, timelineCountPk()),
      ...timelinePks().map((pk) => this.edges(pk, ARTICLE_PREFIX, max)),
    ]);
    const rows = shards.flatMap(({ items }) => items.map(refOf)).sort(newestFirst);
    return {
      // A shard that was cut off may hide rows beyond its last: the first `max` of the merge are right all the same.
      rows: rows.slice(0, max),
      more: rows.length > max || shards.some(({ more }) => more),
      total,
    };
  }

  public async byTag(tag: string, max: number): Promise<Rows> {
    const [{ items, more }, total] = await Promise.all([
      this.edges(tagPk(tag), ARTICLE_PREFIX, max),
      this.tagCount(tag),
    ]);
    return { rows: items.map(refOf), more, total };
  }

  /** How many articles carry a tag. */
  public async tagCount(tag: string): Promise<number> {
    const counts = await batchGet(
      this.tables.db,
      tagCountPks().map((PK) => ({ table: this.tables.social, key: { PK, SK: `${TAG_PREFIX}${tag}` } })),
    );
    return counts.reduce((sum, item) => sum + Number(item?.articlesCount ?? 0), 0);
  }

  /** An author's articles. */
  public async byAuthor(authorId: string, max: number): Promise<Rows<Article>> {
    const { items, more } = await this.edges(articlesPk(authorId), ARTICLE_PREFIX, max);
    return { rows: items.map(toArticle), more };
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
   */
  public async hydrate(
    rows: readonly ArticleRef[],
    viewerId: string | undefined,
    followed?: ReadonlySet<string>,
  ): Promise<Hydrated> {
    const { db, social } = this.tables;
    const authorIds = [...new Set(rows.map((row) => row.authorId))];
    const [items, favorited, following] = await Promise.all([
      batchGet(db, [
        ...rows.map((row) => ({ table: social, key: articleKey(row.authorId, row.articleId) })),
        ...authorIds.map((id) => ({ table: social, key: profileKey(id) })),
      ]),
      this.favorited(viewerId, rows),
      followed ?? this.following(viewerId, authorIds),
    ]);
    const present = (found: readonly (Item | undefined)[]) => found.filter((item): item is Item => item !== undefined);
    const articles = await this.withAllFavorites(present(items.slice(0, rows.length)).map(toArticle));
    return {
      articles: new Map(articles.map((article) => [article.articleId, article])),
      authors: new Map(present(items.slice(rows.length)).map((item) => [String(item.userId), toProfile(item)])),
      favorited,
      following,
    };
  }

  /** Articles of which many were favorited at once have their counts read further. */
  public withAllFavorites(articles: readonly Article[]): Promise<Article[]> {
    return withAllFavorites(this.tables, articles);
  }

  public async favorited(viewerId: string | undefined, rows: readonly ArticleRef[]): Promise<Set<string>> {
    const ids = rows.map((row) => row.articleId);
    return viewerId === undefined ? new Set() : favoritedAmong(this.tables, viewerId, ids);
  }

  public async following(viewerId: string | undefined, userIds: readonly string[]): Promise<Set<string>> {
    return viewerId === undefined ? new Set() : followedAmong(this.tables, viewerId, userIds);
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

  /** Every tag that an article carries, the most used first. */
  public async tags(max: number): Promise<string[]> {
    const shards = await Promise.all(tagCountPks().map((pk) => this.edges(pk, TAG_PREFIX, max)));
    const counts = new Map<string, number>();
    for (const item of shards.flatMap(({ items }) => items)) {
      const tag = idOf(String(item.SK));
      counts.set(tag, (counts.get(tag) ?? 0) + Number(item.articlesCount));
    }
    return [...counts]
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
