import { ArticleBody, ArticleList, CommentBody, ListedArticle, ProfileBody } from '../shapes';
import { ListQuery, TestUser } from '../world';

/** A user as the model has it. */
export interface ModelUser extends Omit<TestUser, 'username' | 'email' | 'password' | 'token'> {
  username: string;
  email: string;
  password: string;
  token: string;
  bio: string | null;
  image: string | null;
  readonly follows: Set<ModelUser>;
}

/** A comment as the model has it. */
export interface ModelComment {
  readonly id: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly body: string;
  readonly author: ModelUser;
}

/** An article as the model has it: what the service gives out (slug, times) is taken from the answer of the write. */
export interface ModelArticle {
  slug: string;
  title: string;
  description: string;
  body: string;
  tagList: readonly string[];
  readonly createdAt: string;
  updatedAt: string;
  readonly author: ModelUser;
  readonly favoritedBy: Set<ModelUser>;
  /** Oldest first. */
  readonly comments: ModelComment[];
}

/** Whoever looks; undefined is a visitor. */
export type ModelViewer = ModelUser | undefined;

/** What the contract says a site must show, in memory: nothing of it knows tables, streams or time. */
export class Site {
  public readonly users: ModelUser[] = [];
  /** Oldest first. */
  public readonly articles: ModelArticle[] = [];
  /** Names and slugs that were somebody's and are nobody's. */
  public readonly freedNames = new Set<string>();
  public readonly freedSlugs = new Set<string>();

  public profile(user: ModelUser, viewer: ModelViewer): ProfileBody {
    const { username, bio, image } = user;
    return { username, bio, image, following: viewer?.follows.has(user) === true };
  }

  public article(article: ModelArticle, viewer: ModelViewer): ArticleBody {
    return { ...this.listed(article, viewer), body: article.body };
  }

  public list({ tag, author, favorited, ...page }: ListQuery, viewer: ModelViewer): ArticleList {
    const named = (username: string) => this.users.find((user) => user.username === username);
    const matching = this.articles.filter(
      (article) =>
        (tag === undefined || article.tagList.includes(tag)) &&
        (author === undefined || article.author === named(author)) &&
        (favorited === undefined || [...article.favoritedBy].some((user) => user === named(favorited))),
    );
    return this.page(matching, page, viewer);
  }

  public feed(viewer: ModelUser, page: Pick<ListQuery, 'limit' | 'offset'>): ArticleList {
    return this.page(
      this.articles.filter(({ author }) => viewer.follows.has(author)),
      page,
      viewer,
    );
  }

  /** Newest first. */
  public comments(article: ModelArticle, viewer: ModelViewer): readonly CommentBody[] {
    return [...article.comments]
      .reverse()
      .map(({ author, ...comment }) => ({ ...comment, author: this.profile(author, viewer) }));
  }

  /** How many articles have each tag. */
  public tags(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const tag of this.articles.flatMap(({ tagList }) => tagList)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
    return counts;
  }

  private listed(article: ModelArticle, viewer: ModelViewer): ListedArticle {
    const { slug, title, description, tagList, createdAt, updatedAt, favoritedBy, author } = article;
    return {
      ...{ slug, title, description, tagList, createdAt, updatedAt },
      favorited: viewer !== undefined && favoritedBy.has(viewer),
      favoritesCount: favoritedBy.size,
      author: this.profile(author, viewer),
    };
  }

  private page(
    oldestFirst: readonly ModelArticle[],
    { limit = 20, offset = 0 }: Pick<ListQuery, 'limit' | 'offset'>,
    viewer: ModelViewer,
  ): ArticleList {
    const articles = [...oldestFirst].reverse().slice(offset, offset + limit);
    return { articles: articles.map((article) => this.listed(article, viewer)), articlesCount: oldestFirst.length };
  }
}
