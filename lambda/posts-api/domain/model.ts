import { Busy } from '../../core/busy';

/** The nouns of the rules. Ids are UUIDs; times are ISO 8601 with milliseconds, UTC. */

export type PostAccess = 'private' | 'public' | 'allowed_user';
export type TagAccess = 'private' | 'public';
export type TokenScope = 'read:posts' | 'write:posts';

/** Who asks, as the gateway's authorizer has found out. */
export interface Principal {
  /** Cognito's `sub`. */
  readonly userId: string;
  /** What the user pool knows the user by. */
  readonly username: string;
  /** What an access token may do; undefined for a user who has signed in, who may do everything. */
  readonly scopes?: readonly TokenScope[];
  /** The access token; undefined for a user who has signed in. */
  readonly tokenId?: string;
}

/** A post without its content. */
export interface Post {
  readonly postId: string;
  readonly ownerId: string;
  readonly name: string;
  readonly accessType: PostAccess;
  readonly tagIds: readonly string[];
  /** Whether a change of who may see it is still being worked off. */
  readonly grantsPending?: boolean;
  /** Whether it is stored as it was first laid out: it is read as it will be, and cannot be changed until it is. */
  readonly isUnmigrated?: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly version: number;
}

/** @throws Busy for what its table's migration has yet to come to */
export function checkMigrated({ isUnmigrated }: Pick<Post, 'isUnmigrated'>): void {
  if (isUnmigrated) {
    throw new Busy('It has yet to be migrated');
  }
}

export interface FullPost extends Post {
  readonly content: string;
}

export interface Tag {
  readonly tagId: string;
  readonly ownerId: string;
  readonly name: string;
  readonly accessType: TagAccess;
  /** As of a post. */
  readonly isUnmigrated?: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly version: number;
}

/** What shows posts and says who may see them, beside the posts themselves. */
export interface PostContext {
  /** The tags of the posts by their ids; without those that are gone. */
  readonly tags: ReadonlyMap<string, Tag>;
  /**
   * By the id of the post, whether it was shared with the viewer when it was read as it is. A post that has changed
   * since, so that nobody can tell any more, is not in it: read it again.
   */
  readonly granted: ReadonlyMap<string, boolean>;
}

/** A personal access token, without its secret. */
export interface AccessToken {
  readonly tokenId: string;
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  readonly createdAt: string;
  /** When it got the secret that it has. */
  readonly issuedAt: string;
  readonly expiresAt: string;
  /** Behind by minutes; undefined as long as its secret was never used. */
  readonly lastUsedAt?: string;
}

export interface Profile {
  readonly displayName?: string;
  readonly bio?: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What the user pool alone knows of a user. */
export interface PoolUser {
  readonly email: string | null;
  readonly emailVerified: boolean;
}

/** Some of a list, and where the next page begins; undefined on the last. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}
