import { matches, matchesArn } from './pattern';
import { expectObject } from '../assembly/json';
import { ConditionContext } from '../types';

/** One line of a condition block, checked at load. */
export interface Condition {
  readonly set?: 'ForAllValues' | 'ForAnyValue';
  readonly operator: string;
  readonly ifExists: boolean;
  /** As written; compared without regard to case. */
  readonly key: string;
  readonly values: readonly string[];
}

type Test = (actual: string, wanted: string) => boolean;

const TESTS: Readonly<Record<string, Test>> = {
  StringEquals: (actual, wanted) => actual === wanted,
  StringEqualsIgnoreCase: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
  StringLike: (actual, wanted) => matches(wanted, actual),
  ArnEquals: (actual, wanted) => matchesArn(wanted, actual),
  ArnLike: (actual, wanted) => matchesArn(wanted, actual),
  Bool: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
};

/** Operators that hold when none of the values matches. */
const NEGATED: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
};

/** Keys that every call has, or none here ever has. */
export const GLOBAL_KEYS = ['aws:SecureTransport', 'aws:RequestedRegion', 'aws:SourceArn', 'aws:SourceAccount'];

/** Keys that only services not run here look at; a statement that uses them is kept and never matches a call here. */
const FOREIGN_KEY = /^(cloudwatch:namespace|ec2:|s3:|es:|aoss:|xray:)/i;

function parseValues(value: unknown, where: string): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  return list.map((item) => {
    if (typeof item === 'string') return item;
    if (typeof item === 'boolean' || typeof item === 'number') return String(item);
    throw new Error(`${where}: a condition value must be a string, got ${JSON.stringify(item)}`);
  });
}

function parseOperator(name: string, where: string): Pick<Condition, 'set' | 'operator' | 'ifExists'> {
  const match = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(name);
  const operator = match?.[2] ?? '';
  if (match === null || (!(operator in TESTS) && !(operator in NEGATED) && operator !== 'Null')) {
    throw new Error(`${where}: condition operator ${name} is not supported here`);
  }
  const set = match[1] === 'ForAllValues' || match[1] === 'ForAnyValue' ? match[1] : undefined;
  return { set, operator, ifExists: match[3] !== undefined };
}

/**
 * Reads the Condition of a statement.
 *
 * @param knownKeys the condition keys that services of the run know
 * @throws an Error naming the operator or key that is unknown
 */
export function parseConditions(value: unknown, where: string, knownKeys: readonly string[]): Condition[] {
  if (value === undefined) return [];
  const known = new Set(knownKeys.map((key) => key.toLowerCase()));
  const conditions: Condition[] = [];
  for (const [name, block] of Object.entries(expectObject(value, `${where}: Condition`))) {
    const operator = parseOperator(name, where);
    for (const [key, values] of Object.entries(expectObject(block, `${where}: Condition.${name}`))) {
      if (!known.has(key.toLowerCase()) && !FOREIGN_KEY.test(key)) {
        throw new Error(`${where}: condition key ${key} is not supported here`);
      }
      conditions.push({ ...operator, key, values: parseValues(values, where) });
    }
  }
  return conditions;
}

function lookUp(context: ConditionContext, key: string): readonly string[] | undefined {
  const name = Object.keys(context).find((candidate) => candidate.toLowerCase() === key.toLowerCase());
  const value = name === undefined ? undefined : context[name];
  if (value === undefined) return undefined;
  const values = typeof value === 'string' ? [value] : value;
  // A key without values is as one that is not there.
  return values.length === 0 ? undefined : values;
}

function holds(condition: Condition, context: ConditionContext): boolean {
  const actual = lookUp(context, condition.key);
  if (condition.operator === 'Null') {
    return condition.values.some((value) => (actual === undefined) === (value.toLowerCase() === 'true'));
  }
  const positive = NEGATED[condition.operator];
  const test = TESTS[positive ?? condition.operator];
  if (test === undefined) throw new Error(`condition operator ${condition.operator} is not supported here`);
  const one = (value: string): boolean =>
    condition.values.some((wanted) => test(value, wanted)) !== (positive !== undefined);
  // As in AWS: with no key in the request ForAllValues holds, and so does a negated operator.
  if (condition.set === 'ForAllValues') return actual === undefined || actual.every(one);
  if (actual === undefined) return condition.ifExists || (positive !== undefined && condition.set === undefined);
  if (positive !== undefined && condition.set === undefined) return actual.every(one);
  return actual.some(one);
}

/** True when every condition holds for the keys of a call. */
export function conditionsHold(conditions: readonly Condition[], context: ConditionContext): boolean {
  return conditions.every((condition) => holds(condition, context));
}
