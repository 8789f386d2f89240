import { EventTarget, queryParameters } from './event';
import { GatewayRequest } from '../gateway/request';

/** Where a value by which callers are told apart stands in a request. */
export type IdentitySource = (request: GatewayRequest, target: IdentityTarget) => string | undefined;

/** What identity sources read beside the request. */
export interface IdentityTarget {
  readonly routeKey: string;
  readonly stage: string;
  readonly stageVariables?: Readonly<Record<string, string>>;
}

const CONTEXT: Readonly<Record<string, IdentitySource>> = {
  httpMethod: (request) => request.method,
  'identity.sourceIp': (request) => request.sourceIp,
  'identity.userAgent': (request) => request.headers['user-agent'],
  path: (request) => request.path,
  routeKey: (_request, target) => target.routeKey,
  stage: (_request, target) => target.stage,
};

/** @throws an Error naming an identity source that is not known */
export function parseIdentitySource(text: string, where: string): IdentitySource {
  const [, kind = '', name = ''] =
    /^\$(request\.header|request\.querystring|context|stageVariables)\.(.+)$/.exec(text) ?? [];
  const fromContext = kind === 'context' ? CONTEXT[name] : undefined;
  if (fromContext !== undefined) return fromContext;
  if (kind === 'request.header') return (request) => request.headers[name.toLowerCase()];
  if (kind === 'request.querystring') return (request) => queryParameters(request.rawQuery)?.[name];
  if (kind === 'stageVariables') return (_request, target) => target.stageVariables?.[name];
  throw new Error(`${where}: identity source ${text} is not supported here`);
}

/** A request that waits for its authorization. */
export interface AuthorizerCall {
  readonly request: GatewayRequest;
  readonly target: EventTarget;
  /** ARN of what is called: stage, method and path as the client has them, not those of the route. */
  readonly arn: string;
  /** Scopes of the route, of which a token needs one. */
  readonly scopes: readonly string[];
}

/** What an authorizer decided; `reason` says to the developer what the client is not told. */
export type Authorization =
  | {
      readonly allowed: true;
      /** `requestContext.authorizer` of the event. */
      readonly authorizer: Readonly<Record<string, unknown>>;
    }
  | {
      readonly allowed: false;
      readonly status: 401 | 403 | 500;
      readonly headers?: Readonly<Record<string, string>>;
      readonly reason?: string;
    };

/** Decides whether a caller may call a route. */
export interface RouteAuthorizer {
  authorize(call: AuthorizerCall): Authorization | Promise<Authorization>;
}

const MESSAGES = { 401: 'Unauthorized', 403: 'Forbidden', 500: 'Internal Server Error' } as const;

/** The gateway's words for a caller who is not let through. */
export function refusalMessage(status: keyof typeof MESSAGES): string {
  return MESSAGES[status];
}
