import { FunctionPools } from './function-pools';
import { functionNameOf, qualifierOf } from './reference';
import { AwsAnswer, AwsApi, AwsError, AwsRequest, HttpAnswer, Json, Permission, WireProtocol } from '../aws/protocol';

const PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

function answer(status: number, body: unknown, requestId: string, more: Record<string, string> = {}): HttpAnswer {
  const headers = { 'content-type': 'application/json', 'x-amzn-requestid': requestId, ...more };
  return { status, headers, body: JSON.stringify(body ?? null) };
}

/**
 * An event has fewer bytes than this, where its sender waits for the answer.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (invocation payload)
 */
const EVENT_LIMIT = 6 * 1024 * 1024;

/** The function, and its version or alias, that a call names. A name or an ARN may end with what `Qualifier` says too. */
function targetOf(path: string, query: URLSearchParams): { readonly reference: string; readonly qualifier?: string } {
  const reference = decodeURIComponent(PATH.exec(path)?.[1] ?? '');
  const [inName, asked] = [qualifierOf(reference), query.get('Qualifier') ?? undefined];
  if (inName !== undefined && asked !== undefined && inName !== asked) {
    const what = 'The derived qualifier from the function name does not match the specified qualifier.';
    throw new AwsError('InvalidParameterValueException', what);
  }
  return { reference, qualifier: inName ?? asked };
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const PROTOCOL: WireProtocol = {
  match: ({ method, path }) => (method === 'POST' && PATH.test(path) ? 'Invoke' : undefined),
  parse: ({ path, query, headers, body }) => {
    const type = headers['x-amz-invocation-type'] ?? 'RequestResponse';
    if (type !== 'RequestResponse') {
      const what = `InvocationType ${String(type)} is not supported by the local runner`;
      throw new AwsError('InvalidParameterValueException', what);
    }
    if (Buffer.byteLength(body) >= EVENT_LIMIT) {
      const what = `Request must be smaller than ${EVENT_LIMIT} bytes for the InvokeFunction operation`;
      throw new AwsError('RequestEntityTooLargeException', what, 413);
    }
    const target = targetOf(path, query);
    try {
      return {
        ...target,
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
  public readonly throttle = { code: 'TooManyRequestsException', message: 'Rate Exceeded.' };

  public constructor(
    private readonly functions: FunctionPools,
    private readonly arnPrefix: string,
  ) {}

  /** Of a version or alias its own ARN: a right to the function is none to them, and the other way round. */
  public permissions({ input }: AwsRequest): readonly Permission[] {
    return [{ action: 'lambda:InvokeFunction', resources: [this.arnOf(input)] }];
  }

  public async handle({ input }: AwsRequest): Promise<AwsAnswer> {
    const { reference, qualifier, payload: event } = input;
    const name = functionNameOf(String(reference));
    // An ARN may be of another region or account.
    const isHere = !String(reference).startsWith('arn:') || String(reference).startsWith(`${this.arnPrefix}${name}`);
    const isThere =
      qualifier === undefined ? this.functions.has(name) : this.functions.hasQualifier(name, String(qualifier));
    if (!isHere || !isThere) {
      throw new AwsError('ResourceNotFoundException', `Function not found: ${this.arnOf(input)}`, 404);
    }
    const { payload, functionError } = await this.functions.invoke(name, event);
    return { body: { payload }, errorCode: functionError };
  }

  private arnOf({ reference, qualifier }: Json): string {
    const text = String(reference);
    const arn = text.startsWith('arn:') ? text : `${this.arnPrefix}${text}`;
    return qualifier === undefined || qualifierOf(text) !== undefined ? arn : `${arn}:${String(qualifier)}`;
  }
}
