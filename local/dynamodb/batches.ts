import { Fault } from '../aws/faults';
import { AwsError, Json } from '../aws/protocol';

/** The requests of a batch by table name. */
export function requestItems(input: Json): Readonly<Record<string, unknown>> {
  const requests = (input.RequestItems ?? {}) as Readonly<Record<string, unknown>>;
  const arns = Object.keys(requests).filter((name) => name.startsWith('arn:'));
  if (arns.length > 0) {
    throw new AwsError(
      'ValidationException',
      `RequestItems by table ARN not supported by the local runner: ${arns.join(', ')}`,
    );
  }
  return requests;
}

/** Splits a batch at random, at least one member on the later side. */
export function splitAtRandom<T>(list: readonly T[], fault: Fault): readonly [readonly T[], readonly T[]] {
  const cut = Math.floor(fault.random() * list.length);
  return [list.slice(0, cut), list.slice(cut)];
}
