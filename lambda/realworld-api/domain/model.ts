/** A user as everybody may see them, with what the API needs to decide. */
export interface Profile {
  readonly userId: string;
  readonly username: string;
  /** Null where there is none; the empty string is never stored. */
  readonly bio: string | null;
  readonly image: string | null;
  /** Generation of the user's tokens: tokens of another generation are refused. */
  readonly tokenVersion: number;
}

/** What lists show of an article. */
export interface Article {
  readonly articleId: string;
  readonly authorId: string;
  readonly slug: string;
  readonly title: string;
  readonly description: string;
  readonly tagList: readonly string[];
  readonly favoritesCount: number;
  /** On how many shards favorites are counted, where many come at once. */
  readonly favoriteShards?: number;
  /** ISO 8601 with milliseconds. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** An article with its text. */
export interface FullArticle extends Article {
  readonly body: string;
}

/** What a slug leads to: enough to authorise, to rename and to delete without a further read. */
export interface SlugRecord {
  readonly slug: string;
  readonly articleId: string;
  readonly authorId: string;
  /** The slug without its suffix: what the title alone gives. */
  readonly slugBase: string;
  readonly tagList: readonly string[];
  /** The first commenters: a hint whose profiles to read along with the comments. */
  readonly commenterIds: readonly string[];
}

export interface Comment {
  readonly commentId: number;
  readonly authorId: string;
  readonly body: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What the viewer has done with an article and its author; all false for a visitor. */
export interface ViewerState {
  readonly favorited: boolean;
  readonly following: boolean;
}

/** An article that a list found: enough to read it. */
export interface ArticleRef {
  readonly articleId: string;
  readonly authorId: string;
}

/** Changes to an article; what is absent stays. */
export interface ArticleChanges {
  readonly title?: string;
  readonly description?: string;
  readonly body?: string;
  readonly tagList?: readonly string[];
}

/** Changes to a user; what is absent stays, null clears. */
export interface UserChanges {
  readonly email?: string;
  readonly username?: string;
  readonly password?: string;
  readonly bio?: string | null;
  readonly image?: string | null;
}

/** An article with all that its view needs. */
export interface ArticleInContext {
  readonly article: FullArticle;
  readonly author: Profile;
  readonly viewerState: ViewerState;
}

/** The first rows of a list, newest first. */
export interface Rows<T extends ArticleRef = ArticleRef> {
  readonly rows: readonly T[];
  /** Are there more than these? */
  readonly more: boolean;
  /** How many the whole list has, where the list itself knows. */
  readonly total?: number;
}

/** Articles by id with all that their views need: authors by id, and the state of the viewer. */
export interface ArticlesInContext {
  readonly articles: ReadonlyMap<string, Article>;
  readonly authors: ReadonlyMap<string, Profile>;
  readonly favorited: ReadonlySet<string>;
  readonly following: ReadonlySet<string>;
}

/** Somebody whom a user follows. */
export interface Follow {
  readonly followee: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** When the stream had brought their older articles into the user's feed, in ms since 1970; undefined until then. */
  readonly filledAt?: number;
  /** Articles of the followee may not come into the user's feed at present. */
  readonly isDormant?: boolean;
  /** When that ended, in ms since 1970. */
  readonly restoredAt?: number;
}
