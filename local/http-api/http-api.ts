import { renderAccessLog } from '../gateway/access-log';
import { callFunction, missingPermission } from '../gateway/integration';
import { GatewayRequest } from '../gateway/request';
import { gatewayMessage, GatewayResponse, RoutedResponse } from '../gateway/response';
import { Gateway } from '../gateway/server';
import { ThrottleSettings, TokenBucket } from '../gateway/throttle';
import { functionNameOf } from '../lambda/reference';
import { Ring } from '../ring';
import { FunctionInvoker, FunctionPermission } from '../types';
import { Authorization, refusalMessage, RouteAuthorizer } from './authorizer';
import { CorsSettings, isCorsHeader, isPreflight, preflightHeaders, responseCorsHeaders } from './cors';
import { EventTarget, toEvent } from './event';
import { IAM_AUTHORIZER, IamAuthorization, IamRouteAuthorizer } from './iam-authorizer';
import { JwtAuthorizer, JwtAuthorizerSettings } from './jwt-authorizer';
import { LambdaAuthorizer, LambdaAuthorizerSettings } from './lambda-authorizer';
import { readPath } from './path';
import { toResponse } from './response';
import { Route, RouteMatch, Router } from './router';

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

const DEFAULT_PREFLIGHT: Preflight = 'gateway';

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
  /** Where an address in AWS is on this machine; others are given back. @default - nothing of AWS is here */
  readonly localAddress?: (url: string) => string;
  /** Who may call routes with AWS_IAM. @default - nobody */
  readonly iam?: IamAuthorization;
  /** Milliseconds since 1970, for what expires. @default Date.now */
  readonly now?: () => number;
  /** Prints why a call failed that a client only sees as 500. */
  readonly log: (line: string) => void;
}

interface RunningStage extends Stage {
  readonly bucket?: TokenBucket;
  readonly routeBuckets: ReadonlyMap<string, TokenBucket>;
}

interface LoggedResponse {
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

function refused(status: number, message: string, headers: Readonly<Record<string, string>> = {}): LoggedResponse {
  const response = gatewayMessage(status, message);
  return { response: { ...response, headers: { ...response.headers, ...headers } }, message };
}

/** Stage, method and path of a route as its ARN has them. */
function calledRoute(route: Route, stage: string, method: string): string {
  const path = route.key.split(' ')[1];
  return path === undefined ? `${stage}/${route.key}` : `${stage}/${method}${path}`;
}

/** An HTTP API of API Gateway: routes, stages, CORS, throttling and access logs over Lambda proxy integrations. */
export class HttpApi implements Gateway {
  public readonly router = new Router();
  private readonly authorizers = new Map<string, RouteAuthorizer>();
  private readonly stages = new Map<string, RunningStage>();
  private readonly accessLog = new Ring<string>(ACCESS_LOG_LINES);

  public constructor(private readonly options: HttpApiOptions) {
    if (options.iam !== undefined) this.authorizers.set(IAM_AUTHORIZER, new IamRouteAuthorizer(options.iam));
  }

  public get id(): string {
    return this.options.id;
  }

  public get name(): string {
    return this.options.name;
  }

