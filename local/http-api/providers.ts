import { describe, expectObject, PropertyReader, shortId, stringList } from '../assembly';
import { checkAccessLogFormat } from '../gateway/access-log';
import { localizeApiAddresses } from '../gateway/addresses';
import { GatewayHandler } from '../gateway/server';
import { ThrottleSettings } from '../gateway/throttle';
import { ServiceRun } from '../service';
import { CreatedResource, DeployedResource, ResourceProvider } from '../types';
import { readAuthorizer } from './authorizer-reader';
import { CorsSettings } from './cors';
import { HttpApi, Preflight } from './http-api';
import { IAM_AUTHORIZER } from './iam-authorizer';
import { RouteAuthorization } from './router';

/** API Gateway waits no longer. */
const LONGEST_INTEGRATION_MS = 30_000;

/** "Scopes per route", a quota of HTTP APIs. */
const MOST_SCOPES = 10;

const ROUTE_SETTINGS = {
  used: ['ThrottlingBurstLimit', 'ThrottlingRateLimit'],
  inert: ['DetailedMetricsEnabled', 'DataTraceEnabled', 'LoggingLevel'],
};

/** An API that listens. */
export interface RunningApi {
  readonly api: HttpApi;
  readonly url: string;
}

/** Creates HTTP APIs with their routes, integrations and stages. */
export class HttpApiProvider implements ResourceProvider {
  public readonly types = [
    'AWS::ApiGatewayV2::Api',
    'AWS::ApiGatewayV2::Authorizer',
    'AWS::ApiGatewayV2::Integration',
    'AWS::ApiGatewayV2::Route',
    'AWS::ApiGatewayV2::Stage',
  ];

  private readonly byId = new Map<string, RunningApi>();
  private readonly integrations = new Map<string, { functionArn: string; timeoutMs: number }>();
  private readonly authorizerTypes = new Map<string, 'JWT' | 'REQUEST'>();

  /** @param preflight who answers preflights that a route of ANY or `$default` would take as well */
  public constructor(
    private readonly run: ServiceRun,
    private readonly preflight?: Preflight,
  ) {}

  public get apis(): RunningApi[] {
    return [...this.byId.values()];
  }

  public async create(resource: DeployedResource): Promise<CreatedResource> {
    switch (resource.type) {
      case 'AWS::ApiGatewayV2::Api':
        return this.api(resource);
      case 'AWS::ApiGatewayV2::Authorizer':
        return this.authorizer(resource);
      case 'AWS::ApiGatewayV2::Integration':
        return this.integration(resource);
      case 'AWS::ApiGatewayV2::Route':
        return this.route(resource);
      default:
        return this.stage(resource);
    }
  }

  /** Addresses in AWS of the APIs that run here, as templates build them, become local ones. */
  public localizeAddresses(text: string): string {
    return localizeApiAddresses(text, (id) => this.byId.get(id)?.url);
  }

  private async api(resource: DeployedResource): Promise<CreatedResource> {
    const properties = new PropertyReader(resource, {
      used: ['CorsConfiguration', 'DisableExecuteApiEndpoint', 'Name', 'ProtocolType'],
      inert: ['Description', 'IpAddressType', 'Tags', 'Version'],
    });
    const protocol = properties.string('ProtocolType');
    if (protocol !== 'HTTP') properties.refuse(`protocol ${protocol} is not supported here, only HTTP`);
    if (properties.optionalBoolean('DisableExecuteApiEndpoint')) {
      properties.refuse('DisableExecuteApiEndpoint is not supported here: there is no other address');
    }
    const { region, accountId, servers, others, log } = this.run;
    const id = shortId(resource.stackName, resource.logicalId);
    const handler = new GatewayHandler((request) => this.run.requestAnswered(request));
    const port = await servers.open(handler);
    const name = properties.optionalString('Name') ?? resource.logicalId;
    const api = new HttpApi({
      id,
      name,
      region,
      accountId,
      domainName: `localhost:${port}`,
      cors: readCors(properties),
      preflight: this.preflight,
      invoker: others.functions,
      permissions: others.functions.permissions,
      localAddress: (url) => others.localAddress(url),
      iam: { region, accountId, authorizer: () => others.authorizer, identify: (key) => others.identify(key) },
      now: () => this.run.now(),
      log: (line) => log(`${name}: ${line}`),
    });
    handler.api = api;
    const url = `http://localhost:${port}`;
    this.byId.set(id, { api, url });
    return { ref: id, attributes: { ApiId: id, ApiEndpoint: url } };
  }

