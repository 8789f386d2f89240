import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  type PutCommandInput,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { type Condition, type Item, isConditionFailure, type Key } from '../dynamodb';

/** Items with the state of jobs: every read is consistent, and a condition that does not hold is an answer. */
export class JobItems {
  public constructor(
    private readonly db: DynamoDBDocumentClient,
    private readonly table: string,
  ) {}

  public async get(key: Key): Promise<Item | undefined> {
    const { Item: item } = await this.db.send(
      new GetCommand({ TableName: this.table, Key: key, ConsistentRead: true }),
    );
    return item;
  }

  /** All items of a partition whose sort keys begin so. */
  public async below(pk: string, prefix: string): Promise<Item[]> {
    const items: Item[] = [];
    let start: Item | undefined;
    do {
      const page = await this.db.send(
        new QueryCommand({
          TableName: this.table,
          KeyConditionExpression: 'PK = :pk AND begins_with(SK, :prefix)',
          ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
          ConsistentRead: true,
          ExclusiveStartKey: start,
        }),
      );
      items.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } while (start);
    return items;
  }

  /** @returns whether its condition held */
  public async put(item: Item, condition?: Condition): Promise<boolean> {
    const input: PutCommandInput = {
      TableName: this.table,
      Item: item,
      ConditionExpression: condition?.expression,
      ExpressionAttributeValues: condition?.values,
    };
    return (await unlessRefused(() => this.db.send(new PutCommand(input)))) !== undefined;
  }

  /**
   * @param changes what is undefined is removed
   * @returns the item as it is then; undefined where the condition did not hold
   */
  public async update(
    key: Key,
    changes: Readonly<Record<string, unknown>>,
    condition: Condition,
  ): Promise<Item | undefined> {
    const names = Object.keys(changes);
    const [set, removed] = [true, false].map((isSet) =>
      names.flatMap((name, n) => ((changes[name] !== undefined) === isSet ? [n] : [])),
    );
    const answer = await unlessRefused(() =>
      this.db.send(
        new UpdateCommand({
          TableName: this.table,
          Key: key,
          UpdateExpression: [
            `SET ${set.map((n) => `#n${n} = :v${n}`).join(', ')}`,
            ...(removed.length === 0 ? [] : [`REMOVE ${removed.map((n) => `#n${n}`).join(', ')}`]),
          ].join(' '),
          ConditionExpression: condition.expression,
          ExpressionAttributeNames: Object.fromEntries(names.map((name, n) => [`#n${n}`, name])),
          ExpressionAttributeValues: {
            ...Object.fromEntries(set.map((n) => [`:v${n}`, changes[names[n]]])),
            ...condition.values,
          },
          ReturnValues: 'ALL_NEW',
        }),
      ),
    );
    return answer?.Attributes;
  }

  public async remove(key: Key): Promise<void> {
    await this.db.send(new DeleteCommand({ TableName: this.table, Key: key }));
  }
}

async function unlessRefused<T>(write: () => Promise<T>): Promise<T | undefined> {
  try {
    return await write();
  } catch (error) {
    if (isConditionFailure(error)) {
      return undefined;
    }
    throw error;
  }
}