  public addStage(stage: Stage): void {
    const { now } = this.options;
    this.stages.set(stage.name, {
      ...stage,
      bucket: stage.throttle === undefined ? undefined : new TokenBucket(stage.throttle, now),
      routeBuckets: new Map(
        Object.entries(stage.routeThrottle).map(([key, value]) => [key, new TokenBucket(value, now)]),
      ),
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

  /** @throws an Error naming a route that a stage has settings for, and the API does not have */
  public check(): void {
    const keys = this.router.routes.map(({ key }) => key);
    for (const { name, routeThrottle } of this.stages.values()) {
      const unknown = Object.keys(routeThrottle).find((key) => !keys.includes(key));
      if (unknown !== undefined) {
        throw new Error(`${this.name}: stage ${name}: unable to find route by key ${unknown} within RouteSettings`);
      }
    }
  }

  /** Makes an authorizer known to which routes refer. */
  public addLambdaAuthorizer(settings: LambdaAuthorizerSettings): void {
    const { invoker, now = Date.now } = this.options;
    const missing = (): string | undefined =>
      this.missingPermission(settings.functionArn, `authorizers/${settings.id}`);
    this.authorizers.set(settings.id, new LambdaAuthorizer(settings, invoker, missing, now));
  }

  /** Makes an authorizer known to which routes refer. */
  public addJwtAuthorizer(settings: JwtAuthorizerSettings): void {
    const { localAddress = (url): string => url, now = Date.now } = this.options;
    this.authorizers.set(settings.id, new JwtAuthorizer(settings, localAddress, now));
  }

  public async handle(request: GatewayRequest, bodyTooLarge: boolean): Promise<RoutedResponse> {
    if (bodyTooLarge) return { response: gatewayMessage(413, 'Request Entity Too Large') };
    const start = performance.now();
    const path = readPath(request.path);
    if (path === undefined) return { response: gatewayMessage(400, 'Bad Request') };
    const { stage, path: withoutStage } = this.stageOf(path.matched);
    if (stage === undefined) return { response: gatewayMessage(404, 'Not Found') };
    const match = this.router.match(request.method, withoutStage);
    const answered = this.answersOptions(request, match)
      ? { response: NO_CONTENT }
      : await this.answer(request, stage, { ...path, withoutStage }, match);
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
    path: { readonly decoded: string; readonly withoutStage: string },
    match: RouteMatch | undefined,
  ): Promise<LoggedResponse> {
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
      path: path.decoded,
      parameters,
    };
    const authorization = await this.authorize(request, target, route, path.withoutStage);
    if (authorization?.allowed === false) {
      const { status, headers, reason } = authorization;
      if (reason !== undefined) this.failed(`${route.key}: ${reason}`);
      return refused(status, refusalMessage(status), headers);
    }
    const bucket = stage.routeBuckets.get(route.key) ?? stage.bucket;
    if (bucket !== undefined && !bucket.take()) return refused(429, 'Too Many Requests');
    const integrated = await this.integrate(request, { ...target, authorizer: authorization?.authorizer }, route);
    return { ...integrated, functionName: functionNameOf(route.functionArn) };
  }

  /**
   * The ARN that authorizers get and policies are judged by has the path that is called: an event of AWS with the route
   * key `ANY /{proxy+}` and the path `/dev/` has the route ARN `.../dev/GET/`.
   *
   * @returns undefined for a route without an authorizer
   */
  private async authorize(
    request: GatewayRequest,
    target: EventTarget,
    { authorization }: Route,
    path: string,
  ): Promise<Authorization | undefined> {
    if (authorization === undefined) return undefined;
    const { authorizerId, scopes = [] } = authorization;
    const authorizer = this.authorizers.get(authorizerId);
    if (authorizer === undefined) throw new Error(`authorizer ${authorizerId} is not part of this app`);
    return authorizer.authorize({ request, target, arn: this.arn(`${target.stage}/${request.method}${path}`), scopes });
  }

  private stageOf(path: string): { readonly stage?: RunningStage; readonly path: string } {
    const [, first = ''] = path.split('/');
    const named = first === '$default' ? undefined : this.stages.get(first);
    if (named !== undefined) return { stage: named, path: path.slice(first.length + 1) || '/' };
    return { stage: this.stages.get('$default'), path };
  }

  private async integrate(request: GatewayRequest, target: EventTarget, route: Route): Promise<LoggedResponse> {
    const { functionArn, timeoutMs } = route;
    const missing = this.missingPermission(functionArn, calledRoute(route, target.stage, request.method));
    if (missing !== undefined) return this.failed(`${route.key}: ${missing}`, 0);
    const event = toEvent(request, target);
    const bodyLength = request.body.length;
    const called = await callFunction(this.options.invoker, { functionArn, event, bodyLength, timeoutMs });
    if (called.kind === 'too large') return { response: gatewayMessage(413, 'Request Entity Too Large'), latencyMs: 0 };
    const { latencyMs } = called;
    if (called.kind === 'late') {
      const error = `${route.key}: ${called.reason}`;
      this.options.log(error);
      return { response: gatewayMessage(503, 'Service Unavailable'), latencyMs, error };
    }
    const { invocationId } = called;
    if (called.kind === 'failed') return this.failed(`${route.key}: ${called.reason}`, latencyMs, invocationId);
    try {
      return { response: toResponse(called.payload), invocationId, latencyMs };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return this.failed(`${route.key}: malformed answer of the function: ${reason}`, latencyMs, invocationId);
    }
  }

  private failed(reason: string, latencyMs?: number, invocationId?: string): LoggedResponse {
    this.options.log(reason.length > 600 ? `${reason.slice(0, 600)}...` : reason);
    return { response: gatewayMessage(500, 'Internal Server Error'), latencyMs, error: reason, invocationId };
  }

  private arn(called: string): string {
    const { region, accountId, id } = this.options;
    return `arn:aws:execute-api:${region}:${accountId}:${id}/${called}`;
  }

  /** Says what no permission of the app lets the gateway do. */
  private missingPermission(functionArn: string, called: string): string | undefined {
    return missingPermission(this.options.permissions, functionArn, this.arn(called));
  }

  /** Where CORS is configured the function's own headers of that kind are replaced. */
  private withCors(response: GatewayResponse, request: GatewayRequest): GatewayResponse {
    const { cors } = this.options;
    const headers: GatewayResponse['headers'] = { ...response.headers, 'apigw-requestid': request.id };
    const base = { ...response, headers };
    if (cors === undefined) return base;
    const kept = Object.entries(headers).filter(([name]) => !isCorsHeader(name));
    const added = isPreflight(request.method, request.headers)
      ? preflightHeaders(cors, request.headers)
      : responseCorsHeaders(cors, request.headers.origin);
    const { vary } = headers;
    if (vary !== undefined && added.vary !== undefined) added.vary = `${String(vary)}, ${added.vary}`;
    return { ...base, headers: { ...Object.fromEntries(kept), ...added } };
  }

  private writeAccessLog(
    stage: RunningStage,
    request: GatewayRequest,
    routeKey: string,
    response: GatewayResponse,
    start: number,
    answered: LoggedResponse,
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
