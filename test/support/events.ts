import type {
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context,
} from 'aws-lambda';

/** What a test says of a request. */
export interface RequestSample {
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string;
  readonly isBase64Encoded?: boolean;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
}

/** An event as API Gateway's HTTP API sends it, format 2.0. */
export function requestEvent(sample: RequestSample = {}): APIGatewayProxyEventV2 {
  const event = {
    version: '2.0',
    routeKey: 'POST /api/things/{id}',
    rawPath: '/api/things/1',
    rawQueryString: '',
    headers: {
      ...(sample.token === undefined ? {} : { authorization: `Token ${sample.token}` }),
      ...sample.headers,
    },
    pathParameters: sample.path,
    queryStringParameters: sample.query,
    requestContext: {
      domainName: 'api.example.com',
      requestId: 'request-1',
      http: { method: 'POST', sourceIp: '192.0.2.1' },
    },
    body: sample.raw ?? (sample.body === undefined ? undefined : JSON.stringify(sample.body)),
    isBase64Encoded: sample.isBase64Encoded ?? false,
  };
  return event as unknown as APIGatewayProxyEventV2;
}

/** The same request as a REST API sends it, and an HTTP API in format 1.0. */
export function restEvent(sample: RequestSample = {}): APIGatewayProxyEvent {
  const multiple = (values: Readonly<Record<string, string>> | undefined) =>
    values && Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]]));
  const headers = {
    ...(sample.token === undefined ? {} : { Authorization: `Token ${sample.token}` }),
    ...sample.headers,
  };
  const event = {
    resource: '/things/{id}',
    path: '/api/things/1',
    httpMethod: 'POST',
    headers,
    multiValueHeaders: multiple(headers),
    pathParameters: sample.path ?? null,
    queryStringParameters: sample.query ?? null,
    multiValueQueryStringParameters: multiple(sample.query) ?? null,
    requestContext: { domainName: 'api.example.com', requestId: 'request-1', identity: { sourceIp: '192.0.2.1' } },
    body: sample.raw ?? (sample.body === undefined ? null : JSON.stringify(sample.body)),
    isBase64Encoded: sample.isBase64Encoded ?? false,
  };
  return event as unknown as APIGatewayProxyEvent;
}

export const CONTEXT = { awsRequestId: 'invocation-1', getRemainingTimeInMillis: () => 10_000 } as Context;

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/** Calls a handler and reads its answer. */
export async function call(handler: unknown, sample: RequestSample = {}) {
  const answer = await (handler as Handler)(requestEvent(sample), CONTEXT);
  return {
    status: answer.statusCode,
    headers: answer.headers ?? {},
    text: answer.body ?? '',
    json: (answer.body ? JSON.parse(answer.body) : undefined) as unknown,
  };
}
