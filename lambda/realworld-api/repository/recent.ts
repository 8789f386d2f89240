import { latelySince } from './lately';
import type { Tables } from './tables';
import { timelineSince } from './timeline';
import { batchGet, queryUpTo } from '../../core/dynamodb';
import { lowestIdAt } from '../../core/ids';
import { ARTICLE_TEXT, RECENT_UPDATE, TIMELINE_ARTICLE } from '../../social-table/entities';
import { articleTextKey, idOf, recentUpdatePks } from '../../social-table/keys';
import type { ArticleRef } from '../domain/model';
import { changed, type RecentArticle, type RecentSince, type RecentWrites } from '../domain/recent';
import type { ArticleText } from '../domain/texts';

/** Changed articles read at most for each shard: beyond, a change shows when the index has it. */
const UPDATES_LIMIT = 1_000;

const newestFirst = (a: ArticleRef, b: ArticleRef) => (a.articleId < b.articleId ? 1 : -1);

/** What was written in the last moments, which the search index may have yet to learn. */
export class RecentRepository {
  public constructor(private readonly tables: Tables) {}

  /** @param max of the created, the newest; `bound` rises where there are more */
  public async writes(since: RecentSince, max: number): Promise<RecentWrites> {
    const [created, updated, { deleted, changed: unsettled }] = await Promise.all([
      this.createdSince(since.written, max),
      this.updatedSince(since.written),
      latelySince(this.tables, since),
    ]);
    const isThere = ({ articleId }: RecentArticle) => !deleted.has(articleId);
    const { bound, rows } = created;
    return {
      bound,
      created: rows.filter(isThere).map((row) => {
        const change = updated.get(row.articleId);
        return change ? changed(row, change) : row;
      }),
      updated: [...updated.values()].filter((row) => row.articleId < bound && isThere(row)),
      deleted,
      changed: unsettled,
    };
  }

  /** The newest of all, as they were made. */
  public async newest(max: number): Promise<RecentArticle[]> {
    return (await this.createdSince(0, max)).rows;
  }

  /** What of some articles is searched, of those that are there. */
  public async texts(rows: readonly ArticleRef[]): Promise<ArticleText[]> {
    const items = await batchGet(
      this.tables.db,
      rows.map(({ articleId }) => ({ table: this.tables.social, key: articleTextKey(articleId) })),
    );
    return items.flatMap((item) => (item ? [ARTICLE_TEXT.read(item)] : []));
  }

  /** The newest of all shards: below the lowest of one that was cut off, others may be missing. */
  private async createdSince(since: number, max: number): Promise<{ bound: string; rows: RecentArticle[] }> {
    const shards = await timelineSince(this.tables, since, max);
    const rows = shards
      .flatMap(({ items }) =>
        items.map((item): RecentArticle => ({ articleId: idOf(String(item.SK)), ...TIMELINE_ARTICLE.read(item) })),
      )
      .sort(newestFirst);
    const bounds = shards.flatMap(({ items, more }) => (more ? [idOf(String(items[items.length - 1].SK))] : []));
    const beyond = rows.length > max ? [rows[max - 1].articleId] : [];
    const bound = [lowestIdAt(since), ...bounds, ...beyond].reduce((a, b) => (a > b ? a : b));
    return { bound, rows: rows.filter(({ articleId }) => articleId >= bound) };
  }

  /** The last change of each. */
  private async updatedSince(since: number): Promise<Map<string, RecentArticle>> {
    const shards = await Promise.all(
      recentUpdatePks(this.tables.shards).map((pk) =>
        queryUpTo(
          this.tables.db,
          {
            TableName: this.tables.social,
            KeyConditionExpression: 'PK = :pk AND SK >= :since',
            ExpressionAttributeValues: { ':pk': pk, ':since': new Date(since).toISOString() },
            ScanIndexForward: false,
          },
          UPDATES_LIMIT,
        ),
      ),
    );
    // One article's are in different shards where there were fewer when it was changed before.
    const byTime = shards.flatMap(({ items }) => items).sort((a, b) => (String(a.SK) < String(b.SK) ? -1 : 1));
    const oldestFirst = byTime.map((item) => RECENT_UPDATE.read(item));
    const updates = new Map<string, RecentArticle>();
    for (const update of oldestFirst) {
      updates.set(update.articleId, changed(updates.get(update.articleId), update));
    }
    return updates;
  }
}
