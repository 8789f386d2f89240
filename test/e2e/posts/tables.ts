import {
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  paginateScan,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { PostsWorld } from './world';

const TABLES = ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'];

async function withClient<T>(
  world: PostsWorld,
  use: (client: DynamoDBClient, tables: string[]) => Promise<T>,
): Promise<T> {
  const { aws, resources } = world.running.app;
  const client = new DynamoDBClient({ ...aws });
  try {
    return await use(
      client,
      resources.flatMap(({ type, ref }) => (TABLES.includes(type) ? [ref] : [])),
    );
  } finally {
    client.destroy();
  }
}

/** Every item of every table as JSON text, sorted: what a refused request may not have changed. */
export async function tableItems(world: PostsWorld): Promise<readonly string[]> {
  return withClient(world, async (client, tables) => {
    const items: string[] = [];
    for (const TableName of tables) {
      for await (const { Items: page = [] } of paginateScan({ client }, { TableName, ConsistentRead: true })) {
        items.push(...page.map((item) => JSON.stringify(Object.entries(item).sort())));
      }
    }
    return items.sort();
  });
}

/** @throws an Error where not just one of the tables has it */
export async function deleteItem(world: PostsWorld, key: Readonly<Record<'PK' | 'SK', string>>): Promise<void> {
  const Key = { PK: { S: key.PK }, SK: { S: key.SK } };
  const deleted = await withClient(world, async (client, tables) =>
    Promise.all(
      tables.map((TableName) => client.send(new DeleteItemCommand({ TableName, Key, ReturnValues: 'ALL_OLD' }))),
    ),
  );
  const found = deleted.filter(({ Attributes: item }) => item !== undefined).length;
  if (found !== 1) throw new Error(`${found} tables have an item ${key.PK} ${key.SK}, not one`);
}

/**
 * Takes the time to live off an item that has passed it or will: DynamoDB may take days to delete it, and the runner
 * does at once.
 *
 * @throws an Error where not just one of the tables has it
 */
export async function keepItem(world: PostsWorld, key: Readonly<Record<'PK' | 'SK', string>>): Promise<void> {
  const Key = { PK: { S: key.PK }, SK: { S: key.SK } };
  const change = { Key, UpdateExpression: 'REMOVE expiresAt', ConditionExpression: 'attribute_exists(expiresAt)' };
  const results = await withClient(world, async (client, tables) =>
    Promise.allSettled(tables.map((TableName) => client.send(new UpdateItemCommand({ ...change, TableName })))),
  );
  const found = results.filter(({ status }) => status === 'fulfilled').length;
  if (found !== 1) throw new Error(`${found} tables have an item ${key.PK} ${key.SK} that expires, not one`);
}

/** Puts items into the table of posts, which is the one with a stream. */
export async function putItems(world: PostsWorld, items: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
  await withClient(world, async (client, tables) => {
    const described = await Promise.all(
      tables.map((TableName) => client.send(new DescribeTableCommand({ TableName }))),
    );
    const TableName = described.find(({ Table: table }) => table?.LatestStreamArn !== undefined)?.Table?.TableName;
    await Promise.all(items.map((item) => client.send(new PutItemCommand({ TableName, Item: marshall(item) }))));
  });
}

/** The items that hold a text, in a key or anywhere else. */
export function mentioning(items: readonly string[], text: string): readonly string[] {
  return items.filter((item) => item.includes(text));
}
