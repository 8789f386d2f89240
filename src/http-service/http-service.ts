import { existsSync, readFileSync } from 'fs';
import * as path from 'path';
import { Duration } from 'aws-cdk-lib';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { HttpServiceEndpoint, HttpServiceFunctionOptions, HttpServiceProps } from './http-service-props';
import { BoundAuthorizer } from './service-authorizer';
import { acknowledge } from '../core/acknowledge';
import { DEFAULT_CORS_HEADERS, DEFAULT_EXPOSED_HEADERS } from '../core/api-options';
import { BundledFunction } from '../core/bundled-function';
import { checkInteger, checkSeconds, failure } from '../core/checks';
import { FunctionOptions, sharedFunctionOptions } from '../core/function-options';
import { DocumentedHttpApi } from '../http-api/documented-http-api';

/** `GetCurrentUser` to `get-current-user`. */
const kebab = (name: string) => name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase();

/** Names of endpoints: their functions are children of the service, beside those named here. */
const NAME = /^[A-Z][A-Za-z0-9]*$/;
const TAKEN = new Set(['Api', 'Docs', 'NotFound', 'ApiKeyAuthorizer', 'AuthorizerFunction', 'FunctionSecurityGroup']);

/** Longest that an HTTP API waits. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const LONGEST_SECONDS = 30;

const isBuilt = (directory: string) => ['index.js', 'index.mjs'].some((file) => existsSync(path.join(directory, file)));

/**
 * A service of your own on an HTTP API: a folder of built handlers becomes one function an endpoint, each with a role, a
 * log group and tracing of its own, behind routes with CORS, throttling, access log, alarms, an authorizer of your
 * choice, answers for unknown routes, and API documents.
 *
 * Functions have no rights beyond their logs: grant each what it needs.
 *
 * `table.grantReadData(service.functionOf('GetNote'));`
 */
export class HttpService extends Construct {
  /** The HTTP API with its documents, stage and alarms. */
  public readonly gateway: DocumentedHttpApi;
  /** The HTTP API itself. */
  public readonly httpApi: apigatewayv2.HttpApi;
  /** The alarms by construct id: `ServerErrorAlarm`, `LatencyAlarm`. */
  public readonly alarms: Record<string, cloudwatch.Alarm>;
  private readonly functionsByName = new Map<string, lambda.Function>();
  private readonly routes: apigatewayv2.HttpRoute[] = [];
  private readonly basePath: string;

  public constructor(scope: Construct, id: string, props: HttpServiceProps) {
    super(scope, id);
    this.check(props);
    this.basePath = props.basePath ?? '';
    const options = sharedFunctionOptions(this, props);
    const bound = props.authorizer?._bind(this, options) ?? { schemes: {} };
    const headers = bound.header === undefined ? [] : [bound.header];
    this.gateway = new DocumentedHttpApi(this, 'Api', {
      apiName: props.apiName,
      description: props.description,
      corsAllowOrigins: props.corsAllowOrigins,
      corsAllowCredentials: props.corsAllowCredentials,
      corsAllowHeaders: [...new Set([...DEFAULT_CORS_HEADERS, 'if-match', 'if-none-match', ...headers])],
      corsExposeHeaders: [...DEFAULT_EXPOSED_HEADERS, 'etag'],
      throttlingRateLimit: props.throttlingRateLimit,
      throttlingBurstLimit: props.throttlingBurstLimit,
      disableExecuteApiEndpoint: props.disableExecuteApiEndpoint,
      domainMapping: props.domainMapping,
      docs: this.makeDocs(props, options, bound),
      fallback: this.makeFallback(props, options),
      logRetention: props.logRetention,
      logEncryptionKey: props.logEncryptionKey,
      alarms: props.alarms,
      alarmTopic: props.alarmTopic,
      alarmThresholds: props.alarmThresholds,
    });
    this.httpApi = this.gateway.httpApi;
    this.alarms = this.gateway.alarms;
    for (const [name, endpoint] of Object.entries(props.endpoints)) {
      this.addEndpoint(name, endpoint, props, options, bound);
    }
  }

  /** Where the service answers, with its base path and without a slash at the end. */
  public get url(): string {
    return `${this.gateway.url}${this.basePath}`;
  }

  /** Where its documents are served, if there are any. */
  public get docsUrl(): string {
    return this.gateway.docsUrl;
  }

  /** The function of each endpoint by the endpoint's name. */
  public get functions(): Record<string, lambda.Function> {
    return Object.fromEntries(this.functionsByName);
  }

  /**
   * The function of an endpoint.
   *
   * @throws where there is no such endpoint
   */
  public functionOf(endpoint: string): lambda.Function {
    const fn = this.functionsByName.get(endpoint);
    if (!fn) {
      const known = [...this.functionsByName.keys()].join(', ');
      throw failure(`endpoint must be one of ${known}, got: ${endpoint}`, this);
    }
    return fn;
  }

  /**
   * Lets the grantee call every endpoint that `ServiceAuthorizer.iam()` guards.
   *
   * @throws where another authorizer does
   */
  public grantInvoke(grantee: iam.IGrantable): void {
    this.routes.forEach((route) => route.grantInvoke(grantee));
  }

  /** Requests; sum over 5 minutes by default. */
  public metricCount(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.gateway.metricCount(options);
  }

  /** Answers with a status of 500 and above; sum over 5 minutes by default. */
  public metricServerError(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.gateway.metricServerError(options);
  }

  /** Answers with a status of 400 to 499; sum over 5 minutes by default. */
  public metricClientError(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.gateway.metricClientError(options);
  }

  /** Milliseconds between a request and its answer; average over 5 minutes by default. */
  public metricLatency(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.gateway.metricLatency(options);
  }

