/**
 * Storage did not take a call, however often it was tried: others had the same items, or capacity was used up. The
 * same call may succeed in a moment.
 */
export class Busy extends Error {
  public constructor(what: string) {
    super(what);
    this.name = 'Busy';
  }
}

/** What is thrown once all attempts are used up: by this library, and by the SDK. */
const THROTTLED = new Set([
  'Busy',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  // Of Cognito.
  'TooManyRequestsException',
  'TransactionConflictException',
  'TransactionInProgressException',
]);

/** Is it worth asking again in a moment? */
export const isBusy = (error: unknown): boolean => error instanceof Error && THROTTLED.has(error.name);
