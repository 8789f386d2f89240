import { notFound } from '../errors';
import { maySeePost, mayUseTag } from './access';
import type { Post, PostContext, Principal, Tag } from './model';
import { type Ids, nextCursorOf, pageOf, type PageRequest, startOf } from './paging';
import { postSummary } from './views';
import { Busy } from '../../core/busy';
import type { CursorBinding } from '../../core/cursor';
import { isUuid } from '../../core/ids';

/** Where lists of posts come from. */
export type PostSource =
  'public' | { readonly ownerId: string } | { readonly sharedWith: string } | { readonly tagId: string };

/** What lists of posts need of storage. */
export interface ListPorts {
  readonly lists: {
    /** Ids of what any of the sources lists, newest first, each once. */
    newest(sources: readonly PostSource[], before: string | undefined, max: number): Promise<Ids>;
    /** Those that are there, in their order. */
    read(postIds: readonly string[]): Promise<Post[]>;
    context(posts: readonly Post[], viewerId: string): Promise<PostContext>;
    tag(tagId: string): Promise<Tag | undefined>;
  };
}

/** A list of posts: what is shown of it is what the caller may see as well. */
interface PostList {
  readonly binding: CursorBinding;
  readonly sources: readonly PostSource[];
  readonly shows: (post: Post) => boolean;
  /** Of a tag: not there for those who may not see the tag. */
  readonly tagId?: string;
}

type PostScope = 'public' | 'mine' | 'shared' | 'all';

const SCOPES: Readonly<
  Record<
    PostScope,
    {
      readonly sources: (userId: string) => readonly PostSource[];
      readonly shows: (post: Post, userId: string) => boolean;
    }
  >
> = {
  public: { sources: () => ['public'], shows: (post) => post.accessType === 'public' },
  mine: { sources: (ownerId) => [{ ownerId }], shows: (post, userId) => post.ownerId === userId },
  shared: {
    sources: (userId) => [{ sharedWith: userId }],
    shows: (post, userId) => post.accessType === 'allowed_user' && post.ownerId !== userId,
  },
  all: { sources: (userId) => [{ ownerId: userId }, 'public', { sharedWith: userId }], shows: () => true },
};

/** Reads of posts whose readers change while they are listed. */
const ATTEMPTS = 5;

/** @throws HttpError 404 where the caller may not see the tag */
async function seeTag({ lists }: ListPorts, userId: string, tagId: string): Promise<void> {
  const tag = await lists.tag(tagId);
  if (!tag || !mayUseTag(tag, userId)) {
    throw notFound('tag');
  }
}

/**
 * Those of some posts that the caller may see, in their order.
 *
 * @param load reads posts once more: those that have changed since they were read
 * @param tags is given the tags of the posts
 * @throws Busy where a post changes with every read
 */
async function visible(
  { lists }: ListPorts,
  userId: string,
  posts: readonly Post[],
  load: (postIds: readonly string[]) => Promise<readonly Post[]>,
  tags: Map<string, Tag>,
): Promise<Post[]> {
  const seen = new Map<string, Post>();
  let asked = posts;
  for (let attempt = 0; asked.length > 0; attempt++) {
    if (attempt >= ATTEMPTS) {
      throw new Busy(`${asked.length} posts kept changing in ${ATTEMPTS} reads`);
    }
    const context = await lists.context(asked, userId);
    context.tags.forEach((tag, tagId) => tags.set(tagId, tag));
    asked
      .filter((post) => maySeePost(post, userId, context.granted.get(post.postId) ?? false))
      .forEach((post) => seen.set(post.postId, post));
    const changed = asked.map(({ postId }) => postId).filter((postId) => !context.granted.has(postId));
    asked = changed.length > 0 ? await load(changed) : [];
  }
  return posts.flatMap(({ postId }) => seen.get(postId) ?? []);
}

/**
 * A page of a list, newest first. Rows only say where to look: every post is judged by itself and by the grant that the
 * caller has. Edges, posts, then grants together with the names of tags: three reads, one after the other.
 */
async function list(ports: ListPorts, { userId }: Principal, posts: PostList, page: PageRequest) {
  const { binding, sources, shows, tagId } = posts;
  const after = startOf(binding, page);
  if (tagId !== undefined && !isUuid(tagId)) {
    throw notFound('tag');
  }
  const tags = new Map<string, Tag>();
  const load = async (ids: readonly string[]) =>
    (await ports.lists.read(ids)).filter(
      // Nobody looks for a grant that would not help.
      (post) => shows(post) && maySeePost(post, userId, true) && (tagId === undefined || post.tagIds.includes(tagId)),
    );
  // Side by side with the first rows.
  let tagIsSeen = tagId === undefined;
  const found = await pageOf<Post>(
    {
      newest: async (before, max) => {
        const [rows] = await Promise.all([
          ports.lists.newest(sources, before, max),
          tagId === undefined || tagIsSeen || seeTag(ports, userId, tagId),
        ]);
        tagIsSeen = true;
        return rows;
      },
      load,
      confirm: (candidates) => visible(ports, userId, candidates, load, tags),
      idOf: ({ postId }) => postId,
    },
    page.limit,
    after,
  );
  return { posts: found.items.map((post) => postSummary(post, tags)), next_cursor: nextCursorOf(binding, found) };
}

/** @throws HttpError 404 where the caller may not see the tag */
export function listPosts(
  ports: ListPorts,
  caller: Principal,
  { scope = 'public', tag }: { readonly scope?: PostScope; readonly tag?: string },
  page: PageRequest,
) {
  const { userId } = caller;
  const { sources, shows } = SCOPES[scope];
  const posts: PostList = {
    binding: ['GetPosts', userId, scope, tag],
    sources: tag === undefined ? sources(userId) : [{ tagId: tag }],
    shows: (post) => shows(post, userId),
    tagId: tag,
  };
  return list(ports, caller, posts, page);
}

/** There is no way to know who is a user: somebody unknown has no posts, like somebody all of whose posts are private. */
export function listUserPosts(ports: ListPorts, caller: Principal, ownerId: string, page: PageRequest) {
  const posts: PostList = {
    binding: ['GetUserPosts', caller.userId, ownerId],
    sources: isUuid(ownerId) ? [{ ownerId }] : [],
    shows: (post) => post.ownerId === ownerId,
  };
  return list(ports, caller, posts, page);
}

/** @throws HttpError 404 where the caller may not see the tag */
export function listTagPosts(ports: ListPorts, caller: Principal, tagId: string, page: PageRequest) {
  const posts: PostList = {
    binding: ['GetTagPosts', caller.userId, tagId],
    sources: [{ tagId }],
    shows: () => true,
    tagId,
  };
  return list(ports, caller, posts, page);
}
