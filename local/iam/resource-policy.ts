import { isObject, JsonObject, PropertyReader } from '../assembly';

/**
 * Refuses resource policies that would change who may do what here: the endpoint decides by roles alone. What is let
 * through grants to AWS services that do not exist here, leaves the decision to IAM, or denies what cannot happen.
 */
export function checkResourcePolicy(properties: PropertyReader, name: string, accountId: string): void {
  const { Statement: given = [] } = properties.object(name);
  [given].flat().forEach((statement: unknown, index) => {
    if (isObject(statement) && isHarmless(statement, accountId)) return;
    const { Effect, Principal, Condition } = isObject(statement) ? statement : {};
    const text = JSON.stringify({ Effect, Principal, Condition });
    properties.refuse(`${name}.Statement[${index}] is not supported here: ${text}`);
  });
}

function isHarmless(statement: JsonObject, accountId: string): boolean {
  const { Effect, Condition, Principal } = statement;
  const onlyPlainHttp = JSON.stringify(Condition) === '{"Bool":{"aws:SecureTransport":"false"}}';
  if (Effect === 'Deny' && onlyPlainHttp) return true;
  const kinds = isObject(Principal) ? Object.keys(Principal) : [];
  if (!isObject(Principal) || kinds.length !== 1) return false;
  if (kinds[0] === 'Service') return Effect === 'Allow';
  const aws = kinds[0] === 'AWS' ? [Principal.AWS].flat() : [];
  const roots: readonly unknown[] = [accountId, `arn:aws:iam::${accountId}:root`];
  return aws.length > 0 && aws.every((entry) => roots.includes(entry)) && Condition === undefined;
}
