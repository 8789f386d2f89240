import { randomUUID } from 'node:crypto';
import type { Answer, RequestOptions } from '../../client';
import { expectNoContent } from '../../shapes';
import type { Post, Tag, TokenSummary } from '../shapes';
import { tableItems } from '../tables';
import { newPost, type PostsWorld, type Session, text } from '../world';

/** What bad input is aimed at: things of one user, and another user. */
export interface Target {
  readonly user: Session;
  readonly other: Session;
  readonly post: Post;
  readonly tag: Tag;
  readonly token: TokenSummary;
}

async function makeTarget(world: PostsWorld): Promise<Target> {
  const [user, other] = await world.signUps(2);
  const tag = await world.createTag(user, 'private');
  const fields = { access_type: 'allowed_user', allowed_users: [other.userId], tags: [tag.tag_id] } as const;
  const post = await world.createPost(user, fields);
  // What the first look at a profile makes is not to be made by a request that is counted.
  await Promise.all([world.me(user), world.me(other)]);
  const { token: _, ...token } = await world.createToken(user, ['read:posts']);
  return { user, other, post, tag, token };
}

/** What a field takes. */
export type FieldType = 'access' | 'ids' | 'line' | 'scopes' | 'text' | 'time';

/** An operation with a body. */
export interface BodyOperation {
  readonly name: string;
  readonly method: 'POST' | 'PUT';
  readonly path: (target: Target) => string;
  readonly fields: Readonly<Record<string, FieldType>>;
  /** Those that may be null. */
  readonly nullable?: readonly string[];
  readonly good: () => Readonly<Record<string, unknown>>;
}

const POST_FIELDS = {
  name: 'line',
  content: 'text',
  tags: 'ids',
  access_type: 'access',
  allowed_users: 'ids',
} as const;
const ofPost = ({ post }: Target) => `/posts/${post.post_id}`;

export const BODY_OPERATIONS: readonly BodyOperation[] = [
  { name: 'CreatePost', method: 'POST', path: () => '/posts', fields: POST_FIELDS, good: () => ({ ...newPost() }) },
  { name: 'UpdatePost', method: 'PUT', path: ofPost, fields: POST_FIELDS, good: () => ({ name: text('name') }) },
  {
    name: 'UpdateAllowedUsers',
    method: 'PUT',
    path: (target) => `${ofPost(target)}/allowed-users`,
    fields: { allowed_users: 'ids' },
    good: () => ({ allowed_users: [randomUUID()] }),
  },
  {
    name: 'CreateTag',
    method: 'POST',
    path: () => '/tags',
    fields: { name: 'line', access_type: 'access' },
    good: () => ({ name: text('tag'), access_type: 'private' }),
  },
  {
    name: 'UpdateTag',
    method: 'PUT',
    path: ({ tag }) => `/tags/${tag.tag_id}`,
    fields: { name: 'line', access_type: 'access' },
    good: () => ({ name: text('tag') }),
  },
  {
    name: 'UpdateMe',
    method: 'PUT',
    path: () => '/me',
    fields: { display_name: 'line', bio: 'text' },
    nullable: ['display_name', 'bio'],
    good: () => ({ display_name: text('name') }),
  },
  {
    name: 'CreateToken',
    method: 'POST',
    path: () => '/me/tokens',
    fields: { name: 'line', scopes: 'scopes', expires_at: 'time' },
    good: () => ({ name: text('token'), scopes: ['read:posts'] }),
  },
];

/** Every field of every operation. */
export const FIELDS = BODY_OPERATIONS.flatMap((operation) =>
  Object.entries(operation.fields).map(([field, type]) => ({ operation, field, type })),
);

/** Sends bad input, and knows what it may not have changed. */
export class Aim {
  private made?: Target;

  public constructor(public readonly world: PostsWorld) {}

  public async take(): Promise<void> {
    this.made = await makeTarget(this.world);
  }

  public get target(): Target {
    if (!this.made) throw new Error('The target is made in beforeAll: use it in tests only');
    return this.made;
  }

  public async send({ method, path }: BodyOperation, options: RequestOptions): Promise<Answer> {
    return this.world.request(method, path(this.target), { token: this.target.user.token, ...options });
  }

  /** Nothing is written by these requests: every item of every table is as it was. */
  public async unchanged(requests: () => Promise<void>): Promise<void> {
    await this.world.settled();
    const before = await tableItems(this.world);
    expect(before.length).toBeGreaterThan(10);
    await requests();
    await this.world.settled();
    expect(await tableItems(this.world)).toEqual(before);
  }

  /** Takes back what an answer says was made. */
  public async undo(made: Answer): Promise<void> {
    const { post_id: post, tag_id: tag, token_id: token } = made.json as Record<string, string | undefined>;
    const path = [post && `/posts/${post}`, tag && `/tags/${tag}`, token && `/me/tokens/${token}`].find(Boolean);
    if (path !== undefined) expectNoContent(await this.world.delete(path, this.target.user));
  }
}

/** The bad input of a suite, aimed at things of its own. */
export function useAim(world: PostsWorld): Aim {
  const aim = new Aim(world);
  beforeAll(() => aim.take(), 60_000);
  return aim;
}
