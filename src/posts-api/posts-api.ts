import { Duration, Names, Tags } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { cacheOf, checkTtls } from './cache';
import { POSTS_ENDPOINTS, POSTS_HELPERS, PostsEndpoint } from './contract';
import { POSTS_ERRORS } from './gateway-errors';
import { IPostsApi } from './i-posts-api';
import { postsAlarms } from './posts-alarms';
import { PostsApiBase } from './posts-api-base';
import { PostsApiAttributes, PostsApiProps } from './posts-api-props';
import { makeBudget } from './posts-budget';
import { PostsCleanUp } from './posts-clean-up';
import { AccountsTable } from '../core/accounts-table';
import { acknowledge } from '../core/acknowledge';
import { makeAlarms } from '../core/alarms';
import { bodySchemas } from '../core/body-schemas';
import { BundledFunction } from '../core/bundled-function';
import { checkInteger, failure } from '../core/checks';
import { FunctionOptions, sharedFunctionOptions } from '../core/function-options';
import { statefulOptions } from '../core/stateful-resource-options';
import { makeUserPool, makeUserPoolClient } from '../core/user-pool';
import { DocumentedRestApi } from '../rest-api/documented-rest-api';
import { endpointGrants } from '../social-table/endpoint-grants';
import { ISocialTable } from '../social-table/i-social-table';
import { SocialTable } from '../social-table/social-table';

/** `GetAllowedUsers` to `get-allowed-users`. */
const kebab = (id: string) => id.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase();

/** The version is in the path, from the start: another one may be served beside it. */
const BASE_PATH = '/v1';

type Rights = Pick<PostsEndpoint, 'social' | 'accounts' | 'cognito'>;

/**
 * A REST API for posts with access levels: users sign in with Cognito, posts are private, public or shared with some,
 * tags group them, and personal access tokens let programs in. One function an endpoint below `/v1`, its documents at
 * `/docs`.
 *
 * `new PostsApi(this, 'Api')` is a whole back end, with a user pool and a table of its own. Each function has the rights
 * it needs; lists show what was written at once; state is retained.
 */
export class PostsApi extends PostsApiBase {
  /** Uses a PostsApi of another app, for its addresses and metrics. */
  public static fromPostsApiAttributes(scope: Construct, id: string, attrs: PostsApiAttributes): IPostsApi {
    return new ImportedPostsApi(scope, id, attrs);
  }

  public readonly restApiId: string;
  public readonly userPool: cognito.IUserPool;
  /** Clients of the pool whose tokens are good. */
  public readonly userPoolClients: cognito.IUserPoolClient[];
  /** The REST API with its documents, stage and access log. */
  public readonly gateway: DocumentedRestApi;
  /** The REST API itself. */
  public readonly restApi: apigateway.RestApi;
  /** Its stage, with throttling and the access log. */
  public readonly stage: apigateway.Stage;
  /** Posts, tags, profiles and the edges between them. */
  public readonly table: ISocialTable;
  /** Access tokens, as hashes; it has no stream. */
  public readonly accountsTable: dynamodb.ITable;
  /** Verifies Cognito's tokens and this API's own; use it for methods of your own on `restApi`. */
  public readonly authorizer: apigateway.RequestAuthorizer;
  /** Makes a profile when a sign-up is confirmed: the trigger of the pool that is made here. */
  public readonly postConfirmation: lambda.Function;
  /** Removes what deleted posts, tags and users leave behind, and makes changed grants. */
  public readonly cleanUp: lambda.Function;
  /** The messages that wait for clean-up. */
  public readonly cleanUpQueue: sqs.IQueue;
  /** Messages that clean-up failed at too often. */
  public readonly cleanUpDeadLetterQueue: sqs.IQueue;
  /** Where each request leaves a line. */
  public readonly accessLog: logs.ILogGroup;
  /**
   * The alarms by construct id: `LatencyAlarm`, `ServerErrorAlarm`, `ServerErrorRateAlarm`, `CleanUpLagAlarm`,
   * `CleanUpDeadLetterAlarm`, for each function `<id>ErrorsAlarm`, `<id>ErrorRateAlarm` and `<id>DurationAlarm`, for the
   * table and each index `TableReadThrottleAlarm`, `GSI1WriteThrottleAlarm` and so on, for each client
   * `SignInThrottleAlarm`; with the severity before `Alarm` where it is not `Critical`.
   */
  public readonly alarms: Record<string, cloudwatch.Alarm>;
  /** @internal */
  protected readonly _names: { apiName: string; stageName: string };
  /** @internal */
  protected readonly _cleanUpQueues: { cleanUpQueue: sqs.IQueue; cleanUpDeadLetterQueue: sqs.IQueue };
  private readonly functionsById = new Map<string, lambda.Function>();
  private readonly functionOptions: FunctionOptions;
  private readonly accounts: AccountsTable;
  /** Written from the very schemas that validate in the functions. */
  private readonly bodies = bodySchemas('posts-api');

