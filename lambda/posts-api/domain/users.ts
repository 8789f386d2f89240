import type { LongWork } from './grants';
import type { Directory } from './me';
import type { Post, Tag } from './model';
import type { WriteOutcome } from './posts';
import { Busy } from '../../core/busy';

/** What is left of a user who is gone. Every read is consistent. */
export interface UserRemains {
  /** What the user pool knows them by; undefined where nothing says that they are gone. */
  deletedUsername(userId: string): Promise<string | undefined>;
  /** Ids of some of their posts, and of some of their tags; none where there is none. */
  posts(userId: string): Promise<readonly string[]>;
  tags(userId: string): Promise<readonly string[]>;
  /** Removes what says that a post, or a tag, is theirs. */
  disown(userId: string, what: { readonly postId: string } | { readonly tagId: string }): Promise<void>;
  /** Removes some of what lets them see the posts of others; whether there may be more. */
  removeGrants(userId: string): Promise<boolean>;
}

/** What the clean-up of a user needs of the world. */
export interface UserCleanUpPorts {
  readonly remains: UserRemains;
  readonly userPosts: {
    findDetails(postId: string): Promise<Post | undefined>;
    /** Unless it is not any more what it was. */
    delete(post: Post): Promise<WriteOutcome>;
  };
  readonly userTags: {
    get(tagId: string): Promise<Tag | undefined>;
    delete(tag: Tag): Promise<unknown>;
  };
  readonly tokens: { removePage(userId: string): Promise<boolean> };
  readonly directory: Pick<Directory, 'remove'>;
}

/** Tries of a deletion that the clean-up of something else gets in the way of. */
const ATTEMPTS = 10;

async function removePost({ remains, userPosts }: UserCleanUpPorts, userId: string, postId: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const post = await userPosts.findDetails(postId);
    if (post?.ownerId !== userId) {
      return remains.disown(userId, { postId });
    }
    if ((await userPosts.delete(post)).kind === 'done') {
      return;
    }
  }
  throw new Busy(`A post kept changing in ${ATTEMPTS} attempts to delete it`);
}

async function removeTag({ remains, userTags }: UserCleanUpPorts, userId: string, tagId: string): Promise<void> {
  const tag = await userTags.get(tagId);
  await (tag?.ownerId === userId ? userTags.delete(tag) : remains.disown(userId, { tagId }));
}

/**
 * Removes all that a user who is gone leaves behind. Messages come more than once: what is to be removed is read each
 * time, so that one more pass finds what the last one left, or nothing. What is deleted here tells the clean-up of it by
 * itself: the edges of a post, and the posts that carry a tag, are its work.
 *
 * Nothing of theirs can be made meanwhile: every write of a new thing holds only while no item says that its owner is
 * gone. The one thing that others may still write is a grant to somebody who is gone; it lets nobody in, and goes with
 * the post.
 */
export async function cleanUpUser(ports: UserCleanUpPorts, work: LongWork, userId: string): Promise<void> {
  const { remains, tokens, directory } = ports;
  const username = await remains.deletedUsername(userId);
  // An id is never used again. Who is not said to be gone is there, whatever this message is: stop.
  if (username === undefined) {
    return;
  }
  const some = async (ids: readonly string[], remove: (id: string) => Promise<void>) => {
    await Promise.all(ids.map(remove));
    return ids.length > 0;
  };
  // First what opens doors. A user pool that does not answer keeps nothing else from going.
  const pages: readonly (() => Promise<boolean>)[] = [
    () => tokens.removePage(userId),
    () => remains.removeGrants(userId),
    async () => some(await remains.posts(userId), (postId) => removePost(ports, userId, postId)),
    async () => some(await remains.tags(userId), (tagId) => removeTag(ports, userId, tagId)),
  ];
  for (const page of pages) {
    while (await page()) {
      if (work.timeIsShort()) {
        return work.handOn();
      }
    }
  }
  await directory.remove(username, userId);
}
