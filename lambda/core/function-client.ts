import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { clientConfig } from './client-config';
import type { Invoke } from './invocation';

export interface InvokerOptions {
  /** That one attempt may take. */
  readonly seconds: number;
  /**
   * Attempts in all, of what is throttled, not reached or late. Of what is late, the function may still be at work: more
   * than one attempt is for functions that may run twice at once.
   */
  readonly attempts: number;
}

/** Makes what invokes a function, and waits for its answer. */
export function invokerOf(functionArn: string, { seconds, attempts }: InvokerOptions): Invoke {
  const config = clientConfig();
  const ms = seconds * 1000;
  const client = new LambdaClient({
    ...config,
    maxAttempts: attempts,
    requestHandler: { ...config.requestHandler, requestTimeout: ms, socketTimeout: ms },
  });
  return async (event) => {
    const { Payload: payload, FunctionError: functionError } = await client.send(
      new InvokeCommand({ FunctionName: functionArn, Payload: Buffer.from(event) }),
    );
    return { payload: Buffer.from(payload ?? []).toString('utf8'), functionError };
  };
}
