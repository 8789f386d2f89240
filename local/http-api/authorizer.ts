import { isObject } from '../assembly';
import { GatewayRequest } from '../gateway/request';
import { FunctionInvoker } from '../types';
import { queryParameters } from './event';

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

/** A Lambda authorizer of an HTTP API with payload format 2.0 and simple answers. */
export interface LambdaAuthorizerSettings {
  readonly id: string;
  readonly functionArn: string;
  readonly identitySources: readonly IdentitySource[];
  /** 0 for no cache. */
  readonly ttlSeconds: number;
}

/** What an authorizer decided; `reason` says why it could not. */
export type Authorization =
  | { readonly allowed: true; readonly context: unknown }
  | { readonly allowed: false; readonly status: 401 | 403 | 500; readonly reason?: string };

const MESSAGES = { 401: 'Unauthorized', 403: 'Forbidden', 500: 'Internal Server Error' } as const;

/** The gateway's words for a caller who is not let through. */
export function refusalMessage(status: keyof typeof MESSAGES): string {
  return MESSAGES[status];
}

/**
 * Asks a function whether a caller may call a route, and remembers its answer by the identity sources, for all routes
 * of the authorizer.
 *
 * After "Control access to HTTP APIs with AWS Lambda authorizers" of the API Gateway developer guide: a caller without
 * an identity source is 401 and the function is not called; what the function refuses is 403; a function that fails or
 * whose answer is malformed is 500.
 */
export class LambdaAuthorizer {
  private readonly cache = new Map<string, { readonly authorization: Authorization; readonly until: number }>();

  public constructor(
    public readonly settings: LambdaAuthorizerSettings,
    private readonly invoker: FunctionInvoker,
    private readonly now: () => number,
  ) {}

  /** @param eventOf makes the event from the values of the identity sources */
  public async authorize(
    request: GatewayRequest,
    target: IdentityTarget,
    eventOf: (identity: readonly string[] | null) => unknown,
  ): Promise<Authorization> {
    const { identitySources, ttlSeconds } = this.settings;
    const identity = identitySources.map((source) => source(request, target) ?? '');
    if (identity.includes('')) return { allowed: false, status: 401 };
    const key = JSON.stringify(identity);
    const known = this.cache.get(key);
    if (known !== undefined && known.until > this.now()) return known.authorization;
    const authorization = await this.ask(eventOf(identity.length === 0 ? null : identity));
    // What went wrong is not remembered.
    if (ttlSeconds > 0 && (authorization.allowed || authorization.status === 403)) {
      this.cache.set(key, { authorization, until: this.now() + ttlSeconds * 1000 });
    }
    return authorization;
  }

  private async ask(event: unknown): Promise<Authorization> {
    const failed = (reason: string): Authorization => ({
      allowed: false,
      status: 500,
      reason: `authorizer: ${reason}`,
    });
    try {
      const { functionError, payload } = await this.invoker.invoke(this.settings.functionArn, event);
      if (functionError !== undefined) return failed(`function error ${JSON.stringify(payload)}`);
      if (!isObject(payload) || typeof payload.isAuthorized !== 'boolean') {
        return failed(`isAuthorized must be true or false, got ${JSON.stringify(payload)}`);
      }
      if (!payload.isAuthorized) return { allowed: false, status: 403 };
      return { allowed: true, context: payload.context ?? null };
    } catch (error) {
      return failed(error instanceof Error ? error.message : String(error));
    }
  }
}
