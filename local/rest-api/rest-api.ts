import { renderAccessLog } from '../gateway/access-log';
import { missingPermission } from '../gateway/integration';
import { GatewayRequest } from '../gateway/request';
import { GatewayResponse, RoutedResponse } from '../gateway/response';
import { Gateway } from '../gateway/server';
import { Ring } from '../ring';
import { FunctionInvoker, FunctionPermission } from '../types';
import { ApiKeys, THROTTLED } from './api-keys';
import { RestAuthorization, RestAuthorizer, RestAuthorizerSettings } from './authorizer';
import { RestTarget } from './event';
import { GatewayResponses } from './gateway-responses';
import { Integration, Integrations } from './integrations';
import { asksForFresh, CacheKey, cacheKeyOf, MethodCache } from './method-cache';
import { LoggedResponse, Refused, tooLarge } from './refused';
import { RestMatch, Routes } from './routes';
import { MethodSetting, StageSettings } from './stage-settings';
import { findFault, Validation } from './validation';

/** Access log lines kept of every API. */
const ACCESS_LOG_LINES = 1000;

/** A method of a resource. */
export interface RestMethod {
  readonly integration: Integration;
  readonly operationName?: string;
  readonly apiKeyRequired: boolean;
  readonly authorizerId?: string;
  readonly validation: Validation;
  /** Where a stage caches it. */
  readonly cacheKey: CacheKey;
}

/** Resources, methods and gateway responses as they were when the template deployed them. */
export interface RestDeployment {
  readonly id: string;
  readonly routes: Routes<RestMethod>;
  readonly gatewayResponses: GatewayResponses;
}

/** A stage of an API: the first part of every path. */
export interface RestStage {
  readonly name: string;
  readonly deployment: RestDeployment;
  readonly variables?: Readonly<Record<string, string>>;
  readonly settings: readonly MethodSetting[];
  /** Whether it has a cache. */
  readonly cacheCluster: boolean;
  readonly accessLogFormat?: string;
}

/** What an API is made of. */
export interface RestApiOptions {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly accountId: string;
  /** `localhost:3000`. */
  readonly domainName: string;
  readonly binaryTypes: readonly string[];
  readonly apiKeys: ApiKeys;
  readonly invoker: FunctionInvoker;
  readonly permissions: readonly FunctionPermission[];
  /** Milliseconds since 1970, for what expires or is counted by time. */
  readonly now: () => number;
  /** Prints why a call failed that a client only sees as an error of the gateway. */
  readonly log: (line: string) => void;
}

interface RunningStage extends Omit<RestStage, 'settings'> {
  readonly settings: StageSettings;
  readonly cache: MethodCache;
}

/** A caller that was let through to a method. */
interface Admitted {
  readonly target: RestTarget;
  /** Whether the caller may throw out cached answers. */
  readonly mayInvalidate: boolean;
}

/** As callers report it; the guide says that there is a warning in the header. */
const NOT_INVALIDATED = '199 Cache-control headers were ignored because the caller was unauthorized.';

/** A REST API of API Gateway over Lambda proxy and MOCK integrations. */
export class RestApi implements Gateway {
  private readonly stages = new Map<string, RunningStage>();
  private readonly authorizers = new Map<string, RestAuthorizer>();
  private readonly accessLog = new Ring<string>(ACCESS_LOG_LINES);
  private readonly integrations: Integrations;

  public constructor(private readonly options: RestApiOptions) {
    this.integrations = new Integrations({ ...options, arn: (called) => this.arn(called) });
  }

  public get id(): string {
    return this.options.id;
  }

  public get name(): string {
    return this.options.name;
  }

  /** Path prefix of every stage. */
  public get stagePaths(): string[] {
    return [...this.stages.keys()].map((name) => `/${name}`);
  }

  public addStage(stage: RestStage): void {
    const { now } = this.options;
    const settings = new StageSettings(stage.settings, stage.cacheCluster, now);
    this.stages.set(stage.name, { ...stage, settings, cache: new MethodCache(now) });
  }

  /** The settings of a stage, to be patched; undefined where there is no such stage. */
  public settingsOf(stageName: string): StageSettings | undefined {
    return this.stages.get(stageName)?.settings;
  }

