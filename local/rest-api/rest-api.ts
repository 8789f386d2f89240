import { renderAccessLog } from '../gateway/access-log';
import { callFunction, missingPermission } from '../gateway/integration';
import { GatewayRequest } from '../gateway/request';
import { GatewayResponse, RoutedResponse } from '../gateway/response';
import { Gateway } from '../gateway/server';
import { ThrottleSettings, TokenBucket } from '../gateway/throttle';
import { functionNameOf } from '../lambda/reference';
import { Ring } from '../ring';
import { FunctionInvoker, FunctionPermission } from '../types';
import { ApiKeys } from './api-keys';
import { RestAuthorizer, RestAuthorizerSettings } from './authorizer';
import { RestTarget, toProxyEvent } from './event';
import { GatewayResponses, Refusal } from './gateway-responses';
import { answerMock, MockIntegration } from './mock';
import { isBinaryType, toRestResponse } from './response';
import { RestMatch, Routes } from './routes';
import { findFault, Validation } from './validation';

/** Access log lines kept of every API. */
const ACCESS_LOG_LINES = 1000;

/** A Lambda proxy integration. */
export interface LambdaIntegration {
  readonly kind: 'lambda';
  readonly functionArn: string;
  readonly timeoutMs: number;
}

/** A method of a resource. */
export interface RestMethod {
  readonly integration: LambdaIntegration | MockIntegration;
  readonly operationName?: string;
  readonly apiKeyRequired: boolean;
  readonly authorizerId?: string;
  readonly validation: Validation;
}

/** Resources, methods and gateway responses as they were when the template deployed them. */
export interface RestDeployment {
  readonly id: string;
  readonly routes: Routes<RestMethod>;
  readonly gatewayResponses: GatewayResponses;
}

/** Settings of methods by path and HTTP method, either of them `*`. */
export interface MethodThrottle extends ThrottleSettings {
  readonly path: string;
  readonly httpMethod: string;
}

/** A stage of an API: the first part of every path. */
export interface RestStage {
  readonly name: string;
  readonly deployment: RestDeployment;
  readonly variables?: Readonly<Record<string, string>>;
  readonly throttles: readonly MethodThrottle[];
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
  /** Milliseconds, for what expires. @default performance.now */
  readonly now?: () => number;
  /** Prints why a call failed that a client only sees as an error of the gateway. */
  readonly log: (line: string) => void;
}

interface RunningStage extends RestStage {
  readonly buckets: readonly { readonly settings: MethodThrottle; readonly bucket: TokenBucket }[];
}

interface LoggedResponse {
  readonly response: GatewayResponse;
  readonly functionName?: string;
  readonly invocationId?: string;
  readonly latencyMs?: number;
  /** What the developer is told and the client is not. */
  readonly reason?: string;
  readonly refusal?: Refusal;
}

/** Why a request is not answered by its integration. */
class Refused extends Error {
  public constructor(
    public readonly refusal: Refusal,
    public readonly reason?: string,
    public readonly more: Pick<LoggedResponse, 'functionName' | 'invocationId' | 'latencyMs'> = {},
  ) {
    super(refusal.type);
  }
}

const INTERNAL = 'Internal server error';

/** A REST API of API Gateway over Lambda proxy and MOCK integrations. */
export class RestApi implements Gateway {
  private readonly stages = new Map<string, RunningStage>();
  private readonly authorizers = new Map<string, RestAuthorizer>();
  private readonly accessLog = new Ring<string>(ACCESS_LOG_LINES);