  public constructor(scope: Construct, id: string, props: PostsApiProps = {}) {
    super(scope, id);
    this.check(props);
    const state = statefulOptions(props);
    const functions = sharedFunctionOptions(this, props);
    this.functionOptions = functions;
    this.table = props.table ?? new SocialTable(this, 'Table', { ...state, routerOptions: functions });
    this.accounts = new AccountsTable(this, 'Accounts', state, props.accountsTable);
    this.accountsTable = this.accounts.table;

    this.postConfirmation = this.addFunction('PostConfirmation', 'Makes a profile when a sign-up is confirmed');
    this.grant(this.postConfirmation, POSTS_HELPERS.PostConfirmation);
    this.userPool = props.userPool ?? this.makeUserPool(props);
    this.userPoolClients = props.userPoolClients ?? [
      makeUserPoolClient(this, 'UserPoolClient', this.userPool, props.authFlows),
    ];

    const authorizes = this.addFunction('Authorizer', "Verifies Cognito's tokens and those of this API");
    this.grant(authorizes, POSTS_HELPERS.Authorizer);
    authorizes.addEnvironment('USER_POOL_ID', this.userPool.userPoolId);
    authorizes.addEnvironment('USER_POOL_CLIENT_IDS', this.clientIds().join(','));
    this.authorizer = new apigateway.RequestAuthorizer(this, 'TokenAuthorizer', {
      handler: authorizes,
      identitySources: [apigateway.IdentitySource.header('Authorization')],
      // A token that is revoked is refused at once: what is cached would go on being good.
      resultsCacheTtl: Duration.seconds(0),
    });

    const docs = (props.docs ?? true) ? this.addFunction('Docs', 'Serves the API documents') : undefined;
    docs?.addEnvironment('USER_POOL_ID', this.userPool.userPoolId);
    docs?.addEnvironment('USER_POOL_CLIENT_ID', this.clientIds()[0]);
    const notFound = this.addFunction('NotFound', 'Answers routes that do not exist');
    this._names = {
      // Metrics go by name: two APIs of one name would be one.
      apiName: props.apiName ?? Names.uniqueResourceName(this, { maxLength: 100 }),
      stageName: props.stageName ?? 'prod',
    };
    // By this id, which CDK leaves out, its parts have the logical ids of parts of this construct.
    this.gateway = new DocumentedRestApi(this, 'Default', {
      ...this._names,
      description: 'Posts API',
      corsAllowOrigins: props.corsAllowOrigins,
      corsExposeHeaders: ['retry-after', 'www-authenticate'],
      throttlingRateLimit: props.throttlingRateLimit,
      throttlingBurstLimit: props.throttlingBurstLimit,
      disableExecuteApiEndpoint: props.disableExecuteApiEndpoint,
      domainMapping: props.domainMapping,
      webAclArn: props.webAclArn,
      docs,
      fallback: notFound,
      ...POSTS_ERRORS,
      usagePlan: props.usagePlan,
      ...(props.cache ? { cacheClusterSize: props.cache.size ?? '0.5' } : {}),
      tracing: (props.tracing ?? lambda.Tracing.ACTIVE) === lambda.Tracing.ACTIVE,
      logRetention: props.logRetention,
      logEncryptionKey: props.logEncryptionKey,
      alarms: false,
    });
    this.restApi = this.gateway.restApi;
    this.restApiId = this.restApi.restApiId;
    this.stage = this.gateway.stage;
    this.accessLog = this.gateway.accessLog;
    if (props.webAclArn === undefined) {
      acknowledge(this.stage.node.defaultChild, {
        id: 'AwsSolutions-APIG3',
        reason: 'A web ACL is paid for by the month and the request: webAclArn puts one before the API',
      });
    }
    for (const [operation, facts] of Object.entries<PostsEndpoint>(POSTS_ENDPOINTS)) {
      this.addEndpoint(operation, facts, props);
    }

    const cleanUp = new PostsCleanUp(this, 'CleanUp', { functionOptions: functions, table: this.table });
    this.cleanUp = cleanUp.handler;
    this.grant(this.cleanUp, POSTS_HELPERS.CleanUp);
    this.cleanUpQueue = cleanUp.queue;
    this.cleanUpDeadLetterQueue = cleanUp.deadLetterQueue;
    this._cleanUpQueues = { cleanUpQueue: cleanUp.queue, cleanUpDeadLetterQueue: cleanUp.deadLetterQueue };

    if (props.budget) {
      makeBudget(this, 'Budget', props.budget, props.costAllocationTags);
    }
    for (const [key, value] of Object.entries(props.costAllocationTags ?? {})) {
      Tags.of(this).add(key, value);
    }
    this.alarms = this.makeAlarms(props);
  }

  public get url(): string {
    return `${this.gateway.url}${BASE_PATH}`;
  }

  public get docsUrl(): string {
    return this.gateway.docsUrl;
  }

  /** The function of each endpoint, by its id: `GetMe`, `CreatePost` and so on. */
  public get functions(): Record<string, lambda.Function> {
    return Object.fromEntries(this.functionsById);
  }

