import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { CacheGuard } from './cache-guard';
import { addGatewayResponses } from './gateway-responses';
import { checkCacheSize, declaredParameters, endpointCache } from './method-cache';
import { addBodyModel } from './models';
import { RestApiEndpoint, RestDomainMapping, RestGatewayResponse, RestUsagePlan } from './rest-api-options';
import { StageSettings } from './stage-settings';
import { addUsagePlan } from './usage-plan';
import { acknowledge } from '../core/acknowledge';
import { makeAlarms } from '../core/alarms';
import {
  acknowledgeOpen,
  ApiAlarmThresholds,
  checkApiOptions,
  DEFAULT_BURST_LIMIT,
  DEFAULT_CORS_HEADERS,
  DEFAULT_EXPOSED_HEADERS,
  DEFAULT_RATE_LIMIT,
  DOCS_PATHS,
  DocumentedApiOptions,
  EndpointNames,
} from '../core/api-options';
import { allowLogs } from '../core/bundled-function';
import { checkInteger, failure } from '../core/checks';
import { FunctionOptions } from '../core/function-options';

/** Properties of a DocumentedRestApi. */
export interface DocumentedRestApiProps extends DocumentedApiOptions {
  /** What the API is made of; `addEndpoint` adds to it. @default - none */
  readonly endpoints?: RestApiEndpoint[];
  /**
   * Answers every request that no endpoint matches: 404, or 405 where the path exists and the method does not.
   *
   * @default - API Gateway, with 404 and `notFoundBody`
   */
  readonly fallback?: lambda.IFunction;
  /** Name of the stage, the first part of the path. @default prod */
  readonly stageName?: string;
  /** Where the API is reached. @default apigateway.EndpointType.REGIONAL */
  readonly endpointType?: apigateway.EndpointType;
  /** A domain of your own, under which the API answers; `url` and `docsUrl` follow it. @default - none */
  readonly domainMapping?: RestDomainMapping;
  /**
   * JSON of the gateway's own errors (no token, bad request, throttled and so on), with variables of API Gateway such as
   * `$context.error.messageString`, which brings its quotes.
   *
   * @default - {"message":$context.error.messageString}
   */
  readonly errorBody?: string;
  /** JSON of the answer to unknown routes where there is no `fallback`. @default - {"message":"Not Found"} */
  readonly notFoundBody?: string;
  /** Errors of the gateway that have a body, a status or headers of their own. @default - all have `errorBody` */
  readonly gatewayResponses?: RestGatewayResponse[];
  /**
   * Size of a cache in GB, in which answers of endpoints with a `cacheTtl` are kept, encrypted: `0.5`, `1.6`, `6.1`,
   * `13.5`, `28.4`, `58.2`, `118` or `237`. Its cluster is billed by the hour, used or not. Callers cannot throw entries
   * out of it: a function of a custom resource sees to that.
   *
   * @default - no cache
   */
  readonly cacheClusterSize?: string;
  /** How the function that protects the cache is made. @default - as all functions of this library */
  readonly functionOptions?: FunctionOptions;
  /**
   * Keys without which no endpoint may be called, and how much each of them may ask for. A key is no credential: it
   * tells callers apart, and goes beside what an authorizer looks at.
   *
   * @default - endpoints need no key
   */
  readonly usagePlan?: RestUsagePlan;
  /** Whether requests are traced with AWS X-Ray. @default true */
  readonly tracing?: boolean;
  /**
   * Whether a role is made that lets API Gateway write execution logs. It is a setting of the whole account and region,
   * and the last API to set it wins, so that no library should.
   *
   * @default false
   */
  readonly cloudWatchRole?: boolean;
  /** ARN of a regional web ACL of AWS WAF to put before the API. @default - none */
  readonly webAclArn?: string;
  /** Where alarms fire. @default - as each says */
  readonly alarmThresholds?: ApiAlarmThresholds;
  /** How long the access log is kept. @default logs.RetentionDays.ONE_MONTH */
  readonly logRetention?: logs.RetentionDays;
  /** A customer managed key for the access log. @default - a key of CloudWatch Logs */
  readonly logEncryptionKey?: kms.IKey;
}

