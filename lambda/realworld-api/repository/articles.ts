import { toArticle, toProfile } from './items';
import { ProfileRepository } from './profiles';
import type { Tables } from './tables';
import {
  batchGet,
  type Condition,
  EXISTS,
  type Key,
  type NamedWrites,
  NOT_THERE,
  type TableWrites,
  transactWrite,
  TransactionRefused,
  type Write,
  writesOn,
} from '../../core/dynamodb';
import { logWarning } from '../../core/logger';
import {
  ARTICLE,
  ARTICLE_TEXT,
  FAVORITE,
  FAVORITED_BY,
  SLUG,
  TAG_COUNT,
  TAGGED_ARTICLE,
  TIMELINE_ARTICLE,
  TIMELINE_COUNT,
  TOMBSTONE,
} from '../../social-table/entities';
import {
  articleKey,
  articleTextKey,
  favoritedByKey,
  favoriteKey,
  followKey,
  profileKey,
  slugKey,
  tagCountKey,
  tagEdgeKey,
  timelineCountKey,
} from '../../social-table/keys';
import { removeEmptyTagCounts } from '../../social-table/tag-counts';
import type { WriteOutcome } from '../domain/articles';
import type { ArticleChanges, ArticleInContext, ArticleRef, FullArticle, Profile, SlugRecord } from '../domain/model';

/** Readers look back minutes; a day leaves room for any backlog before the rows are removed by their expiry. */
const TOMBSTONE_LIFE = 24 * 3600;

/** Articles with their text, slug, edges and counts: each change is one transaction. */
export class ArticleRepository {
  private readonly profiles: ProfileRepository;
  private readonly writes: TableWrites;

  public constructor(private readonly tables: Tables) {
    this.profiles = new ProfileRepository(tables);
    this.writes = writesOn(tables.social);
  }

  /** Makes an article, unless the author's tokens are of another generation by now or the slug is taken. */
  public async create(article: FullArticle, slugBase: string, tokenVersion: number): Promise<WriteOutcome> {
    const { articleId, authorId, slug, title, description, tagList, body, createdAt, updatedAt } = article;
    const { put } = this.writes;
    const details = { articleId, authorId, title, description, tagList };
    return this.write(
      {
        author: this.count(profileKey(authorId), 1, {
          condition: { expression: 'tokenVersion = :generation', values: { ':generation': tokenVersion } },
        }),
        slug: put(SLUG.item([slug], { articleId, authorId, slugBase, tagList }), NOT_THERE),
        article: put(
          ARTICLE.item([authorId, articleId], {
            ...details,
            slug,
            createdAt,
            updatedAt,
            favoritesCount: 0,
            version: 1,
          }),
        ),
        text: put(ARTICLE_TEXT.item([articleId], { ...details, body, version: 1 })),
        timeline: put(TIMELINE_ARTICLE.item([articleId], { authorId })),
        timelineCount: this.count(timelineCountKey(articleId), 1, { entityType: TIMELINE_COUNT.type }),
        ...this.addTags(tagList, { articleId, authorId }),
      },
      (refused) =>
        refused.failed('author')
          ? { kind: 'token-ended' }
          : refused.failed('slug')
            ? { kind: 'slug-taken' }
            : undefined,
    );
  }

  public profile(userId: string): Promise<Profile | undefined> {
    return this.profiles.get(userId);
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
      article: { ...toArticle(details), body: ARTICLE_TEXT.read(text).body },
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
    const { articleId, authorId, slug } = record;
    const { update } = this.writes;
    const tagList = changes.tagList ?? record.tagList;
    const details = { title: changes.title, description: changes.description, tagList: changes.tagList };
    const dropped = record.tagList.filter((old) => !tagList.includes(old));
    const outcome = await this.write(
      {
        article: update(
          articleKey(authorId, articleId),
          { set: { ...details, slug: newSlug?.slug, updatedAt }, add: { version: 1 } },
          {
            expression: 'attribute_exists(PK) AND slug = :oldSlug AND updatedAt < :updatedAt',
            values: { ':oldSlug': slug, ':updatedAt': updatedAt },
          },
        ),
        text: update(
          articleTextKey(articleId),
          { set: { ...details, body: changes.body }, add: { version: 1 } },
          EXISTS,
        ),
        ...this.moveSlug(record, tagList, changes.tagList !== undefined, newSlug),
        ...this.dropTags(dropped, articleId),
        ...this.addTags(
          tagList.filter((added) => !record.tagList.includes(added)),
          record,
        ),
      },
      (refused) => {
        const stored = refused.item('article');
        if (refused.failed('article')) {
          return stored?.slug === slug
            ? { kind: 'too-early', updatedAt: String(stored.updatedAt) }
            : { kind: stored === undefined ? 'gone' : 'changed' };
        }
        return { kind: refused.failed('newSlug') ? 'slug-taken' : 'changed' };
      },
    );
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
    const { put, remove } = this.writes;
    const expiresAt = Math.floor(Date.parse(deletedAt) / 1000) + TOMBSTONE_LIFE;
    return this.write(
      {
        article: remove(articleKey(authorId, articleId), EXISTS),
        slug: remove(slugKey(slug), this.unchangedSlug(record)),
        author: this.count(profileKey(authorId), -1),
        timelineCount: this.count(timelineCountKey(articleId), -1),
        ...Object.fromEntries(tagList.map((tag) => [`count of ${tag}`, this.count(tagCountKey(tag, articleId), -1)])),
        tombstone: put(TOMBSTONE.item([articleId, deletedAt], { articleId, authorId, expiresAt })),
      },
      (refused) => ({ kind: refused.failed('article') ? 'gone' : 'changed' }),
    );
  }

