import { readContext, readTags } from './context';
import { toPost } from './items';
import type { Tables } from './tables';
import { Busy } from '../../core/busy';
import {
  batchGet,
  type NamedWrites,
  NOT_THERE,
  type TableWrites,
  transactWrite,
  TransactionRefused,
  type Write,
  writesOn,
} from '../../core/dynamodb';
import {
  ALLOWED_USER,
  POST,
  POST_CONTENT,
  POST_GRANTS,
  POST_SCHEMA_VERSION,
  POST_TAG,
  PUBLIC_POST,
  SHARED_POST,
  TAGGED_POST,
  USER_POST,
} from '../../social-table/post-entities';
import { deletedUserKey, postContentKey, postKey, tagKey } from '../../social-table/post-keys';
import type { FullPost, Post, PostContext, Tag } from '../domain/model';
import type { CreateOutcome } from '../domain/posts';

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const TRANSACTION_ITEMS = 100;

/** Reads of a post whose content changes while it is read. */
const READS = 5;

const named = (entries: readonly (readonly [string, Write | undefined])[]): NamedWrites => Object.fromEntries(entries);
const fits = (writes: NamedWrites) =>
  Object.values(writes).filter((write) => write !== undefined).length <= TRANSACTION_ITEMS;

/** Posts with content, edges and grants: each change is one transaction, and what does not fit it is the clean-up's. */
export class PostRepository {
  private readonly writes: TableWrites;

  public constructor(private readonly tables: Tables) {
    this.writes = writesOn(tables.social);
  }

  /** Makes a post. @param userIds who may see it beside its owner */
  public async create(post: FullPost, userIds: readonly string[]): Promise<CreateOutcome> {
    const { content, ...details } = post;
    const { postId, ownerId, accessType, tagIds, version } = details;
    const { put, check } = this.writes;
    const make = (grants: NamedWrites, grantsPending?: true): NamedWrites => ({
      owner: check(deletedUserKey(ownerId), NOT_THERE),
      post: put(
        POST.item([postId], {
          ...details,
          grantsPending,
          contentVersion: version,
          schemaVersion: POST_SCHEMA_VERSION,
        }),
      ),
      content: put(POST_CONTENT.item([postId], { content, postVersion: version })),
      ownPost: put(USER_POST.item([ownerId, postId], {})),
      publicPost: accessType === 'public' ? put(PUBLIC_POST.item([postId], {})) : undefined,
      ...this.addTags(post, tagIds),
      ...grants,
    });
    const direct = make(this.grant(postId, userIds, version));
    try {
      await transactWrite(
        this.tables.db,
        fits(direct) ? direct : make({ wanted: this.wantGrants(postId, userIds, version) }, true),
      );
      return { kind: 'done' };
    } catch (error) {
      if (!(error instanceof TransactionRefused)) {
        throw error;
      }
      return error.failed('owner') ? { kind: 'owner-gone' } : { kind: 'changed' };
    }
  }

  /** A post and its content as they were at one moment. */
  public async find(postId: string): Promise<FullPost | undefined> {
    for (let read = 0; read < READS; read++) {
      const [details, text] = await batchGet(this.tables.db, [postKey(postId), postContentKey(postId)].map(this.ref));
      if (!details) {
        return undefined;
      }
      if (text) {
        const { content, postVersion } = POST_CONTENT.read(text);
        // Two items of one call may be read on both sides of a write that has put a secret into a post as it closed it.
        if (postVersion === POST.read(details).contentVersion) {
          return { ...toPost(details), content };
        }
      }
    }
    throw new Busy(`A post kept changing in ${READS} reads`);
  }

  /** A post without its content. */
  public async findDetails(postId: string): Promise<Post | undefined> {
    const [details] = await batchGet(this.tables.db, [this.ref(postKey(postId))]);
    return details && toPost(details);
  }

  public context(posts: readonly Post[], viewerId: string): Promise<PostContext> {
    return readContext(this.tables, posts, viewerId);
  }

  public tags(tagIds: readonly string[]): Promise<ReadonlyMap<string, Tag>> {
    return readTags(this.tables, tagIds);
  }

  private readonly ref = (key: { PK: string; SK: string }) => ({ table: this.tables.social, key });

  /** The edges of tags, each with the check that the tag is there and may be used: none can come after its clean-up. */
  private addTags({ postId, ownerId }: Pick<Post, 'postId' | 'ownerId'>, tagIds: readonly string[]): NamedWrites {
    const { put, check } = this.writes;
    return named(
      tagIds.flatMap((tagId) => [
        [
          `tag ${tagId}`,
          check(tagKey(tagId), {
            expression: 'attribute_exists(PK) AND (accessType = :public OR ownerId = :owner)',
            values: { ':public': 'public', ':owner': ownerId },
          }),
        ],
        [`tag of post ${tagId}`, put(POST_TAG.item([postId, tagId], {}))],
        [`post of tag ${tagId}`, put(TAGGED_POST.item([tagId, postId], {}))],
      ]),
    );
  }

  private grant(postId: string, userIds: readonly string[], postVersion: number): NamedWrites {
    const { put } = this.writes;
    return named(
      userIds.flatMap((userId) => [
        [`grant ${userId}`, put(ALLOWED_USER.item([postId, userId], { postVersion }))],
        [`shared post ${userId}`, put(SHARED_POST.item([userId, postId], {}))],
      ]),
    );
  }

  private wantGrants(postId: string, userIds: readonly string[], postVersion: number): Write {
    return this.writes.put(POST_GRANTS.item([postId], { postId, userIds, postVersion }));
  }
}
