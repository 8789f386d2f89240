import { isObject, PropertyReader } from '../assembly';
import { checkResourcePolicy } from '../iam/resource-policy';

/**
 * Refuses access policies of a domain that would let somebody in whom IAM does not. What names principals of the account
 * is let through: here their roles decide alone, which is the stricter.
 */
export function checkAccessPolicy(properties: PropertyReader, name: string, accountId: string): void {
  const { Statement: given = [], ...rest } = properties.object(name);
  const statements: readonly unknown[] = [given].flat();
  const others = statements.filter((statement) => !isObject(statement) || !admitsOwn(statement, accountId));
  const left = new PropertyReader(
    { stackName: '', logicalId: name, type: '', properties: { [name]: { ...rest, Statement: others } } },
    { used: [name] },
  );
  try {
    checkResourcePolicy(left, name, accountId);
  } catch {
    const { Effect, Principal, Condition } = (others[0] ?? {}) as Readonly<Record<string, unknown>>;
    properties.refuse(
      `a statement of ${name} is not supported here: ${JSON.stringify({ Effect, Principal, Condition })}`,
    );
  }
}

function admitsOwn({ Effect, Principal, Condition }: Readonly<Record<string, unknown>>, accountId: string): boolean {
  if (
    Effect !== 'Allow' ||
    Condition !== undefined ||
    !isObject(Principal) ||
    Object.keys(Principal).join() !== 'AWS'
  ) {
    return false;
  }
  const principals: readonly unknown[] = [Principal.AWS].flat();
  return principals.every((arn) => typeof arn === 'string' && arn.startsWith(`arn:aws:iam::${accountId}:`));
}
