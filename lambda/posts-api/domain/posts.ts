import { maySeePost, mayUseTag } from './access';
import {
  checkMigrated,
  type FullPost,
  type Post,
  type PostAccess,
  type PostContext,
  type Principal,
  type Tag,
} from './model';
import { postTagsView, postView } from './views';
import { Busy } from '../../core/busy';
import { isUuid } from '../../core/ids';
import { forbidden, invalid, notFound, unauthorized } from '../errors';

/** What became of a new post. */
export type CreateOutcome =
  | { readonly kind: 'done' }
  /** The owner has been deleted. */
  | { readonly kind: 'owner-gone' }
  /** What was read before, a tag, does not hold any more: read and try again. */
  | { readonly kind: 'changed' };

/** What became of a change of a post. */
export type WriteOutcome =
  | { readonly kind: 'done' }
  /** What was read before, the post or a tag, does not hold any more: read and try again. */
  | { readonly kind: 'changed' };

/** What a post is to be. */
export interface PostUpdate {
  readonly post: Pick<Post, 'name' | 'accessType' | 'tagIds' | 'updatedAt'>;
  /** Undefined where it stays. */
  readonly content?: string;
  /** Who is to see it, and who has a grant; undefined where that stays. */
  readonly grants?: { readonly wanted: readonly string[]; readonly made: readonly string[] };
}

/** What the rules about posts need of storage. */
export interface PostStore {
  create(post: FullPost, userIds: readonly string[]): Promise<CreateOutcome>;
  find(postId: string): Promise<FullPost | undefined>;
  findDetails(postId: string): Promise<Post | undefined>;
  update(before: Post, update: PostUpdate): Promise<WriteOutcome>;
  delete(post: Post): Promise<WriteOutcome>;
  /** Users with a grant. */
  grants(postId: string): Promise<readonly string[]>;
  context(posts: readonly Post[], viewerId: string): Promise<PostContext>;
  /** Those that are there, by their ids. */
  tags(tagIds: readonly string[]): Promise<ReadonlyMap<string, Tag>>;
}

export interface PostPorts {
  readonly posts: PostStore;
  newId(): string;
  /** Milliseconds since 1970. */
  now(): number;
  /** Between attempts of a write that others get in the way of. */
  pause(attempt: number): Promise<void>;
}

/** A new post, as the API takes it. */
export interface NewPost {
  readonly name: string;
  readonly content: string;
  readonly tags?: readonly string[];
  readonly access_type: PostAccess;
  readonly allowed_users?: readonly string[];
}

/** Tries of what others get in the way of. */
const ATTEMPTS = 12;

const iso = (time: number) => new Date(time).toISOString();

/** Later than before, whatever the clock says. */
const movedOn = ({ updatedAt }: Post, now: number) => iso(Math.max(now, Date.parse(updatedAt) + 1));

/**
 * Who is to see a post beside its owner, who always may: naming the owner changes nothing.
 *
 * @throws HttpError 400 where the post is not for allowed users
 */
function readersOf(accessType: PostAccess, given: readonly string[], ownerId: string): readonly string[] {
  if (accessType !== 'allowed_user' && given.length > 0) {
    throw invalid('allowed_users', 'can be given only where access_type is allowed_user');
  }
  return given.filter((userId) => userId !== ownerId);
}

/**
 * @throws HttpError 400 where a tag is not there or is somebody else's: one is not told from the other
 * @throws Busy where it has yet to be migrated
 */
function checkTags(tagIds: readonly string[], tags: ReadonlyMap<string, Tag>, userId: string): void {
  for (const tagId of tagIds) {
    const tag = tags.get(tagId);
    if (!tag || !mayUseTag(tag, userId)) {
      throw invalid('tags', `${tagId} is no tag of yours, and no public one`);
    }
    checkMigrated(tag);
  }
}

/**
 * Tries a write again with what is read anew, as long as others get in its way.
 *
 * @param attempt undefined where it has to be done again
 */
async function untilDone<T extends object>(
  { pause }: Pick<PostPorts, 'pause'>,
  attempt: () => Promise<T | undefined>,
): Promise<T> {
  for (let tries = 0; tries < ATTEMPTS; tries++) {
    const result = await attempt();
    if (result) {
      return result;
    }
    await pause(tries);
  }
  throw new Busy(`A post or its tags kept changing in ${ATTEMPTS} attempts`);
}

export async function createPost(ports: PostPorts, { userId }: Principal, input: NewPost) {
  const { name, content, access_type: accessType, tags: tagIds = [] } = input;
  const readers = readersOf(accessType, input.allowed_users ?? [], userId);
  const now = iso(ports.now());
  const times = { createdAt: now, updatedAt: now };
  const details = { postId: ports.newId(), ownerId: userId, name, accessType, tagIds, ...times, version: 1 };
  return untilDone(ports, async () => {
    const tags = await ports.posts.tags(tagIds);
    checkTags(tagIds, tags, userId);
    const outcome = await ports.posts.create({ ...details, content }, readers);
    if (outcome.kind === 'owner-gone') {
      throw unauthorized();
    }
    return outcome.kind === 'done' ? postView(details, tags, content) : undefined;
  });
}

/**
 * Opens a post for somebody: the post and its tags.
 *
 * @param find reads the post, with or without its content
 * @throws HttpError 404 where there is none, or none that they may see
 */
