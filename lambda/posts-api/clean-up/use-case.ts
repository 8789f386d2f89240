import type { CleanUpMessage } from './messages';
import { cleanUpPost, convergeGrants, type GrantStore, type LongWork, type PostCleanUpStore } from '../domain/grants';
import { cleanUpTag, type TagCleanUpStore } from '../domain/tag-clean-up';
import { cleanUpUser, type UserCleanUpPorts } from '../domain/users';

/** What the clean-up needs of the world. */
export interface CleanUpPorts {
  readonly posts: PostCleanUpStore;
  readonly grants: GrantStore;
  readonly tags: TagCleanUpStore;
  readonly users: UserCleanUpPorts;
  /** Sends a message to the clean-up itself. */
  send(message: CleanUpMessage): Promise<void>;
  /** Should this invocation hand on what is left? */
  timeIsShort(): boolean;
}

/**
 * Does what does not fit the transaction of a request. Messages come more than once and in any order; what is to be done
 * is read from the table each time, so that one more pass finds what the last one left, or nothing.
 */
export function handleMessage(ports: CleanUpPorts, message: CleanUpMessage): Promise<void> {
  const work: LongWork = { timeIsShort: () => ports.timeIsShort(), handOn: () => ports.send(message) };
  switch (message.type) {
    case 'post-deleted':
      return cleanUpPost(ports.posts, work, message.postId);
    case 'post-grants-changed':
      return convergeGrants(ports.grants, work, message.postId);
    case 'tag-deleted':
      return cleanUpTag(ports.tags, work, message.tagId);
    case 'user-deleted':
      return cleanUpUser(ports.users, work, message.userId);
  }
}