/** Neither paths, which hold names, nor headers, which hold tokens. */
const ACCESS_LOG_FIELDS = {
  requestId: '$context.requestId',
  // Who asks, as an authorizer says: an id.
  principal: '$context.authorizer.principalId',
  ip: '$context.identity.sourceIp',
  time: '$context.requestTime',
  method: '$context.httpMethod',
  route: '$context.resourcePath',
  status: '$context.status',
  latency: '$context.responseLatency',
  length: '$context.responseLength',
  error: '$context.integrationErrorMessage',
};

/**
 * A REST API of API Gateway with what every API needs: documents, access log, CORS also on the gateway's own errors,
 * request validation, throttling, a function for unknown routes, a domain, alarms. It knows no API: give it endpoints
 * and their functions. Behind a REST API, answers carry the CORS headers that the functions put on them: functions made
 * in the same app get them as environment variables (`CORS_ALLOW_ORIGINS`, origins between commas or `*`, and
 * `CORS_EXPOSE_HEADERS`), which those of this library apply. A function behind two REST APIs needs the same in both.
 */
export class DocumentedRestApi extends Construct {
  /** The REST API. */
  public readonly restApi: apigateway.RestApi;
  /** Its stage, with throttling and the access log. */
  public readonly stage: apigateway.Stage;
  /** Checks bodies and parameters, by an endpoint's `bodySchema` and what its `methodOptions` name. */
  public readonly requestValidator: apigateway.RequestValidator;
  /** Where each request leaves a line. */
  public readonly accessLog: logs.ILogGroup;
  /** The alarms by construct id: `ServerErrorAlarm`, `LatencyAlarm`. */
  public readonly alarms: Record<string, cloudwatch.Alarm>;
  /** Its usage plan, if it has one. */
  public readonly usagePlan?: apigateway.UsagePlan;
  private readonly settings: StageSettings;
  /** What is in the key of every cached answer, if there is a cache. */
  private readonly alsoKeyed: readonly string[];
  private readonly cached: boolean;
  private readonly names = new EndpointNames(this);
  private readonly fallback?: apigateway.LambdaIntegration;
  private readonly domainMapping?: RestDomainMapping;
  private readonly corsEnvironment: Record<string, string>;

