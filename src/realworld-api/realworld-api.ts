import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  ArticleSearch,
  checkSearch,
  DOCUMENTED_SEARCH,
  endpointsWith,
  searchSettings,
  withSearch,
} from './article-search';
import { CLEAN_UP_TIMING, CleanUp } from './clean-up';
import { RealWorldEndpoint, RealWorldSetting } from './contract';
import { IRealWorldApi } from './i-realworld-api';
import { ImportedRealWorldApi } from './imported-realworld-api';
import { RealWorldApiBase } from './realworld-api-base';
import { RealWorldApiAttributes, RealWorldApiProps } from './realworld-api-props';
import { TokenAuthorizer } from './token-authorizer';
import { AccountsTable } from '../core/accounts-table';
import { acknowledge } from '../core/acknowledge';
import { makeAlarms } from '../core/alarms';
import { BundledFunction } from '../core/bundled-function';
import { checkInteger, checkSeconds, failure, numberText } from '../core/checks';
import { FunctionOptions, sharedFunctionOptions } from '../core/function-options';
import { JwtKeyPair } from '../core/jwt-key-pair';
import { boundAttributes } from '../core/key-conditions';
import { leadingKeys } from '../core/leading-keys';
import { statefulOptions } from '../core/stateful-resource-options';
import { FeedFanout } from '../feed-fanout/feed-fanout';
import { IFeedFanout } from '../feed-fanout/i-feed-fanout';
import { DocumentedHttpApi } from '../http-api/documented-http-api';
import { endpointGrants } from '../social-table/endpoint-grants';
import { ISocialTable } from '../social-table/i-social-table';
import { SOCIAL_KEY_PREFIXES } from '../social-table/key-prefixes';
import { shardsEnvironment } from '../social-table/shards-environment';
import { SocialTable } from '../social-table/social-table';

/** `GetCurrentUser` to `get-current-user`. */
const kebab = (id: string) => id.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase();

/**
 * The RealWorld (Conduit) API 2.0.0 on API Gateway, Lambda and DynamoDB: users, profiles, follows, articles, favorites,
 * comments, tags and feeds below `/api`, its documents at `/docs`.
 *
 * `new RealWorldApi(this, 'Api')` is a whole back end. One function an endpoint, each with the rights it needs; lists
 * show what was written at once; state is retained.
 */
export class RealWorldApi extends RealWorldApiBase {
  /** Uses a RealWorldApi of another app, for its addresses and metrics. */
  public static fromRealWorldApiAttributes(scope: Construct, id: string, attrs: RealWorldApiAttributes): IRealWorldApi {
    return new ImportedRealWorldApi(scope, id, attrs);
  }

  /** The HTTP API with its documents, stage and alarms. */
  public readonly gateway: DocumentedHttpApi;
  /** The HTTP API itself. */
  public readonly httpApi: apigatewayv2.HttpApi;
  /** Its stage, with throttling and the access log. */
  public readonly stage: apigatewayv2.HttpStage;
  /** Profiles, articles and the graph between them. */
  public readonly table: ISocialTable;
  /** Credentials; it has no stream. */
  public readonly accountsTable: dynamodb.ITable;
  /** Fills the feeds. */
  public readonly feed: IFeedFanout;
  /** Holds the private key that signs tokens. */
  public readonly signingKey: secretsmanager.ISecret;
  /** Where each request leaves a line. */
  public readonly accessLog: logs.ILogGroup;
  /** Removes what deleted articles leave behind, and lists new ones by author and tag; APIs on the same table share it. */
  public readonly cleanUp: lambda.Function;
  /** The messages that wait for clean-up. */
  public readonly cleanUpQueue: sqs.IQueue;
  /** Messages that clean-up failed at too often. */
  public readonly cleanUpDeadLetterQueue: sqs.IQueue;
  /**
   * The alarms by construct id: `ServerErrorAlarm`, `LatencyAlarm`, `CleanUpLagAlarm`, `CleanUpDeadLetterAlarm`,
   * `FunctionErrorAlarm` and `FunctionThrottleAlarm`, with a search index `SearchFallbackAlarm`, with the severity before `Alarm` where it is not `Critical`.
   */
  public readonly alarms: Record<string, cloudwatch.Alarm>;
  /** @internal */
  protected readonly _api: apigatewayv2.IHttpApi;
  /** @internal */
  protected readonly _cleanUpQueues: { cleanUpQueue: sqs.IQueue; cleanUpDeadLetterQueue: sqs.IQueue };
  private readonly functionsById = new Map<string, lambda.Function>();
  private readonly functionOptions: FunctionOptions;
  private readonly accounts: AccountsTable;
  private readonly search?: ArticleSearch;
  private tokenAuthorizer?: TokenAuthorizer;
  /** Functions that no request waits for. */
  private readonly background: lambda.IFunction[];