  private find(properties: PropertyReader): HttpApi {
    const id = properties.string('ApiId');
    return this.byId.get(id)?.api ?? properties.refuse(`API ${id} is not part of this app`);
  }

  private integration(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, {
      used: ['ApiId', 'ConnectionType', 'IntegrationType', 'IntegrationUri', 'PayloadFormatVersion', 'TimeoutInMillis'],
      inert: ['Description', 'IntegrationMethod'],
    });
    this.find(properties);
    const type = properties.string('IntegrationType');
    if (type !== 'AWS_PROXY') {
      properties.refuse(`integration type ${type} is not supported here, only AWS_PROXY to Lambda`);
    }
    const format = properties.optionalString('PayloadFormatVersion') ?? '1.0';
    if (format !== '2.0') properties.refuse(`payload format ${format} is not supported here, only 2.0`);
    const connection = properties.optionalString('ConnectionType') ?? 'INTERNET';
    if (connection !== 'INTERNET') properties.refuse(`connection type ${connection} is not supported here`);
    const timeoutMs = properties.optionalNumber('TimeoutInMillis') ?? LONGEST_INTEGRATION_MS;
    if (timeoutMs < 50 || timeoutMs > LONGEST_INTEGRATION_MS) {
      properties.refuse(`TimeoutInMillis must be 50 to ${LONGEST_INTEGRATION_MS}, got ${timeoutMs}`);
    }
    const uri = properties.string('IntegrationUri');
    if (!this.run.others.functions.has(uri)) properties.refuse(`function ${uri} is not part of this app`);
    const id = shortId(resource.stackName, resource.logicalId, 7);
    this.integrations.set(id, { functionArn: uri, timeoutMs });
    return { ref: id, attributes: { IntegrationId: id } };
  }

  private authorizer(resource: DeployedResource): CreatedResource {
    const id = shortId(resource.stackName, resource.logicalId, 6);
    const authorizer = readAuthorizer(resource, id, (arn) => this.run.others.functions.has(arn));
    const api = this.find(authorizer.properties);
    if (authorizer.type === 'JWT') api.addJwtAuthorizer(authorizer.settings);
    else api.addLambdaAuthorizer(authorizer.settings);
    this.authorizerTypes.set(id, authorizer.type);
    return { ref: id, attributes: { AuthorizerId: id } };
  }

  private route(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, {
      used: [
        'ApiId',
        'ApiKeyRequired',
        'AuthorizationScopes',
        'AuthorizationType',
        'AuthorizerId',
        'RouteKey',
        'Target',
      ],
      inert: ['OperationName'],
    });
    if (properties.optionalBoolean('ApiKeyRequired')) properties.refuse('ApiKeyRequired is not supported here');
    const target = properties.string('Target').replace(/^integrations\//, '');
    const integration = this.integrations.get(target) ?? properties.refuse(`integration ${target} is not known`);
    const authorization = this.authorization(properties);
    this.find(properties).router.add({ key: properties.string('RouteKey'), ...integration, authorization });
    const id = shortId(resource.stackName, resource.logicalId, 7);
    return { ref: id, attributes: { RouteId: id } };
  }

  private authorization(properties: PropertyReader): RouteAuthorization | undefined {
    const type = properties.optionalString('AuthorizationType') ?? 'NONE';
    const scopes = stringList(properties.list('AuthorizationScopes'), 'AuthorizationScopes');
    if (type !== 'JWT' && scopes.length > 0) properties.refuse(`AuthorizationScopes are for JWT, not for ${type}`);
    if (scopes.length > MOST_SCOPES) {
      properties.refuse(`a route has at most ${MOST_SCOPES} scopes, got ${scopes.length}`);
    }
    if (type === 'NONE') return undefined;
    if (type === 'AWS_IAM') return { authorizerId: IAM_AUTHORIZER };
    if (type !== 'CUSTOM' && type !== 'JWT') {
      properties.refuse(`authorization type ${type} is not supported here, only NONE, AWS_IAM, CUSTOM and JWT`);
    }
    const authorizerId = properties.string('AuthorizerId');
    const of = this.authorizerTypes.get(authorizerId) ?? properties.refuse(`authorizer ${authorizerId} is not known`);
    if ((of === 'JWT') !== (type === 'JWT')) {
      properties.refuse(`authorization type ${type} does not go with an authorizer of type ${of}`);
    }
    return { authorizerId, scopes };
  }

  private stage(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, {
      used: [
        'AccessLogSettings',
        'ApiId',
        'AutoDeploy',
        'DefaultRouteSettings',
        'RouteSettings',
        'StageName',
        'StageVariables',
      ],
      inert: ['Description', 'Tags'],
    });
    if (properties.optionalBoolean('AutoDeploy') !== true) properties.refuse('only AutoDeploy: true is supported here');
    const logging = properties.nested('AccessLogSettings', { used: ['Format'], inert: ['DestinationArn'] });
    const accessLogFormat = logging?.optionalString('Format');
    if (accessLogFormat !== undefined) checkAccessLogFormat(accessLogFormat, describe(resource));
    const variables = properties.optionalObject('StageVariables');
    const name = properties.string('StageName');
    this.find(properties).addStage({
      name,
      variables:
        variables === undefined
          ? undefined
          : Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, String(value)])),
      throttle: readThrottle(properties.nested('DefaultRouteSettings', ROUTE_SETTINGS)),
      routeThrottle: readRouteThrottle(resource, properties),
      accessLogFormat,
    });
    return { ref: name, attributes: {} };
  }
}