  public constructor(scope: Construct, id: string, props: DocumentedRestApiProps = {}) {
    super(scope, id);
    checkApiOptions(this, props);
    if (props.disableExecuteApiEndpoint && !props.domainMapping) {
      throw failure('disableExecuteApiEndpoint needs domainMapping: nothing would reach the API, got none', this);
    }
    checkCacheSize(this, props.cacheClusterSize);
    this.cached = props.cacheClusterSize !== undefined;
    this.alsoKeyed = answersByOrigin(props.corsAllowOrigins) ? ['method.request.header.Origin'] : [];
    this.domainMapping = props.domainMapping;
    this.accessLog = new logs.LogGroup(this, 'AccessLog', {
      retention: props.logRetention ?? logs.RetentionDays.ONE_MONTH,
      encryptionKey: props.logEncryptionKey,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    if (props.logEncryptionKey) {
      allowLogs(this, props.logEncryptionKey);
    }
    this.corsEnvironment = {
      CORS_ALLOW_ORIGINS: (props.corsAllowOrigins ?? apigateway.Cors.ALL_ORIGINS).join(','),
      CORS_EXPOSE_HEADERS: (props.corsExposeHeaders ?? DEFAULT_EXPOSED_HEADERS).join(','),
    };
    this.restApi = this.makeApi(props);
    this.stage = this.restApi.deploymentStage;
    acknowledge(this.stage.node.defaultChild, {
      id: 'AwsSolutions-APIG6',
      reason: 'Execution logs need a role that is a setting of the whole account; the access log has every request',
    });
    const { throttlingRateLimit = DEFAULT_RATE_LIMIT, throttlingBurstLimit = DEFAULT_BURST_LIMIT } = props;
    this.settings = new StageSettings({ throttlingRateLimit, throttlingBurstLimit }, this.cached);
    this.settings.applyTo(this.stage.node.defaultChild as apigateway.CfnStage);
    if (this.cached) {
      const { stage, settings } = this;
      const { functionOptions } = props;
      new CacheGuard(this, 'CacheGuard', { restApiId: this.restApi.restApiId, stage, settings, functionOptions });
    }
    if (props.usagePlan) {
      this.usagePlan = addUsagePlan(this, { ...props.usagePlan, api: this.restApi, stage: this.stage });
    }
    this.requestValidator = this.restApi.addRequestValidator('RequestValidator', {
      validateRequestBody: true,
      validateRequestParameters: true,
    });
    addGatewayResponses(this.restApi, props);
    this.fallback = props.fallback && this.integrate(props.fallback);
    props.endpoints?.forEach((endpoint) => this.addEndpoint(endpoint));
    this.addDocs(props.docs);
    if (this.fallback) {
      this.addFallback(this.restApi.root, this.fallback);
      this.addFallback(this.restApi.root.addResource('{proxy+}'), this.fallback);
    }
    if (props.domainMapping) {
      new apigateway.BasePathMapping(this, 'DomainMapping', {
        domainName: props.domainMapping.domainName,
        basePath: props.domainMapping.basePath,
        restApi: this.restApi,
        stage: this.stage,
      });
    }
    if (props.webAclArn) {
      new wafv2.CfnWebACLAssociation(this, 'WebAcl', {
        resourceArn: this.stage.stageArn,
        webAclArn: props.webAclArn,
      });
    }
    this.alarms = this.makeAlarms(props);
  }

  /** Where the API is served: `https://<id>.execute-api.<region>.amazonaws.com/<stage>`, or its domain. Without a slash. */
  public get url(): string {
    if (this.domainMapping) {
      const { domainName, basePath } = this.domainMapping;
      return `https://${domainName.domainName}${basePath ? `/${basePath}` : ''}`;
    }
    return this.restApi.urlForPath('/').replace(/\/$/, '');
  }

  /** Where its documents are served, if there are any. */
  public get docsUrl(): string {
    return `${this.url}/docs`;
  }

  /** Adds an endpoint, and lets the API call its function. */
  public addEndpoint(endpoint: RestApiEndpoint): apigateway.Method {
    this.names.take(endpoint);
    const { id, throttlingRateLimit, throttlingBurstLimit, methodOptions, bodySchema } = endpoint;
    checkInteger(`throttlingRateLimit of endpoint ${id}`, throttlingRateLimit, { min: 1 }, this);
    checkInteger(`throttlingBurstLimit of endpoint ${id}`, throttlingBurstLimit, { min: 1 }, this);
    const cache = endpointCache(this, endpoint, this.alsoKeyed);
    this.settings.add(endpoint, cache);
    const cached = this.cached && cache;
    const resource = this.resource(endpoint.path);
    const integration = this.integrate(endpoint.handler, {
      ...endpoint.integrationOptions,
      // Entries of two methods in one namespace are the same where their keys are.
      ...(cached ? { cacheNamespace: id, cacheKeyParameters: cache.keyParameters } : {}),
    });
    return resource.addMethod(endpoint.method, integration, {
      operationName: id,
      requestValidator: this.requestValidator,
      apiKeyRequired: this.usagePlan ? true : undefined,
      ...methodOptions,
      ...(bodySchema ? { requestModels: addBodyModel(this, this.restApi, endpoint) } : {}),
      ...(cached ? { requestParameters: declaredParameters(cache, methodOptions?.requestParameters) } : {}),
    });
  }

  /** Requests; sum over 5 minutes by default. */
  public metricCount(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.stage.metricCount(options);
  }

  /** Answers with a status of 500 and above; sum over 5 minutes by default. */
  public metricServerError(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.stage.metricServerError(options);
  }

  /** Answers with a status of 400 to 499; sum over 5 minutes by default. */
  public metricClientError(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.stage.metricClientError(options);
  }

  /** Milliseconds between a request and its answer; average over 5 minutes by default. */
  public metricLatency(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.stage.metricLatency(options);
  }

  /** Answers that came from the cache; sum over 5 minutes by default. */
  public metricCacheHits(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.stage.metricCacheHitCount(options);
  }

  /** Answers of cached endpoints for which a function was called; sum over 5 minutes by default. */
  public metricCacheMisses(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.stage.metricCacheMissCount(options);
  }

  private integrate(handler: lambda.IFunction, options?: apigateway.LambdaIntegrationOptions) {
    const made = handler instanceof lambda.QualifiedFunctionBase ? handler.lambda : handler;
    if (made instanceof lambda.Function) {
      for (const [name, value] of Object.entries(this.corsEnvironment)) {
        made.addEnvironment(name, value);
      }
    }
    return new apigateway.LambdaIntegration(handler, { allowTestInvoke: false, ...options });
  }

  private makeApi(props: DocumentedRestApiProps): apigateway.RestApi {
    const cors = props.corsAllowOrigins?.length !== 0;
    return new apigateway.RestApi(this, 'RestApi', {
      restApiName: props.apiName,
      description: props.description,
      endpointTypes: [props.endpointType ?? apigateway.EndpointType.REGIONAL],
      disableExecuteApiEndpoint: props.disableExecuteApiEndpoint,
      cloudWatchRole: props.cloudWatchRole ?? false,
      deployOptions: {
        stageName: props.stageName ?? 'prod',
        tracingEnabled: props.tracing ?? true,
        cacheClusterEnabled: this.cached || undefined,
        cacheClusterSize: props.cacheClusterSize,
        accessLogDestination: new apigateway.LogGroupLogDestination(this.accessLog),
        accessLogFormat: apigateway.AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FIELDS)),
      },
      defaultCorsPreflightOptions: cors
        ? {
            allowOrigins: props.corsAllowOrigins ?? apigateway.Cors.ALL_ORIGINS,
            allowMethods: apigateway.Cors.ALL_METHODS,
            allowHeaders: props.corsAllowHeaders ?? [
              ...DEFAULT_CORS_HEADERS,
              ...(props.usagePlan ? ['x-api-key'] : []),
            ],
            exposeHeaders: props.corsExposeHeaders ?? DEFAULT_EXPOSED_HEADERS,
            maxAge: Duration.hours(1),
            statusCode: 204,
          }
        : undefined,
    });
  }