  public constructor(scope: Construct, id: string, props: RealWorldApiProps = {}) {
    super(scope, id);
    this.check(props);
    const state = statefulOptions(props);
    const functions = sharedFunctionOptions(this, props);
    this.functionOptions = functions;

    this.table =
      props.table ??
      props.feed?.table ??
      props.search?.table ??
      new SocialTable(this, 'Table', { ...state, routerOptions: functions });
    this.feed =
      props.feed ??
      new FeedFanout(this, 'Feed', {
        ...state,
        ...functions,
        table: this.table,
        feedTable: props.feedTable,
        alarms: props.alarms,
        alarmTopic: props.alarmTopic,
      });
    const accounts = new AccountsTable(this, 'Accounts', state, props.accountsTable);
    this.accounts = accounts;
    this.accountsTable = accounts.table;
    const keys = new JwtKeyPair(this, 'Keys', {
      functionOptions: functions,
      accountsTable: accounts.table,
      signingKey: props.signingKey,
      encryptionKey: props.encryptionKey,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
      tokenLifetime: props.tokenLifetime ?? Duration.days(30),
      rotateAfter: props.keyRotation ?? Duration.days(90),
    });
    this.signingKey = keys.secret;

    const docs = props.docs ?? true;
    const docsFunction = docs ? this.addFunction('Docs', 'Serves the API documents', functions) : undefined;
    docsFunction?.addEnvironment('DOCUMENT_VALUES', this.documentValues(props));
    const notFound = this.addFunction('NotFound', 'Answers routes that do not exist', functions);
    if (props.search) {
      notFound.addEnvironment('HAS_SEARCH', 'true');
    }
    // By this id, which CDK leaves out, its parts have the logical ids of parts of this construct.
    this.gateway = new DocumentedHttpApi(this, 'Default', {
      apiName: props.apiName,
      description: 'RealWorld API',
      corsAllowOrigins: props.corsAllowOrigins,
      throttlingRateLimit: props.throttlingRateLimit,
      throttlingBurstLimit: props.throttlingBurstLimit,
      disableExecuteApiEndpoint: props.disableExecuteApiEndpoint,
      domainMapping: props.domainMapping,
      docs: docsFunction,
      fallback: notFound,
      logRetention: props.logRetention,
      logEncryptionKey: props.logEncryptionKey,
      alarms: props.alarms,
      alarmTopic: props.alarmTopic,
      alarmThresholds: props.alarmThresholds,
    });
    this.httpApi = this.gateway.httpApi;
    this._api = this.httpApi;
    this.stage = this.gateway.stage;
    this.accessLog = this.gateway.accessLog;

    this.search = props.search && new ArticleSearch(this, props.search, props.searchTimeout);
    const settings = this.settings(props);
    for (const [operation, facts] of endpointsWith(props.search)) {
      this.addEndpoint(operation, withSearch(facts, this.search), props, keys, settings);
    }
    const cleanUp = CleanUp.of(this, 'CleanUp', { functionOptions: functions, table: this.table });
    this.cleanUp = cleanUp.handler;
    this.cleanUpQueue = cleanUp.queue;
    this.cleanUpDeadLetterQueue = cleanUp.deadLetterQueue;
    this._cleanUpQueues = { cleanUpQueue: cleanUp.queue, cleanUpDeadLetterQueue: cleanUp.deadLetterQueue };
    this.background = [cleanUp.handler, keys.manager];
    this.alarms = { ...this.gateway.alarms, ...this.makeAlarms(props) };
  }

