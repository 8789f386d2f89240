import { articleIdOf, fullArticleOf, profileOf, slugOf } from './samples';
import type {
  ArticlePorts,
  FavoriteOutcome,
  FavoritePorts,
  WriteOutcome,
} from '../../lambda/realworld-api/domain/articles';
import type { ArticleChanges, FullArticle, Profile, SlugRecord } from '../../lambda/realworld-api/domain/model';
import { unauthorized } from '../../lambda/realworld-api/errors';

export const NOW = Date.UTC(2026, 0, 1);
export const ADA = profileOf(1, { username: 'ada' });
export const BOB = profileOf(2, { username: 'bob' });

interface Stored {
  article: FullArticle;
  record: SlugRecord;
}

/** Articles in memory, under the same conditions as the table's writes; tokens are user names. */
export class ArticleWorld {
  public readonly people = new Map<string, Profile>([ADA, BOB].map((person) => [person.username, person]));
  public readonly bySlug = new Map<string, Stored>();
  public readonly favorites = new Set<string>();
  public readonly follows = new Set<string>();
  public readonly writes: string[] = [];
  public readonly tombstones: string[] = [];
  public readonly announced: string[] = [];
  public readonly removed: string[] = [];
  /** What was told once more. */
  public readonly told: string[] = [];
  /** Runs once, between what a use case read and what it writes. */
  public between: (() => void) | undefined;
  public now = NOW;
  private made = 0;

  public add(number: number, given: Partial<FullArticle> = {}): Stored {
    const article = fullArticleOf(number, 1, given);
    const stored = { article, record: slugOf(article) };
    this.bySlug.set(article.slug, stored);
    return stored;
  }

  public ports(): ArticlePorts & FavoritePorts {
    const tell = async (id: string, at: string) => void this.told.push(`${id} ${at}`);
    return {
      sessions: {
        verify: async (token) => ({ userId: this.viewer(token).userId, generation: 1 }),
        load: async (token, { slug, followsSelf } = {}) => {
          const viewer = token === undefined ? undefined : this.viewer(token);
          return {
            viewer,
            slug: this.bySlug.get(slug ?? '')?.record,
            userIds: [],
            followsSelf: followsSelf === true && this.follows.has(`${viewer?.userId} ${viewer?.userId}`),
          };
        },
      },
      articles: {
        create: (article, slugBase) =>
          this.write<WriteOutcome>('create', () => {
            if (this.bySlug.has(article.slug)) return { kind: 'slug-taken' };
            this.bySlug.set(article.slug, { article, record: slugOf(article, { slugBase }) });
            return { kind: 'done' };
          }),
        read: async ({ articleId }, viewer, known) => {
          const viewerId = viewer?.userId;
          const stored = this.byId(articleId);
          const author = [...this.people.values()].find(({ userId }) => userId === stored?.article.authorId);
          return stored && author
            ? {
                article: stored.article,
                author,
                viewerState: {
                  favorited: known?.favorited ?? this.favorites.has(`${viewerId} ${articleId}`),
                  following: this.follows.has(`${viewerId} ${author.userId}`),
                },
              }
            : undefined;
        },
        changedSince: async () => new Set(),
        tell,
        update: (record, changes, updatedAt, newSlug) =>
          this.write<WriteOutcome>('update', () => this.update(record, changes, updatedAt, newSlug)),
        delete: (record, deletedAt) =>
          this.write<WriteOutcome>('delete', () => {
            const stored = this.byId(record.articleId);
            if (!stored) return { kind: 'gone' };
            if (stored.record !== record) return { kind: 'changed' };
            this.bySlug.delete(record.slug);
            this.tombstones.push(deletedAt);
            return { kind: 'done' };
          }),
      },
      favorites: {
        tell,
        announce: async (userId, { articleId }, favorite, at) =>
          void this.announced.push(`${favorite} ${userId} ${articleId} ${at}`),
        forgetGone: async (userId, articleId) => void this.removed.push(`${userId} ${articleId}`),
        favorite: (userId, { articleId }) => this.favorite(`${userId} ${articleId}`, articleId, true),
        unfavorite: (userId, { articleId }) => this.favorite(`${userId} ${articleId}`, articleId, false),
      },
      newId: () => articleIdOf(1000 + ++this.made),
      now: () => this.now,
    };
  }

  private viewer(token: string): Profile {
    const person = this.people.get(token);
    if (!person) throw unauthorized('is invalid');
    return person;
  }

  private byId(articleId: string): Stored | undefined {
    return [...this.bySlug.values()].find(({ article }) => article.articleId === articleId);
  }

  private async write<T>(name: string, action: () => T): Promise<T> {
    this.writes.push(name);
    const { between } = this;
    this.between = undefined;
    between?.();
    return action();
  }

  private update(
    record: SlugRecord,
    changes: ArticleChanges,
    updatedAt: string,
    newSlug?: { slug: string; slugBase: string },
  ): WriteOutcome {
    const stored = this.byId(record.articleId);
    if (!stored) return { kind: 'gone' };
    if (stored.record !== record) return { kind: 'changed' };
    if (stored.article.updatedAt >= updatedAt) return { kind: 'too-early', updatedAt: stored.article.updatedAt };
    if (newSlug && this.bySlug.has(newSlug.slug)) return { kind: 'slug-taken' };
    this.bySlug.delete(record.slug);
    const article = { ...stored.article, ...changes, updatedAt, slug: newSlug?.slug ?? record.slug };
    const slugBase = newSlug?.slugBase ?? record.slugBase;
    this.bySlug.set(article.slug, { article, record: slugOf(article, { slugBase }) });
    return { kind: 'done' };
  }

  private favorite(edge: string, articleId: string, wanted: boolean): Promise<FavoriteOutcome> {
    return this.write<FavoriteOutcome>('favorite', () => {
      const stored = this.byId(articleId);
      if (!stored) return { kind: 'gone' };
      if (this.favorites.has(edge) === wanted) return { kind: 'already' };
      if (wanted) this.favorites.add(edge);
      else this.favorites.delete(edge);
      const favoritesCount = stored.article.favoritesCount + (wanted ? 1 : -1);
      stored.article = { ...stored.article, favoritesCount };
      return { kind: 'done' };
    });
  }
}
