import { articleIdOf, userIdOf } from './samples';
import type { FullPost, Post, Principal, Tag } from '../../lambda/posts-api/domain/model';

/** Posts, tags and callers that say which one they are: ids sort by their numbers. */

/** The id of a post, or of a tag. */
export const postIdOf = articleIdOf;
export const tagIdOf = (number: number) => articleIdOf(0x1000 + number);

/** A user who has signed in. */
export const principalOf = (number: number): Principal => ({ userId: userIdOf(number), username: `user-${number}` });

const AT = '2026-01-01T00:00:00.000Z';

export const postOf = (number: number, owner: number, given: Partial<Post> = {}): Post => ({
  postId: postIdOf(number),
  ownerId: userIdOf(owner),
  name: `Post ${number}`,
  accessType: 'private',
  tagIds: [],
  createdAt: AT,
  updatedAt: AT,
  version: 1,
  ...given,
});

export const fullPostOf = (number: number, owner: number, given: Partial<FullPost> = {}): FullPost => ({
  ...postOf(number, owner),
  content: `Content ${number}`,
  ...given,
});

export const tagOf = (number: number, owner: number, given: Partial<Tag> = {}): Tag => ({
  tagId: tagIdOf(number),
  ownerId: userIdOf(owner),
  name: `Tag ${number}`,
  accessType: 'public',
  createdAt: AT,
  updatedAt: AT,
  version: 1,
  ...given,
});
