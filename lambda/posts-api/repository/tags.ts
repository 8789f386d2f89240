import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { newestIds } from './edges';
import { toTag } from './items';
import type { Tables } from './tables';
import {
  batchGet,
  type Condition,
  EXISTS,
  isConditionFailure,
  isContention,
  type NamedWrites,
  NOT_THERE,
  transactWrite,
  TransactionRefused,
  updateOf,
  writesOn,
} from '../../core/dynamodb';
import { retry } from '../../core/retry';
import { PUBLIC_TAG, TAG, USER_TAG } from '../../social-table/post-entities';
import {
  deletedUserKey,
  publicTagKey,
  publicTagPks,
  TAG_PREFIX,
  tagKey,
  userTagKey,
  userTagsPk,
} from '../../social-table/post-keys';
import type { Tag } from '../domain/model';
import type { Ids } from '../domain/paging';
import type { TagSource } from '../domain/tags';

const ofVersion = (version: number): Condition => ({
  expression: 'version = :version',
  values: { ':version': version },
});

/** Tags with their edges: what changes both is one transaction. */
export class TagRepository {
  public constructor(private readonly tables: Tables) {}

  public async create(tag: Tag): Promise<'done' | 'owner-gone'> {
    const { check, put } = writesOn(this.tables.social);
    const { tagId, ownerId } = tag;
    const refused = await this.refused({
      owner: check(deletedUserKey(ownerId), NOT_THERE),
      tag: put(TAG.item([tagId], tag), NOT_THERE),
      own: put(USER_TAG.item([ownerId, tagId], {})),
      public: tag.accessType === 'public' ? put(PUBLIC_TAG.item([tagId], {})) : undefined,
    });
    if (refused && !refused.failed('owner')) {
      throw refused;
    }
    return refused ? 'owner-gone' : 'done';
  }

  public async get(tagId: string): Promise<Tag | undefined> {
    const { Item: item } = await this.tables.db.send(
      new GetCommand({ TableName: this.tables.social, Key: tagKey(tagId), ConsistentRead: true }),
    );
    return item && toTag(item);
  }

  public async update(before: Tag, after: Tag): Promise<'done' | 'changed'> {
    const { tagId, name, accessType, updatedAt, version } = after;
    const { put, remove, update } = writesOn(this.tables.social);
    const change = [
      tagKey(tagId),
      { set: { name, accessType, updatedAt, version } },
      ofVersion(before.version),
    ] as const;
    if (accessType === before.accessType) {
      return this.updateAlone(updateOf(this.tables.social, ...change));
    }
    const refused = await this.refused({
      tag: update(...change),
      public: accessType === 'public' ? put(PUBLIC_TAG.item([tagId], {})) : remove(publicTagKey(tagId)),
    });
    return refused ? 'changed' : 'done';
  }

  /** A new name: no edge changes, and one write costs half of what a transaction of it does. */
  private async updateAlone(input: ReturnType<typeof updateOf>): Promise<'done' | 'changed'> {
    try {
      await retry(() => this.tables.db.send(new UpdateCommand(input)), isContention);
      return 'done';
    } catch (error) {
      if (isConditionFailure(error)) {
        return 'changed';
      }
      throw error;
    }
  }

  public async delete({ tagId, ownerId }: Tag): Promise<'done' | 'gone'> {
    const { remove } = writesOn(this.tables.social);
    const refused = await this.refused({
      tag: remove(tagKey(tagId), EXISTS),
      own: remove(userTagKey(ownerId, tagId)),
      // Whether or not it is public, which may change at this moment.
      public: remove(publicTagKey(tagId)),
    });
    return refused ? 'gone' : 'done';
  }

  public newest(sources: readonly TagSource[], before: string | undefined, max: number): Promise<Ids> {
    const pks = sources.flatMap((source) => (source === 'public' ? publicTagPks() : [userTagsPk(source.ownerId)]));
    return newestIds(this.tables, pks, TAG_PREFIX, before, max);
  }

  public async read(tagIds: readonly string[]): Promise<Tag[]> {
    const items = await batchGet(
      this.tables.db,
      tagIds.map((tagId) => ({ table: this.tables.social, key: tagKey(tagId) })),
    );
    return items.flatMap((item) => (item && toTag(item)) ?? []);
  }

  /** Why a transaction was refused by its conditions; undefined where it was not. */
  private async refused(writes: NamedWrites): Promise<TransactionRefused | undefined> {
    try {
      await transactWrite(this.tables.db, writes);
      return undefined;
    } catch (error) {
      if (error instanceof TransactionRefused) {
        return error;
      }
      throw error;
    }
  }
}
