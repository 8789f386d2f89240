import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Invoke } from './converter-function';
import { clientConfig } from '../../core/client-config';

/** Of one attempt: all that `clientConfig` makes end before the half of the function's time that is for its last page. */
const SECONDS = 15;

/**
 * Invokes a function and waits for its answer. Where it is throttled, not reached or late it is tried again: a converter
 * writes nothing, and may be asked twice.
 *
 * @param seconds that one attempt may take
 */
export function invokerOf(functionArn: string, seconds = SECONDS): Invoke {
  const config = clientConfig();
  const ms = seconds * 1000;
  const client = new LambdaClient({
    ...config,
    requestHandler: { ...config.requestHandler, requestTimeout: ms, socketTimeout: ms },
  });
  return async (event) => {
    const { Payload: payload, FunctionError: functionError } = await client.send(
      new InvokeCommand({ FunctionName: functionArn, Payload: Buffer.from(event) }),
    );
    return { payload: Buffer.from(payload ?? []).toString('utf8'), functionError };
  };
}
