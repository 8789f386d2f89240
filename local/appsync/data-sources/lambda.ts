import { CallAws } from './aws-call';
import { BadTemplateRequest, checkFields, DataSource } from './data-source';
import { isObject } from '../../assembly';

/** What AppSync takes of a function's answer: "Lambda data source response size". */
const MOST_BYTES = 5 * 1024 * 1024;

/**
 * Invokes a function and waits, after "AWS AppSync resolver mapping template reference for Lambda": what the function
 * raises comes to the response template as `$ctx.error`.
 */
export function lambdaDataSource(name: string, functionArn: string, call: CallAws): DataSource {
  const path = `/2015-03-31/functions/${encodeURIComponent(functionArn)}/invocations`;
  return {
    name,
    type: 'AWS_LAMBDA',
    call: async (request, requestId) => {
      checkFields(request, ['version', 'operation', 'payload', 'invocationType'], 'the request');
      const { operation, payload = null, invocationType = 'RequestResponse' } = request;
      if (operation !== 'Invoke') {
        throw new BadTemplateRequest(`operation ${String(operation)} is not supported here, only Invoke`);
      }
      if (invocationType !== 'RequestResponse') {
        throw new BadTemplateRequest(`invocationType ${String(invocationType)} is not supported here`);
      }
      const answer = await call('lambda', path, { 'content-type': 'application/json' }, payload, requestId);
      const { body } = answer;
      if (!answer.ok) {
        const code = answer.headers.get('x-amzn-errortype') ?? 'ServiceException';
        const message = isObject(body) ? String(body.Message ?? body.message ?? code) : code;
        return { result: null, error: { type: `Lambda:${code}`, message } };
      }
      if (answer.headers.get('x-amz-function-error') !== null) return { result: null, error: failureOf(body) };
      if (answer.bytes > MOST_BYTES) {
        const message = `The response of the function is larger than ${MOST_BYTES} bytes`;
        return { result: null, error: { type: 'Lambda:IllegalArgument', message } };
      }
      return { result: body ?? null };
    },
  };
}

/** A function that ends by itself is `Lambda:Unhandled`, whatever its error; one that takes too long is not. */
function failureOf(body: unknown): { readonly type: string; readonly message: string } {
  const message = isObject(body) ? String(body.errorMessage ?? 'Unhandled') : 'Unhandled';
  const late = /Task timed out after/.test(message);
  return { type: late ? 'Lambda:ExecutionTimeoutException' : 'Lambda:Unhandled', message };
}