  /** Where the API is served: `https://<id>.execute-api.<region>.amazonaws.com/api`, or below its domain. */
  public get url(): string {
    return `${this.gateway.url}/api`;
  }

  public get docsUrl(): string {
    return this.gateway.docsUrl;
  }

  /** The function of each endpoint, by its id: `CreateUser`, `GetArticles` and so on. */
  public get functions(): Record<string, lambda.Function> {
    return Object.fromEntries(this.functionsById);
  }

  /**
   * Verifies this API's tokens for routes of your own on `httpApi`:
   *
   * `api.httpApi.addRoutes({ path: '/mine', integration, authorizer: api.authorizer() })`
   *
   * It asks for a token as the API does (`Authorization: Token <jwt>` or `Bearer`), refuses with 401 where there is
   * none and 403 where it is not good, and tells your function who asks: `userId` and `username` in
   * `event.requestContext.authorizer.lambda`. The function behind it is made with the first call, one for the API.
   */
  public authorizer(): apigatewayv2.IHttpRouteAuthorizer {
    if (!this.tokenAuthorizer) {
      this.tokenAuthorizer = new TokenAuthorizer(this, 'TokenAuthorizer', { functionOptions: this.functionOptions });
      const { handler } = this.tokenAuthorizer;
      this.grantVerify(handler);
      handler.addEnvironment('TABLE_NAME', this.table.tableName);
      handler.addEnvironment('ACCOUNTS_TABLE_NAME', this.accountsTable.tableName);
    }
    return this.tokenAuthorizer.authorizer;
  }

  /**
   * Lets the grantee read what verifying a token needs: the public keys (item `JWKS` / `JWKS` of `accountsTable`) and
   * profiles, whose generation a token must have.
   */
  public grantVerify(grantee: iam.IGrantable): void {
    const needed = { social: { BatchGetItem: ['profile'] }, accounts: { BatchGetItem: ['jwks'] } } as const;
    const { social, accounts } = endpointGrants(needed);
    social.forEach(([action, patterns]) => this.table.grantOnKeys(grantee, [action], patterns));
    accounts.forEach(([action, patterns]) => this.accounts.grantOnKeys(grantee, [action], patterns));
  }

  /** Failed runs of the functions that no request waits for, clean-up and key manager; sum over 5 minutes by default. */
  public metricFunctionErrors(options?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.sum('Failed runs', (fn) => fn.metricErrors(options), options);
  }

  /** Throttled runs of the same functions; sum over 5 minutes by default. */
  public metricFunctionThrottles(options?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.sum('Throttled runs', (fn) => fn.metricThrottles(options), options);
  }

  /**
   * Requests that the table answered because the search index did not, or not in time; sum over 5 minutes by default.
   *
   * @throws where there is no search index
   */
  public metricSearchFallbacks(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    if (!this.search) {
      throw failure('this metric needs search, of which this API has none', this);
    }
    return this.search.metricFallbacks(options);
  }

  private check(props: RealWorldApiProps): void {
    checkInteger('passwordMinimumLength', props.passwordMinimumLength, { min: 1, max: 64 }, this);
    checkInteger('passwordMemorySize', props.passwordMemorySize, { min: 128, max: 10_240 }, this);
    checkSeconds('tokenLifetime', props.tokenLifetime, { min: 1 }, this);
    checkSeconds('itemCacheTtl', props.itemCacheTtl, { min: 0, max: 60 }, this);
    const { table, feed } = props;
    if (feed && !feed.table) {
      throw failure(`feed must be on a SocialTable, got one of tables of your own: ${feed.node.path}`, this);
    }
    if (table && feed?.table && feed.table !== table && feed.table.tableArn !== table.tableArn) {
      const [own, other] = [table.node.path, feed.table.node.path];
      throw failure(`feed must be on the same table as the API: it is on ${other}, and table is ${own}`, this);
    }
    checkSearch(props, this);
    if (feed && props.feedTable) {
      throw failure('Either provide feed or feedTable, but not both', this);
    }
    const operations = new Set(endpointsWith(props.search).map(([operation]) => operation));
    for (const [operation, sandboxes] of Object.entries(props.provisionedConcurrency ?? {})) {
      if (!operations.has(operation)) {
        throw failure(`provisionedConcurrency must be of operations such as GetArticles, got: ${operation}`, this);
      }
      checkInteger(`provisionedConcurrency.${operation}`, sandboxes, { min: 1 }, this);
    }
  }

