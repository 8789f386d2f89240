import { maySeePost, mayUseTag } from './access';
import type { FullPost, Post, PostAccess, PostContext, Principal, Tag } from './model';
import { postTagsView, postView } from './views';
import { Busy } from '../../core/busy';
import { isUuid } from '../../core/ids';
import { invalid, notFound, unauthorized } from '../errors';

/** What became of a new post. */
export type CreateOutcome =
  | { readonly kind: 'done' }
  /** The owner has been deleted. */
  | { readonly kind: 'owner-gone' }
  /** What was read before, a tag, does not hold any more: read and try again. */
  | { readonly kind: 'changed' };

/** What the rules about posts need of storage. */
export interface PostStore {
  create(post: FullPost, userIds: readonly string[]): Promise<CreateOutcome>;
  find(postId: string): Promise<FullPost | undefined>;
  findDetails(postId: string): Promise<Post | undefined>;
  context(posts: readonly Post[], viewerId: string): Promise<PostContext>;
  /** Those that are there, by their ids. */
  tags(tagIds: readonly string[]): Promise<ReadonlyMap<string, Tag>>;
}

export interface PostPorts {
  readonly posts: PostStore;
  newId(): string;
  /** Milliseconds since 1970. */
  now(): number;
}

/** A new post, as the API takes it. */
interface NewPost {
  readonly name: string;
  readonly content: string;
  readonly tags?: readonly string[];
  readonly access_type: PostAccess;
  readonly allowed_users?: readonly string[];
}

/** Tries of what others get in the way of. */
const ATTEMPTS = 12;

const iso = (time: number) => new Date(time).toISOString();

/**
 * Who is to see a post beside its owner, who always may: naming the owner changes nothing.
 *
 * @throws HttpError 400 where the post is not for allowed users
 */
function grantsOf(accessType: PostAccess, given: readonly string[], ownerId: string): readonly string[] {
  if (accessType !== 'allowed_user' && given.length > 0) {
    throw invalid('allowed_users', 'can be given only where access_type is allowed_user');
  }
  return given.filter((userId) => userId !== ownerId);
}

/** @throws HttpError 400 where a tag is not there or is somebody else's: one is not told from the other */
function checkTags(tagIds: readonly string[], tags: ReadonlyMap<string, Tag>, userId: string): void {
  for (const tagId of tagIds) {
    const tag = tags.get(tagId);
    if (!tag || !mayUseTag(tag, userId)) {
      throw invalid('tags', `${tagId} is no tag of yours, and no public one`);
    }
  }
}

export async function createPost(ports: PostPorts, { userId }: Principal, input: NewPost) {
  const { name, content, access_type: accessType, tags: tagIds = [] } = input;
  const userIds = grantsOf(accessType, input.allowed_users ?? [], userId);
  const now = iso(ports.now());
  const times = { createdAt: now, updatedAt: now };
  const post: FullPost = {
    ...{ postId: ports.newId(), ownerId: userId, name, content, accessType, tagIds },
    ...times,
    version: 1,
  };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const tags = await ports.posts.tags(tagIds);
    checkTags(tagIds, tags, userId);
    const outcome = await ports.posts.create(post, userIds);
    if (outcome.kind === 'owner-gone') {
      throw unauthorized();
    }
    if (outcome.kind === 'done') {
      return postView(post, tags, content);
    }
  }
  throw new Busy(`Tags kept changing in ${ATTEMPTS} attempts to make a post`);
}

/**
 * Opens a post for somebody: the post, its tags, and whether it was shared with them.
 *
 * @param find the post, with or without its content
 * @throws HttpError 404 where there is none, or none that they may see
 */
async function openPost<P extends Post>(
  { posts }: Pick<PostPorts, 'posts'>,
  { userId }: Principal,
  postId: string,
  find: (postId: string) => Promise<P | undefined>,
) {
  for (let attempt = 0; isUuid(postId) && attempt < ATTEMPTS; attempt++) {
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
  throw isUuid(postId) ? new Busy(`A post kept changing in ${ATTEMPTS} reads`) : notFound('post');
}

export async function getPost(ports: Pick<PostPorts, 'posts'>, viewer: Principal, postId: string) {
  const { post, tags } = await openPost(ports, viewer, postId, (id) => ports.posts.find(id));
  return postView(post, tags, post.content);
}

export async function getPostTags(ports: Pick<PostPorts, 'posts'>, viewer: Principal, postId: string) {
  const { post, tags } = await openPost(ports, viewer, postId, (id) => ports.posts.findDetails(id));
  return { tags: postTagsView(post, tags) };
}
