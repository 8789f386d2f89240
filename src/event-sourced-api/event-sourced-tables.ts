import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { StatefulResourceOptions, tableProtection } from '../core/stateful-resource-options';
import { TableBilling } from '../social-table/table-billing';

/**
 * The table of events, which are facts: it has a stream of new images. Or that of views, which can be made again.
 *
 * @internal
 */
export function makeTable(
  scope: Construct,
  id: string,
  options: { state: StatefulResourceOptions; billing?: TableBilling; stream?: dynamodb.StreamViewType },
): dynamodb.Table {
  const billing = options.billing ?? TableBilling.onDemand();
  const table = new dynamodb.Table(scope, id, {
    partitionKey: { name: 'PK', type: dynamodb.AttributeType.STRING },
    sortKey: { name: 'SK', type: dynamodb.AttributeType.STRING },
    billingMode: billing.billingMode,
    ...billing._capacity(),
    stream: options.stream,
    ...tableProtection(scope, options.state),
  });
  billing._scale(table, []);
  return table;
}
