import { Duration, RemovalPolicy, Token } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { makeAlarms } from '../core/alarms';
import {
  acknowledgeOpen,
  ApiAlarmThresholds,
  ApiEndpoint,
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
import { failure } from '../core/checks';

/** One endpoint of an HTTP API. */
export interface HttpApiEndpoint extends ApiEndpoint {
  /** Who may call it. @default - everyone, as far as the gateway is asked */
  readonly authorizer?: apigatewayv2.IHttpRouteAuthorizer;
  /** Scopes of a token of which one is enough; only with an authorizer of tokens. @default - none is asked for */
  readonly authorizationScopes?: string[];
}

/** Properties of a DocumentedHttpApi. */
export interface DocumentedHttpApiProps extends DocumentedApiOptions {
  /** What the API is made of; `addEndpoint` adds to it. @default - none */
  readonly endpoints?: HttpApiEndpoint[];
  /**
   * Answers every request that no route matches: 404, or 405 where the path exists and the method does not.
   *
   * @default - API Gateway, with `{"message":"Not Found"}`
   */
  readonly fallback?: lambda.IFunction;
  /**
   * Whether pages may send cookies and the like with their requests; only with origins by name, since no browser takes
   * `*` with them.
   *
   * @default false
   */
  readonly corsAllowCredentials?: boolean;
  /** A domain of your own, under which the API answers; `url` and `docsUrl` follow it. @default - none */
  readonly domainMapping?: apigatewayv2.DomainMappingOptions;
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
  ip: '$context.identity.sourceIp',
  time: '$context.requestTime',
  method: '$context.httpMethod',
  route: '$context.routeKey',
  status: '$context.status',
  latency: '$context.responseLatency',
  length: '$context.responseLength',
  error: '$context.integrationErrorMessage',
};

/**
 * Refuses credentials from pages of every origin: browsers do, and API Gateway does when it is deployed.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
function checkCredentials(scope: Construct, props: DocumentedHttpApiProps): void {
  const origins = props.corsAllowOrigins ?? ['*'];
  if (props.corsAllowCredentials && !Token.isUnresolved(origins) && origins.includes('*')) {
    throw failure('corsAllowCredentials needs corsAllowOrigins by name, got: *', scope);
  }
}

/**
 * An HTTP API of API Gateway with what every API needs: documents, access log, CORS, throttling, a function for unknown
 * routes, a domain, alarms. It knows no API: give it endpoints and their functions.
 *
 * AWS WAF cannot be put before an HTTP API itself: put a CloudFront distribution before it, and the web ACL on that.
 */
export class DocumentedHttpApi extends Construct {
  /** The HTTP API. */
  public readonly httpApi: apigatewayv2.HttpApi;
  /** Its stage, with throttling and the access log. */
  public readonly stage: apigatewayv2.HttpStage;
  /** Where each request leaves a line. */
  public readonly accessLog: logs.ILogGroup;
  /** The alarms by construct id: `ServerErrorAlarm`, `LatencyAlarm`. */
  public readonly alarms: Record<string, cloudwatch.Alarm>;
  private readonly names = new EndpointNames(this);
  private readonly hasDomain: boolean;

  public constructor(scope: Construct, id: string, props: DocumentedHttpApiProps = {}) {
    super(scope, id);
    checkApiOptions(this, props);
    if (props.disableExecuteApiEndpoint && !props.domainMapping) {
      throw failure('disableExecuteApiEndpoint needs domainMapping: nothing would reach the API, got none', this);
    }
    checkCredentials(this, props);
    this.hasDomain = props.domainMapping !== undefined;
    this.httpApi = new apigatewayv2.HttpApi(this, 'HttpApi', {
      apiName: props.apiName,
      description: props.description,
      createDefaultStage: false,
      disableExecuteApiEndpoint: props.disableExecuteApiEndpoint,
      corsPreflight: {
        allowOrigins: props.corsAllowOrigins ?? ['*'],
        allowMethods: [apigatewayv2.CorsHttpMethod.ANY],
        allowHeaders: props.corsAllowHeaders ?? DEFAULT_CORS_HEADERS,
        exposeHeaders: props.corsExposeHeaders ?? DEFAULT_EXPOSED_HEADERS,
        allowCredentials: props.corsAllowCredentials,
        maxAge: Duration.hours(1),
      },
    });
    this.accessLog = new logs.LogGroup(this, 'AccessLog', {
      retention: props.logRetention ?? logs.RetentionDays.ONE_MONTH,
      encryptionKey: props.logEncryptionKey,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    if (props.logEncryptionKey) {
      allowLogs(this, props.logEncryptionKey);
    }
    this.stage = this.makeStage(props);
    props.endpoints?.forEach((endpoint) => this.addEndpoint(endpoint));
    this.addDocs(props.docs);
    this.addFallback(props.fallback);
    this.alarms = this.makeAlarms(props);
  }

  /** Where the API is served: `https://<id>.execute-api.<region>.amazonaws.com`, or its domain. Without a slash. */
  public get url(): string {
    // A mapping without a key leaves a slash at the end.
    return this.hasDomain ? this.stage.domainUrl.replace(/\/$/, '') : this.httpApi.apiEndpoint;
  }

  /** Where its documents are served, if there are any. */
  public get docsUrl(): string {
    return `${this.url}/docs`;
  }

  /** Adds an endpoint, and lets the API call its function. */
  public addEndpoint(endpoint: HttpApiEndpoint): apigatewayv2.HttpRoute {
    this.names.take(endpoint);
    const [route] = this.httpApi.addRoutes({
      path: endpoint.path,
      methods: [endpoint.method as apigatewayv2.HttpMethod],
      integration: new HttpLambdaIntegration(`${endpoint.id}Integration`, endpoint.handler),
      authorizer: endpoint.authorizer,
      authorizationScopes: endpoint.authorizationScopes,
    });
    return route;
  }

  /** Requests; sum over 5 minutes by default. */
  public metricCount(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.httpApi.metricCount(options);
  }

  /** Answers with a status of 500 and above; sum over 5 minutes by default. */
  public metricServerError(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.httpApi.metricServerError(options);
  }

  /** Answers with a status of 400 to 499; sum over 5 minutes by default. */
  public metricClientError(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.httpApi.metricClientError(options);
  }

  /** Milliseconds between a request and its answer; average over 5 minutes by default. */
  public metricLatency(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.httpApi.metricLatency(options);
  }

  private makeStage(props: DocumentedHttpApiProps): apigatewayv2.HttpStage {
    return new apigatewayv2.HttpStage(this, 'Stage', {
      httpApi: this.httpApi,
      stageName: '$default',
      autoDeploy: true,
      domainMapping: props.domainMapping,
      throttle: {
        rateLimit: props.throttlingRateLimit ?? DEFAULT_RATE_LIMIT,
        burstLimit: props.throttlingBurstLimit ?? DEFAULT_BURST_LIMIT,
      },
      accessLogSettings: {
        destination: new apigatewayv2.LogGroupLogDestination(this.accessLog),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FIELDS)),
      },
    });
  }

  private addDocs(docs: lambda.IFunction | undefined): void {
    if (docs) {
      const integration = new HttpLambdaIntegration('DocsIntegration', docs);
      for (const path of DOCS_PATHS) {
        const routes = this.httpApi.addRoutes({ path, methods: [apigatewayv2.HttpMethod.GET], integration });
        routes.forEach((route) => acknowledgeOpen(route.node.defaultChild));
      }
    }
  }

  private addFallback(fallback: lambda.IFunction | undefined): void {
    if (fallback) {
      const route = new apigatewayv2.HttpRoute(this, 'DefaultRoute', {
        httpApi: this.httpApi,
        routeKey: apigatewayv2.HttpRouteKey.DEFAULT,
        integration: new HttpLambdaIntegration('NotFoundIntegration', fallback),
      });
      acknowledgeOpen(route.node.defaultChild);
    }
  }

  private makeAlarms(props: DocumentedHttpApiProps): Record<string, cloudwatch.Alarm> {
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