  public constructor(private readonly options: RestApiOptions) {}

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
    const buckets = stage.throttles.map((settings) => ({ settings, bucket: new TokenBucket(settings) }));
    this.stages.set(stage.name, { ...stage, buckets });
  }

  /** Makes an authorizer known to which methods refer. */
  public addAuthorizer(settings: RestAuthorizerSettings): void {
    const { invoker, now = (): number => performance.now() } = this.options;
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

  /** By what AWS documents of the order: authorizer, API key, throttle, validation, integration. */
  private async answer(
    request: GatewayRequest,
    stage: RunningStage,
    path: string,
    match: RestMatch<RestMethod> | undefined,
    bodyTooLarge: boolean,
  ): Promise<LoggedResponse> {
    try {
      const { method } = match ?? {};
      if (match === undefined || method === undefined) {
        throw new Refused({ type: 'MISSING_AUTHENTICATION_TOKEN', message: 'Missing Authentication Token' });
      }
      if (bodyTooLarge) throw tooLarge();
      const target = await this.admit(request, stage, method, this.targetOf(stage, path, match, method));
      const fault = findFault(request, match.parameters, method.validation);
      if (fault !== undefined) throw new Refused(fault);
      if (method.integration.kind === 'lambda') return await this.callLambda(request, target, method.integration);
      return this.mock(request, target, method.integration);
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
  ): Promise<RestTarget> {
    const authorizer = await this.authorize(request, method, target);
    const used = method.apiKeyRequired
      ? this.options.apiKeys.use(request.headers['x-api-key'], this.options.id, stage.name)
      : undefined;
    if (method.apiKeyRequired && used === undefined) {
      throw new Refused({ type: 'INVALID_API_KEY', message: 'Forbidden' });
    }
    const bucket = bucketOf(stage, target.resourcePath, request.method);
    if (used?.throttled === true || bucket?.take() === false) {
      throw new Refused({ type: 'THROTTLED', message: 'Too Many Requests' });
    }
    return { ...target, authorizer, apiKey: used?.key };
  }

  private async authorize(
    request: GatewayRequest,
    method: RestMethod,
    target: RestTarget,
  ): Promise<Readonly<Record<string, unknown>> | undefined> {
    if (method.authorizerId === undefined) return undefined;
    const authorizer = this.authorizers.get(method.authorizerId);
    if (authorizer === undefined) throw new Error(`authorizer ${method.authorizerId} is not part of this app`);
    const { functionArn, id } = authorizer.settings;
    const missing = missingPermission(this.options.permissions, functionArn, this.arn(`authorizers/${id}`));
    if (missing !== undefined) throw new Refused({ type: 'AUTHORIZER_CONFIGURATION_ERROR', message: null }, missing);
    const methodArn = this.arn(`${target.stage}/${request.method}${target.path}`);
    const authorization = await authorizer.authorize(request, target, methodArn);
    if (!authorization.allowed) throw new Refused(authorization.refusal, authorization.reason);
    return authorization.context;
  }

  private async callLambda(
    request: GatewayRequest,
    target: RestTarget,
    { functionArn, timeoutMs }: LambdaIntegration,
  ): Promise<LoggedResponse> {
    const { binaryTypes, invoker, permissions } = this.options;
    const calledArn = this.arn(`${target.stage}/${request.method}${target.resourcePath}`);
    const missing = missingPermission(permissions, functionArn, calledArn);
    if (missing !== undefined) throw new Refused({ type: 'API_CONFIGURATION_ERROR', message: INTERNAL }, missing);
    const event = toProxyEvent(request, target, isBinaryType(request.headers['content-type'], binaryTypes));
    const called = await callFunction(invoker, { functionArn, event, timeoutMs, bodyLength: request.body.length });
    if (called.kind === 'too large') throw tooLarge();
    const functionName = functionNameOf(functionArn);
    const { latencyMs } = called;
    if (called.kind === 'late') {
      const refusal: Refusal = { type: 'INTEGRATION_TIMEOUT', message: 'Endpoint request timed out' };
      throw new Refused(refusal, called.reason, { functionName, latencyMs });
    }
    const { invocationId } = called;
    const unusable = (reason: string): Refused =>
      new Refused({ type: 'DEFAULT_5XX', message: INTERNAL }, reason, { functionName, invocationId, latencyMs });
    if (called.kind === 'failed') throw unusable(called.reason);
    try {
      const response = toRestResponse(called.payload, request.headers.accept, binaryTypes);
      return { response, functionName, invocationId, latencyMs };
    } catch (error) {
      throw unusable(`malformed answer of the function: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private mock(request: GatewayRequest, target: RestTarget, integration: MockIntegration): LoggedResponse {
    try {
      return { response: answerMock(integration, request, target) };
    } catch (error) {
      const reason = `MOCK integration: ${error instanceof Error ? error.message : String(error)}`;
      throw new Refused({ type: 'API_CONFIGURATION_ERROR', message: INTERNAL }, reason);
    }
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
    });
    this.accessLog.push(line);
  }
}

function tooLarge(): Refused {
  return new Refused({ type: 'REQUEST_TOO_LARGE', message: 'Request Too Long' });
}

function forbidden(request: GatewayRequest): GatewayResponse {
  const headers = { 'content-type': 'application/json', 'x-amzn-requestid': request.id };
  return { status: 403, headers, cookies: [], body: Buffer.from('{"message":"Forbidden"}') };
}

/** The settings of the method itself come before those of its path, and those before the stage's. */
function bucketOf(stage: RunningStage, path: string, httpMethod: string): TokenBucket | undefined {
  const of = (wantedPath: string, wantedMethod: string): TokenBucket | undefined =>
    stage.buckets.find(({ settings }) => settings.path === wantedPath && settings.httpMethod === wantedMethod)?.bucket;
  return of(path, httpMethod) ?? of(path, '*') ?? of('*', '*');
}
