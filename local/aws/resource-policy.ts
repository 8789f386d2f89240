import { DeployedResource } from '../types';
import { asObject, refuse } from './properties';

/**
 * Refuses resource policies that would change who may do what here: the endpoint decides by roles alone. What is let
 * through grants to AWS services that do not exist here, leaves the decision to IAM, or denies what cannot happen.
 */
export function checkResourcePolicy(resource: DeployedResource, property: string, accountId: string): void {
  const document = asObject(resource.properties[property]);
  const statements = [document?.Statement ?? []].flat().map((statement) => asObject(statement) ?? {});
  statements.forEach((statement, index) => {
    if (!harmless(statement, accountId)) {
      const text = JSON.stringify({
        Effect: statement.Effect,
        Principal: statement.Principal,
        Condition: statement.Condition,
      });
      throw refuse(resource, `${property}.Statement[${index}] is not supported by the local runner: ${text}`);
    }
  });
}

function harmless(statement: Readonly<Record<string, unknown>>, accountId: string): boolean {
  const condition = asObject(statement.Condition);
  const onlyPlainHttp = JSON.stringify(condition) === '{"Bool":{"aws:SecureTransport":"false"}}';
  if (statement.Effect === 'Deny' && onlyPlainHttp) return true;
  const principal = asObject(statement.Principal);
  const kinds = Object.keys(principal ?? {});
  if (kinds.length === 1 && kinds[0] === 'Service') return statement.Effect === 'Allow';
  const aws = kinds.length === 1 && kinds[0] === 'AWS' ? [principal?.AWS].flat() : [];
  const roots: readonly unknown[] = [accountId, `arn:aws:iam::${accountId}:root`];
  return aws.length > 0 && aws.every((entry) => roots.includes(entry)) && condition === undefined;
}