  /** Makes an authorizer known to which methods refer. */
  public addAuthorizer(settings: RestAuthorizerSettings): void {
    const { invoker, now } = this.options;
    this.authorizers.set(settings.id, new RestAuthorizer(settings, invoker, now));
  }

  /** Access log lines, oldest first. */
  public accessLogs(): string[] {
    return this.accessLog.list();
  }

  /** True for the name of a stage. */
  public claims(firstPart: string): boolean {
    return this.stages.has(firstPart);
  }

  public async handle(request: GatewayRequest, bodyTooLarge: boolean): Promise<RoutedResponse> {
    const start = performance.now();
    const [, name = ''] = request.path.split('/');
    const stage = this.stages.get(name);
    const path = request.path.slice(name.length + 1) || '/';
    // Not a gateway response of the API: no stage, no API.
    if (stage === undefined) return { response: forbidden(request) };
    const match = stage.deployment.routes.match(request.method, path);
    const answered = await this.answer(request, stage, path, match, bodyTooLarge);
    const ids = { 'x-amzn-requestid': request.id, 'x-amz-apigw-id': request.id };
    const response = { ...answered.response, headers: { ...ids, ...answered.response.headers } };
    if (answered.reason !== undefined) this.options.log(`${request.method} ${path}: ${answered.reason}`);
    this.writeAccessLog(stage, request, match, { ...answered, response }, start);
    const routeKey = match?.method === undefined ? undefined : `${request.method} ${match.resourcePath}`;
    return { response, routeKey, functionName: answered.functionName, invocationId: answered.invocationId };
  }

  /**
   * By what AWS documents of the order: authorizer, API key, throttle, then the method. Whether its cache comes before
   * the validation of the request is not documented: here it does, as it shows what a key lacks.
   */
  private async answer(
    request: GatewayRequest,
    stage: RunningStage,
    path: string,
    match: RestMatch<RestMethod> | undefined,
    bodyTooLarge: boolean,
  ): Promise<LoggedResponse> {
    return this.refusing(request, stage, match, async () => {
      const { method } = match ?? {};
      if (match === undefined || method === undefined) {
        throw new Refused({ type: 'MISSING_AUTHENTICATION_TOKEN', message: 'Missing Authentication Token' });
      }
      if (bodyTooLarge) throw tooLarge();
      const admitted = await this.admit(request, stage, method, this.targetOf(stage, path, match, method));
      const answered = await this.throughCache(request, stage, method, admitted, async () => {
        const fault = findFault(request, match.parameters, method.validation);
        if (fault !== undefined) throw new Refused(fault);
        return this.refusing(request, stage, match, async () =>
          this.integrations.answer(request, admitted.target, method.integration),
        );
      });
      const { principalId } = admitted.target.authorizer ?? {};
      return { ...answered, principalId: typeof principalId === 'string' ? principalId : undefined };
    });
  }

  /** Answers as the gateway response says where the answer is refused. */
  private async refusing(
    request: GatewayRequest,
    stage: RunningStage,
    match: RestMatch<RestMethod> | undefined,
    answer: () => Promise<LoggedResponse>,
  ): Promise<LoggedResponse> {
    try {
      return await answer();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { refusal, reason, more } = error;
      const place = {
        request,
        apiId: this.options.id,
        stage: stage.name,
        stageVariables: stage.variables,
        resourcePath: match?.resourcePath,
      };
      return { ...more, response: stage.deployment.gatewayResponses.render(refusal, place), reason, refusal };
    }
  }

  /** Answers from the cache of the stage, where the method has one, or keeps the answer in it. */
  private async throughCache(
    request: GatewayRequest,
    stage: RunningStage,
    method: RestMethod,
    { target, mayInvalidate }: Admitted,
    answer: () => Promise<LoggedResponse>,
  ): Promise<LoggedResponse> {
    const policy = stage.settings.cache(target.resourcePath, request.method);
    if (policy === undefined) return answer();
    const key = cacheKeyOf(method.cacheKey, target.resourceId, request, target.parameters);
    const asked = asksForFresh(request);
    const refused = asked && policy.requireAuthorization && !mayInvalidate;
    if (refused && policy.strategy === 'FAIL_WITH_403') {
      throw new Refused({ type: 'ACCESS_DENIED', message: 'User is not authorized to invalidate the cache' });
    }
    const kept = asked && !refused ? undefined : stage.cache.get(key);
    const answered = kept === undefined ? await answer() : { response: kept };
    if (kept === undefined) stage.cache.put(key, answered.response, policy.ttlMs);
    if (!refused || policy.strategy !== 'SUCCEED_WITH_RESPONSE_HEADER') return answered;
    const { response } = answered;
    return { ...answered, response: { ...response, headers: { ...response.headers, warning: NOT_INVALIDATED } } };
  }

