import { readContext, readTags } from './context';
import { newestIds } from './edges';
import { toPost } from './items';
import type { Tables } from './tables';
import { batchGet } from '../../core/dynamodb';
import {
  POST_PREFIX,
  postKey,
  publicPostPks,
  sharedPostsPk,
  taggedPostsPk,
  userPostsPk,
} from '../../social-table/post-keys';
import type { PostSource } from '../domain/lists';
import type { Post, PostContext, Tag } from '../domain/model';
import type { Ids } from '../domain/paging';

function pksOf(source: PostSource): readonly string[] {
  if (source === 'public') {
    return publicPostPks();
  }
  if ('ownerId' in source) {
    return [userPostsPk(source.ownerId)];
  }
  return ['tagId' in source ? taggedPostsPk(source.tagId) : sharedPostsPk(source.sharedWith)];
}

/** Lists read edges of the base table, consistently: what is written is listed at once. */
export class ListRepository {
  public constructor(private readonly tables: Tables) {}

  public newest(sources: readonly PostSource[], before: string | undefined, max: number): Promise<Ids> {
    return newestIds(this.tables, sources.flatMap(pksOf), POST_PREFIX, before, max);
  }

  public async read(postIds: readonly string[]): Promise<Post[]> {
    const items = await batchGet(
      this.tables.db,
      postIds.map((postId) => ({ table: this.tables.social, key: postKey(postId) })),
    );
    return items.flatMap((item) => (item && toPost(item)) ?? []);
  }

  public context(posts: readonly Post[], viewerId: string): Promise<PostContext> {
    return readContext(this.tables, posts, viewerId);
  }

  public async tag(tagId: string): Promise<Tag | undefined> {
    return (await readTags(this.tables, [tagId])).get(tagId);
  }
}
