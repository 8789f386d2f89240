import type { TestTables } from './engine';
import { postIdOf, postOf, tagIdOf, tagOf } from './post-samples';
import { userIdOf } from './samples';
import type { Item, Key } from '../../lambda/core/dynamodb';
import type { Post, PostAccess, Tag, TagAccess } from '../../lambda/posts-api/domain/model';
import {
  ALLOWED_USER,
  POST,
  POST_GRANTS,
  POST_SCHEMA_VERSION,
  POST_TAG,
  PUBLIC_POST,
  PUBLIC_TAG,
  SHARED_POST,
  TAG,
  TAGGED_POST,
  USER_POST,
  USER_TAG,
} from '../../lambda/social-table/post-entities';

interface SharedPost {
  readonly post: Post;
  /** Who may see it beside its owner. */
  readonly readers: readonly string[];
}

const idOf = ({ PK, SK }: Key) => `${PK} ${SK}`;
const ACCESS: readonly PostAccess[] = ['private', 'public', 'allowed_user'];

/**
 * Users, tags and posts that change at random, and what of them is in the table: edges that lead nowhere, too, such as
 * are left until a clean-up has passed.
 */
export class RandomPosts {
  public readonly users: readonly string[];
  public readonly posts = new Map<string, SharedPost>();
  public readonly tags = new Map<string, Tag>();
  private readonly stray = new Map<string, Item>();
  private stored = new Map<string, string>();
  private made = 0;

  public constructor(
    private readonly random: () => number,
    users = 4,
  ) {
    this.users = Array.from({ length: users }, (_, index) => userIdOf(index + 1));
  }

  /** One of some values. */
  public pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.random() * values.length)];
  }

  public chance(probability: number): boolean {
    return this.random() < probability;
  }

  private some<T>(values: readonly T[], probability: number): T[] {
    return values.filter(() => this.chance(probability));
  }

  private write(post: Post): void {
    const open = post.accessType === 'allowed_user';
    const readers = open ? this.some(this.users, 0.4).filter((userId) => userId !== post.ownerId) : [];
    const pending = open && this.chance(0.2) ? { grantsPending: true } : { grantsPending: undefined };
    this.posts.set(post.postId, { post: { ...post, ...pending }, readers });
  }

  private tagsFor(ownerId: string): string[] {
    const usable = [...this.tags.values()].filter((tag) => tag.accessType === 'public' || tag.ownerId === ownerId);
    return this.some(usable, 0.4).map(({ tagId }) => tagId);
  }

  public publish(): void {
    const owner = 1 + Math.floor(this.random() * this.users.length);
    const post = postOf(++this.made, owner, { accessType: this.pick(ACCESS) });
    this.write({ ...post, tagIds: this.tagsFor(post.ownerId) });
  }

  public makeTag(): void {
    const owner = 1 + Math.floor(this.random() * this.users.length);
    const accessType: TagAccess = this.chance(0.6) ? 'public' : 'private';
    const tag = tagOf(++this.made, owner, { accessType });
    this.tags.set(tag.tagId, tag);
  }

  /** One change, of any kind. */
  public change(): void {
    const { post } = this.pick([...this.posts.values()]);
    const next = { ...post, version: post.version + 1 };
    const tag = this.pick([...this.tags.values()]);
    const edges = [...this.edges()];
    this.pick([
      () => this.publish(),
      () => this.makeTag(),
      () => this.write({ ...next, accessType: this.pick(ACCESS) }),
      () => this.write({ ...next, name: `${post.name}!`, tagIds: this.tagsFor(post.ownerId) }),
      () => this.posts.delete(post.postId),
      () => this.tags.delete(tag.tagId),
      () => this.tags.set(tag.tagId, { ...tag, accessType: this.pick<TagAccess>(['public', 'private']) }),
      // What was an edge before stays one, whatever becomes of the post.
      () => this.some(edges, 0.2).forEach((edge) => this.stray.set(idOf(edge as Key), edge)),
      () => this.stray.set(...this.anyEdge(post.postId)),
    ])();
  }

  /** An edge that there may be no reason for. */
  private anyEdge(postId: string): [string, Item] {
    const userId = this.pick(this.users);
    const edge = this.pick([
      PUBLIC_POST.item([postId], {}),
      SHARED_POST.item([userId, postId], {}),
      TAGGED_POST.item([this.pick([...this.tags.keys(), tagIdOf(1)]), postId], {}),
      USER_POST.item([userId, postId], {}),
      PUBLIC_POST.item([postIdOf(0)], {}),
    ]);
    return [idOf(edge as Key), edge];
  }

  private *edges(): Generator<Item> {
    for (const { post, readers } of this.posts.values()) {
      const { postId, ownerId, accessType, tagIds } = post;
      yield USER_POST.item([ownerId, postId], {});
      if (accessType === 'public') {
        yield PUBLIC_POST.item([postId], {});
      }
      yield* readers.map((userId) => SHARED_POST.item([userId, postId], {}));
      yield* tagIds.map((tagId) => TAGGED_POST.item([tagId, postId], {}));
    }
    for (const { tagId, ownerId, accessType } of this.tags.values()) {
      yield USER_TAG.item([ownerId, tagId], {});
      if (accessType === 'public') {
        yield PUBLIC_TAG.item([tagId], {});
      }
    }
  }

  /** Everything that is in the table. */
  private *items(): Generator<Item> {
    yield* this.stray.values();
    yield* this.edges();
    for (const { post, readers } of this.posts.values()) {
      const { postId, version } = post;
      yield POST.item([postId], { ...post, schemaVersion: POST_SCHEMA_VERSION });
      yield* post.tagIds.map((tagId) => POST_TAG.item([postId, tagId], {}));
      if (post.grantsPending) {
        yield POST_GRANTS.item([postId], { postId, userIds: readers, postVersion: version });
      }
      // While they are pending, grants say nothing: neither those that are there nor those that are not.
      const granted = post.grantsPending ? this.users.filter((_, index) => (version + index) % 2 === 0) : readers;
      yield* granted.map((userId) => ALLOWED_USER.item([postId, userId], { postVersion: version }));
    }
    for (const tag of this.tags.values()) {
      yield TAG.item([tag.tagId], tag);
    }
  }

  /** Makes the table what the world is. */
  public async store(tables: TestTables): Promise<void> {
    const items = [...this.items()].map((item): [string, Item] => [
      idOf(item as Key),
      JSON.parse(JSON.stringify(item)),
    ]);
    const now = new Map(items);
    const texts = new Map([...now].map(([id, item]) => [id, JSON.stringify(item)]));
    const gone = [...this.stored.keys()].filter((id) => !now.has(id)).map((id) => id.split(' '));
    await tables.delete(
      tables.social,
      gone.map(([PK, SK]) => ({ PK, SK })),
    );
    await tables.put(
      tables.social,
      [...now].filter(([id]) => this.stored.get(id) !== texts.get(id)).map(([, item]) => item),
    );
    this.stored = texts;
  }
}