  private targetOf(stage: RunningStage, path: string, match: RestMatch<RestMethod>, method: RestMethod): RestTarget {
    const { accountId, id, domainName } = this.options;
    return {
      accountId,
      apiId: id,
      domainName,
      deploymentId: stage.deployment.id,
      stage: stage.name,
      stageVariables: stage.variables,
      resourceId: match.resourceId,
      resourcePath: match.resourcePath,
      operationName: method.operationName,
      path,
      parameters: match.parameters,
    };
  }

  /** Lets a caller through to the method, or throws. */
  private async admit(
    request: GatewayRequest,
    stage: RunningStage,
    method: RestMethod,
    target: RestTarget,
  ): Promise<Admitted> {
    const authorization = await this.authorize(request, method, target);
    const used = method.apiKeyRequired
      ? this.options.apiKeys.use(request.headers['x-api-key'], this.options.id, stage.name)
      : undefined;
    if (method.apiKeyRequired && used === undefined) {
      throw new Refused({ type: 'INVALID_API_KEY', message: 'Forbidden' });
    }
    if (used?.refusal !== undefined) throw new Refused(used.refusal);
    if (stage.settings.bucket(target.resourcePath, request.method)?.take() === false) throw new Refused(THROTTLED);
    return {
      target: { ...target, authorizer: authorization?.context, apiKey: used?.key },
      mayInvalidate: authorization?.mayInvalidate ?? false,
    };
  }

  private async authorize(
    request: GatewayRequest,
    method: RestMethod,
    target: RestTarget,
  ): Promise<Extract<RestAuthorization, { allowed: true }> | undefined> {
    if (method.authorizerId === undefined) return undefined;
    const authorizer = this.authorizers.get(method.authorizerId);
    if (authorizer === undefined) throw new Error(`authorizer ${method.authorizerId} is not part of this app`);
    const { functionArn, id } = authorizer.settings;
    const missing = missingPermission(this.options.permissions, functionArn, this.arn(`authorizers/${id}`));
    if (missing !== undefined) throw new Refused({ type: 'AUTHORIZER_CONFIGURATION_ERROR', message: null }, missing);
    const methodArn = this.arn(`${target.stage}/${request.method}${target.path}`);
    const authorization = await authorizer.authorize(request, target, methodArn);
    if (!authorization.allowed) throw new Refused(authorization.refusal, authorization.reason);
    return authorization;
  }

  private arn(called: string): string {
    const { region, accountId, id } = this.options;
    return `arn:aws:execute-api:${region}:${accountId}:${id}/${called}`;
  }

  private writeAccessLog(
    stage: RunningStage,
    request: GatewayRequest,
    match: RestMatch<RestMethod> | undefined,
    answered: LoggedResponse,
    start: number,
  ): void {
    if (stage.accessLogFormat === undefined) return;
    const { accountId, id, domainName } = this.options;
    const line = renderAccessLog(stage.accessLogFormat, {
      request,
      accountId,
      apiId: id,
      domainName,
      stage: stage.name,
      routeKey: '-',
      resourceId: match?.resourceId,
      resourcePath: match?.resourcePath,
      status: answered.response.status,
      responseLength: answered.response.body.length,
      latencyMs: Math.round(performance.now() - start),
      integrationLatencyMs: answered.latencyMs === undefined ? undefined : Math.round(answered.latencyMs),
      integrationError: answered.reason,
      errorMessage: answered.refusal?.message ?? undefined,
      errorType: answered.refusal?.type,
      principalId: answered.principalId,
    });
    this.accessLog.push(line);
  }
}

function forbidden(request: GatewayRequest): GatewayResponse {
  const headers = { 'content-type': 'application/json', 'x-amzn-requestid': request.id };
  return { status: 403, headers, cookies: [], body: Buffer.from('{"message":"Forbidden"}') };
}
