import { toArticle, toProfile } from './items';
import type { Tables } from './tables';
import { batchGet, transactWrite, TransactionRefused } from '../../core/dynamodb';
import { logWarning } from '../../core/logger';
import {
  articleKey,
  articleTextKey,
  favoriteKey,
  favoritedByKey,
  followKey,
  profileKey,
  slugKey,
  tagCountKey,
  tagEdgeKey,
  timelineCountKey,
  timelineKey,
  tombstoneKey,
} from '../../social-table/keys';
import { removeEmptyTagCounts } from '../../social-table/tag-counts';
import type { ArticleChanges, ArticleRef, FullArticle, Profile, SlugRecord, Standing } from '../domain/model';

/** An article with all that its view needs. */
export interface ArticleInContext {
  readonly article: FullArticle;
  readonly author: Profile;
  readonly standing: Standing;
}

/** What became of a write of an article. */
export type WriteOutcome =
  | { readonly kind: 'done' }
  /** The slug that was asked for is another article's. */
  | { readonly kind: 'slug-taken' }
  /** The article is gone, or is reached by another slug now. */
  | { readonly kind: 'gone' }
  /** What was read before does not hold any more: read and try again. */
  | { readonly kind: 'changed' }
  /** The write is not later than the last one, which was at this time. */
  | { readonly kind: 'too-early'; readonly updatedAt: string }
  /** The author's token has ended. */
  | { readonly kind: 'token-ended' };

type Write = Parameters<typeof transactWrite>[1][number];

const EXISTS = 'attribute_exists(PK)';
const NOT_THERE = 'attribute_not_exists(PK)';
/** Readers look back minutes; a day leaves room for any backlog before the rows are removed by their expiry. */
const TOMBSTONE_LIFE = 24 * 3600;

/** Articles with their text, slug, edges and counts: each change is one transaction. */
export class ArticleRepository {
  public constructor(private readonly tables: Tables) {}

  /** Makes an article, unless the author's tokens are of another generation by now or the slug is taken. */
  public async create(article: FullArticle, slugBase: string, tokenVersion: number): Promise<WriteOutcome> {
    const { articleId, authorId, slug, title, description, tagList, body, createdAt, updatedAt } = article;
    const text = { articleId, authorId, title, description, tagList, body };
    return this.write(
      [
        this.count(profileKey(authorId), 1, {
          condition: 'tokenVersion = :generation',
          values: { ':generation': tokenVersion },
        }),
        this.put({ ...slugKey(slug), entityType: 'Slug', articleId, authorId, slugBase, tagList }, NOT_THERE),
        this.put({
          ...articleKey(authorId, articleId),
          entityType: 'Article',
          ...{ articleId, authorId, slug, title, description, tagList, createdAt, updatedAt },
          favoritesCount: 0,
          version: 1,
        }),
        this.put({ ...articleTextKey(articleId), entityType: 'ArticleText', ...text, version: 1 }),
        this.put({ ...timelineKey(articleId), entityType: 'TimelineEdge', authorId }),
        this.count(timelineCountKey(articleId), 1, { entityType: 'TimelineCount' }),
        ...tagList.flatMap((tag) => this.addTag(tag, { articleId, authorId })),
      ],
      (refused) =>
        refused.failed(0) ? { kind: 'token-ended' } : refused.failed(1) ? { kind: 'slug-taken' } : undefined,
    );
  }

  public async profile(userId: string): Promise<Profile | undefined> {
    const [item] = await batchGet(this.tables.db, [this.ref(profileKey(userId))]);
    return item && toProfile(item);
  }

  /** The article as a viewer sees it; undefined where it is gone. */
  public async read(ref: ArticleRef, viewerId: string | undefined): Promise<ArticleInContext | undefined> {
    const { articleId, authorId } = ref;
    const [details, text, author, favorite, follow] = await batchGet(this.tables.db, [
      this.ref(articleKey(authorId, articleId)),
      this.ref(articleTextKey(articleId)),
      this.ref(profileKey(authorId)),
      ...(viewerId === undefined ? [] : [this.ref(favoriteKey(viewerId, articleId))]),
      ...(viewerId === undefined ? [] : [this.ref(followKey(viewerId, authorId))]),
    ]);
    if (!details || !text || !author) {
      return undefined;
    }
    return {
      article: { ...toArticle(details), body: text.body as string },
      author: toProfile(author),
      standing: { favorited: favorite !== undefined, following: follow !== undefined },
    };
  }

