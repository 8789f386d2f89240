import { matches } from '../iam/pattern';
import { FunctionPermission, functionNameOf, Ring } from '../lambda';
import { FunctionInvoker, InvocationResult } from '../types';
import { renderAccessLog } from './access-log';
import { CorsSettings, isCorsHeader, isPreflight, preflightHeaders, responseCorsHeaders } from './cors';
import { GatewayRequest, toEvent } from './event';
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

interface Integrated {
  readonly response: GatewayResponse;
  readonly invocationId?: string;
  readonly latencyMs: number;
  readonly error?: string;
}

/** An HTTP API of API Gateway: routes, stages, CORS, throttling and access logs over Lambda proxy integrations. */
export class HttpApi {
  public readonly router = new Router();
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

  public async handle(request: GatewayRequest): Promise<Handled> {
    const start = performance.now();
    const { stage, path } = this.stageOf(request.path);
    if (stage === undefined) return { response: gatewayMessage(404, 'Not Found') };
    const { cors } = this.options;
    if (cors !== undefined && isPreflight(request.method, request.headers)) {
      return {
        response: { status: 204, headers: preflightHeaders(cors, request.headers), cookies: [], body: Buffer.alloc(0) },
      };
    }
    const match = this.router.match(request.method, path);
    if (match === undefined) {
      const none = cors !== undefined && request.method === 'OPTIONS';
      const empty: GatewayResponse = { status: 204, headers: {}, cookies: [], body: Buffer.alloc(0) };
      const response = this.withCors(none ? empty : gatewayMessage(404, 'Not Found'), request);
      this.writeAccessLog(stage, request, '-', response, start, undefined, none ? undefined : 'Not Found');
      return { response };
    }
    const bucket = stage.routeBuckets.get(match.route.key) ?? stage.bucket;
    if (bucket !== undefined && !bucket.take()) {
      const response = this.withCors(gatewayMessage(429, 'Too Many Requests'), request);
      this.writeAccessLog(stage, request, match.route.key, response, start, undefined, 'Too Many Requests');
      return { response, routeKey: match.route.key };
    }
    const integrated = await this.integrate(request, stage, match);
    const response = this.withCors(integrated.response, request);
    this.writeAccessLog(stage, request, match.route.key, response, start, integrated);
    const functionName = functionNameOf(match.route.functionArn);
    return { response, routeKey: match.route.key, functionName, invocationId: integrated.invocationId };
  }

  private stageOf(path: string): { readonly stage?: RunningStage; readonly path: string } {
    const [, first = ''] = path.split('/');
    const named = first === '$default' ? undefined : this.stages.get(first);
    if (named !== undefined) return { stage: named, path: path.slice(first.length + 1) || '/' };
    return { stage: this.stages.get('$default'), path };
  }

  private async integrate(request: GatewayRequest, stage: RunningStage, match: RouteMatch): Promise<Integrated> {
    const { route, parameters } = match;
    const refused = this.missingPermission(route, stage.name, request.method);
    if (refused !== undefined) return this.failed(refused, 0);
    const { accountId, id, domainName } = this.options;
    const target = {
      accountId,
      apiId: id,
      domainName,
      stage: stage.name,
      stageVariables: stage.variables,
      routeKey: route.key,
      parameters,
    };
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

  private failed(reason: string, latencyMs: number, invocationId?: string): Integrated {
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

  private missingPermission(route: Route, stage: string, method: string): string | undefined {
    const { region, accountId, id, permissions } = this.options;
    const path = route.key.split(' ')[1];
    const called = path === undefined ? `${stage}/${route.key}` : `${stage}/${method}${path}`;
    const arn = `arn:aws:execute-api:${region}:${accountId}:${id}/${called}`;
    const name = functionNameOf(route.functionArn);
    const allowed = permissions.some(
      (permission) =>
        permission.functionName === name &&
        matches(permission.action, 'lambda:InvokeFunction') &&
        permission.principal === 'apigateway.amazonaws.com' &&
        (permission.sourceArn === undefined || matches(permission.sourceArn, arn)),
    );
    return allowed ? undefined : `${route.key}: no AWS::Lambda::Permission lets ${arn} invoke ${name}`;
  }

  /** Where CORS is configured the function's own headers of that kind are replaced. */
  private withCors(response: GatewayResponse, request: GatewayRequest): GatewayResponse {
    const { cors } = this.options;
    const headers: Record<string, string> = { ...response.headers, 'apigw-requestid': request.id };
    const base = { ...response, headers };
    if (cors === undefined) return base;
    const kept = Object.entries(headers).filter(([name]) => !isCorsHeader(name));
    const added = responseCorsHeaders(cors, request.headers.origin);
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
    integrated?: Integrated,
    errorMessage?: string,
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
      integrationLatencyMs: integrated === undefined ? undefined : Math.round(integrated.latencyMs),
      integrationError: integrated?.error,
      errorMessage,
    });
    this.accessLog.push(line);
  }
}
