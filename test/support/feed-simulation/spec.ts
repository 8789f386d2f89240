import { FOLLOW_PREFIX, followsPk, idOf } from '../../../lambda/social-table/keys';
import type { Change } from '../memory/dynamodb';

/** An article that is there. */
export interface Published {
  readonly articleId: string;
  readonly authorId: string;
  readonly slug: string;
}

/** What one who reads a feed must see, and what they may: the graph moves while they read. */
export class Watched {
  public readonly must: Set<string>;
  public readonly may: Set<string>;

  public constructor(
    private readonly graph: Graph,
    private readonly userId: string,
  ) {
    const now = graph.articlesFor(userId);
    this.must = new Set(now);
    this.may = new Set(now);
  }

  public look(): void {
    const now = this.graph.articlesFor(this.userId);
    for (const articleId of this.must) if (!now.has(articleId)) this.must.delete(articleId);
    for (const articleId of now) this.may.add(articleId);
  }
}

const FOLLOWS = followsPk('');

/** Who follows whom and who has written what: as the base table says at this moment, and nothing besides. */
export class Graph {
  public readonly follows = new Set<string>();
  public readonly articles = new Map<string, Published>();
  private readonly watching = new Set<Watched>();

  public apply(changes: readonly Change[]): void {
    let moved = false;
    for (const { before, after, key } of changes) {
      const item = after ?? before;
      if (item?.entityType === 'Follow') {
        const follow = `${key.PK.slice(FOLLOWS.length)}>${key.SK.slice(FOLLOW_PREFIX.length)}`;
        if (after) this.follows.add(follow);
        else this.follows.delete(follow);
      } else if (item?.entityType === 'Article') {
        const articleId = idOf(key.SK);
        const { authorId, slug } = item as { authorId: string; slug: string };
        if (after) this.articles.set(articleId, { articleId, authorId, slug });
        else this.articles.delete(articleId);
      } else {
        continue;
      }
      moved = true;
    }
    if (moved) for (const watched of this.watching) watched.look();
  }

  /** Articles that a user's feed has, whatever their age. */
  public articlesFor(userId: string): Set<string> {
    const found = new Set<string>();
    for (const { articleId, authorId } of this.articles.values()) {
      if (this.follows.has(`${userId}>${authorId}`)) found.add(articleId);
    }
    return found;
  }

  public watch(userId: string): Watched {
    const watched = new Watched(this, userId);
    this.watching.add(watched);
    return watched;
  }

  public unwatch(watched: Watched): void {
    this.watching.delete(watched);
  }
}
