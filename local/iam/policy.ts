import { Condition, conditionsHold, parseConditions } from './conditions';
import { matches } from './pattern';
import { expectObject, expectString, stringList } from '../assembly/json';
import { ConditionContext } from '../types';

/** A statement of an identity policy, checked at load. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  /** `NotAction`: everything but `actions`. */
  readonly exceptActions: boolean;
  readonly resources: readonly string[];
  /** `NotResource`: everything but `resources`. */
  readonly exceptResources: boolean;
  readonly conditions: readonly Condition[];
}

const KNOWN_KEYS = new Set(['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition']);

function parseStatement(value: unknown, where: string, knownKeys: readonly string[]): Statement {
  const body = expectObject(value, where);
  for (const key of Object.keys(body)) {
    if (!KNOWN_KEYS.has(key)) throw new Error(`${where}: ${key} is not supported here`);
  }
  const effect = expectString(body.Effect, `${where}: Effect`);
  if (effect !== 'Allow' && effect !== 'Deny') throw new Error(`${where}: Effect must be Allow or Deny, got ${effect}`);
  const resources = stringList(body.Resource ?? body.NotResource, `${where}: Resource`);
  const variable = resources.find((resource) => resource.includes('${'));
  if (variable !== undefined) throw new Error(`${where}: policy variable in ${variable} is not supported here`);
  return {
    effect,
    actions: stringList(body.Action ?? body.NotAction, `${where}: Action`),
    exceptActions: body.NotAction !== undefined,
    resources,
    exceptResources: body.NotResource !== undefined,
    conditions: parseConditions(body.Condition, where, knownKeys),
  };
}

/**
 * Reads an identity policy document.
 *
 * @param knownKeys the condition keys that services of the run know
 * @throws an Error naming what is not supported
 */
export function parsePolicy(document: unknown, where: string, knownKeys: readonly string[]): Statement[] {
  const body = expectObject(document, where);
  const statements: readonly unknown[] = Array.isArray(body.Statement)
    ? (body.Statement as readonly unknown[])
    : [body.Statement];
  return statements.map((statement, index) => parseStatement(statement, `${where}: statement ${index}`, knownKeys));
}

/** The action and resource patterns by which a statement covers a call; undefined where it does not. */
export function coverage(
  statement: Statement,
  action: string,
  resource: string,
  context: ConditionContext,
): { action: string; resource: string } | undefined {
  const byAction = statement.actions.find((pattern) => matches(pattern, action, true));
  if ((byAction === undefined) !== statement.exceptActions) return undefined;
  const byResource = statement.resources.find((pattern) => matches(pattern, resource));
  if ((byResource === undefined) !== statement.exceptResources) return undefined;
  if (!conditionsHold(statement.conditions, context)) return undefined;
  return { action: byAction ?? '*', resource: byResource ?? '*' };
}

/**
 * Says whether a policy that is all there is to judge by allows or denies an action.
 *
 * @returns undefined where it does not speak of it
 */
export function decide(
  statements: readonly Statement[],
  action: string,
  resource: string,
): Statement['effect'] | undefined {
  const covering = statements.filter((statement) => coverage(statement, action, resource, {}) !== undefined);
  return covering.some(({ effect }) => effect === 'Deny') ? 'Deny' : covering[0]?.effect;
}