  /**
   * Changes an article where its slug still leads to it.
   *
   * @param newSlug where the slug moves
   */
  public async update(
    record: SlugRecord,
    changes: ArticleChanges,
    updatedAt: string,
    newSlug?: { readonly slug: string; readonly slugBase: string },
  ): Promise<WriteOutcome> {
    const { articleId, authorId, slug, commenterIds } = record;
    const tagList = changes.tagList ?? record.tagList;
    const detail = { title: changes.title, description: changes.description, tagList: changes.tagList };
    const writes: Write[] = [
      this.set(
        articleKey(authorId, articleId),
        { ...detail, slug: newSlug?.slug, updatedAt },
        {
          condition: `${EXISTS} AND slug = :oldSlug AND updatedAt < :updatedAt`,
          values: { ':oldSlug': slug },
        },
      ),
      this.set(articleTextKey(articleId), { ...detail, body: changes.body }, { condition: EXISTS }),
    ];
    const sameTags = {
      condition: 'articleId = :id AND tagList = :oldTags',
      values: { ':id': articleId, ':oldTags': record.tagList },
    };
    if (newSlug) {
      writes.push(this.remove(slugKey(slug), sameTags));
      writes.push(
        this.put(
          {
            ...slugKey(newSlug.slug),
            entityType: 'Slug',
            ...{ articleId, authorId, slugBase: newSlug.slugBase, tagList },
            ...(commenterIds.length > 0 ? { commenterIds: new Set(commenterIds) } : {}),
          },
          NOT_THERE,
        ),
      );
    } else if (changes.tagList) {
      writes.push(this.set(slugKey(slug), { tagList }, sameTags));
    }
    const dropped = record.tagList.filter((old) => !tagList.includes(old));
    for (const tag of dropped) {
      writes.push(this.remove(tagEdgeKey(tag, articleId)), this.count(tagCountKey(tag, articleId), -1));
    }
    for (const tag of tagList.filter((added) => !record.tagList.includes(added))) {
      writes.push(...this.addTag(tag, record));
    }
    const outcome = await this.write(writes, (refused) => {
      const stored = refused.reasons[0]?.item;
      if (refused.failed(0)) {
        return stored?.slug === slug
          ? { kind: 'too-early', updatedAt: String(stored.updatedAt) }
          : { kind: stored === undefined ? 'gone' : 'changed' };
      }
      if (newSlug && refused.failed(3)) {
        return { kind: 'slug-taken' };
      }
      return { kind: 'changed' };
    });
    if (outcome.kind === 'done') {
      // The change is made: a count of nothing that stays is not worth failing it.
      await removeEmptyTagCounts(this.tables.db, this.tables.social, articleId, dropped).catch((error: unknown) =>
        logWarning('empty counts of tags were not removed', { error: error instanceof Error ? error.name : 'unknown' }),
      );
    }
    return outcome;
  }

  /**
   * Removes what makes the article visible and countable. Its text, edges, comments and favorites follow by the
   * stream; until they have, the tombstone tells readers to pass over them.
   */
  public async delete(record: SlugRecord, deletedAt: string): Promise<WriteOutcome> {
    const { articleId, authorId, slug, tagList } = record;
    const expiresAt = Math.floor(Date.parse(deletedAt) / 1000) + TOMBSTONE_LIFE;
    return this.write(
      [
        this.remove(articleKey(authorId, articleId), { condition: EXISTS }),
        this.remove(slugKey(slug), {
          condition: 'articleId = :id AND tagList = :oldTags',
          values: { ':id': articleId, ':oldTags': tagList },
        }),
        this.count(profileKey(authorId), -1),
        this.count(timelineCountKey(articleId), -1),
        ...tagList.map((tag) => this.count(tagCountKey(tag, articleId), -1)),
        this.put({ ...tombstoneKey(articleId, deletedAt), entityType: 'Tombstone', articleId, authorId, expiresAt }),
      ],
      (refused) => ({ kind: refused.failed(0) ? 'gone' : 'changed' }),
    );
  }

