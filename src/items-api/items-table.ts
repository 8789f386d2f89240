import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ItemsEndpoint } from './contract';
import { ITEMS_INDEXES, ITEMS_KEY_PREFIXES, ItemsKind } from './key-prefixes';
import { leadingKeysCondition } from '../core/key-conditions';
import { leadingKeys } from '../core/leading-keys';
import { StatefulResourceOptions, tableProtection } from '../core/stateful-resource-options';
import { TableBilling } from '../social-table/table-billing';

/**
 * One table for items and users, with all of its indexes from the start: CloudFormation changes one an update.
 *
 * @internal
 */
export function makeItemsTable(
  scope: Construct,
  id: string,
  billing: TableBilling,
  state: StatefulResourceOptions,
): dynamodb.Table {
  const table = new dynamodb.Table(scope, id, {
    partitionKey: { name: 'PK', type: dynamodb.AttributeType.STRING },
    sortKey: { name: 'SK', type: dynamodb.AttributeType.STRING },
    billingMode: billing.billingMode,
    ...billing._capacity(),
    ...tableProtection(scope, state),
  });
  for (const indexName of ITEMS_INDEXES) {
    table.addGlobalSecondaryIndex({
      indexName,
      partitionKey: { name: `${indexName}PK`, type: dynamodb.AttributeType.STRING },
      sortKey: { name: `${indexName}SK`, type: dynamodb.AttributeType.STRING },
      projectionType: dynamodb.ProjectionType.ALL,
      ...billing._capacity(),
    });
  }
  billing._scale(table, ITEMS_INDEXES);
  return table;
}

/**
 * Lets a function do with the table what its endpoint does, on the partitions that it does it with.
 *
 * @returns whether it may do anything at all
 * @internal
 */
export function grantItems(table: dynamodb.ITable, grantee: iam.IGrantable, { table: own, indexes }: ItemsEndpoint) {
  const grant = (action: string, kinds: readonly ItemsKind[], resource: string) =>
    iam.Grant.addToPrincipal({
      grantee,
      actions: [`dynamodb:${action}`],
      resourceArns: [resource],
      conditions: leadingKeysCondition(leadingKeys(ITEMS_KEY_PREFIXES, kinds)),
    });
  Object.entries(own ?? {}).forEach(([action, kinds]) => grant(action, kinds, table.tableArn));
  Object.entries(indexes ?? {}).forEach(([index, kinds]) => grant('Query', kinds, `${table.tableArn}/index/${index}`));
  const isWriting = Object.keys(own ?? {}).some((action) => !/^(GetItem|Query|BatchGetItem)$/.test(action));
  if (isWriting) {
    table.encryptionKey?.grantEncryptDecrypt(grantee);
  } else if (own ?? indexes) {
    table.encryptionKey?.grantDecrypt(grantee);
  }
  return own !== undefined || indexes !== undefined;
}
