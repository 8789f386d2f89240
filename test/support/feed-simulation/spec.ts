/** An article that is there; an item, on a user's own tables. */
export interface Published {
  readonly articleId: string;
  readonly authorId: string;
  readonly slug: string;
}

/** What a change of a table is to the graph: a follow or an article that is there, or is not any more. */
export type Fact = { readonly isThere: boolean } & (
  { readonly follower: string; readonly followee: string } | { readonly article: Published }
);

const nameOf = (follower: string, followee: string) => `${follower}>${followee}`;

function idsOf(articles: ReadonlyMap<string, Published>, authors: ReadonlySet<string>): Set<string> {
  const found = new Set<string>();
  for (const { articleId, authorId } of articles.values()) if (authors.has(authorId)) found.add(articleId);
  return found;
}

/**
 * What one who reads a feed must see, and what they may: the graph moves while they read. Whom they follow and what there
 * is are not read in one moment, so that they may see what was there at any moment, of whom they followed at any other.
 */
export class Watched {
  public readonly must: Set<string>;
  private readonly authors = new Set<string>();
  private readonly articles = new Map<string, Published>();

  /** @param read of whom the feed has articles, and what articles there are, at this moment */
  public constructor(
    private readonly read: () => { authors: ReadonlySet<string>; articles: ReadonlyMap<string, Published> },
  ) {
    const { authors, articles } = read();
    this.must = idsOf(articles, authors);
    this.look();
  }

  public get may(): Set<string> {
    return idsOf(this.articles, this.authors);
  }

  public look(): void {
    const { authors, articles } = this.read();
    const now = idsOf(articles, authors);
    for (const articleId of this.must) if (!now.has(articleId)) this.must.delete(articleId);
    authors.forEach((author) => this.authors.add(author));
    articles.forEach((article, articleId) => this.articles.set(articleId, article));
  }
}

/** Who follows whom and who has written what: as the tables say at this moment, and nothing besides. */
export class Graph {
  public readonly articles = new Map<string, Published>();
  /** Since when each is there that is there, in ms since 1970: follows by both users, and articles by their ids. */
  private readonly since = new Map<string, number>();
  private readonly follows = new Map<string, { readonly follower: string; readonly followee: string }>();
  private readonly ever = new Map<string, Published>();
  private readonly watching = new Set<Watched>();

  public constructor(private readonly now: () => number) {}

  public apply(facts: readonly Fact[]): void {
    for (const fact of facts) {
      const [id, all, value] =
        'article' in fact
          ? ([fact.article.articleId, this.articles, fact.article] as const)
          : ([nameOf(fact.follower, fact.followee), this.follows, fact] as const);
      if (!fact.isThere) {
        all.delete(id);
        this.since.delete(id);
      } else {
        (all as Map<string, unknown>).set(id, value);
        if (!this.since.has(id)) this.since.set(id, this.now());
        if ('article' in fact) this.ever.set(id, fact.article);
      }
    }
    if (facts.length > 0) for (const watched of this.watching) watched.look();
  }

  public follow(follower: string, followee: string): boolean {
    return this.follows.has(nameOf(follower, followee));
  }

  public followeesOf(userId: string): Set<string> {
    const found = new Set<string>();
    for (const { follower, followee } of this.follows.values()) if (follower === userId) found.add(followee);
    return found;
  }

  /** Articles of some authors, whatever their age. */
  public articlesOf(authors: ReadonlySet<string>): Set<string> {
    return idsOf(this.articles, authors);
  }

  /** The same with those that are gone. */
  public everOf(authors: ReadonlySet<string>): Set<string> {
    return idsOf(this.ever, authors);
  }

  /** Has a user followed an article's author, and was it there, without a break since before a moment? */
  public wasInFeedBefore(moment: number, userId: string, articleId: string): boolean {
    const article = this.articles.get(articleId);
    const isBefore = (id: string) => (this.since.get(id) ?? Infinity) < moment;
    return article !== undefined && isBefore(articleId) && isBefore(nameOf(userId, article.authorId));
  }

  /** @param authors of whom a feed has articles, at this moment */
  public watch(authors: () => ReadonlySet<string>): Watched {
    const watched = new Watched(() => ({ authors: authors(), articles: this.articles }));
    this.watching.add(watched);
    return watched;
  }

  public unwatch(watched: Watched): void {
    this.watching.delete(watched);
  }
}
