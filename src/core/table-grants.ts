import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
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
 * Lets the grantee read a table's stream, and decrypt what is in it. `ITable.grantStreamRead` would also let it list every
 * stream of the account.
 *
 * @param encryptionKey of the table; undefined where it is DynamoDB's own
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
 * @internal
 */
export function grantStreamRead(
  streamArn: string,
  encryptionKey: kms.IKey | undefined,
  grantee: iam.IGrantable,
): iam.Grant {
  encryptionKey?.grantDecrypt(grantee);
  return iam.Grant.addToPrincipal({
    grantee,
    actions: ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map((action) => `dynamodb:${action}`),
    resourceArns: [streamArn],
  });
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
