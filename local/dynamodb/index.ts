import { LocalService } from '../service';
import { checkEngine } from './engine';
import { RunningDynamoDb } from './running';

export { RunningDynamoDb } from './running';

/** How long a transaction holds its items beyond the engine's call: long enough that calls made side by side overlap. */
const CONFLICT_HOLD_MS = 3;

/** What a test may choose. */
export interface DynamoDbServiceOptions {
  /** How long a transaction holds its items beyond the engine's call, in ms. @default 3 */
  readonly conflictHoldMs?: number;
}

/** DynamoDB and its streams. */
export function makeDynamoDb({ conflictHoldMs = CONFLICT_HOLD_MS }: DynamoDbServiceOptions = {}): LocalService {
  return {
    name: 'DynamoDB',
    iamPrefixes: ['dynamodb'],
    conditionKeys: ['dynamodb:LeadingKeys', 'dynamodb:Attributes'],
    lags: {
      gsi: 'queries of global secondary indexes',
      reads: 'reads of a table without ConsistentRead, half of the items half as much, every third read not',
      stream: 'stream records, on their way to functions',
    },
    engine: {
      option: 'dynamodb',
      help: 'dynoxide, dynamodb-local or the URL of another (default: the first that is there)',
      check: checkEngine,
    },
    openAddress: {
      option: 'dynamodb-port',
      help: 'an address of DynamoDB alone, which takes any credentials; 0 for a free port (default: none)',
      prefix: 'dynamodb',
    },
    start: async (run) => RunningDynamoDb.start(run, conflictHoldMs),
  };
}
