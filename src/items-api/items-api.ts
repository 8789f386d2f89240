import * as path from 'path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ITEMS_ENDPOINTS, ItemsEndpoint } from './contract';
import { IItemsApi } from './i-items-api';
import { ItemsApiBase } from './items-api-base';
import { ItemsApiAttributes, ItemsApiProps } from './items-api-props';
import { grantItems, makeItemsTable } from './items-table';
import { ServiceStage, ServiceStageSettings } from './service-stage';
import { checkInteger, failure } from '../core/checks';
import { HttpService } from '../http-service/http-service';
import { HttpServiceFunctionOptions } from '../http-service/http-service-props';
import { TableBilling } from '../social-table/table-billing';

/** The package's folder of built functions: two levels up from `lib/items-api` and from `src/items-api` alike. */
const CODE = path.join(__dirname, '..', '..', 'assets', 'items-api');

const DEFAULT_MEMORY = 1024;
const HEALTH_MEMORY = 128;
const DEFAULT_TIMEOUT = Duration.seconds(30);
const HEALTH_TIMEOUT = Duration.seconds(3);

/**
 * The service that another one starts from: items by category and time, and users by e-mail, on one table, behind an
 * HTTP API with a health check, API documents, entity tags, paging by cursor, compression, and an authorizer of your
 * choice. A stage decides what it costs and what becomes of its data.
 *
 * `new ItemsApi(this, 'Api')` is a whole service, open to everybody, whose data is kept.
 */
export class ItemsApi extends ItemsApiBase {
  /** Uses an ItemsApi of another app, for its addresses and metrics. */
  public static fromItemsApiAttributes(scope: Construct, id: string, attrs: ItemsApiAttributes): IItemsApi {
    return new ImportedItemsApi(scope, id, attrs);
  }

  /** The routes, their functions, the gateway and its alarms. */
  public readonly service: HttpService;
  /** Items and users. */
  public readonly table: dynamodb.ITable;
  /** Where it is deployed to. */
  public readonly stage: ServiceStage;
  /** The alarms by construct id: `ServerErrorAlarm`, `LatencyAlarm`. */
  public readonly alarms: Record<string, cloudwatch.Alarm>;
  /** @internal */
  protected readonly _api: apigatewayv2.IHttpApi;

  public constructor(scope: Construct, id: string, props: ItemsApiProps = {}) {
    super(scope, id);
    this.stage =
      props.stage ??
      ServiceStage.DEV.with({
        removalPolicy: RemovalPolicy.RETAIN,
      });
    const { settings } = this.stage;
    this.check(props, settings);
    this.table = props.table ?? this.makeTable(props, settings);
    this.service = new HttpService(this, 'Service', {
      ...props,
      directory: CODE,
      endpoints: ITEMS_ENDPOINTS,
      description: 'Items API',
      memorySize: props.memorySize ?? settings.memorySize ?? DEFAULT_MEMORY,
      timeout: props.timeout ?? settings.timeout ?? DEFAULT_TIMEOUT,
      logRetention: props.logRetention ?? settings.logRetention,
      functions: this.functionOptions(props, settings),
    });
    for (const [operation, facts] of Object.entries<ItemsEndpoint>(ITEMS_ENDPOINTS)) {
      const fn = this.service.functionOf(operation);
      if (grantItems(this.table, fn, facts)) {
        fn.addEnvironment('TABLE_NAME', this.table.tableName);
      }
    }
    this.describe(this.service.functionOf('GetHealth'), props);
    this.alarms = this.service.alarms;
    this._api = this.service.httpApi;
  }

  public get url(): string {
    return this.service.url;
  }

  public get docsUrl(): string {
    return this.service.docsUrl;
  }

  /** The function of each endpoint, by its operation: `GetHealth`, `CreateItem` and so on. */
  public get functions(): Record<string, lambda.Function> {
    return this.service.functions;
  }

  /**
   * Lets the grantee call every endpoint but the health check, which asks nobody; only with `ServiceAuthorizer.iam()`.
   *
   * @throws where another authorizer decides
   */
  public grantInvoke(grantee: iam.IGrantable): void {
    this.service.grantInvoke(grantee);
  }

  private check(props: ItemsApiProps, settings: ServiceStageSettings): void {
    if (props.table) {
      const ofNew = ['billing', 'encryptionKey', 'encryption', 'removalPolicy', 'deletionProtection'] as const;
      const given = ofNew.find((name) => props[name] !== undefined);
      if (given) {
        throw failure(`Either provide table or ${given}, but not both: it says what a new table is to be`, this);
      }
    }
    for (const kind of ['provisionedConcurrency', 'reservedConcurrency'] as const) {
      for (const [operation, number] of Object.entries(settings[kind] ?? {})) {
        if (!Object.hasOwn(ITEMS_ENDPOINTS, operation)) {
          throw failure(
            `${kind} of stage ${this.stage.name} must be of operations such as GetItem, got: ${operation}`,
            this,
          );
        }
        checkInteger(`${kind}.${operation} of stage ${this.stage.name}`, number, { min: 1 }, this);
      }
    }
  }

  private makeTable(props: ItemsApiProps, settings: ServiceStageSettings): dynamodb.Table {
    const removalPolicy = props.removalPolicy ?? settings.removalPolicy;
    return makeItemsTable(this, 'Table', props.billing ?? settings.billing ?? TableBilling.onDemand(), {
      encryptionKey: props.encryptionKey,
      encryption: props.encryption,
      removalPolicy,
      // What a stage says of protection is said of what it says of removal.
      deletionProtection:
        props.deletionProtection ?? (props.removalPolicy === undefined ? settings.deletionProtection : undefined),
      pointInTimeRecovery: props.pointInTimeRecovery ?? settings.pointInTimeRecovery,
    });
  }

  /** What the functions have that the others have not: by the stage, and before that by the props. */
  private functionOptions(props: ItemsApiProps, settings: ServiceStageSettings) {
    const { provisionedConcurrency = {}, reservedConcurrency = {} } = settings;
    const options: Record<string, HttpServiceFunctionOptions> = { ...props.functions };
    for (const operation of Object.keys(ITEMS_ENDPOINTS)) {
      const health =
        operation === 'GetHealth'
          ? {
              memorySize: settings.healthMemorySize ?? HEALTH_MEMORY,
              timeout: settings.healthTimeout ?? HEALTH_TIMEOUT,
            }
          : {};
      options[operation] = {
        ...health,
        provisionedConcurrentExecutions: provisionedConcurrency[operation],
        reservedConcurrentExecutions: reservedConcurrency[operation],
        ...props.functions?.[operation],
      };
    }
    return options;
  }

  /** What the health check tells. */
  private describe(health: lambda.Function, props: ItemsApiProps): void {
    health.addEnvironment('SERVICE_NAME', props.serviceName ?? 'items-api');
    health.addEnvironment('SERVICE_VERSION', props.serviceVersion ?? '1.0.0');
    health.addEnvironment('SERVICE_ENVIRONMENT', this.stage.name);
  }
}

class ImportedItemsApi extends ItemsApiBase {
  public readonly url: string;
  public readonly docsUrl: string;
  /** @internal */
  protected readonly _api: apigatewayv2.IHttpApi;

  public constructor(scope: Construct, id: string, attrs: ItemsApiAttributes) {
    super(scope, id);
    this.url = attrs.url.replace(/\/$/, '');
    this.docsUrl = `${this.url}/docs`;
    this._api = apigatewayv2.HttpApi.fromHttpApiAttributes(this, 'HttpApi', { httpApiId: attrs.httpApiId });
  }
}
