import type { Page, Post, Principal } from './model';
import { nextCursorOf, type PageRequest, startOf } from './paging';
import { openOwnPost, type PostPorts, type WriteOutcome } from './posts';
import { Busy } from '../../core/busy';

/** A list of who is to see a post that has yet to be worked off. */
export type PendingGrants =
  | { readonly kind: 'pending'; readonly post: Post; readonly wanted: readonly string[] }
  /** The post is gone, or its list has been worked off. */
  | { readonly kind: 'none' }
  /** It changed while it was read: read again. */
  | { readonly kind: 'changed' };

/** Edges of a post to make and to remove. */
export interface EdgeChanges {
  readonly grant: readonly string[];
  readonly revoke: readonly string[];
  readonly dropTags: readonly string[];
}

/** What the rules about grants need of storage. Every read is consistent. */
export interface GrantStore {
  /** Who may see a post beside its owner, sorted; undefined where that changed while it was read. */
  page(post: Post, limit: number, after?: string): Promise<Page<string> | undefined>;
  pending(postId: string): Promise<PendingGrants>;
  /** The edges that there are, whatever there should be. */
  made(postId: string): Promise<{ readonly userIds: readonly string[]; readonly tagIds: readonly string[] }>;
  /** Changes edges of a post that is still as it was read, and with the last ones takes its list away. */
  change(post: Post, changes: EdgeChanges, last: boolean): Promise<WriteOutcome>;
}

/** Work that may take longer than one invocation. */
export interface LongWork {
  /** Should this invocation hand on what is left? */
  timeIsShort(): boolean;
  /** Sends the message that is worked on to the clean-up once more. */
  handOn(): Promise<void>;
}

/** Times that a post which changes while it is worked on is looked at again. */
const ROUNDS = 10;

/** Changes in one transaction of at most 100 items: two items each, beside the post and its list. */
const CHANGES = 48;

export async function getAllowedUsers(
  ports: { readonly posts: PostPorts['posts']; readonly grants: Pick<GrantStore, 'page'> },
  viewer: Principal,
  postId: string,
  request: PageRequest,
) {
  const binding = ['GetAllowedUsers', viewer.userId, postId];
  const after = startOf(binding, request);
  for (let round = 0; round < ROUNDS; round++) {
    const post = await openOwnPost(ports, viewer, postId, (id) => ports.posts.findDetails(id));
    const page = await ports.grants.page(post, request.limit, after);
    if (page) {
      return { allowed_users: page.items, next_cursor: nextCursorOf(binding, page) };
    }
  }
  throw new Busy(`Grants kept changing in ${ROUNDS} reads`);
}

/** What makes edges that there are into those that there should be, in parts that fit a transaction; one at least. */
function partsOf(
  { post, wanted }: { readonly post: Post; readonly wanted: readonly string[] },
  made: { readonly userIds: readonly string[]; readonly tagIds: readonly string[] },
): EdgeChanges[] {
  const without = (list: readonly string[], other: readonly string[]) => {
    const known = new Set(other);
    return list.filter((id) => !known.has(id));
  };
  const all = [
    // First what is to be hidden.
    ...without(made.userIds, wanted).map((id) => ({ kind: 'revoke', id }) as const),
    ...without(wanted, made.userIds).map((id) => ({ kind: 'grant', id }) as const),
    ...without(made.tagIds, post.tagIds).map((id) => ({ kind: 'dropTags', id }) as const),
  ];
  return Array.from({ length: Math.max(1, Math.ceil(all.length / CHANGES)) }, (_, part) => {
    const some = all.slice(part * CHANGES, (part + 1) * CHANGES);
    const of = (wantedKind: keyof EdgeChanges) => some.filter(({ kind }) => kind === wantedKind).map(({ id }) => id);
    return { grant: of('grant'), revoke: of('revoke'), dropTags: of('dropTags') };
  });
}

/**
 * Makes the edges of a post what its owner has asked for, where that was more than fitted the transaction. It may run
 * any number of times, at any time, beside itself and beside changes of the post: each write holds only while the post
 * is as it was read, and the list is taken away with the last one.
 */
export async function convergeGrants(store: GrantStore, work: LongWork, postId: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const found = await store.pending(postId);
    if (found.kind === 'none') {
      return;
    }
    if (found.kind === 'pending') {
      const outcome = await workOff(store, work, found);
      if (outcome !== 'changed') {
        return;
      }
    }
  }
  throw new Busy(`A post kept changing in ${ROUNDS} rounds of its grants`);
}

async function workOff(
  store: GrantStore,
  work: LongWork,
  pending: Extract<PendingGrants, { kind: 'pending' }>,
): Promise<'done' | 'changed' | 'handed-on'> {
  const parts = partsOf(pending, await store.made(pending.post.postId));
  for (const [index, changes] of parts.entries()) {
    const isLast = index === parts.length - 1;
    const { kind } = await store.change(pending.post, changes, isLast);
    if (kind === 'changed') {
      return kind;
    }
    if (!isLast && work.timeIsShort()) {
      await work.handOn();
      return 'handed-on';
    }
  }
  return 'done';
}

/** What the clean-up of a deleted post needs of storage. Every read is consistent. */
export interface PostCleanUpStore {
  exists(postId: string): Promise<boolean>;
  /** Removes some of what is left of a post, with the edges to it; whether there may be more. */
  removePage(postId: string): Promise<boolean>;
}

/**
 * Removes what a deleted post leaves behind: its grants with their edges, and whatever else. Nothing can be added
 * meanwhile, since all that is written to a post holds only where the post is there.
 */
export async function cleanUpPost(store: PostCleanUpStore, work: LongWork, postId: string): Promise<void> {
  // An id is never used again, so that a post that is there was never deleted: whatever this message is, stop.
  if (await store.exists(postId)) {
    return;
  }
  while (await store.removePage(postId)) {
    if (work.timeIsShort()) {
      return work.handOn();
    }
  }
}
