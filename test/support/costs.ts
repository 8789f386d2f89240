import type { Call } from './client';
import type { TestTables } from './engine';
import { ACCOUNT_KEY_PREFIXES, type AccountItemKind } from '../../src/core/account-key-prefixes';
import { SOCIAL_KEY_PREFIXES, type SocialItemKind } from '../../src/social-table/key-prefixes';

/** What a piece of work asks of DynamoDB. */
export interface Cost {
  readonly calls: number;
  /** The longest chain of calls that wait for one another. */
  readonly depth: number;
  readonly rcu: number;
  readonly wcu: number;
}

type Wire = Readonly<Record<string, { readonly S?: string }>>;
interface TransactItem {
  readonly Item?: Wire;
  readonly Key?: Wire;
}

/** Actions as grants name them, each with the partition keys that it was asked for. */
function actionsOf({ operation, input }: Call): [action: string, pk: string | undefined][] {
  const pkOf = (key?: Wire) => key?.PK?.S;
  switch (operation) {
    case 'Query':
      return [[operation, (input.ExpressionAttributeValues as Wire)[':pk'].S]];
    case 'BatchGetItem':
      return Object.values(input.RequestItems as Record<string, { Keys: Wire[] }>).flatMap(({ Keys }) =>
        Keys.map((key): [string, string | undefined] => [operation, pkOf(key)]),
      );
    case 'BatchWriteItem':
      return Object.values(input.RequestItems as Record<string, Record<string, TransactItem>[]>)
        .flat()
        .flatMap((write) => Object.values(write))
        .map(({ Item, Key }): [string, string | undefined] => [operation, pkOf(Item ?? Key)]);
    case 'TransactWriteItems':
      return (input.TransactItems as Record<string, TransactItem>[]).flatMap((item) =>
        Object.entries(item).map(([kind, { Item, Key }]): [string, string | undefined] => [
          kind === 'ConditionCheck' ? 'ConditionCheckItem' : `${kind}Item`,
          pkOf(Item ?? Key),
        ]),
      );
    case 'BatchWriteItem':
      return Object.values(input.RequestItems as Record<string, { DeleteRequest: { Key: Wire } }[]>).flatMap((writes) =>
        writes.map(({ DeleteRequest }): [string, string | undefined] => [operation, pkOf(DeleteRequest.Key)]),
      );
    default:
      return [[operation, pkOf((input.Item ?? input.Key) as Wire | undefined)]];
  }
}

type ItemKind = SocialItemKind | AccountItemKind;

/** No prefix is in both tables. */
function kindOf(pk: string | undefined): ItemKind {
  const kinds = Object.entries({ ...SOCIAL_KEY_PREFIXES, ...ACCOUNT_KEY_PREFIXES }) as [ItemKind, string][];
  const found = kinds.find(([, prefix]) => pk?.startsWith(prefix));
  if (!found) {
    throw new Error(`No kind of item has the key ${pk}`);
  }
  return found[0];
}

/** Rights that calls have used: `Query publicPost`, sorted. */
export function rightsUsed(calls: readonly Call[]): string[] {
  const used = calls.flatMap(actionsOf).map(([action, pk]) => `${action} ${kindOf(pk)}`);
  return [...new Set(used)].sort();
}

/** Counts what a piece of work asks of DynamoDB, and keeps its calls in `tables.calls`. */
export async function costOf(tables: TestTables, work: () => Promise<unknown>): Promise<Cost> {
  tables.calls.length = 0;
  const [read, written] = [tables.readUnits, tables.writeUnits];
  const depths = new Map<Call, number>();
  let answered = 0;
  tables.before = (call) => void depths.set(call, answered + 1);
  tables.after = (call) => (answered = Math.max(answered, depths.get(call) ?? 0));
  await work();
  tables.before = () => undefined;
  tables.after = () => undefined;
  const { readUnits, writeUnits, calls } = tables;
  return { calls: calls.length, depth: answered, rcu: readUnits - read, wcu: writeUnits - written };
}
