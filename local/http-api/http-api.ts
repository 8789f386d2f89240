import { matches } from '../iam/pattern';
import { functionNameOf } from '../lambda/reference';
import { Ring } from '../ring';
import { FunctionInvoker, FunctionPermission, InvocationResult } from '../types';
import { renderAccessLog } from './access-log';
import { Authorization, LambdaAuthorizer, LambdaAuthorizerSettings, refusalMessage } from './authorizer';
import { CorsSettings, isCorsHeader, isPreflight, preflightHeaders, responseCorsHeaders } from './cors';
import { EventTarget, GatewayRequest, toAuthorizerEvent, toEvent } from './event';
import { readPath } from './path';
import { gatewayMessage, GatewayResponse, toResponse } from './response';
import { Route, RouteMatch, Router } from './router';
import { ThrottleSettings, TokenBucket } from './throttle';

/** Lambda takes and gives no more at once. */
const PAYLOAD_LIMIT = 6 * 1024 * 1024;

/** Access log lines kept of every API. */
const ACCESS_LOG_LINES = 1000;

/** A stage of an API. */
export interface Stage {
  /** `$default`, or a name that is the first part of the path. */
  readonly name: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** Shared by all routes without settings of their own. */
  readonly throttle?: ThrottleSettings;
  /** By route key. */
  readonly routeThrottle: Readonly<Record<string, ThrottleSettings>>;
  readonly accessLogFormat?: string;
}

/** Who answers a preflight: the integration of the route that takes it, or the gateway. */
export type Preflight = 'route' | 'gateway';

export const DEFAULT_PREFLIGHT: Preflight = 'gateway';

/** What an API is made of. */
export interface HttpApiOptions {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly accountId: string;
  /** `localhost:3000`. */
  readonly domainName: string;
  readonly cors?: CorsSettings;
  readonly invoker: FunctionInvoker;
  readonly permissions: readonly FunctionPermission[];
  /**
   * Who answers a preflight that a route of ANY or `$default` would take as well.
   *
   * @default DEFAULT_PREFLIGHT
   */
  readonly preflight?: Preflight;
  /** Milliseconds, for what expires. @default performance.now */
  readonly now?: () => number;
  /** Prints why a call failed that a client only sees as 500. */
  readonly log: (line: string) => void;
}

/** An answered request. */
export interface Handled {
  readonly response: GatewayResponse;
  readonly routeKey?: string;
  readonly functionName?: string;
  readonly invocationId?: string;
}

interface RunningStage extends Stage {
  readonly bucket?: TokenBucket;
  readonly routeBuckets: ReadonlyMap<string, TokenBucket>;
}

interface Answered {
  readonly response: GatewayResponse;
  readonly functionName?: string;
  readonly invocationId?: string;
  /** How long the integration took, where there was one. */
  readonly latencyMs?: number;
  readonly error?: string;
  /** The gateway's own message, where it refused the request. */
  readonly message?: string;
}

const NO_CONTENT: GatewayResponse = { status: 204, headers: {}, cookies: [], body: Buffer.alloc(0) };

function refused(status: number, message: string): Answered {
  return { response: gatewayMessage(status, message), message };
}

/** Stage, method and path of a route as its ARN has them. */
function calledRoute(route: Route, stage: string, method: string): string {
  const path = route.key.split(' ')[1];
  return path === undefined ? `${stage}/${route.key}` : `${stage}/${method}${path}`;
}

/** An HTTP API of API Gateway: routes, stages, CORS, throttling and access logs over Lambda proxy integrations. */
export class HttpApi {
  public readonly router = new Router();
  private readonly authorizers = new Map<string, LambdaAuthorizer>();
  private readonly stages = new Map<string, RunningStage>();
  private readonly accessLog = new Ring<string>(ACCESS_LOG_LINES);

  public constructor(private readonly options: HttpApiOptions) {}

  public get id(): string {
    return this.options.id;
  }

  public get name(): string {
    return this.options.name;
  }

  public addStage(stage: Stage): void {
    this.stages.set(stage.name, {
      ...stage,
      bucket: stage.throttle === undefined ? undefined : new TokenBucket(stage.throttle),
      routeBuckets: new Map(Object.entries(stage.routeThrottle).map(([key, value]) => [key, new TokenBucket(value)])),
    });
  }

  /** Path prefix of every stage: empty for `$default`. */
  public get stagePaths(): string[] {
    return [...this.stages.keys()].map((name) => (name === '$default' ? '' : `/${name}`));
  }

  /** Access log lines, oldest first. */
  public accessLogs(): string[] {
    return this.accessLog.list();
  }

