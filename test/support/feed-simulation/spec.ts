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

/** What one who reads a feed must see, and what they may: the graph moves while they read. */
export class Watched {
  public readonly must: Set<string>;
  public readonly may: Set<string>;

  /** @param read what the feed has at this moment */
  public constructor(private readonly read: () => ReadonlySet<string>) {
    const now = read();
    this.must = new Set(now);
    this.may = new Set(now);
  }

  public look(): void {
    const now = this.read();
    for (const articleId of this.must) if (!now.has(articleId)) this.must.delete(articleId);
    for (const articleId of now) this.may.add(articleId);
  }
}

const nameOf = (follower: string, followee: string) => `${follower}>${followee}`;

function idsOf(articles: ReadonlyMap<string, Published>, authors: ReadonlySet<string>): Set<string> {
  const found = new Set<string>();
  for (const { articleId, authorId } of articles.values()) if (authors.has(authorId)) found.add(articleId);
  return found;
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

  /** Articles that a user's feed has, whatever their age. */
  public articlesFor(userId: string): Set<string> {
    return this.articlesOf(this.followeesOf(userId));
  }

  /** Has a user followed an article's author, and was it there, without a break since before a moment? */
  public wasInFeedBefore(moment: number, userId: string, articleId: string): boolean {
    const article = this.articles.get(articleId);
    const isBefore = (id: string) => (this.since.get(id) ?? Infinity) < moment;
    return article !== undefined && isBefore(articleId) && isBefore(nameOf(userId, article.authorId));
  }

  public watch(read: () => ReadonlySet<string>): Watched {
    const watched = new Watched(read);
    this.watching.add(watched);
    return watched;
  }

  public unwatch(watched: Watched): void {
    this.watching.delete(watched);
  }
}
