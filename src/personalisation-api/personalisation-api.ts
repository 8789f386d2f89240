import * as path from 'path';
import { Duration } from 'aws-cdk-lib';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { PERSONALISATION_ENDPOINTS, PERSONALISATION_KEY_PREFIXES, PersonalisationEndpoint } from './contract';
import { IPersonalisationApi } from './i-personalisation-api';
import { PersonalisationApiAttributes, PersonalisationApiProps } from './personalisation-api-props';
import { acknowledge } from '../core/acknowledge';
import { failure } from '../core/checks';
import { tableProtection } from '../core/stateful-resource-options';
import { grantItemRights } from '../core/table-grants';
import { HttpService } from '../http-service/http-service';
import { HttpServiceFunctionOptions } from '../http-service/http-service-props';

/** The built functions: two levels up from `lib/personalisation-api` and from `src/personalisation-api` alike. */
const FUNCTIONS = path.join(__dirname, '..', '..', 'assets', 'personalisation-api');

/** The version is in the path, from the start: another one may be served beside it. */
const BASE_PATH = '/api/v1';

const ENDPOINTS: readonly (readonly [string, PersonalisationEndpoint])[] = Object.entries(PERSONALISATION_ENDPOINTS);

/** Some take longer than others; what the user says of a function counts more. */
function functionsOf(given: PersonalisationApiProps['functions'] = {}): Record<string, HttpServiceFunctionOptions> {
  const own = ENDPOINTS.flatMap(([name, { timeout }]) =>
    timeout === undefined ? [] : [[name, { timeout: Duration.seconds(timeout), ...given[name] }] as const],
  );
  return { ...given, ...Object.fromEntries(own) };
}

/**
 * What users are interested in, for pages that choose by it: profiles with tags, segments with scored and ranked
 * categories, and each segment's history. The same profiles are stored in two ways side by side: below `/profile` as an
 * item for each segment and version, below `/blob` as one native map. One function an endpoint below `/api/v1`, its
 * documents at `/docs`.
 *
 * `new PersonalisationApi(this, 'Api')` is a whole back end, with a table of its own; who may call it is `authorizer`.
 */
export class PersonalisationApi extends Construct implements IPersonalisationApi {
  /** Uses a PersonalisationApi of another app, for its addresses and metrics. */
  public static fromPersonalisationApiAttributes(
    scope: Construct,
    id: string,
    attrs: PersonalisationApiAttributes,
  ): IPersonalisationApi {
    return new ImportedPersonalisationApi(scope, id, attrs);
  }

  /** The functions behind their HTTP API. */
  public readonly service: HttpService;
  /** Where profiles are: those of both designs. */
  public readonly table: dynamodb.ITable;
  /** The alarms by construct id: `ServerErrorAlarm`, `LatencyAlarm`. */
  public readonly alarms: Record<string, cloudwatch.Alarm>;

  public constructor(scope: Construct, id: string, props: PersonalisationApiProps = {}) {
    super(scope, id);
    this.table = this.tableOf(props);
    if (props.backupPlan) {
      this.backUp(props.backupPlan);
    }
    this.service = new HttpService(this, 'Service', {
      ...props,
      apiName: props.apiName ?? id,
      description: 'Personalisation API',
      directory: FUNCTIONS,
      endpoints: PERSONALISATION_ENDPOINTS,
      basePath: BASE_PATH,
      functions: functionsOf(props.functions),
    });
    this.alarms = this.service.alarms;
    for (const [name, { items }] of ENDPOINTS) {
      const fn = this.service.functionOf(name);
      fn.addEnvironment('TABLE_NAME', this.table.tableName);
      grantItemRights(this.table, fn, items, PERSONALISATION_KEY_PREFIXES);
    }
  }

  /** Where the API is served: `https://<id>.execute-api.<region>.amazonaws.com/api/v1`, or below its domain. */
  public get url(): string {
    return this.service.url;
  }

  public get docsUrl(): string {
    return this.service.docsUrl;
  }

  public get httpApiId(): string {
    return this.service.httpApi.apiId;
  }

  /** The function of each endpoint, by its name: `PutProfile`, `GetSegment` and so on. */
  public get functions(): Record<string, lambda.Function> {
    return this.service.functions;
  }

  /**
   * Lets the grantee call every endpoint, where `ServiceAuthorizer.iam()` guards them.
   *
   * @throws where another authorizer does
   */
  public grantInvoke(grantee: iam.IGrantable): void {
    this.service.grantInvoke(grantee);
  }

  public metricCount(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.service.metricCount(options);
  }

  public metricServerError(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.service.metricServerError(options);
  }

  public metricClientError(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.service.metricClientError(options);
  }

  public metricLatency(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.service.metricLatency(options);
  }

  private tableOf(props: PersonalisationApiProps): dynamodb.ITable {
    const { table, tableName } = props;
    if (table && tableName !== undefined) {
      throw failure('Either provide table or tableName, but not both', this);
    }
    return (
      table ??
      new dynamodb.Table(this, 'Table', {
        tableName,
        partitionKey: { name: 'PK', type: dynamodb.AttributeType.STRING },
        sortKey: { name: 'SK', type: dynamodb.AttributeType.STRING },
        billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
        timeToLiveAttribute: 'expiresAt',
        ...tableProtection(this, props),
      })
    );
  }

  private backUp(backupPlan: backup.IBackupPlan): void {
    const selection = new backup.BackupSelection(this, 'Backup', {
      backupPlan,
      resources: [backup.BackupResource.fromDynamoDbTable(this.table)],
      allowRestores: true,
    });
    const role = selection.node.tryFindChild('Role')?.node.defaultChild;
    for (const policy of ['Backup', 'Restores']) {
      acknowledge(role, {
        id: `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyFor${policy}]`,
        reason: 'The policies that AWS keeps for its own service: what a backup needs changes with the service',
      });
    }
  }
}

/** A PersonalisationApi of another app. */
class ImportedPersonalisationApi extends Construct implements IPersonalisationApi {
  public readonly httpApiId: string;
  public readonly url: string;
  public readonly docsUrl: string;
  private readonly api: apigatewayv2.IHttpApi;

  public constructor(scope: Construct, id: string, attrs: PersonalisationApiAttributes) {
    super(scope, id);
    this.httpApiId = attrs.httpApiId;
    this.url = attrs.url.replace(/\/$/, '');
    this.docsUrl = `${this.url.replace(/\/api\/v1$/, '')}/docs`;
    this.api = apigatewayv2.HttpApi.fromHttpApiAttributes(this, 'HttpApi', { httpApiId: attrs.httpApiId });
  }

  public metricCount(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.api.metricCount(options);
  }

  public metricServerError(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.api.metricServerError(options);
  }

  public metricClientError(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.api.metricClientError(options);
  }

  public metricLatency(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.api.metricLatency(options);
  }
}
