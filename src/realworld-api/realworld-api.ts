import { Annotations, Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { AccountsTable } from './accounts-table';
import { CleanUp } from './clean-up';
import { REALWORLD_ENDPOINTS, RealWorldEndpoint, RealWorldSetting } from './contract';
import { ACCOUNT_KEY_PREFIXES, AccountItemKind } from '../core/account-key-prefixes';
import { acknowledge } from '../core/acknowledge';
import { BundledFunction } from '../core/bundled-function';
import { checkInteger } from '../core/checks';
import { FunctionOptions, sharedFunctionOptions } from '../core/function-options';
import { JwtKeyPair } from '../core/jwt-key-pair';
import { leadingKeys } from '../core/leading-keys';
import { StatefulResourceOptions, statefulOptions } from '../core/stateful-resource-options';
import { FeedFanout } from '../feed-fanout/feed-fanout';
import { ISocialTable } from '../social-table/i-social-table';
import { SOCIAL_KEY_PREFIXES, SocialItemKind } from '../social-table/key-prefixes';
import { SocialTable } from '../social-table/social-table';

/** Properties of a RealWorldApi. */
export interface RealWorldApiProps extends FunctionOptions, StatefulResourceOptions {
  /**
   * The table of the social graph and its content.
   *
   * @default - the table of `feed`, or else a new SocialTable
   */
  readonly table?: ISocialTable;
  /**
   * Fills the feeds. It must read the stream of the same table.
   *
   * @default - a new FeedFanout on the table
   */
  readonly feed?: FeedFanout;
  /**
   * Memory of the functions that hash a password, in MB. Lambda gives processor time in proportion, so this decides
   * how long signing in takes.
   *
   * @default 1024
   */
  readonly passwordMemorySize?: number;
  /**
   * Origins whose pages may call the API from a browser. Tokens travel in a header and never in a cookie, so any
   * origin is safe.
   *
   * @default - every origin
   */
  readonly corsAllowOrigins?: string[];
  /** Requests a second that the API takes before it answers 429. @default 1000 */
  readonly throttlingRateLimit?: number;
  /** Requests at once that the API takes before it answers 429. @default 2000 */
  readonly throttlingBurstLimit?: number;
  /** How long a token is good. @default Duration.days(30) */
  readonly tokenLifetime?: Duration;
  /** How often the key pair that signs tokens is replaced (1 to 1000 days). @default Duration.days(90) */
  readonly keyRotation?: Duration;
  /**
   * Least length of a password at registration, in characters (1 to 64). The RealWorld contract asks that it is not
   * blank; a new password of a user who has one needs 8 whatever this says.
   *
   * @default 1
   */
  readonly passwordMinimumLength?: number;
  /** Whether the documents are served at `/docs` and `/docs/spec.json`. @default true */
  readonly docs?: boolean;
}

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

/** `GetCurrentUser` to `get-current-user`. */
const kebab = (id: string) => id.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase();

/**
 * The RealWorld (Conduit) API 2.0.0 on API Gateway, Lambda and DynamoDB: users, profiles, follows, articles, favorites,
 * comments, tags and feeds below `/api`, its documents at `/docs`.
 *
 * `new RealWorldApi(this, 'Api')` is a whole back end. One function an endpoint, each with the rights it needs; lists
 * show what was written at once; state is retained.
 */
export class RealWorldApi extends Construct {
  /** The HTTP API. */
  public readonly httpApi: apigatewayv2.HttpApi;
  /** Its stage, with throttling and the access log. */
  public readonly stage: apigatewayv2.HttpStage;
  /** Profiles, articles and the graph between them. */
  public readonly table: ISocialTable;
  /** Credentials; it has no stream. */
  public readonly accountsTable: dynamodb.ITable;
  /** Fills the feeds. */
  public readonly feed: FeedFanout;
  /** Holds the private key that signs tokens. */
  public readonly signingKey: secretsmanager.ISecret;
  /** Where each request leaves a line. */
  public readonly accessLog: logs.ILogGroup;
  /** Removes what deleted articles leave behind. */
  public readonly cleanUp: lambda.Function;
  private readonly functionsById = new Map<string, lambda.Function>();

  public constructor(scope: Construct, id: string, props: RealWorldApiProps = {}) {
    super(scope, id);
    checkInteger('passwordMinimumLength', props.passwordMinimumLength, { min: 1, max: 64 });
    checkInteger('throttlingRateLimit', props.throttlingRateLimit, { min: 1 });
    checkInteger('throttlingBurstLimit', props.throttlingBurstLimit, { min: 1 });
    if (props.table && props.feed && props.feed.table !== props.table) {
      throw new Error(
        `feed must be on the same table as the API: it is on ${props.feed.table.node.path}, and table is ` +
          props.table.node.path,
      );
    }
    const state = statefulOptions(props);
    const functions = sharedFunctionOptions(this, props);

    this.table =
      props.table ?? props.feed?.table ?? new SocialTable(this, 'Table', { ...state, routerOptions: functions });
    this.feed = props.feed ?? new FeedFanout(this, 'Feed', { ...state, ...functions, table: this.table });
    const accounts = new AccountsTable(this, 'Accounts', state);
    this.accountsTable = accounts.table;
    const tokenLifetime = props.tokenLifetime ?? Duration.days(30);
    const keys = new JwtKeyPair(this, 'Keys', {
      functionOptions: functions,
      accountsTable: accounts.table,
      encryptionKey: props.encryptionKey,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
      tokenLifetime,
      rotateAfter: props.keyRotation ?? Duration.days(90),
    });
    this.signingKey = keys.secret;

    this.httpApi = new apigatewayv2.HttpApi(this, 'HttpApi', {
      description: 'RealWorld API',
      createDefaultStage: false,
      corsPreflight: {
        allowOrigins: props.corsAllowOrigins ?? ['*'],
        allowMethods: [apigatewayv2.CorsHttpMethod.ANY],
        allowHeaders: ['authorization', 'content-type'],
        exposeHeaders: ['retry-after'],
        maxAge: Duration.hours(1),
      },
    });
    this.accessLog = new logs.LogGroup(this, 'AccessLog', {
      retention: props.logRetention ?? logs.RetentionDays.ONE_MONTH,
      encryptionKey: props.logEncryptionKey,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.stage = new apigatewayv2.HttpStage(this, 'Stage', {
      httpApi: this.httpApi,
      stageName: '$default',
      autoDeploy: true,
      throttle: {
        rateLimit: props.throttlingRateLimit ?? 1000,
        burstLimit: props.throttlingBurstLimit ?? 2000,
      },
      accessLogSettings: {
        destination: new apigatewayv2.LogGroupLogDestination(this.accessLog),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FIELDS)),
      },
    });

    const environment = this.environment(props, tokenLifetime);
    for (const [operation, endpoint] of Object.entries<RealWorldEndpoint>(REALWORLD_ENDPOINTS)) {
      const fn = this.addFunction(operation, endpoint.summary, {
        ...functions,
        memorySize: endpoint.signs ? (props.passwordMemorySize ?? 1024) : props.memorySize,
      });
      this.grant(endpoint, fn, accounts, keys);
      for (const name of endpoint.settings ?? []) {
        fn.addEnvironment(name, environment[name]);
      }
      this.route(`/api${endpoint.path}`, apigatewayv2.HttpMethod[endpoint.method], fn, operation);
    }
    if (props.docs ?? true) {
      const docs = this.addFunction('Docs', 'Serves the API documents', functions);
      docs.addEnvironment('DOCUMENT_VALUES', this.documentValues(props));
      const integration = this.integration('Docs', docs);
      for (const path of ['/docs', '/docs/{file}']) {
        this.open(this.httpApi.addRoutes({ path, methods: [apigatewayv2.HttpMethod.GET], integration }));
      }
    }
    const notFound = this.addFunction('NotFound', 'Answers routes that do not exist', functions);
    const rest = new apigatewayv2.HttpRoute(this, 'DefaultRoute', {
      httpApi: this.httpApi,
      routeKey: apigatewayv2.HttpRouteKey.DEFAULT,
      integration: this.integration('NotFound', notFound),
    });
    this.open([rest]);
    this.cleanUp = new CleanUp(this, 'CleanUp', { functionOptions: functions, table: this.table }).handler;
    this.warnOfOpenDefaults(props);
  }

  /** Where the API is served: `https://<id>.execute-api.<region>.amazonaws.com/api`. */
  public get url(): string {
    return `${this.httpApi.apiEndpoint}/api`;
  }

  /** Where its documents are served. */
  public get docsUrl(): string {
    return `${this.httpApi.apiEndpoint}/docs`;
  }

  /** The function of each endpoint, by its id: `RegisterUser`, `ListArticles` and so on. */
  public get functions(): Record<string, lambda.Function> {
    return Object.fromEntries(this.functionsById);
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

  private addFunction(id: string, description: string, options: FunctionOptions): lambda.Function {
    const fn = new BundledFunction(this, id, { ...options, code: `realworld-api/${kebab(id)}`, description });
    this.functionsById.set(id, fn);
    return fn;
  }

  private grant(endpoint: RealWorldEndpoint, fn: lambda.Function, accounts: AccountsTable, keys: JwtKeyPair): void {
    for (const [action, kinds] of Object.entries<readonly SocialItemKind[]>(endpoint.social ?? {})) {
      this.table.grantOnKeys(fn, [`dynamodb:${action}`], leadingKeys(SOCIAL_KEY_PREFIXES, kinds));
    }
    for (const [action, kinds] of Object.entries<readonly AccountItemKind[]>(endpoint.accounts ?? {})) {
      accounts.grantOnKeys(fn, [`dynamodb:${action}`], leadingKeys(ACCOUNT_KEY_PREFIXES, kinds));
    }
    if (endpoint.social) {
      fn.addEnvironment('TABLE_NAME', this.table.tableName);
    }
    if (endpoint.accounts) {
      fn.addEnvironment('ACCOUNTS_TABLE_NAME', accounts.table.tableName);
    }
    if (endpoint.signs) {
      keys.grantSign(fn);
    }
    if (endpoint.readsFeed) {
      this.feed.grantReadFeed(fn);
    }
  }

  /** What the API documents say of this deployment, by JSON pointer. */
  private documentValues({ passwordMinimumLength }: RealWorldApiProps): string {
    const password = '/components/schemas/Registration/properties/user/properties/password/minLength';
    return Stack.of(this).toJsonString({ [password]: passwordMinimumLength ?? 1 });
  }

  private environment(props: RealWorldApiProps, tokenLifetime: Duration): Readonly<Record<RealWorldSetting, string>> {
    return {
      FEED_TABLE_NAME: this.feed.feedTable.tableName,
      FEED_READ_CAP: String(this.feed.readCap),
      FEED_TTL_SECONDS: String(this.feed.feedTtl.toSeconds()),
      OVERLAY_WINDOW_SECONDS: String(this.feed.overlayWindow.toSeconds()),
      PASSWORD_MINIMUM_LENGTH: String(props.passwordMinimumLength ?? 1),
      TOKEN_LIFETIME_SECONDS: String(tokenLifetime.toSeconds()),
    };
  }

  private integration(id: string, fn: lambda.Function): HttpLambdaIntegration {
    return new HttpLambdaIntegration(`${id}Integration`, fn);
  }

  private route(path: string, method: apigatewayv2.HttpMethod, fn: lambda.Function, id: string): void {
    this.open(this.httpApi.addRoutes({ path, methods: [method], integration: this.integration(id, fn) }));
  }

  private open(routes: readonly apigatewayv2.HttpRoute[]): void {
    for (const route of routes) {
      acknowledge(route.node.defaultChild, {
        id: 'AwsSolutions-APIG4',
        reason: 'Tokens are verified in the function: an authorizer of the gateway cannot answer as the contract asks',
      });
    }
  }

  private warnOfOpenDefaults(props: RealWorldApiProps): void {
    const origins = props.corsAllowOrigins;
    if (origins && !Token.isUnresolved(origins) && origins.length === 0) {
      Annotations.of(this).addWarningV2(
        'cdk-social-backend:noCorsOrigin',
        'corsAllowOrigins is empty: no page in a browser can call this API',
      );
    }
  }
}