  private check({ basePath, endpoints, functions, timeout, openApi }: HttpServiceProps): void {
    if (basePath !== undefined && !/^(\/[^/{}?#\s]+)*$/.test(basePath)) {
      throw failure(`basePath must begin with a slash and end without one, got: ${basePath}`, this);
    }
    const wrong = Object.keys(endpoints).find((name) => !NAME.test(name) || TAKEN.has(name));
    if (wrong !== undefined) {
      const taken = [...TAKEN].join(', ');
      throw failure(`endpoints must have names such as GetNote, and none of ${taken}, got: ${wrong}`, this);
    }
    const limits = { min: 1, max: LONGEST_SECONDS };
    checkSeconds('timeout', timeout, limits, this);
    for (const [name, own] of Object.entries(functions ?? {})) {
      if (!Object.hasOwn(endpoints, name)) {
        const known = Object.keys(endpoints).join(', ');
        throw failure(`functions must be of endpoints (${known}), got: ${name}`, this);
      }
      checkSeconds(`functions.${name}.timeout`, own.timeout, limits, this);
      checkInteger(
        `functions.${name}.provisionedConcurrentExecutions`,
        own.provisionedConcurrentExecutions,
        { min: 1 },
        this,
      );
    }
    if (openApi !== undefined && !existsSync(openApi)) {
      throw failure(
        `openApi must be a file with an OpenAPI document in JSON, got: ${openApi}, which is not there`,
        this,
      );
    }
  }

  private addEndpoint(
    name: string,
    endpoint: HttpServiceEndpoint,
    props: HttpServiceProps,
    options: FunctionOptions,
    bound: BoundAuthorizer,
  ): void {
    const { method, path: below, summary, auth } = endpoint;
    const own: HttpServiceFunctionOptions = props.functions?.[name] ?? {};
    const fn = new BundledFunction(this, name, {
      ...options,
      memorySize: own.memorySize ?? options.memorySize,
      reservedConcurrentExecutions: own.reservedConcurrentExecutions ?? options.reservedConcurrentExecutions,
      environment: { ...options.environment, ...own.environment },
      timeout: own.timeout ?? props.timeout ?? Duration.seconds(10),
      code: path.resolve(props.directory, kebab(name)),
      description: summary ?? `${method} ${below}`,
    });
    this.functionsByName.set(name, fn);
    const isOpen = auth === 'none';
    const route = this.gateway.addEndpoint({
      id: name,
      method,
      path: `${this.basePath}${below}`,
      handler: this.ready(name, fn, own.provisionedConcurrentExecutions),
      authorizer: isOpen ? undefined : bound.authorizer,
      authorizationScopes: isOpen ? undefined : bound.scopes,
    });
    const reason = isOpen ? 'Everybody may call this endpoint' : bound.open;
    if (reason !== undefined) {
      acknowledge(route.node.defaultChild, { id: 'AwsSolutions-APIG4', reason });
    }
    if (!isOpen) {
      this.routes.push(route);
    }
  }

  /** What the route calls: the function, or an alias of its newest version with sandboxes kept ready. */
  private ready(name: string, fn: lambda.Function, sandboxes: number | undefined): lambda.IFunction {
    return sandboxes === undefined
      ? fn
      : new lambda.Alias(this, `${name}Live`, {
          aliasName: 'live',
          version: fn.currentVersion,
          provisionedConcurrentExecutions: sandboxes,
        });
  }

  private makeFallback({ directory, endpoints }: HttpServiceProps, options: FunctionOptions): lambda.Function {
    const own = path.resolve(directory, 'not-found');
    const routes = Object.values(endpoints).map(({ method, path: below }) => ({
      method,
      path: `${this.basePath}${below}`,
    }));
    return new BundledFunction(this, 'NotFound', {
      ...options,
      description: 'Answers routes that do not exist',
      ...(isBuilt(own)
        ? { code: own }
        : { code: 'http-service/not-found', files: { 'routes.json': JSON.stringify(routes) } }),
    });
  }

  private makeDocs(
    { directory, openApi }: HttpServiceProps,
    options: FunctionOptions,
    bound: BoundAuthorizer,
  ): lambda.Function | undefined {
    const own = path.resolve(directory, 'docs');
    if (openApi === undefined && !isBuilt(own)) {
      return undefined;
    }
    const security = Object.keys(bound.schemes).map((scheme) => ({ [scheme]: [] }));
    // Without any, the explorer would show a button that asks for nothing.
    const values =
      security.length > 0
        ? { '/components/securitySchemes': bound.schemes, '/security': security }
        : { '/components/securitySchemes': null };
    return new BundledFunction(this, 'Docs', {
      ...options,
      description: 'Serves the API documents',
      ...(openApi === undefined
        ? { code: own, ownEnvironment: { DOCUMENT_VALUES: JSON.stringify(values) } }
        : { code: 'http-service/docs', files: { 'openapi.json': this.documentOf(openApi, bound, security) } }),
    });
  }

  /** The document of a service as its file has it, with what this deployment asks of callers. */
  private documentOf(file: string, { schemes }: BoundAuthorizer, security: readonly object[]): string {
    let document: { components?: { securitySchemes?: object } } | undefined;
    try {
      document = JSON.parse(readFileSync(file, 'utf8')) as typeof document;
    } catch {
      document = undefined;
    }
    if (typeof document !== 'object' || document === null || !('openapi' in document)) {
      throw failure(`openApi must be a file with an OpenAPI document in JSON, got: ${file}, which is none`, this);
    }
    if (security.length === 0) {
      return JSON.stringify(document);
    }
    const components = {
      ...document.components,
      securitySchemes: { ...document.components?.securitySchemes, ...schemes },
    };
    return JSON.stringify({ ...document, components, security });
  }
}
