import { commonLogTime, GatewayRequest } from './request';

/** What an access log line can say beside the request. */
export interface AccessLogEntry {
  readonly request: GatewayRequest;
  readonly accountId: string;
  readonly apiId: string;
  readonly domainName: string;
  readonly stage: string;
  readonly routeKey: string;
  readonly status: number;
  readonly responseLength: number;
  readonly latencyMs: number;
  readonly integrationLatencyMs?: number;
  readonly integrationError?: string;
  /** The gateway's own message where it answered itself. */
  readonly errorMessage?: string;
  /** REST APIs: the type of its gateway response. */
  readonly errorType?: string;
  readonly resourceId?: string;
  readonly resourcePath?: string;
  /** Who asked, as an authorizer of a REST API has said. */
  readonly principalId?: string;
}

type Reader = (facts: AccessLogEntry) => string | number | undefined;

const VARIABLES: Readonly<Record<string, Reader>> = {
  accountId: (facts) => facts.accountId,
  'authorizer.principalId': (facts) => facts.principalId,
  apiId: (facts) => facts.apiId,
  domainName: (facts) => facts.domainName,
  domainPrefix: (facts) => facts.domainName.split('.')[0],
  'error.message': (facts) => facts.errorMessage,
  'error.messageString': (facts) => (facts.errorMessage === undefined ? undefined : JSON.stringify(facts.errorMessage)),
  'error.responseType': (facts) => facts.errorType,
  extendedRequestId: (facts) => facts.request.id,
  httpMethod: (facts) => facts.request.method,
  'identity.sourceIp': (facts) => facts.request.sourceIp,
  'identity.userAgent': (facts) => facts.request.headers['user-agent'],
  'integration.error': (facts) => facts.integrationError,
  'integration.integrationStatus': (facts) => (facts.integrationLatencyMs === undefined ? undefined : 200),
  'integration.latency': (facts) => facts.integrationLatencyMs,
  'integration.requestId': () => undefined,
  'integration.status': (facts) => (facts.integrationLatencyMs === undefined ? undefined : facts.status),
  integrationErrorMessage: (facts) => facts.integrationError,
  integrationLatency: (facts) => facts.integrationLatencyMs,
  integrationStatus: (facts) => (facts.integrationLatencyMs === undefined ? undefined : facts.status),
  path: (facts) => facts.request.path,
  protocol: (facts) => facts.request.protocol,
  resourceId: (facts) => facts.resourceId,
  resourcePath: (facts) => facts.resourcePath,
  requestId: (facts) => facts.request.id,
  requestTime: (facts) => commonLogTime(facts.request.time),
  requestTimeEpoch: (facts) => Math.floor(facts.request.time.getTime() / 1000),
  responseLatency: (facts) => facts.latencyMs,
  responseLength: (facts) => facts.responseLength,
  routeKey: (facts) => facts.routeKey,
  stage: (facts) => facts.stage,
  status: (facts) => facts.status,
};

/** What else an authorizer says of the caller is not logged here. */
const AUTHORIZER = /^(authorizer|identity)\./;

const VARIABLE = /\$context\.([A-Za-z0-9_.]*[A-Za-z0-9_])/g;

/** @throws an Error naming a variable that is unknown */
export function checkAccessLogFormat(format: string, where: string): void {
  for (const [, name = ''] of format.matchAll(VARIABLE)) {
    if (VARIABLES[name] === undefined && !AUTHORIZER.test(name)) {
      throw new Error(`${where}: access log variable $context.${name} is not supported here`);
    }
  }
}

/** One line; what is not known is `-`, as in API Gateway. */
export function renderAccessLog(format: string, facts: AccessLogEntry): string {
  return format.replace(VARIABLE, (_match, name: string) => String(VARIABLES[name]?.(facts) ?? '-'));
}