  /** Idempotent. */
  public async favorite(userId: string, { articleId, authorId }: ArticleRef, createdAt: string): Promise<WriteOutcome> {
    const { put } = this.writes;
    return this.write(
      {
        favorite: put(FAVORITE.item([userId, articleId], { authorId, createdAt }), NOT_THERE),
        favoritedBy: put(FAVORITED_BY.item([articleId, userId], {})),
        article: this.addFavorites({ articleId, authorId }, 1),
      },
      (refused) => ({ kind: refused.failed('article') ? 'gone' : 'done' }),
    );
  }

  /** Idempotent. */
  public async unfavorite(userId: string, { articleId, authorId }: ArticleRef): Promise<WriteOutcome> {
    const { remove } = this.writes;
    return this.write(
      {
        favorite: remove(favoriteKey(userId, articleId), EXISTS),
        favoritedBy: remove(favoritedByKey(articleId, userId)),
        article: this.addFavorites({ articleId, authorId }, -1),
      },
      (refused) => ({ kind: refused.failed('article') ? 'gone' : 'done' }),
    );
  }

  private async write(
    writes: NamedWrites,
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

  private ref(key: Key) {
    return { table: this.tables.social, key };
  }

  private unchangedSlug({ articleId, tagList }: SlugRecord): Condition {
    return {
      expression: 'articleId = :id AND tagList = :oldTags',
      values: { ':id': articleId, ':oldTags': tagList },
    };
  }

  /** The slug carries the tags, so that a deletion knows them without a further read. */
  private moveSlug(
    record: SlugRecord,
    tagList: readonly string[],
    tagsChange: boolean,
    newSlug: { readonly slug: string; readonly slugBase: string } | undefined,
  ): NamedWrites {
    const { articleId, authorId, slug, commenterIds } = record;
    const { put, remove, update } = this.writes;
    if (!newSlug) {
      return { slug: tagsChange ? update(slugKey(slug), { set: { tagList } }, this.unchangedSlug(record)) : undefined };
    }
    const moved = {
      articleId,
      authorId,
      slugBase: newSlug.slugBase,
      tagList,
      // A set may not be empty.
      ...(commenterIds.length > 0 ? { commenterIds: new Set(commenterIds) } : {}),
    };
    return {
      slug: remove(slugKey(slug), this.unchangedSlug(record)),
      newSlug: put(SLUG.item([newSlug.slug], moved), NOT_THERE),
    };
  }

  private addFavorites({ articleId, authorId }: ArticleRef, by: 1 | -1): Write {
    return this.writes.update(articleKey(authorId, articleId), { add: { favoritesCount: by } }, EXISTS);
  }

  private addTags(tags: readonly string[], { articleId, authorId }: ArticleRef): NamedWrites {
    const writes = tags.flatMap((tag): [string, Write][] => [
      [`edge of ${tag}`, this.writes.put(TAGGED_ARTICLE.item([tag, articleId], { authorId }))],
      [`count of ${tag}`, this.count(tagCountKey(tag, articleId), 1, { entityType: TAG_COUNT.type })],
    ]);
    return Object.fromEntries(writes);
  }

  private dropTags(tags: readonly string[], articleId: string): NamedWrites {
    const writes = tags.flatMap((tag): [string, Write][] => [
      [`edge of ${tag}`, this.writes.remove(tagEdgeKey(tag, articleId))],
      [`count of ${tag}`, this.count(tagCountKey(tag, articleId), -1)],
    ]);
    return Object.fromEntries(writes);
  }

  /** Moves `articlesCount`, of a user, of a tag or of the timeline. */
  private count(key: Key, by: 1 | -1, options: { entityType?: string; condition?: Condition } = {}): Write {
    const { entityType, condition } = options;
    return this.writes.update(key, { set: { entityType }, add: { articlesCount: by } }, condition);
  }
}
