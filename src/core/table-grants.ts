import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import { ItemRights } from './endpoint';
import { leadingKeysCondition } from './key-conditions';
import { leadingKeys } from './leading-keys';

const READS = /^dynamodb:(BatchGetItem|ConditionCheckItem|GetItem|Query)$/;

/**
 * Lets the grantee do these actions on items of a table whose partition keys match, and use the key of the table as far
 * as they need it.
 *
 * @param actions with their prefix: `dynamodb:GetItem`
 * @internal
 */
export function grantOnKeys(
  table: dynamodb.ITable,
  grantee: iam.IGrantable,
  actions: readonly string[],
  patterns: readonly string[],
): iam.Grant {
  const grant = iam.Grant.addToPrincipal({
    grantee,
    actions: [...actions],
    resourceArns: [table.tableArn],
    conditions: leadingKeysCondition(patterns),
  });
  if (actions.every((action) => READS.test(action))) {
    table.encryptionKey?.grantDecrypt(grantee);
  } else {
    table.encryptionKey?.grantEncryptDecrypt(grantee);
  }
  return grant;
}

/**
 * Gives a function the rights of its endpoint, actions of the same kinds of items in one statement.
 *
 * @internal
 */
export function grantItemRights<Kind extends string>(
  table: dynamodb.ITable,
  grantee: iam.IGrantable,
  rights: ItemRights<Kind>,
  prefixes: Readonly<Record<Kind, string>>,
): void {
  const actions = new Map<string, string[]>();
  for (const [action, kinds] of Object.entries<readonly Kind[]>(rights as Record<string, readonly Kind[]>)) {
    const key = JSON.stringify(leadingKeys(prefixes, kinds));
    actions.set(key, [...(actions.get(key) ?? []), `dynamodb:${action}`]);
  }
  actions.forEach((names, key) => grantOnKeys(table, grantee, names, JSON.parse(key) as string[]));
}
