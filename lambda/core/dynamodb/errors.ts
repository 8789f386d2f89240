import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** One reason of a cancelled transaction, as the SDK throws it: the document client translates answers, not errors. */
export interface CancellationReason {
  readonly Code?: string;
  readonly Item?: Record<string, AttributeValue>;
}

/** Why a transaction was cancelled, in the order of its writes; undefined where the error is another. */
export function cancellationReasons(error: unknown): readonly CancellationReason[] | undefined {
  return error instanceof Error && error.name === 'TransactionCanceledException'
    ? ((error as Error & { CancellationReasons?: CancellationReason[] }).CancellationReasons ?? [])
    : undefined;
}

const TRANSIENT_REASONS = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);
const TRANSIENT_ERRORS = new Set(['TransactionConflictException', 'TransactionInProgressException']);

/** Contention with another write. The SDK does not retry it inside a transaction, so the storage kit does. */
export function isContention(error: unknown): boolean {
  const reasons = cancellationReasons(error);
  if (reasons) {
    // A failed condition beside a conflict may be due to the very write that conflicts: ask again.
    return reasons.some(({ Code }) => TRANSIENT_REASONS.has(Code ?? 'None'));
  }
  return error instanceof Error && TRANSIENT_ERRORS.has(error.name);
}

/** Did the condition of a single write fail? `Item` is there where it was asked for and existed, untranslated. */
export function isConditionFailure(error: unknown): error is Error & { Item?: Record<string, AttributeValue> } {
  return error instanceof Error && error.name === 'ConditionalCheckFailedException';
}
