import type { LongWork } from './grants';
import type { Post } from './model';
import { Busy } from '../../core/busy';

/** A post that an edge of a tag leads to. */
export interface Carrier {
  readonly postId: string;
  /** Undefined where it is gone. */
  readonly post?: Post;
}

/** What the clean-up of a deleted tag needs of storage. Every read is consistent. */
export interface TagCleanUpStore {
  exists(tagId: string): Promise<boolean>;
  /** Some of what carries the tag, and whether there may be more. */
  carriers(tagId: string): Promise<{ readonly carriers: readonly Carrier[]; readonly more: boolean }>;
  find(postId: string): Promise<Carrier>;
  /** Takes a tag off a post that is still as it was read: its edges, in both directions, with its place in the post. */
  takeOff(tagId: string, carrier: Carrier): Promise<'done' | 'changed'>;
}

/** Times that a post which changes while its tag is taken off is looked at again. */
const ROUNDS = 10;

async function takeOff(store: TagCleanUpStore, tagId: string, found: Carrier): Promise<void> {
  let carrier = found;
  for (let round = 0; round < ROUNDS; round++) {
    if ((await store.takeOff(tagId, carrier)) === 'done') {
      return;
    }
    carrier = await store.find(found.postId);
  }
  throw new Busy(`A post kept changing in ${ROUNDS} rounds of taking a tag off it`);
}

/**
 * Takes a deleted tag off all posts. It may run any number of times, at any time, beside itself and beside changes of
 * the posts: what is left to do is what edges of the tag lead to, and an edge goes with the last trace of the tag in its
 * post. No post can get the tag meanwhile, since that is written only where the tag is there.
 */
export async function cleanUpTag(store: TagCleanUpStore, work: LongWork, tagId: string): Promise<void> {
  // An id is never used again, so that a tag that is there was never deleted: whatever this message is, stop.
  if (await store.exists(tagId)) {
    return;
  }
  for (;;) {
    const { carriers, more } = await store.carriers(tagId);
    await Promise.all(carriers.map((carrier) => takeOff(store, tagId, carrier)));
    if (!more) {
      return;
    }
    if (work.timeIsShort()) {
      return work.handOn();
    }
  }
}
