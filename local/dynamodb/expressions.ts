import { AttributeValue, conditionValue } from './model';
import { AwsError, Json } from '../aws/protocol';

/** Names and values that an expression may refer to. */
export interface Placeholders {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, AttributeValue>>;
}

/** The placeholders of a request. */
function placeholders(input: Json): Placeholders {
  return {
    names: (input.ExpressionAttributeNames ?? {}) as Readonly<Record<string, string>>,
    values: (input.ExpressionAttributeValues ?? {}) as Readonly<Record<string, AttributeValue>>,
  };
}

/** The value that a KeyConditionExpression (or old KeyConditions) demands of the partition key. */
export function partitionKeyValue(input: Json, partitionKey: string): string {
  const { names, values } = placeholders(input);
  const expression = input.KeyConditionExpression;
  if (typeof expression === 'string') {
    for (const match of expression.matchAll(/([#\w.-]+)\s*=\s*(:[\w-]+)/g)) {
      if ((names[match[1]] ?? match[1]) === partitionKey) return conditionValue(values[match[2]]);
    }
    for (const match of expression.matchAll(/(:[\w-]+)\s*=\s*([#\w.-]+)/g)) {
      if ((names[match[2]] ?? match[2]) === partitionKey) return conditionValue(values[match[1]]);
    }
  }
  throw new AwsError('ValidationException', `Query condition missed key schema element: ${partitionKey}`);
}

/** The top-level attribute names in some expressions, for `dynamodb:Attributes`. */
export function attributeNames(input: Json, expressions: readonly unknown[]): string[] {
  const { names } = placeholders(input);
  const found = new Set<string>();
  for (const expression of expressions) {
    if (typeof expression !== 'string') continue;
    for (const [path] of expression.matchAll(/(?<![\w:#.\]])[#A-Za-z_][\w#-]*(?![\w#-]|\s*\()/g)) {
      const name = names[path] ?? path;
      if (path.startsWith('#') || !KEYWORDS.has(path.toUpperCase())) found.add(name);
    }
  }
  return [...found];
}

const KEYWORDS = new Set(['SET', 'REMOVE', 'ADD', 'DELETE', 'AND', 'OR', 'NOT', 'IN', 'BETWEEN']);

/** The placeholders that an expression uses; the engine refuses those it does not. */
export function usedPlaceholders(input: Json, expression: string): Json {
  const { names, values } = placeholders(input);
  const used = new Set([...expression.matchAll(/[#:][\w-]+/g)].map(([token]) => token));
  const keptNames = Object.entries(names).filter(([name]) => used.has(name));
  const keptValues = Object.entries(values).filter(([name]) => used.has(name));
  return {
    ...(keptNames.length === 0 ? {} : { ExpressionAttributeNames: Object.fromEntries(keptNames) }),
    ...(keptValues.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(keptValues) }),
  };
}
