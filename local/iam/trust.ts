import { Condition, conditionsHold, parseConditions } from './conditions';
import { expectObject, isObject, stringList } from '../assembly';
import { ConditionContext } from '../types';

/** A statement of a trust policy: which services may assume the role, or may not. */
export interface TrustStatement {
  readonly effect: unknown;
  /** `osis-pipelines.amazonaws.com`; `*` for everyone. Principals of other kinds have no meaning here. */
  readonly services: readonly string[];
  readonly actions: readonly string[];
  /** Undefined where one is not known here: the statement then lets nobody in, and denies to everybody. */
  readonly conditions: readonly Condition[] | undefined;
}

/** @throws an Error naming the role, for a statement that says nothing of who may assume it */
export function readTrust(document: unknown, where: string, knownKeys: readonly string[]): TrustStatement[] {
  const { Statement } = expectObject(document, `${where}: AssumeRolePolicyDocument`);
  const statements: readonly unknown[] = [Statement].flat();
  return statements.map((statement) => {
    const body = expectObject(statement, `${where}: AssumeRolePolicyDocument`);
    const { Effect, Action, Principal, Condition: given } = body;
    if (!isObject(Principal)) throw new Error(`${where}: a trust policy without Principal is not supported here`);
    return {
      effect: Effect,
      services: [Principal.Service ?? []].flat().map(String),
      actions: stringList(Action ?? [], `${where}: Action`),
      conditions: readConditions(given, where, knownKeys),
    };
  });
}

/** Roles of people and providers have conditions of many kinds, which nothing here ever asks for. */
function readConditions(given: unknown, where: string, knownKeys: readonly string[]): readonly Condition[] | undefined {
  try {
    return parseConditions(given, where, knownKeys);
  } catch {
    return undefined;
  }
}

/** Whether a service may assume the role; what denies, wins. */
export function trusts(statements: readonly TrustStatement[], service: string, context: ConditionContext): boolean {
  const covering = statements.filter(
    ({ effect, services, actions, conditions }) =>
      services.some((pattern) => pattern === service || pattern === '*') &&
      actions.some((action) => ['sts:assumerole', 'sts:*', '*'].includes(action.toLowerCase())) &&
      (conditions === undefined ? effect !== 'Allow' : conditionsHold(conditions, context)),
  );
  return covering.length > 0 && covering.every(({ effect }) => effect === 'Allow');
}