async function openPost<P extends Post>(
  { posts }: Pick<PostPorts, 'posts'>,
  { userId }: Principal,
  postId: string,
  find: (postId: string) => Promise<P | undefined>,
) {
  if (!isUuid(postId)) {
    throw notFound('post');
  }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const post = await find(postId);
    // Where not even a grant would help, nobody looks for one.
    if (!post || !maySeePost(post, userId, true)) {
      throw notFound('post');
    }
    const { tags, granted } = await posts.context([post], userId);
    const isGranted = granted.get(postId);
    if (isGranted !== undefined) {
      if (!maySeePost(post, userId, isGranted)) {
        throw notFound('post');
      }
      return { post, tags };
    }
  }
  throw new Busy(`A post kept changing in ${ATTEMPTS} reads`);
}

/**
 * Opens a post for its owner.
 *
 * @throws HttpError 404 where there is none, or none that they may see; 403 where it is somebody else's
 */
export async function openOwnPost<P extends Post>(
  ports: Pick<PostPorts, 'posts'>,
  viewer: Principal,
  postId: string,
  find: (postId: string) => Promise<P | undefined>,
): Promise<P> {
  const own = isUuid(postId) ? await find(postId) : undefined;
  if (own?.ownerId === viewer.userId) {
    return own;
  }
  let first: Post | undefined = own;
  await openPost(ports, viewer, postId, async () => {
    const post = first ?? (await ports.posts.findDetails(postId));
    first = undefined;
    // What is refused needs no tags.
    return post && { ...post, tagIds: [] };
  });
  throw forbidden('post');
}

export async function getPost(ports: Pick<PostPorts, 'posts'>, viewer: Principal, postId: string) {
  const { post, tags } = await openPost(ports, viewer, postId, (id) => ports.posts.find(id));
  return postView(post, tags, post.content);
}

export async function getPostTags(ports: Pick<PostPorts, 'posts'>, viewer: Principal, postId: string) {
  const { post, tags } = await openPost(ports, viewer, postId, (id) => ports.posts.findDetails(id));
  return { tags: postTagsView(post, tags) };
}

/**
 * Who is to see a post from now on.
 *
 * @returns undefined where that stays
 * @throws HttpError 400 where the post is not to be for allowed users
 */
function newReaders(before: Post, accessType: PostAccess, given: readonly string[] | undefined) {
  const readers = given && readersOf(accessType, given, before.ownerId);
  const wasForSome = before.accessType === 'allowed_user';
  if (accessType === 'allowed_user') {
    // Where it was not, nobody is said yet: what may be left of an earlier time is not taken up again.
    return readers ?? (wasForSome ? undefined : []);
  }
  return wasForSome ? [] : undefined;
}

/** Changes a post as its owner asks; what is left out stays. */
export function updatePost(ports: PostPorts, viewer: Principal, postId: string, input: Partial<NewPost>) {
  const { posts } = ports;
  return untilDone(ports, async () => {
    // A content that is replaced need not be read.
    const { content } = input;
    const before = await openOwnPost(ports, viewer, postId, async (id): Promise<FullPost | undefined> => {
      const post = content === undefined ? await posts.find(id) : await posts.findDetails(id);
      return post && { content: '', ...post };
    });
    checkMigrated(before);
    const { name = before.name, access_type: accessType = before.accessType, tags: tagIds = before.tagIds } = input;
    const wanted = newReaders(before, accessType, input.allowed_users);
    const [tags, made] = await Promise.all([posts.tags(tagIds), wanted && madeGrants(ports, before)]);
    // A tag that is on the post may stay, though its owner has closed it meanwhile.
    checkTags(
      tagIds.filter((tagId) => !before.tagIds.includes(tagId)),
      tags,
      viewer.userId,
    );
    const post = { ...before, name, accessType, tagIds, updatedAt: movedOn(before, ports.now()) };
    const grants = wanted && made ? { wanted, made } : undefined;
    const outcome = await posts.update(before, { post, content, grants });
    return outcome.kind === 'done' ? postView(post, tags, content ?? before.content) : undefined;
  });
}

/** Users with a grant; of a post whose list has yet to be worked off nobody needs to know. */
const madeGrants = async ({ posts }: Pick<PostPorts, 'posts'>, { postId, grantsPending }: Post) =>
  grantsPending ? [] : posts.grants(postId);

/** Says anew who may see a post, as its owner asks. */
export function updateAllowedUsers(ports: PostPorts, viewer: Principal, postId: string, given: readonly string[]) {
  const { posts } = ports;
  return untilDone(ports, async () => {
    const before = await openOwnPost(ports, viewer, postId, (id) => posts.findDetails(id));
    checkMigrated(before);
    const wanted = newReaders(before, before.accessType, given);
    if (!wanted) {
      return { allowed_users: [] };
    }
    const post = { ...before, updatedAt: movedOn(before, ports.now()) };
    const outcome = await posts.update(before, { post, grants: { wanted, made: await madeGrants(ports, before) } });
    return outcome.kind === 'done' ? { allowed_users: wanted } : undefined;
  });
}

export async function deletePost(ports: PostPorts, viewer: Principal, postId: string): Promise<void> {
  const { posts } = ports;
  await untilDone(ports, async () => {
    const post = await openOwnPost(ports, viewer, postId, (id) => posts.findDetails(id));
    checkMigrated(post);
    const outcome = await posts.delete(post);
    return outcome.kind === 'done' ? outcome : undefined;
  });
}
