import { matches } from '../iam/pattern';
import { functionNameOf, qualifierOf } from '../lambda/reference';
import { FunctionInvoker, FunctionPermission } from '../types';

/** Lambda takes and gives no more at once. */
const PAYLOAD_LIMIT = 6 * 1024 * 1024;

/** Bodies are the only big part of an event or answer: below this there is nothing to count. */
const SIZE_CHECK_FROM = PAYLOAD_LIMIT / 8;

/** How a call of a function went. */
export type IntegrationResult =
  | { readonly kind: 'answered'; readonly payload: unknown; readonly invocationId: string; readonly latencyMs: number }
  | { readonly kind: 'failed'; readonly reason: string; readonly invocationId?: string; readonly latencyMs: number }
  | { readonly kind: 'late'; readonly reason: string; readonly latencyMs: number }
  | { readonly kind: 'too large' };

/** Which function is called with what. */
export interface Call {
  readonly functionArn: string;
  readonly event: unknown;
  readonly bodyLength: number;
  readonly timeoutMs: number;
}

/** Calls a function as a gateway does, in its time and within Lambda's limits. */
export async function callFunction(invoker: FunctionInvoker, call: Call): Promise<IntegrationResult> {
  const { functionArn, event, bodyLength, timeoutMs } = call;
  if (bodyLength > SIZE_CHECK_FROM && Buffer.byteLength(JSON.stringify(event)) > PAYLOAD_LIMIT) {
    return { kind: 'too large' };
  }
  const start = performance.now();
  const passed = (): number => performance.now() - start;
  try {
    const result = await withTimeout(invoker.invoke(functionArn, event), timeoutMs);
    if (result === undefined) return { kind: 'late', reason: `no answer within ${timeoutMs} ms`, latencyMs: passed() };
    const { invocationId, functionError, payload } = result;
    if (functionError !== undefined) {
      return { kind: 'failed', reason: `function error ${shortened(payload)}`, invocationId, latencyMs: passed() };
    }
    // As Lambda counts: the whole answer, in which the body is a JSON string.
    const bytes = Buffer.byteLength(JSON.stringify(payload ?? null));
    if (bytes > PAYLOAD_LIMIT) {
      const reason = `the answer has ${bytes} bytes, at most ${PAYLOAD_LIMIT}`;
      return { kind: 'failed', reason, invocationId, latencyMs: passed() };
    }
    return { kind: 'answered', payload, invocationId, latencyMs: passed() };
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error), latencyMs: passed() };
  }
}

/** The function in the URI of an integration or authorizer. */
export function functionOf(uri: string): string {
  return /\/functions\/(.+)\/invocations$/.exec(uri)?.[1] ?? uri;
}

/** Says what no permission of the app lets the gateway do; undefined where one does. */
export function missingPermission(
  permissions: readonly FunctionPermission[],
  functionArn: string,
  calledArn: string,
): string | undefined {
  const name = functionNameOf(functionArn);
  const qualifier = qualifierOf(functionArn);
  const allowed = permissions.some(
    (permission) =>
      permission.functionName === name &&
      permission.qualifier === qualifier &&
      matches(permission.action, 'lambda:InvokeFunction') &&
      permission.principal === 'apigateway.amazonaws.com' &&
      (permission.sourceArn === undefined || matches(permission.sourceArn, calledArn)),
  );
  return allowed
    ? undefined
    : `no AWS::Lambda::Permission lets ${calledArn} invoke ${name}${qualifier === undefined ? '' : `:${qualifier}`}`;
}

function shortened(payload: unknown): string {
  const text = JSON.stringify(payload) ?? 'undefined';
  return text.length > 600 ? `${text.slice(0, 600)}...` : text;
}

async function withTimeout<T>(promise: Promise<T>, limit: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limit);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
    // Nobody waits for it any more, but a rejection of it must not end the runner.
    promise.catch(() => undefined);
  }
}
