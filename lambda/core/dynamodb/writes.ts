import type { Item, Key } from './items';
import type { Write } from './transaction';

/** A condition of a write, with the values that it names. */
export interface Condition {
  readonly expression: string;
  /** By their placeholders: `:before`. */
  readonly values?: Readonly<Record<string, unknown>>;
}

export const EXISTS: Condition = { expression: 'attribute_exists(PK)' };
export const NOT_THERE: Condition = { expression: 'attribute_not_exists(PK)' };

/** Changes to an item; attribute names may be reserved words. */
export interface Changes {
  /** What is undefined stays. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** Set only where the item has no such attribute yet. */
  readonly setOnce?: Readonly<Record<string, unknown>>;
  readonly remove?: readonly string[];
  /** Numbers to add, and sets whose elements to add. */
  readonly add?: Readonly<Record<string, unknown>>;
}

interface Expression {
  readonly UpdateExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
}

/** The expression of an update. @throws Error where nothing changes */
function updateExpression(changes: Changes, condition: Condition | undefined): Expression {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = { ...condition?.values };
  const name = (attribute: string) => {
    names[`#${attribute}`] = attribute;
    return `#${attribute}`;
  };
  const defined = (given: Readonly<Record<string, unknown>> = {}) =>
    Object.entries(given).filter(([, value]) => value !== undefined);
  const value = (attribute: string, given: unknown) => {
    const placeholder = `:new_${attribute}`;
    values[placeholder] = given;
    return placeholder;
  };
  const set = [
    ...defined(changes.set).map(([key, given]) => `${name(key)} = ${value(key, given)}`),
    ...defined(changes.setOnce).map(
      ([key, given]) => `${name(key)} = if_not_exists(${name(key)}, ${value(key, given)})`,
    ),
  ];
  const add = defined(changes.add).map(([key, given]) => `${name(key)} ${value(key, given)}`);
  const clauses: [string, readonly string[]][] = [
    ['SET', set],
    ['REMOVE', (changes.remove ?? []).map(name)],
    ['ADD', add],
  ];
  const text = clauses.filter(([, parts]) => parts.length > 0).map(([verb, parts]) => `${verb} ${parts.join(', ')}`);
  if (text.length === 0) {
    throw new Error('An update must change something');
  }
  return {
    UpdateExpression: text.join(' '),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: Object.keys(values).length > 0 ? values : undefined,
  };
}

const conditionOf = (condition?: Condition) => ({
  ConditionExpression: condition?.expression,
  // A condition that fails tells the item as it was: the reason is known without a read.
  ReturnValuesOnConditionCheckFailure: condition ? ('ALL_OLD' as const) : undefined,
});

/** Parameters of an update, for a transaction and for a single UpdateItem alike. */
export function updateOf(table: string, key: Key, changes: Changes, condition?: Condition) {
  return { TableName: table, Key: key, ...updateExpression(changes, condition), ...conditionOf(condition) };
}

/** Parameters of a deletion, for a transaction and for a single DeleteItem alike. */
export function deleteOf(table: string, key: Key, condition?: Condition) {
  return { TableName: table, Key: key, ExpressionAttributeValues: condition?.values, ...conditionOf(condition) };
}

/** Parameters of a put, for a transaction and for a single PutItem alike. */
export function putOf(table: string, item: Item, condition?: Condition) {
  return { TableName: table, Item: item, ExpressionAttributeValues: condition?.values, ...conditionOf(condition) };
}

/** Writes of a transaction on one table. */
export const writesOn = (table: string) => ({
  put: (item: Item, condition?: Condition): Write => ({ Put: putOf(table, item, condition) }),
  update: (key: Key, changes: Changes, condition?: Condition): Write => ({
    Update: updateOf(table, key, changes, condition),
  }),
  remove: (key: Key, condition?: Condition): Write => ({ Delete: deleteOf(table, key, condition) }),
  check: (key: Key, condition: Condition): Write => ({
    ConditionCheck: {
      TableName: table,
      Key: key,
      ExpressionAttributeValues: condition.values,
      ...conditionOf(condition),
      ConditionExpression: condition.expression,
    },
  }),
});

/** Writes of a transaction on one table, by what they do. */
export type TableWrites = ReturnType<typeof writesOn>;