function readThrottle(settings: PropertyReader | undefined): ThrottleSettings | undefined {
  const rate = settings?.optionalNumber('ThrottlingRateLimit');
  const burst = settings?.optionalNumber('ThrottlingBurstLimit');
  if (rate === undefined && burst === undefined) return undefined;
  // One of the two alone leaves the other at the account's limit.
  return { rate: rate ?? 10_000, burst: burst ?? 5000 };
}

function readRouteThrottle(resource: DeployedResource, properties: PropertyReader): Record<string, ThrottleSettings> {
  const throttles: Record<string, ThrottleSettings> = {};
  for (const [key, value] of Object.entries(properties.optionalObject('RouteSettings') ?? {})) {
    const where = { ...resource, properties: expectObject(value, `${describe(resource)}: RouteSettings.${key}`) };
    const throttle = readThrottle(new PropertyReader(where, ROUTE_SETTINGS));
    if (throttle !== undefined) throttles[key] = throttle;
  }
  return throttles;
}

function readCors(properties: PropertyReader): CorsSettings | undefined {
  const cors = properties.nested('CorsConfiguration', {
    used: ['AllowCredentials', 'AllowHeaders', 'AllowMethods', 'AllowOrigins', 'ExposeHeaders', 'MaxAge'],
  });
  if (cors === undefined) return undefined;
  return {
    allowOrigins: stringList(cors.list('AllowOrigins'), 'AllowOrigins'),
    allowMethods: stringList(cors.list('AllowMethods'), 'AllowMethods'),
    allowHeaders: stringList(cors.list('AllowHeaders'), 'AllowHeaders'),
    exposeHeaders: stringList(cors.list('ExposeHeaders'), 'ExposeHeaders'),
    allowCredentials: cors.optionalBoolean('AllowCredentials') ?? false,
    maxAge: cors.optionalNumber('MaxAge'),
  };
}
