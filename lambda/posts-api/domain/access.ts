import type { Post, Tag } from './model';

/** Who may see and use what: the whole of it, judged on the base item whatever list led there. */

/**
 * Whether somebody may see a post.
 *
 * @param granted whether there is a grant for this user
 */
export function maySeePost(post: Pick<Post, 'ownerId' | 'accessType'>, userId: string, granted: boolean): boolean {
  switch (post.accessType) {
    case 'public':
      return true;
    case 'allowed_user':
      return granted || post.ownerId === userId;
    case 'private':
      return post.ownerId === userId;
  }
}

/** Whether somebody may see a tag's own page, and put it on a post. */
export const mayUseTag = (tag: Pick<Tag, 'ownerId' | 'accessType'>, userId: string): boolean =>
  tag.accessType === 'public' || tag.ownerId === userId;
