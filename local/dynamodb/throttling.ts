import { cancelled, NONE } from './conflicts';
import { NAMESPACE } from './model';
import { transactItems } from './permissions';
import { AwsError, AwsRequest } from '../aws/protocol';

const MESSAGE = 'Throughput exceeds the current capacity of your table or index. Try again later. (fault injected)';

/** The names that throttling has: of a call, and of one member of a transaction. */
const NAMES = [
  { call: 'ThrottlingException', member: 'ThrottlingError' },
  { call: 'ProvisionedThroughputExceededException', member: 'ProvisionedThroughputExceeded' },
];

/**
 * A refusal of a call for lack of capacity. A transaction is refused as a whole, or cancelled for one of its items, which
 * the SDK does not try again.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
export function throttled({ operation, input }: AwsRequest, random: () => number): AwsError {
  const { call, member } = NAMES[Math.floor(random() * NAMES.length)];
  if (!operation.startsWith('Transact') || random() < 0.5) return new AwsError(call, MESSAGE, 400, {}, NAMESPACE);
  const members = transactItems(input);
  const refused = Math.floor(random() * members.length);
  return cancelled(members.map((_, index) => (index === refused ? { Code: member, Message: MESSAGE } : NONE)));
}
