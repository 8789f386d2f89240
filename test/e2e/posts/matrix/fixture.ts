import { type Caller, makeCallers, type People } from './callers';
import type { Kind } from './rules';
import type { Post, Tag } from '../shapes';
import type { PostsWorld } from '../world';

export const POST_KINDS = ['private', 'public', 'allowed_user'] as const;
export const TAG_KINDS = ['private', 'public'] as const;
export type TagKind = (typeof TAG_KINDS)[number];

/** What the matrix looks at: things of the owner, of every kind, and everybody who asks for them. */
export interface Fixture {
  readonly world: PostsWorld;
  readonly people: People;
  readonly callers: readonly Caller[];
  readonly tags: Readonly<Record<TagKind, Tag>>;
  /** Each with both tags; the one for allowed users has one. */
  readonly posts: Readonly<Record<Kind, Post>>;
}

export async function makeFixture(world: PostsWorld): Promise<Fixture> {
  const [owner, allowed, other] = await world.signUps(3);
  const people = { owner, allowed, other };
  const tags = { private: await world.createTag(owner, 'private'), public: await world.createTag(owner, 'public') };
  const make = (kind: Kind) => world.createPost(owner, fieldsOf(kind, people, tags));
  const posts = {
    private: await make('private'),
    public: await make('public'),
    allowed_user: await make('allowed_user'),
  };
  return { world, people, tags, posts, callers: await makeCallers(world, people) };
}

/** A post of the owner as the matrix has them. */
export function fieldsOf(kind: Kind, { allowed }: People, tags: Fixture['tags']) {
  return {
    access_type: kind,
    tags: [tags.private.tag_id, tags.public.tag_id],
    ...(kind === 'allowed_user' ? { allowed_users: [allowed.userId] } : {}),
  };
}
