import { toPost } from './items';
import { madeGrants, postEdges } from './post-edges';
import { isUnchanged, PostWrites } from './post-writes';
import type { Tables } from './tables';
import { batchGet, transactWrite, TransactionRefused } from '../../core/dynamodb';
import { POST_GRANTS } from '../../social-table/post-entities';
import { ALLOWED_USER_PREFIX, postGrantsKey, postKey, TAG_PREFIX } from '../../social-table/post-keys';
import type { EdgeChanges, GrantStore, PendingGrants } from '../domain/grants';
import type { Page, Post } from '../domain/model';
import type { WriteOutcome } from '../domain/posts';

/** Who may see a post, and what makes grants be what its owner has asked for. Every read is consistent. */
export class GrantRepository implements GrantStore {
  private readonly writes: PostWrites;

  public constructor(private readonly tables: Tables) {
    this.writes = new PostWrites(tables.social);
  }

  public async page(post: Post, limit: number, after?: string): Promise<Page<string> | undefined> {
    const found = post.grantsPending
      ? (await this.wanted(post.postId))?.filter((userId) => after === undefined || userId > after)
      : await postEdges(this.tables, post.postId, ALLOWED_USER_PREFIX, limit + 1, after);
    const items = found?.slice(0, limit);
    return items && found && { items, next: found.length > limit ? items[limit - 1] : undefined };
  }

  public async pending(postId: string): Promise<PendingGrants> {
    // One after the other, and the post first: items of one batch are not of one moment, and a list of before beside the
    // post of after would grant what has just been taken back. So a list is of the post's version, or later.
    const [details] = await this.read([postKey(postId)]);
    const post = details && toPost(details);
    if (!post?.grantsPending) {
      return { kind: 'none' };
    }
    const [grants] = await this.read([postGrantsKey(postId)]);
    const { userIds = [], postVersion = 0 } = grants ? POST_GRANTS.read(grants) : {};
    // Read on both sides of a write: the list is gone, or is of a later version than the post.
    return !grants || postVersion > post.version ? { kind: 'changed' } : { kind: 'pending', post, wanted: userIds };
  }

  public async made(postId: string): Promise<{ userIds: readonly string[]; tagIds: readonly string[] }> {
    const [userIds, tagIds] = await Promise.all([
      madeGrants(this.tables, postId),
      postEdges(this.tables, postId, TAG_PREFIX),
    ]);
    return { userIds, tagIds };
  }

  public async change(post: Post, { grant, revoke, dropTags }: EdgeChanges, last: boolean): Promise<WriteOutcome> {
    const { postId, version } = post;
    const { check, remove, update } = this.writes.table;
    const condition = isUnchanged(post);
    const state = last
      ? {
          post: update(postKey(postId), { remove: ['grantsPending'], add: { version: 1 } }, condition),
          wanted: remove(postGrantsKey(postId)),
        }
      : { post: check(postKey(postId), condition) };
    try {
      await transactWrite(this.tables.db, {
        ...state,
        ...this.writes.grant(postId, grant, version),
        ...this.writes.revoke(postId, revoke),
        ...this.writes.dropTags(postId, dropTags),
      });
      return { kind: 'done' };
    } catch (error) {
      if (error instanceof TransactionRefused) {
        return { kind: 'changed' };
      }
      throw error;
    }
  }

  /** The list that says who may see the post, sorted; undefined where it has been worked off. */
  private async wanted(postId: string): Promise<string[] | undefined> {
    const [grants] = await this.read([postGrantsKey(postId)]);
    return grants && [...POST_GRANTS.read(grants).userIds].sort();
  }

  private read(keys: readonly ReturnType<typeof postKey>[]) {
    return batchGet(
      this.tables.db,
      keys.map((key) => ({ table: this.tables.social, key })),
    );
  }
}
