import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { ITEM, toItem } from './entities';
import { categoryIndexKey, itemKey, listIndexKey } from './keys';
import type { Tables } from './tables';
import {
  type Condition,
  deleteOf,
  EXISTS,
  isConditionFailure,
  NOT_THERE,
  putOf,
  updateOf,
  watchAttempts,
} from '../../core/dynamodb';
import type { Versions, WriteOutcome } from '../domain/items';
import type { Item, ItemContent } from '../domain/model';

/**
 * Operands that DynamoDB takes in one IN.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */
const MOST_VERSIONS = 100;
/** The version of no item. */
const NONE = 0;

/** Of a header that names more than any list of this API's own tags, the first: the others are matched by nothing. */
const asked = (versions: Versions): Versions => versions?.slice(0, MOST_VERSIONS);

/** Holds where the item is there, of one of these versions if there are any, and was last changed at `at` or before. */
function conditionOf(versions: Versions, at?: string): Condition {
  const wanted = versions && (versions.length > 0 ? versions : [NONE]);
  const named = (wanted ?? []).map((version, index) => [`:v${index}`, version] as const);
  const parts = [
    EXISTS.expression,
    ...(wanted ? [`version IN (${named.map(([name]) => name).join(', ')})`] : []),
    ...(at === undefined ? [] : ['updatedAt <= :at']),
  ];
  const values = { ...Object.fromEntries(named), ...(at === undefined ? {} : { ':at': at }) };
  // DynamoDB refuses a list of no values.
  return { expression: parts.join(' AND '), ...(Object.keys(values).length > 0 ? { values } : {}) };
}

const sameContent = (one: ItemContent, other: ItemContent) =>
  one.name === other.name && one.description === other.description && one.category === other.category;

/** Items one by one: each write of one is one call, and keeps its entries in the indexes right. */
export class ItemRepository {
  public constructor(private readonly tables: Tables) {}

  public async create(item: Item): Promise<void> {
    const { id, category } = item;
    const indexed = { ...listIndexKey(id), ...(category === undefined ? {} : categoryIndexKey(id, category)) };
    const stored = ITEM.item([id], { ...item, ...indexed });
    const put = new PutCommand(putOf(this.tables.items, stored, NOT_THERE));
    const attempts = watchAttempts(put);
    try {
      await this.tables.db.send(put);
    } catch (error) {
      // An id is made once: what is there is this item.
      if (!isConditionFailure(error) || !attempts.mayHaveWritten) {
        throw error;
      }
    }
  }

  public async get(id: string): Promise<Item | undefined> {
    const { Item: stored } = await this.tables.db.send(
      new GetCommand({ TableName: this.tables.items, Key: itemKey(id), ConsistentRead: true }),
    );
    return stored && toItem(stored);
  }

  public async replace(id: string, content: ItemContent, at: string, named: Versions): Promise<WriteOutcome> {
    const versions = asked(named);
    const { name, description, category } = content;
    // Without a category it is in no list of one: the index has no entry of what has no key.
    const indexed = category === undefined ? {} : categoryIndexKey(id, category);
    const remove = [
      ...(description === undefined ? ['description'] : []),
      ...(category === undefined ? ['category', 'GSI1PK', 'GSI1SK'] : []),
    ];
    const changes = { set: { name, description, category, ...indexed, updatedAt: at }, remove, add: { version: 1 } };
    const update = new UpdateCommand({
      ...updateOf(this.tables.items, itemKey(id), changes, conditionOf(versions, at)),
      ReturnValues: 'ALL_NEW',
    });
    const attempts = watchAttempts(update);
    try {
      const { Attributes: stored = {} } = await this.tables.db.send(update);
      return { kind: 'done', item: toItem(stored) };
    } catch (error) {
      if (!isConditionFailure(error)) {
        throw error;
      }
      if (!error.Item) {
        return { kind: 'gone' };
      }
      const item = toItem(unmarshall(error.Item));
      if (!versions || versions.includes(item.version)) {
        return { kind: 'ahead', updatedAt: item.updatedAt };
      }
      const isOwn = item.updatedAt === at && versions.includes(item.version - 1) && sameContent(item, content);
      return attempts.mayHaveWritten && isOwn ? { kind: 'done', item } : { kind: 'changed' };
    }
  }

  public async delete(id: string, versions: Versions): Promise<'done' | 'gone' | 'changed'> {
    const remove = new DeleteCommand(deleteOf(this.tables.items, itemKey(id), conditionOf(asked(versions))));
    const attempts = watchAttempts(remove);
    try {
      await this.tables.db.send(remove);
      return 'done';
    } catch (error) {
      if (!isConditionFailure(error)) {
        throw error;
      }
      if (error.Item) {
        return 'changed';
      }
      return attempts.mayHaveWritten ? 'done' : 'gone';
    }
  }
}
