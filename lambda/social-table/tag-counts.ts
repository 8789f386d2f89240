import { randomInt } from 'node:crypto';
import { DeleteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { TAG_COUNT, TAG_RANK } from './entities';
import { homeOf, tagCountKey, tagCountPks, tagRankKey } from './keys';
import { isBusy } from '../core/busy';
import {
  batchGet,
  type Condition,
  deleteOf,
  isConditionFailure,
  type Item,
  type NamedWrites,
  type TableWrites,
  transactWrite,
  TransactionRefused,
  type Write,
  writesOn,
} from '../core/dynamodb';

/**
 * How many articles carry each tag, and a rank for those with two and more: a row of its own whose key sorts by the
 * power of two that the count has reached. Most writes only count. One that would take a count over the bound that its
 * row names is refused with the row, and done again with the change of rank, all in the transaction of the article. A
 * rank falls at half of what it rose at, so that a count that goes up and down moves nothing.
 */

/** Changes of rank in one transaction: with two rows for each, an update of all tags stays below 100 items. */
const RANKED_AT_ONCE = 7;

const MAY_RISE: Condition = { expression: 'attribute_not_exists(risesAt) OR articlesCount < risesAt' };
const MAY_FALL: Condition = { expression: 'attribute_not_exists(fallsAt) OR articlesCount > fallsAt' };

/** The power of two that a count has reached; 0 is no rank. */
const levelOf = (count: number) => (count < 2 ? 0 : Math.floor(Math.log2(count)));
const risesAt = (level: number) => 2 ** (level + 1) - 1;
/** Who comes second finds a rank changed already, and only counts. */
const atBound = ({ articlesCount, risesAt: up, fallsAt: down }: Item, by: 1 | -1) =>
  by > 0 ? Number(articlesCount) >= Number(up) : down !== undefined && Number(articlesCount) <= Number(down);
const storedLevel = (item: Item) => levelOf(Number(item.risesAt ?? risesAt(0)));

/** The writes that count an article in its tags, or no longer do. */
export class TagCountWrites {
  private tries = 0;
  private readonly shards = new Map<string, number>();
  /** Counts that were refused, as they are stored. */
  private readonly refused = new Map<string, Item>();
  /** Whether the last try failed by its conditions alone, so that the next keeps to the shards that it has seen. */
  private hasLearned = false;

  public constructor(
    private readonly writes: TableWrites,
    private readonly changes: ReadonlyMap<string, 1 | -1>,
    /** On how many partitions tags are counted. */
    private readonly shardCount: number,
  ) {}

  /** For one more try: on the shards of the last one where it was refused, on any where others were in its way. */
  public next(): NamedWrites {
    const tries = this.tries++;
    if (!this.hasLearned) {
      // What others are writing is not as it was read.
      this.refused.clear();
      for (const tag of this.changes.keys()) {
        this.shards.set(tag, tries === 0 ? homeOf(tag, this.shardCount) : randomInt(this.shardCount));
      }
    }
    this.hasLearned = false;
    const ranked = new Set([...this.refused.keys()].slice(0, RANKED_AT_ONCE));
    const all = [...this.changes].map(([tag, by]) => {
      const stored = this.refused.get(tag);
      const shard = this.shards.get(tag) ?? homeOf(tag, this.shardCount);
      return stored && atBound(stored, by)
        ? this.rank(tag, shard, by, stored, ranked.has(tag))
        : this.count(tag, shard, by);
    });
    return Object.assign({}, ...all) as NamedWrites;
  }

  /**
   * Takes in which counts were refused, for the next try. What earlier refusals have told stays: a try that forgot it
   * would be refused by one tag for the sake of another.
   *
   * @returns false where none was
   */
  public learn(refused: TransactionRefused): boolean {
    const found = [...this.changes.keys()].filter((tag) => refused.failed(`count of ${tag}`));
    for (const tag of found) this.refused.set(tag, refused.item(`count of ${tag}`) ?? {});
    this.hasLearned = found.length > 0;
    return this.hasLearned;
  }

  private count(tag: string, shard: number, by: 1 | -1): NamedWrites {
    const changes = {
      set: { entityType: TAG_COUNT.type },
      setOnce: { risesAt: risesAt(0) },
      add: { articlesCount: by },
    };
    return { [`count of ${tag}`]: this.writes.update(tagCountKey(tag, shard), changes, by > 0 ? MAY_RISE : MAY_FALL) };
  }

  /** @param now else the rank is left to a later write, which will be refused as this one was */
  private rank(tag: string, shard: number, by: 1 | -1, stored: Item, now: boolean): NamedWrites {
    const { update, remove } = this.writes;
    const key = tagCountKey(tag, shard);
    const add = { articlesCount: by };
    if (!now) {
      return { [`count of ${tag}`]: update(key, { add }) };
    }
    const count = TAG_COUNT.read(stored).articlesCount;
    const before = storedLevel(stored);
    const level = levelOf(count + by);
    const falls = level === 0 ? { remove: ['fallsAt'] } : { set: { fallsAt: 2 ** (level - 1) } };
    return {
      [`count of ${tag}`]: update(
        key,
        { remove: falls.remove, set: { ...falls.set, risesAt: risesAt(level) }, add },
        {
          expression: 'articlesCount = :count AND risesAt = :risesAt',
          values: { ':count': count, ':risesAt': stored.risesAt },
        },
      ),
      [`rank of ${tag}`]:
        level > 0 && level !== before
          ? update(tagRankKey(tag, shard, level), { set: { entityType: TAG_RANK.type } })
          : undefined,
      [`last rank of ${tag}`]: before > 0 && before !== level ? remove(tagRankKey(tag, shard, before)) : undefined,
    };
  }
}

/**
 * Removes the counts of those of these tags that no article has any more. A count that somebody takes up again at the
 * same moment stays: its numbers decide, in the write.
 */
export async function removeEmptyTagCounts(
  db: DynamoDBDocumentClient,
  table: string,
  tags: readonly string[],
  shardCount: number,
): Promise<void> {
  const { remove } = writesOn(table);
  const removeTag = async (tag: string) => {
    const keys = tagCountPks(shardCount).map((_, shard) => tagCountKey(tag, shard));
    const items = await batchGet(
      db,
      keys.map((key) => ({ table, key })),
    );
    const rows = keys.flatMap((key, shard) => {
      const item = items[shard];
      return item ? [{ key, shard, count: TAG_COUNT.read(item).articlesCount, level: storedLevel(item) }] : [];
    });
    const unchanged = (count: number): Condition => ({
      expression: 'articlesCount = :count',
      values: { ':count': count },
    });
    if (rows.length === 0 || rows.reduce((sum, { count }) => sum + count, 0) > 0) {
      return;
    }
    if (rows.length === 1 && rows[0].level === 0) {
      await db.send(new DeleteCommand(deleteOf(table, rows[0].key, unchanged(rows[0].count))));
      return;
    }
    const all = rows.flatMap(({ key, shard, count, level }): [string, Write][] => [
      [`count ${shard}`, remove(key, unchanged(count))],
      ...(level > 0 ? [[`rank ${shard}`, remove(tagRankKey(tag, shard, level))] as [string, Write]] : []),
    ]);
    await transactWrite(db, Object.fromEntries(all));
  };
  const unlessTaken = (error: unknown) => {
    if (!isConditionFailure(error) && !(error instanceof TransactionRefused) && !isBusy(error)) {
      throw error;
    }
  };
  await Promise.all([...new Set(tags)].map((tag) => removeTag(tag).catch(unlessTaken)));
}
