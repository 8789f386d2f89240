import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { StatefulResourceOptions, tableProtection } from './stateful-resource-options';
import { grantOnKeys } from './table-grants';

/**
 * Credentials: e-mails, password hashes, failed sign-ins, public keys. It has no stream, because what is streamed is
 * also exported and indexed, and each function may touch only the kinds of items that it needs.
 *
 * @internal
 */
export class AccountsTable extends Construct {
  public readonly table: dynamodb.ITable;

  /** @param existing a table of accounts that is there already: used as it is */
  public constructor(scope: Construct, id: string, props: StatefulResourceOptions, existing?: dynamodb.ITable) {
    super(scope, id);
    this.table = existing ?? this.makeTable(props);
  }

  /** Lets the grantee do these actions on partitions whose keys match. */
  public grantOnKeys(grantee: iam.IGrantable, actions: readonly string[], patterns: readonly string[]): void {
    grantOnKeys(this.table, grantee, actions, patterns);
  }

  private makeTable(props: StatefulResourceOptions): dynamodb.Table {
    return new dynamodb.Table(this, 'Table', {
      partitionKey: { name: 'PK', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'SK', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiresAt',
      ...tableProtection(this, props),
    });
  }
}
