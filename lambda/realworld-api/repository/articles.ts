import { ArticleEdges } from './article-edges';
import { changedRow, tellChanged } from './changed';
import { UNSHARDED, withAllFavorites } from './favorites';
import { toArticle, toProfile } from './items';
import { changedSince } from './lately';
import type { Tables } from './tables';
import { Busy } from '../../core/busy';
import {
  batchGet,
  batchGetEventually,
  type Condition,
  EXISTS,
  type Item,
  type Key,
  type NamedWrites,
  NOT_THERE,
  type TableWrites,
  transactWrite,
  TransactionRefused,
  type Write,
  writesOn,
} from '../../core/dynamodb';
import { timeOfId } from '../../core/ids';
import { logWarning } from '../../core/logger';
import { CONTENTION, pause } from '../../core/retry';
import { CLOCK_SKEW_MS } from '../../feed-fanout/timing';
import { ARTICLE, ARTICLE_TEXT, RECENT_UPDATE, SLUG, TIMELINE_ARTICLE, TOMBSTONE } from '../../social-table/entities';
import {
  articleKey,
  articleTextKey,
  favoriteCountKey,
  favoriteKey,
  followKey,
  profileKey,
  slugKey,
} from '../../social-table/keys';
import { removeEmptyTagCounts, TagCountWrites } from '../../social-table/tag-counts';
import type { KnownOfArticle, WriteOutcome } from '../domain/articles';
import type { ArticleChanges, ArticleInContext, ArticleRef, FullArticle, Profile, SlugRecord } from '../domain/model';
import type { Changes, Unsettled } from '../domain/settling';

/** Readers look back minutes; a day leaves room for any backlog before the rows are removed by their expiry. */
const ROW_LIFE = 24 * 3600;

/** Tries of a write whose tags change their rank at the same moment as with others. */
const ATTEMPTS = CONTENTION.attempts;

/**
 * Tags that change with all their edges in one transaction of at most 100 items: each takes two edges and a count, up to
 * seven of them two rows of rank, and the article itself six items.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
const TAGS_AT_ONCE = 26;

const changesOf = (added: readonly string[], dropped: readonly string[]) =>
  new Map<string, 1 | -1>([...dropped.map((tag) => [tag, -1] as const), ...added.map((tag) => [tag, 1] as const)]);

const warning = (message: string) => (error: unknown) => logWarning(message, error);

/** An item that an answer needs. */
interface Wanted {
  readonly key: Key;
  /** Whose change may be one of it; where nothing is named, whoever reads it looks at its version. */
  readonly of?: string;
  readonly optional?: boolean;
}

/** Changes that are read at most for one article: reading four items consistently costs no more than another unit. */
const OF_ONE_UNIT = 35;

/** Articles with their text, slug, edges and counts: each change is one transaction. */
export class ArticleRepository {
  private readonly writes: TableWrites;
  private readonly edges: ArticleEdges;

  public constructor(private readonly tables: Tables) {
    this.writes = writesOn(tables.social);
    this.edges = new ArticleEdges(this.writes, tables.shards);
  }

  /** Makes an article, unless the slug is taken. */
  public async create(article: FullArticle, slugBase: string): Promise<WriteOutcome> {
    const { articleId, authorId, slug, title, description, tagList, body, createdAt, updatedAt } = article;
    const { put } = this.writes;
    const details = { articleId, authorId, title, description, tagList };
    return this.write(
      () => ({
        ...this.edges.counts(article, 1),
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
        timeline: put(
          TIMELINE_ARTICLE.item([articleId, this.tables.shards], { authorId, tagList, bodyLength: body.length }),
        ),
        ...this.edges.ofTags(tagList, { articleId, authorId }),
      }),
      (refused) => (refused.failed('slug') ? { kind: 'slug-taken' } : undefined),
      changesOf(tagList, []),
    );
  }

  public tell(id: string, at: string): Promise<void> {
    return tellChanged(this.tables, id, at);
  }

  /** Ids of articles and users that were changed since a moment, in ms since 1970. */
  public changedSince(since: number): Promise<Changes> {
    return changedSince(this.tables, since, OF_ONE_UNIT);
  }