  /** True when a route of the app itself begins with this literal part. */
  public claims(segment: string): boolean {
    return (
      this.stages.has(segment) || this.router.routes.some((route) => route.key.split(' ')[1]?.split('/')[1] === segment)
    );
  }

  /** Makes an authorizer known to which routes refer. */
  public addAuthorizer(settings: LambdaAuthorizerSettings): void {
    const { invoker, now = (): number => performance.now() } = this.options;
    this.authorizers.set(settings.id, new LambdaAuthorizer(settings, invoker, now));
  }

  public async handle(request: GatewayRequest): Promise<Handled> {
    const start = performance.now();
    const path = readPath(request.path);
    if (path === undefined) return { response: gatewayMessage(400, 'Bad Request') };
    const { stage, path: withoutStage } = this.stageOf(path.matched);
    if (stage === undefined) return { response: gatewayMessage(404, 'Not Found') };
    const match = this.router.match(request.method, withoutStage);
    const answered = this.answersOptions(request, match)
      ? { response: NO_CONTENT }
      : await this.answer(request, stage, path.decoded, match);
    const response = this.withCors(answered.response, request);
    const routeKey = match?.route.key;
    this.writeAccessLog(stage, request, routeKey ?? '-', response, start, answered);
    return { response, routeKey, functionName: answered.functionName, invocationId: answered.invocationId };
  }

  /**
   * Whether the gateway answers OPTIONS itself. Documented for an API with CORS and without an OPTIONS route; a route
   * of ANY or `$default` takes preflights too ("Configure CORS for HTTP APIs" on `$default` with an authorizer). The
   * other reading, that the gateway comes before those, can be asked for.
   */
  private answersOptions(request: GatewayRequest, match: RouteMatch | undefined): boolean {
    if (this.options.cors === undefined || request.method !== 'OPTIONS') return false;
    if (match === undefined) return true;
    const own = match.route.key.startsWith('OPTIONS ');
    return (
      (this.options.preflight ?? DEFAULT_PREFLIGHT) === 'gateway' &&
      !own &&
      isPreflight(request.method, request.headers)
    );
  }

  private async answer(
    request: GatewayRequest,
    stage: RunningStage,
    path: string,
    match: RouteMatch | undefined,
  ): Promise<Answered> {
    if (match === undefined) return refused(404, 'Not Found');
    const { route, parameters } = match;
    const { accountId, id, domainName } = this.options;
    const target: EventTarget = {
      accountId,
      apiId: id,
      domainName,
      stage: stage.name,
      stageVariables: stage.variables,
      routeKey: route.key,
      path,
      parameters,
    };
    const authorization = await this.authorize(request, target, route);
    if (authorization?.allowed === false) {
      if (authorization.reason !== undefined) this.failed(`${route.key}: ${authorization.reason}`);
      return refused(authorization.status, refusalMessage(authorization.status));
    }
    const bucket = stage.routeBuckets.get(route.key) ?? stage.bucket;
    if (bucket !== undefined && !bucket.take()) return refused(429, 'Too Many Requests');
    const authorizer = authorization === undefined ? undefined : { lambda: authorization.context };
    const integrated = await this.integrate(request, { ...target, authorizer }, route);
    return { ...integrated, functionName: functionNameOf(route.functionArn) };
  }

  /** @returns undefined for a route without an authorizer */
  private async authorize(
    request: GatewayRequest,
    target: EventTarget,
    route: Route,
  ): Promise<Authorization | undefined> {
    if (route.authorizerId === undefined) return undefined;
    const authorizer = this.authorizers.get(route.authorizerId);
    if (authorizer === undefined) throw new Error(`authorizer ${route.authorizerId} is not part of this app`);
    const { functionArn } = authorizer.settings;
    const missing = this.missingPermission(functionArn, `authorizers/${authorizer.settings.id}`);
    if (missing !== undefined) return { allowed: false, status: 500, reason: missing };
    const arn = this.arn(calledRoute(route, target.stage, request.method));
    return authorizer.authorize(request, target, (identity) => toAuthorizerEvent(request, target, arn, identity));
  }

  private stageOf(path: string): { readonly stage?: RunningStage; readonly path: string } {
    const [, first = ''] = path.split('/');
    const named = first === '$default' ? undefined : this.stages.get(first);
    if (named !== undefined) return { stage: named, path: path.slice(first.length + 1) || '/' };
    return { stage: this.stages.get('$default'), path };
  }