  /** The resource of a path; whatever method it lacks is answered by the fallback. */
  private resource(path: string): apigateway.IResource {
    const resource = this.restApi.root.resourceForPath(path);
    if (this.fallback && resource !== this.restApi.root && !resource.node.tryFindChild('ANY')) {
      this.addFallback(resource, this.fallback);
    }
    return resource;
  }

  private addDocs(docs: lambda.IFunction | undefined): void {
    if (docs) {
      const integration = this.integrate(docs);
      for (const path of DOCS_PATHS) {
        const method = this.resource(path).addMethod('GET', integration, { requestValidator: this.requestValidator });
        acknowledgeOpen(method.node.defaultChild, true);
      }
    }
  }

  private addFallback(resource: apigateway.IResource, fallback: apigateway.LambdaIntegration): void {
    acknowledgeOpen(resource.addMethod('ANY', fallback).node.defaultChild, true);
  }

  private makeAlarms(props: DocumentedRestApiProps): Record<string, cloudwatch.Alarm> {
    return makeAlarms(this, props, [
      {
        name: 'ServerError',
        description: 'the API answers with errors of its own',
        metric: this.metricServerError(),
        thresholds: props.alarmThresholds?.serverErrors ?? { Critical: 5 },
      },
      {
        name: 'Latency',
        description: 'the API answers slowly',
        metric: this.metricLatency({ statistic: 'p99' }),
        evaluationPeriods: 3,
        thresholds: props.alarmThresholds?.latency ?? { Critical: 3000 },
      },
    ]);
  }
}

/** Whether what a function answers depends on the origin of the page that asks. */
function answersByOrigin(origins: string[] | undefined): boolean {
  return origins !== undefined && origins.length > 0 && !origins.includes(apigateway.Cors.ALL_ORIGINS[0]);
}
