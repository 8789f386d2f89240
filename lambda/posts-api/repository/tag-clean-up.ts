import { newestIds } from './edges';
import { toPost } from './items';
import { isUnchanged, PostWrites } from './post-writes';
import type { Tables } from './tables';
import { batchGet, transactWrite, TransactionRefused } from '../../core/dynamodb';
import { POST_PREFIX, postKey, taggedPostsPk, tagKey } from '../../social-table/post-keys';
import type { Carrier, TagCleanUpStore } from '../domain/tag-clean-up';

/** Posts at once, each a transaction of its own. */
const PAGE = 25;

/** Takes deleted tags off posts. Every read is consistent. */
export class TagCleanUpRepository implements TagCleanUpStore {
  private readonly writes: PostWrites;

  public constructor(private readonly tables: Tables) {
    this.writes = new PostWrites(tables.social);
  }

  public async exists(tagId: string): Promise<boolean> {
    const [tag] = await batchGet(this.tables.db, [{ table: this.tables.social, key: tagKey(tagId) }]);
    return tag !== undefined;
  }

  public async carriers(tagId: string): Promise<{ carriers: Carrier[]; more: boolean }> {
    const { ids, more } = await newestIds(this.tables, [taggedPostsPk(tagId)], POST_PREFIX, undefined, PAGE);
    return { carriers: await this.read(ids), more };
  }

  public async find(postId: string): Promise<Carrier> {
    const [carrier] = await this.read([postId]);
    return carrier;
  }

  /** The author has not changed the post: `updatedAt` stays. */
  public async takeOff(tagId: string, { postId, post }: Carrier): Promise<'done' | 'changed'> {
    const tagIds = post?.tagIds.filter((carried) => carried !== tagId) ?? [];
    const carries = post !== undefined && tagIds.length < post.tagIds.length;
    try {
      await transactWrite(this.tables.db, {
        post: carries
          ? this.writes.table.update(postKey(postId), { set: { tagIds }, add: { version: 1 } }, isUnchanged(post))
          : undefined,
        ...this.writes.dropTags(postId, [tagId]),
      });
      return 'done';
    } catch (error) {
      if (error instanceof TransactionRefused) {
        return 'changed';
      }
      throw error;
    }
  }

  private async read(postIds: readonly string[]): Promise<Carrier[]> {
    const items = await batchGet(
      this.tables.db,
      postIds.map((postId) => ({ table: this.tables.social, key: postKey(postId) })),
    );
    return postIds.map((postId, index) => {
      const item = items[index];
      // Of one that has yet to be migrated the edges go as of one that is gone: it becomes what they then say.
      return { postId, post: item && toPost(item) };
    });
  }
}
