import { throttled } from './throttling';
import { AwsRequest } from '../aws/protocol';

const request = (operation: string, input: Record<string, unknown>): AwsRequest => ({
  operation,
  input,
  caller: { principal: { name: 'caller' } },
  signal: new AbortController().signal,
});

/** The numbers in turn. */
const numbers = (...list: readonly number[]): (() => number) => {
  const left = [...list];
  return () => left.shift() ?? NaN;
};

describe('throttling of a call to a table', () => {
  it('has both of its names', () => {
    const get = request('GetItem', {});
    expect(throttled(get, numbers(0)).code).toBe('ThrottlingException');
    expect(throttled(get, numbers(0.5)).code).toBe('ProvisionedThroughputExceededException');
  });

  it.each(['TransactWriteItems', 'TransactGetItems'])('refuses %s whole, or for one of its items', (operation) => {
    const TransactItems = [{ Get: { Key: 1 } }, { Get: { Key: 2 } }];
    const transaction = request(operation, { TransactItems });
    expect(throttled(transaction, numbers(0, 0.4)).code).toBe('ThrottlingException');
    const reasons = (...random: readonly number[]) => {
      const error = throttled(transaction, numbers(...random));
      expect(error.code).toBe('TransactionCanceledException');
      return (error.fields.CancellationReasons as readonly { readonly Code: string }[]).map(({ Code }) => Code);
    };
    expect(reasons(0, 0.5, 0)).toEqual(['ThrottlingError', 'None']);
    expect(reasons(0.5, 0.5, 0.9)).toEqual(['None', 'ProvisionedThroughputExceeded']);
  });
});