  private addEndpoint(
    operation: string,
    endpoint: RealWorldEndpoint,
    props: RealWorldApiProps,
    keys: JwtKeyPair,
    settings: Readonly<Record<RealWorldSetting, string>>,
  ): void {
    const searches = endpoint.search?.code;
    const options = {
      ...this.functionOptions,
      memorySize: endpoint.signs ? (props.passwordMemorySize ?? 1024) : this.functionOptions.memorySize,
    };
    const code = `${kebab(operation)}${searches === 'other' ? '-by-search' : ''}`;
    const fn = this.addFunction(operation, endpoint.summary, options, code);
    this.grant(endpoint, fn, this.accounts, keys);
    for (const name of endpoint.settings ?? []) {
      fn.addEnvironment(name, settings[name]);
    }
    if (searches) {
      this.search?.bind(operation, fn);
    }
    this.addRoute(operation, endpoint, fn, props);
  }

  private addFunction(
    id: string,
    description: string,
    options: FunctionOptions,
    code: string = kebab(id),
  ): lambda.Function {
    const fn = new BundledFunction(this, id, { ...options, code: `realworld-api/${code}`, description });
    this.functionsById.set(id, fn);
    return fn;
  }

  private addRoute(
    operation: string,
    { method, path }: RealWorldEndpoint,
    fn: lambda.Function,
    props: RealWorldApiProps,
  ) {
    const handler = this.ready(fn, operation, props.provisionedConcurrency?.[operation]);
    const route = this.gateway.addEndpoint({ id: operation, method, path: `/api${path}`, handler });
    acknowledge(route.node.defaultChild, {
      id: 'AwsSolutions-APIG4',
      reason: 'Tokens are verified in the function: an authorizer of the gateway cannot answer as the contract asks',
    });
  }

  /** What the route calls: the function, or an alias of its newest version with sandboxes kept ready. */
  private ready(fn: lambda.Function, id: string, sandboxes: number | undefined): lambda.IFunction {
    return sandboxes === undefined
      ? fn
      : new lambda.Alias(this, `${id}Live`, {
          aliasName: 'live',
          version: fn.currentVersion,
          provisionedConcurrentExecutions: sandboxes,
        });
  }

  private grant(endpoint: RealWorldEndpoint, fn: lambda.Function, accounts: AccountsTable, keys: JwtKeyPair): void {
    const rights = endpointGrants(endpoint);
    for (const [action, patterns, attributes] of rights.social) {
      const grant = this.table.grantOnKeys(fn, [action], patterns);
      if (attributes) boundAttributes(grant, attributes);
    }
    for (const [action, patterns] of rights.accounts) {
      accounts.grantOnKeys(fn, [action], patterns);
    }
    if (endpoint.social) {
      fn.addEnvironment('TABLE_NAME', this.table.tableName);
      Object.entries(shardsEnvironment(this.table)).forEach(([name, value]) => fn.addEnvironment(name, value));
    }
    if (endpoint.accounts) {
      fn.addEnvironment('ACCOUNTS_TABLE_NAME', accounts.table.tableName);
    }
    if (endpoint.signs) {
      keys.grantSign(fn);
    }
    if (endpoint.readsFeed) {
      this.feed.grantReadFeed(fn);
      this.grantActivity(fn);
    }
  }

