import type { APIGatewayProxyEvent, APIGatewayProxyEventV2 } from 'aws-lambda';
import { authorizerOf } from './authorizer';
import type { HttpRequest, Parameters, RequestBody } from './http-request';

export type { HttpRequest, Parameters, RequestBody } from './http-request';

/** An event of a REST API or of an HTTP API with payload 1.0, and of an HTTP API with payload 2.0. */
export type GatewayEvent = APIGatewayProxyEvent | APIGatewayProxyEventV2;

/** An event after its body was parsed, or was found not to be JSON. */
export type ParsedEvent = GatewayEvent & { readonly parsedBody?: RequestBody };

/** Whether it comes from an HTTP API in its own format. */
export const isPayload2 = (event: GatewayEvent): event is APIGatewayProxyEventV2 =>
  'version' in event && event.version === '2.0';

function lowerCase(headers: Parameters | null): Parameters {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
}

/** As payload 2.0 has it. */
const joined = (values: Readonly<Record<string, string[] | undefined>> | null): Parameters =>
  Object.fromEntries(Object.entries(values ?? {}).map(([name, list]) => [name, list?.join(',')]));

function fromPayload2(event: APIGatewayProxyEventV2): Omit<HttpRequest, 'body'> {
  return {
    method: event.requestContext.http.method,
    rawPath: event.rawPath,
    route: event.routeKey,
    path: event.pathParameters ?? {},
    query: event.queryStringParameters ?? {},
    headers: lowerCase(event.headers),
    origin: `https://${event.requestContext.domainName}`,
    requestId: event.requestContext.requestId,
    authorizer: authorizerOf(event),
    sourceIp: event.requestContext.http.sourceIp,
  };
}

function fromPayload1(event: APIGatewayProxyEvent): Omit<HttpRequest, 'body'> {
  return {
    method: event.httpMethod,
    rawPath: event.path,
    route: `${event.httpMethod} ${event.resource}`,
    path: event.pathParameters ?? {},
    query: joined(event.multiValueQueryStringParameters),
    headers: lowerCase(event.headers),
    origin: `https://${event.requestContext.domainName ?? ''}`,
    requestId: event.requestContext.requestId,
    authorizer: event.requestContext.authorizer as Parameters | undefined,
    sourceIp: event.requestContext.identity.sourceIp,
  };
}

/** The request behind an event of API Gateway, in either of its formats. */
export function toRequest(event: ParsedEvent): HttpRequest {
  return {
    ...(isPayload2(event) ? fromPayload2(event) : fromPayload1(event)),
    body: event.parsedBody ?? { kind: 'none' },
  };
}