  /**
   * The article as a viewer sees it; undefined where it is gone. Its text, which is long, is read eventually consistent
   * and once more where it is not of the version that the article is of: one transaction moves both.
   *
   * @param known what need not be read
   * @param unsettled with it, all is read eventually consistent but for what it knows better
   */
  public async read(
    ref: ArticleRef,
    viewer: Pick<Profile, 'userId'> | undefined,
    known: KnownOfArticle = {},
    unsettled?: Unsettled,
  ): Promise<ArticleInContext | undefined> {
    const { articleId, authorId } = ref;
    const { details, author, favorite, follow, text } = await this.itemsOf(
      {
        details: { key: articleKey(authorId, articleId), of: articleId },
        author: known.author ? undefined : { key: profileKey(authorId), of: authorId },
        favorite:
          viewer && known.favorited === undefined
            ? { key: favoriteKey(viewer.userId, articleId), of: articleId, optional: true }
            : undefined,
        follow: viewer && { key: followKey(viewer.userId, authorId), of: viewer.userId, optional: true },
        text: known.body === undefined ? { key: articleTextKey(articleId), optional: true } : undefined,
      },
      unsettled,
    );
    const profile = known.author ?? (author && toProfile(author));
    if (!details || !profile) {
      return undefined;
    }
    const isBehind = text === undefined || ARTICLE_TEXT.read(text).version < ARTICLE.read(details).version;
    const [[article], body] = await Promise.all([
      withAllFavorites(this.tables, [toArticle(details)]),
      known.body ?? (isBehind ? this.body(articleId) : ARTICLE_TEXT.read(text).body),
    ]);
    return body === undefined
      ? undefined
      : {
          article: { ...article, body },
          author: profile,
          viewerState: { favorited: known.favorited ?? favorite !== undefined, following: follow !== undefined },
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
    const added = tagList.filter((tag) => !record.tagList.includes(tag));
    const changed = changedRow(this.tables, articleId, updatedAt);
    const allAtOnce = dropped.length + added.length <= TAGS_AT_ONCE;
    const outcome = await this.write(
      () => ({
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
        ...this.edges.ofTags(added, record),
        ...this.edges.removed(dropped, record),
        ...(allAtOnce ? this.edges.ofAuthorAndTags(added, dropped, record) : {}),
        changed: this.writes.put(changed),
        recentUpdate: this.recentUpdate(record, { tagList, bodyLength: changes.body?.length }, updatedAt),
      }),
      (refused) => {
        const stored = refused.item('article');
        if (refused.failed('article')) {
          return stored?.slug === slug
            ? { kind: 'too-early', updatedAt: String(stored.updatedAt) }
            : { kind: stored === undefined ? 'gone' : 'changed' };
        }
        if (refused.failed('newSlug')) {
          return { kind: 'slug-taken' };
        }
        return refused.failed('slug') || refused.failed('text') ? { kind: 'changed' } : undefined;
      },
      changesOf(added, dropped),
    );
    if (outcome.kind === 'done') {
      // The change is made: what is not worth failing it, or follows from the stream as well.
      await Promise.all([
        removeEmptyTagCounts(this.tables.db, this.tables.social, dropped, this.tables.shards).catch(
          warning('empty counts of tags were not removed'),
        ),
        allAtOnce ||
          this.writeAuthorTagEdges(added, dropped, { articleId, authorId, tagList }).catch(
            warning('edges by author and tag are left to the stream'),
          ),
      ]);
    }
    return outcome;
  }

  /**
   * Removes what makes the article visible and countable. Its text, edges, comments and favorites follow by the
   * stream; until they have, the tombstone tells readers to pass over them. It is not older than the article, though this
   * clock may be behind the one that the article's id is from: whoever finds the article since a moment finds both.
   */
  public delete(record: SlugRecord, deletedAt: string): Promise<WriteOutcome> {
    const now = Date.parse(deletedAt);
    const created = Math.min(timeOfId(record.articleId), now + CLOCK_SKEW_MS);
    return this.deleteWith(record, new Date(Math.max(now, created)).toISOString(), undefined);
  }

  /** @param shards on how many shards its favorites are counted, as is known once a try without was refused */
  private async deleteWith(record: SlugRecord, deletedAt: string, shards: number | undefined): Promise<WriteOutcome> {
    const { articleId, authorId, slug, tagList } = record;
    const { put, remove } = this.writes;
    const expiresAt = Math.floor(Date.parse(deletedAt) / 1000) + ROW_LIFE;
    let found: number | undefined;
    const outcome = await this.write(
      () => ({
        article: remove(articleKey(authorId, articleId), shards === undefined ? UNSHARDED : EXISTS),
        ...this.removeFavoriteShards(articleId, shards),
        slug: remove(slugKey(slug), this.unchangedSlug(record)),
        ...this.edges.counts(record, -1),
        tombstone: put(TOMBSTONE.item([articleId, deletedAt, this.tables.shards], { articleId, authorId, expiresAt })),
      }),
      (refused) => {
        const stored = refused.item('article');
        found = stored?.favoriteShards as number | undefined;
        if (refused.failed('article') && stored === undefined) {
          return { kind: 'gone' };
        }
        return refused.failed('article') || refused.failed('slug') ? { kind: 'changed' } : undefined;
      },
      changesOf([], tagList),
    );
    return outcome.kind === 'changed' && shards === undefined && found !== undefined
      ? this.deleteWith(record, deletedAt, found)
      : outcome;
  }

  private removeFavoriteShards(articleId: string, shards = 0): NamedWrites {
    const all = Array.from({ length: shards }, (_, shard): [string, Write] => [
      `favorite shard ${shard}`,
      this.writes.remove(favoriteCountKey(articleId, shard)),
    ]);
    return Object.fromEntries(all);
  }

  /** @param explain what a refusal means, but for that of a tag's count, which only asks for another try */
  private async write(
    make: () => NamedWrites,
    explain: (refused: TransactionRefused) => WriteOutcome | undefined,
    tags: ReadonlyMap<string, 1 | -1>,
  ): Promise<WriteOutcome> {
    const counts = new TagCountWrites(this.writes, tags, this.tables.shards);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        await transactWrite(this.tables.db, () => ({ ...make(), ...counts.next() }));
        return { kind: 'done' };
      } catch (error) {
        if (!(error instanceof TransactionRefused)) {
          throw error;
        }
        const outcome = explain(error);
        if (outcome !== undefined) {
          return outcome;
        }
        if (!counts.learn(error)) {
          throw error;
        }
        await pause(attempt);
      }
    }
    throw new Busy(`Counts of tags kept changing in ${ATTEMPTS} attempts`);
  }

  /** Until the index has the change, this row tells of it. */
  private recentUpdate(
    { articleId, authorId }: ArticleRef,
    changed: { readonly tagList: readonly string[]; readonly bodyLength?: number },
    updatedAt: string,
  ) {
    const expiresAt = Math.floor(Date.parse(updatedAt) / 1000) + ROW_LIFE;
    const { tellsUpdates, shards } = this.tables;
    return tellsUpdates
      ? this.writes.put(
          RECENT_UPDATE.item([articleId, updatedAt, shards], { articleId, authorId, expiresAt, ...changed }),
        )
      : undefined;
  }

  /** Items by the names that they are asked for by: those of something consistently, unless it is known to be settled. */
  private async itemsOf<Name extends string>(
    wanted: Readonly<Record<Name, Wanted | undefined>>,
    unsettled: Unsettled | undefined,
  ): Promise<Partial<Record<Name, Item>>> {
    const named = Object.entries<Wanted | undefined>(wanted).filter(
      (entry): entry is [Name, Wanted] => entry[1] !== undefined,
    );
    const items = await batchGetEventually(
      this.tables.db,
      named.map(([, { key, of, optional }]) => ({
        table: this.tables.social,
        key,
        optional,
        changedLately: of !== undefined && (!unsettled || unsettled.changed.has(of)),
      })),
    );
    return Object.fromEntries(named.map(([name], index) => [name, items[index]])) as Partial<Record<Name, Item>>;
  }

  private async body(articleId: string): Promise<string | undefined> {
    const [item] = await batchGet(this.tables.db, [{ table: this.tables.social, key: articleTextKey(articleId) }]);
    return item && ARTICLE_TEXT.read(item).body;
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

  /** Those for which the change itself had no room, unless tags have changed once more: then the stream writes them. */
  private writeAuthorTagEdges(
    added: readonly string[],
    dropped: readonly string[],
    article: ArticleRef & { readonly tagList: readonly string[] },
  ): Promise<void> {
    const { articleId, authorId, tagList } = article;
    return transactWrite(this.tables.db, {
      // It changes nothing, and is no event: it holds the tags still.
      article: this.writes.update(
        articleKey(authorId, articleId),
        { set: { tagList } },
        { expression: 'tagList = :carried', values: { ':carried': tagList } },
      ),
      ...this.edges.ofAuthorAndTags(added, dropped, article),
    });
  }
}
