import { randomUUID } from 'node:crypto';
import { IncomingMessage } from 'node:http';

/** A request as it came in, body read. */
export interface GatewayRequest {
  readonly id: string;
  readonly method: string;
  /** Undecoded, with the stage, without the query. */
  readonly path: string;
  readonly rawQuery: string;
  /** Lower-case names; repeated ones joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly protocol: string;
  readonly time: Date;
}

/** What the event says of the API beside the request. */
export interface EventTarget {
  readonly accountId: string;
  readonly apiId: string;
  readonly domainName: string;
  readonly stage: string;
  readonly stageVariables?: Readonly<Record<string, string>>;
  readonly routeKey: string;
  /** Decoded, with the stage. */
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** What an authorizer said of the caller. */
  readonly authorizer?: Readonly<Record<string, unknown>>;
}

/** Content types that reach the function as text; all others, a missing one too, as base64. Found out on AWS. */
const TEXT_TYPE = /^(text\/.*|application\/(json|xml|javascript|[\w.+-]+\+(json|xml)))$/i;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Reads head and cookies of a request. */
export function readRequest(message: IncomingMessage, body: Buffer): GatewayRequest {
  const url = message.url ?? '/';
  const mark = url.indexOf('?');
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (let index = 0; index < message.rawHeaders.length; index += 2) {
    const name = (message.rawHeaders[index] ?? '').toLowerCase();
    const value = message.rawHeaders[index + 1] ?? '';
    if (name === 'cookie') cookies.push(...value.split(/;\s*/).filter((cookie) => cookie !== ''));
    else headers[name] = name in headers ? `${headers[name]},${value}` : value;
  }
  return {
    id: randomUUID(),
    method: message.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    rawQuery: mark < 0 ? '' : url.slice(mark + 1),
    headers,
    cookies,
    body,
    sourceIp: message.socket.remoteAddress ?? '127.0.0.1',
    protocol: `HTTP/${message.httpVersion}`,
    time: new Date(),
  };
}

/** `12/Mar/2020:19:03:58 +0000`. */
export function commonLogTime(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${two(time.getUTCDate())}/${MONTHS[time.getUTCMonth()]}/${time.getUTCFullYear()}`;
  return `${day}:${two(time.getUTCHours())}:${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())} +0000`;
}

/** Decoded; repeated ones joined by commas. */
export function queryParameters(rawQuery: string): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(rawQuery)) {
    parameters[name] = name in parameters ? `${parameters[name]},${value}` : value;
  }
  return Object.keys(parameters).length > 0 ? parameters : undefined;
}

/** True when the function gets the body as base64. */
export function isBinary(headers: Readonly<Record<string, string>>): boolean {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
  const encoding = headers['content-encoding'] ?? 'identity';
  return encoding.toLowerCase() !== 'identity' || !TEXT_TYPE.test(type);
}

/** The event of payload format 2.0. */
export function toEvent(request: GatewayRequest, target: EventTarget): Record<string, unknown> {
  const binary = request.body.length > 0 && isBinary(request.headers);
  return {
    version: '2.0',
    ...requestPart(request, target),
    ...(request.body.length > 0 ? { body: request.body.toString(binary ? 'base64' : 'utf8') } : {}),
    isBase64Encoded: binary,
  };
}

/** The event of an authorizer, payload format 2.0. */
export function toAuthorizerEvent(
  request: GatewayRequest,
  target: EventTarget,
  routeArn: string,
  identitySource: readonly string[] | null,
): Record<string, unknown> {
  return { version: '2.0', type: 'REQUEST', routeArn, identitySource, ...requestPart(request, target) };
}

function requestPart(request: GatewayRequest, target: EventTarget): Record<string, unknown> {
  const query = queryParameters(request.rawQuery);
  return {
    routeKey: target.routeKey,
    rawPath: target.path,
    rawQueryString: request.rawQuery,
    ...(request.cookies.length > 0 ? { cookies: request.cookies } : {}),
    headers: {
      ...request.headers,
      'content-length': request.headers['content-length'] ?? String(request.body.length),
      'x-amzn-trace-id': `Root=1-${Math.floor(request.time.getTime() / 1000).toString(16)}-${request.id.replace(/-/g, '').slice(0, 24)}`,
      'x-forwarded-for': request.sourceIp,
      'x-forwarded-port': target.domainName.split(':')[1] ?? '80',
      'x-forwarded-proto': 'http',
    },
    ...(query === undefined ? {} : { queryStringParameters: query }),
    requestContext: {
      accountId: target.accountId,
      apiId: target.apiId,
      ...(target.authorizer === undefined ? {} : { authorizer: target.authorizer }),
      domainName: target.domainName,
      domainPrefix: target.domainName.split('.')[0],
      http: {
        method: request.method,
        path: target.path,
        protocol: request.protocol,
        sourceIp: request.sourceIp,
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId: request.id,
      routeKey: target.routeKey,
      stage: target.stage,
      time: commonLogTime(request.time),
      timeEpoch: request.time.getTime(),
    },
    ...(Object.keys(target.parameters).length > 0 ? { pathParameters: target.parameters } : {}),
    ...(target.stageVariables === undefined ? {} : { stageVariables: target.stageVariables }),
  };
}