  /** Idempotent. */
  public async favorite(userId: string, { articleId, authorId }: ArticleRef, createdAt: string): Promise<WriteOutcome> {
    return this.write(
      [
        this.put({ ...favoriteKey(userId, articleId), entityType: 'Favorite', authorId, createdAt }, NOT_THERE),
        this.put({ ...favoritedByKey(articleId, userId), entityType: 'FavoritedBy' }),
        this.addFavorite({ articleId, authorId }, 1),
      ],
      (refused) => ({ kind: refused.failed(2) ? 'gone' : 'done' }),
    );
  }

  /** Idempotent. */
  public async unfavorite(userId: string, { articleId, authorId }: ArticleRef): Promise<WriteOutcome> {
    return this.write(
      [
        this.remove(favoriteKey(userId, articleId), { condition: EXISTS }),
        this.remove(favoritedByKey(articleId, userId)),
        this.addFavorite({ articleId, authorId }, -1),
      ],
      (refused) => ({ kind: refused.failed(2) ? 'gone' : 'done' }),
    );
  }

  private async write(
    writes: readonly Write[],
    explain: (refused: TransactionRefused) => WriteOutcome | undefined,
  ): Promise<WriteOutcome> {
    try {
      await transactWrite(this.tables.db, writes);
      return { kind: 'done' };
    } catch (error) {
      const outcome = error instanceof TransactionRefused ? explain(error) : undefined;
      if (outcome === undefined) {
        throw error;
      }
      return outcome;
    }
  }

  private ref(key: { PK: string; SK: string }) {
    return { table: this.tables.social, key: { ...key } };
  }

  private put(item: Record<string, unknown>, condition?: string): Write {
    return { Put: { TableName: this.tables.social, Item: item, ConditionExpression: condition } };
  }

  private remove(
    key: { PK: string; SK: string },
    check: { condition?: string; values?: Record<string, unknown> } = {},
  ): Write {
    return {
      Delete: {
        TableName: this.tables.social,
        Key: { ...key },
        ConditionExpression: check.condition,
        ExpressionAttributeValues: check.values,
      },
    };
  }

  /** Sets what is defined and moves the version; a refusal tells the item as it was. */
  private set(
    key: { PK: string; SK: string },
    set: Readonly<Record<string, unknown>>,
    check: { condition: string; values?: Record<string, unknown> },
  ): Write {
    const names = Object.keys(set).filter((name) => set[name] !== undefined);
    return {
      Update: {
        TableName: this.tables.social,
        Key: { ...key },
        UpdateExpression: `${names.length > 0 ? `SET ${names.map((name) => `${name} = :${name}`).join(', ')} ` : ''}ADD version :one`,
        ConditionExpression: check.condition,
        ExpressionAttributeValues: {
          ...Object.fromEntries(names.map((name) => [`:${name}`, set[name]])),
          ...check.values,
          ':one': 1,
        },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    };
  }

  private addFavorite({ articleId, authorId }: ArticleRef, by: 1 | -1): Write {
    return {
      Update: {
        TableName: this.tables.social,
        Key: { ...articleKey(authorId, articleId) },
        UpdateExpression: 'ADD favoritesCount :by',
        ConditionExpression: EXISTS,
        ExpressionAttributeValues: { ':by': by },
      },
    };
  }

  private addTag(tag: string, { articleId, authorId }: ArticleRef): Write[] {
    return [
      this.put({ ...tagEdgeKey(tag, articleId), entityType: 'TagEdge', authorId }),
      this.count(tagCountKey(tag, articleId), 1, { entityType: 'TagCount' }),
    ];
  }

  /** Moves `articlesCount`, of a user, of a tag or of the timeline. */
  private count(
    key: { PK: string; SK: string },
    by: 1 | -1,
    options: { entityType?: string; condition?: string; values?: Record<string, unknown> } = {},
  ): Write {
    return {
      Update: {
        TableName: this.tables.social,
        Key: { ...key },
        UpdateExpression: `${options.entityType ? 'SET entityType = :entityType ' : ''}ADD articlesCount :by`,
        ConditionExpression: options.condition,
        ExpressionAttributeValues: {
          ':by': by,
          ...(options.entityType ? { ':entityType': options.entityType } : {}),
          ...options.values,
        },
      },
    };
  }
}
