import { FunctionPools } from './function-pools';
import { functionNameOf } from './reference';
import { AwsAnswer, AwsApi, AwsError, AwsRequest, HttpAnswer, Permission, WireProtocol } from '../aws/protocol';

const PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

function answer(status: number, body: unknown, requestId: string, more: Record<string, string> = {}): HttpAnswer {
  const headers = { 'content-type': 'application/json', 'x-amzn-requestid': requestId, ...more };
  return { status, headers, body: JSON.stringify(body ?? null) };
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const PROTOCOL: WireProtocol = {
  match: ({ method, path }) => (method === 'POST' && PATH.test(path) ? 'Invoke' : undefined),
  parse: ({ path, query, headers, body }) => {
    const type = headers['x-amz-invocation-type'] ?? 'RequestResponse';
    if (type !== 'RequestResponse' || query.has('Qualifier')) {
      const what = query.has('Qualifier') ? 'Qualifier' : `InvocationType ${String(type)}`;
      throw new AwsError('InvalidParameterValueException', `${what} is not supported by the local runner`);
    }
    try {
      return {
        name: functionNameOf(decodeURIComponent(PATH.exec(path)?.[1] ?? '')),
        payload: (body === '' ? {} : JSON.parse(body)) as unknown,
      };
    } catch {
      throw new AwsError('InvalidRequestContentException', 'Could not parse request body into json');
    }
  },
  answer: ({ body, errorCode }, requestId) =>
    answer(
      200,
      (body as { readonly payload: unknown }).payload,
      requestId,
      errorCode === undefined ? {} : { 'x-amz-function-error': errorCode },
    ),
  failure: (error, requestId) =>
    answer(error.status, { Type: 'User', Message: error.message }, requestId, { 'x-amzn-errortype': error.code }),
};

/** Lambda's Invoke, whose caller waits for the answer. */
export class LambdaApi implements AwsApi {
  public readonly prefix = 'lambda';
  public readonly protocol = PROTOCOL;

  public constructor(
    private readonly functions: FunctionPools,
    private readonly arnPrefix: string,
  ) {}

  public permissions({ input }: AwsRequest): readonly Permission[] {
    return [{ action: 'lambda:InvokeFunction', resources: [`${this.arnPrefix}${String(input.name)}`] }];
  }

  public async handle({ input }: AwsRequest): Promise<AwsAnswer> {
    const name = String(input.name);
    if (!this.functions.has(name)) {
      throw new AwsError('ResourceNotFoundException', `Function not found: ${this.arnPrefix}${name}`, 404);
    }
    const { payload, functionError } = await this.functions.invoke(name, input.payload);
    return { body: { payload }, errorCode: functionError };
  }
}