  private async integrate(request: GatewayRequest, target: EventTarget, route: Route): Promise<Answered> {
    const missing = this.missingPermission(route.functionArn, calledRoute(route, target.stage, request.method));
    if (missing !== undefined) return this.failed(`${route.key}: ${missing}`, 0);
    const event = toEvent(request, target);
    // Bodies are the only big part of an event.
    if (request.body.length > PAYLOAD_LIMIT / 2 && JSON.stringify(event).length > PAYLOAD_LIMIT) {
      return { response: gatewayMessage(413, 'Request Entity Too Large'), latencyMs: 0 };
    }
    const start = performance.now();
    let result: InvocationResult | undefined;
    try {
      result = await this.withTimeout(this.options.invoker.invoke(route.functionArn, event), route.timeoutMs);
    } catch (error) {
      return this.failed(
        `${route.key}: ${error instanceof Error ? error.message : String(error)}`,
        performance.now() - start,
      );
    }
    const latencyMs = performance.now() - start;
    if (result === undefined) {
      const error = `${route.key}: no answer within ${route.timeoutMs} ms`;
      this.options.log(error);
      return { response: gatewayMessage(503, 'Service Unavailable'), latencyMs, error };
    }
    const { invocationId } = result;
    if (result.functionError !== undefined) {
      return this.failed(`${route.key}: function error ${JSON.stringify(result.payload)}`, latencyMs, invocationId);
    }
    try {
      const response = toResponse(result.payload);
      // As Lambda counts: the whole answer, in which the body is a JSON string. Only a big body is worth counting.
      const bytes = response.body.length > PAYLOAD_LIMIT / 8 ? Buffer.byteLength(JSON.stringify(result.payload)) : 0;
      if (bytes > PAYLOAD_LIMIT) {
        throw new Error(`the answer has ${bytes} bytes, at most ${PAYLOAD_LIMIT}`);
      }
      return { response, invocationId, latencyMs };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return this.failed(`${route.key}: malformed answer of the function: ${reason}`, latencyMs, invocationId);
    }
  }

  private failed(reason: string, latencyMs?: number, invocationId?: string): Answered {
    this.options.log(reason.length > 600 ? `${reason.slice(0, 600)}...` : reason);
    return { response: gatewayMessage(500, 'Internal Server Error'), latencyMs, error: reason, invocationId };
  }

  private async withTimeout<T>(promise: Promise<T>, limit: number): Promise<T | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), limit);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
      // Nobody waits for it any more, but a rejection of it must not end the runner.
      promise.catch(() => undefined);
    }
  }

  private arn(called: string): string {
    const { region, accountId, id } = this.options;
    return `arn:aws:execute-api:${region}:${accountId}:${id}/${called}`;
  }

  /** Says what no permission of the app lets the gateway do. */
  private missingPermission(functionArn: string, called: string): string | undefined {
    const arn = this.arn(called);
    const name = functionNameOf(functionArn);
    const allowed = this.options.permissions.some(
      (permission) =>
        permission.functionName === name &&
        matches(permission.action, 'lambda:InvokeFunction') &&
        permission.principal === 'apigateway.amazonaws.com' &&
        (permission.sourceArn === undefined || matches(permission.sourceArn, arn)),
    );
    return allowed ? undefined : `no AWS::Lambda::Permission lets ${arn} invoke ${name}`;
  }

  /** Where CORS is configured the function's own headers of that kind are replaced. */
  private withCors(response: GatewayResponse, request: GatewayRequest): GatewayResponse {
    const { cors } = this.options;
    const headers: Record<string, string> = { ...response.headers, 'apigw-requestid': request.id };
    const base = { ...response, headers };
    if (cors === undefined) return base;
    const kept = Object.entries(headers).filter(([name]) => !isCorsHeader(name));
    const added = isPreflight(request.method, request.headers)
      ? preflightHeaders(cors, request.headers)
      : responseCorsHeaders(cors, request.headers.origin);
    const { vary } = headers;
    if (vary !== undefined && added.vary !== undefined) added.vary = `${vary}, ${added.vary}`;
    return { ...base, headers: { ...Object.fromEntries(kept), ...added } };
  }

  private writeAccessLog(
    stage: RunningStage,
    request: GatewayRequest,
    routeKey: string,
    response: GatewayResponse,
    start: number,
    answered: Answered,
  ): void {
    if (stage.accessLogFormat === undefined) return;
    const { accountId, id, domainName } = this.options;
    const line = renderAccessLog(stage.accessLogFormat, {
      request,
      accountId,
      apiId: id,
      domainName,
      stage: stage.name,
      routeKey,
      status: response.status,
      responseLength: response.body.length,
      latencyMs: Math.round(performance.now() - start),
      integrationLatencyMs: answered.latencyMs === undefined ? undefined : Math.round(answered.latencyMs),
      integrationError: answered.error,
      errorMessage: answered.message,
    });
    this.accessLog.push(line);
  }
}