  private check(props: PostsApiProps): void {
    if (props.userPoolClients && !props.userPool) {
      throw failure('userPoolClients needs userPool, got no userPool', this);
    }
    if (props.userPoolClients?.length === 0) {
      throw failure('userPoolClients must name at least one client: nobody could sign in, got none', this);
    }
    if (props.userPoolClients && props.authFlows) {
      throw failure('Either provide userPoolClients or authFlows, but not both', this);
    }
    checkTtls(this, props.cache);
    for (const [operation, sandboxes] of Object.entries(props.provisionedConcurrency ?? {})) {
      if (!Object.hasOwn(POSTS_ENDPOINTS, operation)) {
        throw failure(`provisionedConcurrency must be of operations such as GetPosts, got: ${operation}`, this);
      }
      checkInteger(`provisionedConcurrency.${operation}`, sandboxes, { min: 1 }, this);
    }
  }

  private makeUserPool(props: PostsApiProps): cognito.UserPool {
    const pool = makeUserPool(this, 'UserPool', props);
    pool.addTrigger(cognito.UserPoolOperation.POST_CONFIRMATION, this.postConfirmation);
    return pool;
  }

  private clientIds(): string[] {
    return this.userPoolClients.map(({ userPoolClientId }) => userPoolClientId);
  }

  private addFunction(id: string, description: string): lambda.Function {
    const fn = new BundledFunction(this, id, {
      ...this.functionOptions,
      code: `posts-api/${kebab(id)}`,
      description,
    });
    this.functionsById.set(id, fn);
    return fn;
  }

  private addEndpoint(operation: string, facts: PostsEndpoint, props: PostsApiProps): void {
    const fn = this.addFunction(operation, facts.summary);
    this.grant(fn, facts);
    const handler = this.ready(fn, operation, props.provisionedConcurrency?.[operation]);
    const method = this.gateway.addEndpoint({
      id: operation,
      method: facts.method,
      path: `${BASE_PATH}${facts.path}`,
      handler,
      ...cacheOf(facts, props.cache),
      bodySchema: this.bodies[operation],
      methodOptions: { authorizer: this.authorizer, authorizationType: apigateway.AuthorizationType.CUSTOM },
    });
    acknowledge(method.node.defaultChild, {
      id: 'AwsSolutions-COG4',
      reason: "Cognito's tokens and access tokens come in one header, which an authorizer of Cognito cannot tell apart",
    });
  }

  private grant(fn: lambda.Function, rights: Rights): void {
    const { social, accounts } = endpointGrants(rights);
    social.forEach(([action, patterns]) => this.table.grantOnKeys(fn, [action], patterns));
    accounts.forEach(([action, patterns]) => this.accounts.grantOnKeys(fn, [action], patterns));
    if (rights.social) {
      fn.addEnvironment('TABLE_NAME', this.table.tableName);
    }
    if (rights.accounts) {
      fn.addEnvironment('ACCOUNTS_TABLE_NAME', this.accountsTable.tableName);
    }
    if (rights.cognito) {
      iam.Grant.addToPrincipal({
        grantee: fn,
        actions: rights.cognito.map((action) => `cognito-idp:${action}`),
        resourceArns: [this.userPool.userPoolArn],
      });
      fn.addEnvironment('USER_POOL_ID', this.userPool.userPoolId);
    }
  }

  /** What the method calls: the function, or an alias of its newest version with sandboxes kept ready. */
  private ready(fn: lambda.Function, id: string, sandboxes: number | undefined): lambda.IFunction {
    return sandboxes === undefined
      ? fn
      : new lambda.Alias(this, `${id}Live`, {
          aliasName: 'live',
          version: fn.currentVersion,
          provisionedConcurrentExecutions: sandboxes,
        });
  }

  private makeAlarms(props: PostsApiProps): Record<string, cloudwatch.Alarm> {
    const background = new Map<string, lambda.IFunction>([['CleanUp', this.cleanUp]]);
    const watched = {
      api: this,
      table: this.table,
      indexes: this.table.indexNames,
      answering: this.functionsById,
      background,
      userPoolClientIds: this.clientIds(),
    };
    return makeAlarms(this, props, postsAlarms(watched, props.alarmThresholds ?? {}));
  }
}

class ImportedPostsApi extends PostsApiBase {
  public readonly restApiId: string;
  public readonly url: string;
  public readonly docsUrl: string;
  public readonly userPool: cognito.IUserPool;
  /** @internal */
  protected readonly _names: PostsApiAttributes;
  /** @internal */
  protected readonly _cleanUpQueues: PostsApiAttributes;

  public constructor(scope: Construct, id: string, attrs: PostsApiAttributes) {
    super(scope, id);
    this.restApiId = attrs.restApiId;
    this.url = attrs.url;
    this.docsUrl = attrs.url.replace(/\/v1\/?$/, '/docs');
    this.userPool = attrs.userPool;
    this._names = attrs;
    this._cleanUpQueues = attrs;
  }
}
