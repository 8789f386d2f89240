import { Domain, Domains } from './domains';
import { AwsAnswer, AwsApi, AwsError, AwsRequest, HttpAnswer, Json, Permission, WireProtocol } from '../aws/protocol';

/** What the endpoint puts before the path of a call to a domain. */
const PREFIX = '/@opensearch/';

/** The prefix of one domain. */
export function prefixOf(domain: string): string {
  return `${PREFIX}${domain}`;
}

/** https://docs.aws.amazon.com/opensearch-service/latest/developerguide/limits.html: of a small instance. */
const BODY_LIMIT = 10 * 1024 * 1024;

/** REST, with the errors of the proxy that AWS has before a domain. */
const PROTOCOL: WireProtocol = {
  // The actions of IAM are those of HTTP: ESHttpGet.
  match: ({ path, method }) =>
    path.startsWith(PREFIX) ? `ESHttp${method.slice(0, 1)}${method.slice(1).toLowerCase()}` : undefined,
  parse: ({ method, path, query, headers, body }) => {
    if (headers['content-encoding'] !== undefined) {
      throw new AwsError('UnsupportedMediaType', 'compressed bodies are not supported by the local runner', 415);
    }
    if (Buffer.byteLength(body) > BODY_LIMIT) {
      throw new AwsError('RequestEntityTooLarge', `Request size exceeded ${BODY_LIMIT} bytes`, 413);
    }
    const [domain = ''] = path.slice(PREFIX.length).split('/', 1);
    const rest = path.slice(PREFIX.length + domain.length);
    return { domain, method, path: rest, query: query.toString(), body };
  },
  answer: ({ status = 200, body }, requestId) => answer(status, body, requestId),
  failure: (error, requestId) => {
    switch (error.code) {
      case 'MissingAuthenticationTokenException':
        return answer(403, { Message: 'User: anonymous is not authorized to perform: es:ESHttp*' }, requestId);
      case 'UnrecognizedClientException':
        return answer(403, { message: error.message }, requestId);
      case 'AccessDeniedException':
        return answer(403, { Message: error.message }, requestId);
      case 'rejected_execution_exception': {
        const cause = { type: error.code, reason: error.message };
        return answer(429, { error: { root_cause: [cause], ...cause }, status: 429 }, requestId);
      }
      default:
        return answer(error.status, { message: error.message }, requestId);
    }
  },
};

function answer(status: number, body: Json | string, requestId: string): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8', 'x-amzn-requestid': requestId },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

/** The REST API of the domains. */
export class OpenSearchApi implements AwsApi {
  public readonly prefix = 'es';
  public readonly protocol = PROTOCOL;
  public readonly throttle = { code: 'rejected_execution_exception', message: 'rejected execution' };

  public constructor(private readonly domains: Domains) {}

  public permissions({ operation, input }: AwsRequest): readonly Permission[] {
    const { arn } = this.domain(input);
    return [{ action: `es:${operation}`, resources: [`${arn}${String(input.path)}`] }];
  }

  public async handle({ input, caller }: AwsRequest): Promise<AwsAnswer> {
    const { status, body } = await this.domain(input).answer(
      {
        method: String(input.method),
        path: String(input.path),
        query: new URLSearchParams(String(input.query)),
        body: String(input.body),
      },
      caller.principal.roleArn,
    );
    return { status, body: typeof body === 'string' ? body : JSON.stringify(body), errorCode: errorCode(status, body) };
  }

  private domain(input: Json): Domain {
    const found = this.domains.get(String(input.domain));
    if (found === undefined) throw new AwsError('ResourceNotFoundException', 'no such domain', 404);
    return found;
  }
}

function errorCode(status: number, body: unknown): string | undefined {
  if (status < 400) return undefined;
  const { error } = (typeof body === 'object' ? body : {}) as { readonly error?: { readonly type?: string } };
  return error?.type ?? `Http${status}`;
}