  /** Whoever reads their feed is noted as active, where feeds are filled of those alone. */
  private grantActivity(fn: lambda.Function): void {
    const { activeWithin } = this.feed;
    if (activeWithin) {
      const readers = leadingKeys(SOCIAL_KEY_PREFIXES, ['feedReader']);
      this.table.grantOnKeys(fn, ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem'], readers);
      fn.addEnvironment('FEED_ACTIVE_SECONDS', numberText(activeWithin.toSeconds()));
    }
  }

  /** What the API documents say of this deployment, by JSON pointer. */
  private documentValues({ passwordMinimumLength, search }: RealWorldApiProps): string {
    const password = '/components/schemas/Registration/properties/user/properties/password/minLength';
    const left = search ? {} : Object.fromEntries(DOCUMENTED_SEARCH.map((pointer) => [pointer, null]));
    return Stack.of(this).toJsonString({ [password]: passwordMinimumLength ?? 1, ...left });
  }

  private settings(props: RealWorldApiProps): Readonly<Record<RealWorldSetting, string>> {
    return {
      FEED_TABLE_NAME: this.feed.feedTable.tableName,
      FEED_READ_CAP: numberText(this.feed.readCap),
      FEED_TTL_SECONDS: numberText(this.feed.feedTtl.toSeconds()),
      OVERLAY_WINDOW_SECONDS: numberText(this.feed.overlayWindow.toSeconds()),
      CLEAN_UP_WINDOW_SECONDS: numberText(this.listWindow()),
      ITEM_CACHE_TTL_SECONDS: numberText((props.itemCacheTtl ?? Duration.seconds(45)).toSeconds()),
      PASSWORD_MINIMUM_LENGTH: numberText(props.passwordMinimumLength ?? 1),
      TOKEN_LIFETIME_SECONDS: numberText((props.tokenLifetime ?? Duration.days(30)).toSeconds()),
      ...searchSettings(this.search),
    };
  }

  /**
   * How far lists may be behind, in seconds: as the clean-up may be, which writes and removes edges of theirs. A feed
   * that is allowed more waits for the same router.
   */
  private listWindow(): number {
    const { overlayWindow } = this.feed;
    const ofFeed = overlayWindow.isUnresolved() ? 0 : overlayWindow.toSeconds();
    return Math.max(CLEAN_UP_TIMING.overlayWindow, ofFeed);
  }

  private sum(
    label: string,
    metric: (fn: lambda.IFunction) => cloudwatch.Metric,
    options?: cloudwatch.MetricOptions,
  ): cloudwatch.MathExpression {
    const usingMetrics = Object.fromEntries(this.background.map((fn, index) => [`m${index}`, metric(fn)]));
    return new cloudwatch.MathExpression({
      label,
      expression: Object.keys(usingMetrics)
        .map((name) => `FILL(${name}, 0)`)
        .join(' + '),
      usingMetrics,
      period: options?.period,
    });
  }

  private makeAlarms(props: RealWorldApiProps): Record<string, cloudwatch.Alarm> {
    const thresholds = props.alarmThresholds ?? {};
    return makeAlarms(this, props, [
      {
        name: 'CleanUpLag',
        description:
          'what deleted articles leave behind is removed late, or new ones are listed late by author and tag',
        metric: this.metricCleanUpLag(),
        thresholds: thresholds.cleanUpLag ?? { Critical: CLEAN_UP_TIMING.messageAge },
      },
      {
        name: 'CleanUpDeadLetter',
        description:
          'a message failed too often: something of a deleted article is left, or a new one is not listed by author and tag',
        metric: this.metricCleanUpDeadLetters(),
        thresholds: thresholds.cleanUpDeadLetters ?? { Critical: 0 },
      },
      {
        name: 'FunctionError',
        description: 'clean-up or key manager failed',
        metric: this.metricFunctionErrors(),
        thresholds: thresholds.functionErrors ?? { Critical: 0 },
      },
      ...(this.search ? [this.search.watched(thresholds.searchFallbacks)] : []),
      {
        name: 'FunctionThrottle',
        description: 'clean-up or key manager is throttled: the account has too little concurrency',
        metric: this.metricFunctionThrottles(),
        thresholds: thresholds.functionThrottles ?? { Critical: 10 },
      },
    ]);
  }
}
