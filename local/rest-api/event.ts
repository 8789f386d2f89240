import { commonLogTime, GatewayRequest, withoutPrototype } from '../gateway/request';

/** What the event of a REST API says beside the request. */
export interface RestTarget {
  readonly accountId: string;
  readonly apiId: string;
  readonly domainName: string;
  readonly deploymentId: string;
  readonly stage: string;
  readonly stageVariables?: Readonly<Record<string, string>>;
  readonly resourceId: string;
  readonly resourcePath: string;
  readonly operationName?: string;
  /** Undecoded, without the stage. */
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** What an authorizer said of the caller. */
  readonly authorizer?: Readonly<Record<string, unknown>>;
  readonly apiKey?: { readonly id: string; readonly value: string };
}

type MultiValues = Record<string, string[]>;

/** Headers that concern the connection, or that the gateway takes out. */
const DROPPED = new Set(['connection', 'content-length', 'expect', 'keep-alive', 'transfer-encoding', 'upgrade']);

/** The last of each, as the single-valued maps of the event have it; null for none. */
function last(lists: MultiValues): Record<string, string> | null {
  const entries = Object.entries(lists).map(([name, values]) => [name, values.at(-1) ?? '']);
  return entries.length === 0 ? null : (Object.fromEntries(entries) as Record<string, string>);
}

function orNull<T extends object>(value: T | undefined): T | null {
  return value === undefined || Object.keys(value).length === 0 ? null : value;
}

/** Decoded, `+` as a space, every value of a name. */
export function queryLists(rawQuery: string): MultiValues {
  const lists = withoutPrototype<string[]>();
  for (const [name, value] of new URLSearchParams(rawQuery)) (lists[name] ??= []).push(value);
  return lists;
}

/** Names as the client wrote them, with what the gateway adds. */
function headerLists(request: GatewayRequest, domainName: string): MultiValues {
  const lists = withoutPrototype<string[]>();
  for (const [name, value] of request.rawHeaders) {
    if (!DROPPED.has(name.toLowerCase())) (lists[name] ??= []).push(value);
  }
  const root = Math.floor(request.time.getTime() / 1000).toString(16);
  lists['X-Amzn-Trace-Id'] = [`Root=1-${root}-${request.id.replace(/-/g, '').slice(0, 24)}`];
  lists['X-Forwarded-For'] = [request.sourceIp];
  lists['X-Forwarded-Port'] = [domainName.split(':')[1] ?? '80'];
  lists['X-Forwarded-Proto'] = ['http'];
  return lists;
}

function identityOf(request: GatewayRequest, target: RestTarget): Record<string, unknown> {
  return {
    cognitoIdentityPoolId: null,
    accountId: null,
    cognitoIdentityId: null,
    caller: null,
    sourceIp: request.sourceIp,
    principalOrgId: null,
    accessKey: null,
    cognitoAuthenticationType: null,
    cognitoAuthenticationProvider: null,
    userArn: null,
    userAgent: request.headers['user-agent'] ?? null,
    user: null,
    ...(target.apiKey === undefined ? {} : { apiKey: target.apiKey.value, apiKeyId: target.apiKey.id }),
  };
}

function requestContextOf(request: GatewayRequest, target: RestTarget): Record<string, unknown> {
  return {
    resourceId: target.resourceId,
    resourcePath: target.resourcePath,
    ...(target.operationName === undefined ? {} : { operationName: target.operationName }),
    ...(target.authorizer === undefined ? {} : { authorizer: target.authorizer }),
    httpMethod: request.method,
    extendedRequestId: request.id,
    requestTime: commonLogTime(request.time),
    path: request.path,
    accountId: target.accountId,
    protocol: request.protocol,
    stage: target.stage,
    domainPrefix: target.domainName.split('.')[0],
    requestTimeEpoch: request.time.getTime(),
    requestId: request.id,
    identity: identityOf(request, target),
    domainName: target.domainName,
    deploymentId: target.deploymentId,
    apiId: target.apiId,
  };
}

function requestPart(request: GatewayRequest, target: RestTarget): Record<string, unknown> {
  const headers = headerLists(request, target.domainName);
  const query = queryLists(request.rawQuery);
  return {
    resource: target.resourcePath,
    path: target.path,
    httpMethod: request.method,
    headers: last(headers),
    multiValueHeaders: headers,
    queryStringParameters: last(query),
    multiValueQueryStringParameters: orNull(query),
    pathParameters: orNull(target.parameters),
    stageVariables: orNull(target.stageVariables),
    requestContext: requestContextOf(request, target),
  };
}

/**
 * The event of a Lambda proxy integration, payload format 1.0. Path and path parameters come as they were sent, the
 * query decoded (captured on AWS: hotsock/voker, `vokerhttp/testdata/apigwv1-request.json`).
 */
export function toProxyEvent(request: GatewayRequest, target: RestTarget, binary: boolean): Record<string, unknown> {
  const body = request.body.length === 0 ? null : request.body.toString(binary ? 'base64' : 'utf8');
  return { ...requestPart(request, target), body, isBase64Encoded: binary && body !== null };
}

/** The event of a REQUEST authorizer. */
export function toRequestAuthorizerEvent(
  request: GatewayRequest,
  target: RestTarget,
  methodArn: string,
): Record<string, unknown> {
  return { type: 'REQUEST', methodArn, ...requestPart(request, target) };
}
