import { commonLogTime, GatewayRequest, withoutPrototype } from '../gateway/request';

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

/** Decoded; repeated ones joined by commas. */
export function queryParameters(rawQuery: string): Record<string, string> | undefined {
  const parameters = withoutPrototype<string>();
  for (const [name, value] of new URLSearchParams(rawQuery)) {
    parameters[name] = name in parameters ? `${parameters[name]},${value}` : value;
  }
  return Object.keys(parameters).length > 0 ? parameters : undefined;
}

/** True when the function gets the body as base64. */
function isBinary(headers: Readonly<Record<string, string>>): boolean {
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

/**
 * The event of an authorizer, payload format 1.0. Names of headers are as the client wrote them, as with a REST API.
 */
export function toAuthorizerEventOfFormat1(
  request: GatewayRequest,
  target: EventTarget,
  methodArn: string,
  identitySource: readonly string[] | null,
): Record<string, unknown> {
  const token = identitySource === null ? null : identitySource.join(',');
  const resourcePath = target.routeKey.split(' ')[1] ?? target.routeKey;
  const headers = withoutPrototype<string>();
  for (const [name, value] of request.rawHeaders) headers[name] = value;
  return {
    version: '1.0',
    type: 'REQUEST',
    methodArn,
    identitySource: token,
    authorizationToken: token,
    resource: resourcePath,
    path: target.path,
    httpMethod: request.method,
    headers,
    queryStringParameters: lastOfEach(request.rawQuery),
    pathParameters: target.parameters,
    stageVariables: target.stageVariables ?? {},
    requestContext: {
      path: target.path,
      accountId: target.accountId,
      resourceId: target.routeKey,
      stage: target.stage,
      requestId: request.id,
      identity: { sourceIp: request.sourceIp, userAgent: request.headers['user-agent'] ?? '' },
      resourcePath,
      httpMethod: request.method,
      apiId: target.apiId,
      domainName: target.domainName,
    },
  };
}

/** Format 1.0 has one value of a name; the others are in fields of their own. */
function lastOfEach(rawQuery: string): Record<string, string> {
  const parameters = withoutPrototype<string>();
  for (const [name, value] of new URLSearchParams(rawQuery)) parameters[name] = value;
  return parameters;
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
