import { createHash } from 'node:crypto';
import { describe, PropertyReader, shortId } from '../assembly';
import { localizeApiAddresses } from '../gateway/addresses';
import { functionOf } from '../gateway/integration';
import { GatewayHandler } from '../gateway/server';
import { ServiceRun } from '../service';
import { CreatedResource, DeployedResource, ResourceProvider } from '../types';
import { ApiKeys, Quota } from './api-keys';
import { parseRestIdentitySource } from './authorizer';
import { DeployedApi } from './deployed-api';
import { GatewayResponseSettings, isResponseType } from './gateway-responses';
import { readMethod } from './method-reader';
import { RestApi } from './rest-api';
import { readStage } from './stage-reader';
import { texts } from './text';

/** A REST API that listens. */
export interface RunningRestApi {
  readonly api: RestApi;
  readonly url: string;
}

type Create = (resource: DeployedResource) => CreatedResource | Promise<CreatedResource>;

/** Creates REST APIs with all that belongs to them. */
export class RestApiProvider implements ResourceProvider {
  private readonly byId = new Map<string, DeployedApi>();
  private readonly apiKeys: ApiKeys;
  private readonly creators: Readonly<Record<string, Create>> = {
    RestApi: async (resource) => this.restApi(resource),
    Resource: (resource) => this.resource(resource),
    Method: (resource) => this.method(resource),
    Model: (resource) => this.model(resource),
    RequestValidator: (resource) => this.requestValidator(resource),
    GatewayResponse: (resource) => this.gatewayResponse(resource),
    Authorizer: (resource) => this.authorizer(resource),
    Deployment: (resource) => this.deployment(resource),
    Stage: (resource) => this.stage(resource),
    ApiKey: (resource) => this.apiKey(resource),
    UsagePlan: (resource) => this.usagePlan(resource),
    UsagePlanKey: (resource) => this.usagePlanKey(resource),
    Account: (resource) => this.account(resource),
    DomainName: (resource) => this.domainName(resource),
    BasePathMapping: (resource) => this.basePathMapping(resource),
  };

  public constructor(private readonly run: ServiceRun) {
    this.apiKeys = new ApiKeys(() => run.now());
  }

  public get types(): readonly string[] {
    return Object.keys(this.creators).map((kind) => `AWS::ApiGateway::${kind}`);
  }

  public get apis(): RunningRestApi[] {
    return [...this.byId.values()].map(({ api, url }) => ({ api, url }));
  }

  /** The API of this id; undefined where it is not of this app. */
  public find(id: string): RestApi | undefined {
    return this.byId.get(id)?.api;
  }

  public async create(resource: DeployedResource): Promise<CreatedResource> {
    const create = this.creators[resource.type.replace('AWS::ApiGateway::', '')];
    if (create === undefined) throw new Error(`${describe(resource)} is not supported here`);
    return create(resource);
  }

  /** Addresses in AWS of the APIs that run here, as templates build them, become local ones. */
  public localizeAddresses(text: string): string {
    return localizeApiAddresses(text, (id) => this.byId.get(id)?.url);
  }

  private async restApi(resource: DeployedResource): Promise<CreatedResource> {
    const properties = new PropertyReader(resource, {
      used: ['ApiKeySourceType', 'BinaryMediaTypes', 'DisableExecuteApiEndpoint', 'EndpointConfiguration', 'Name'],
      inert: ['Description', 'FailOnWarnings', 'Tags'],
    });
    if (properties.optionalBoolean('DisableExecuteApiEndpoint')) {
      properties.refuse('DisableExecuteApiEndpoint is not supported here: there is no other address');
    }
    const source = properties.optionalString('ApiKeySourceType') ?? 'HEADER';
    if (source !== 'HEADER') properties.refuse(`ApiKeySourceType ${source} is not supported here, only HEADER`);
    const endpoint = properties.nested('EndpointConfiguration', { used: ['Types'], inert: ['IpAddressType'] });
    if (endpoint?.list('Types').includes('PRIVATE')) properties.refuse('a PRIVATE endpoint is not supported here');
    const { region, accountId, servers, log } = this.run;
    const { functions } = this.run.others;
    const id = shortId(resource.stackName, resource.logicalId);
    const name = properties.optionalString('Name') ?? resource.logicalId;
    const handler = new GatewayHandler((request) => this.run.requestAnswered(request));
    const port = await servers.open(handler);
    const api = new RestApi({
      id,
      name,
      region,
      accountId,
      domainName: `localhost:${port}`,
      binaryTypes: properties.list('BinaryMediaTypes').map(String),
      apiKeys: this.apiKeys,
      invoker: functions,
      permissions: functions.permissions,
      now: () => this.run.now(),
      log: (line) => log(`${name}: ${line}`),
    });
    handler.api = api;
    const deployed = new DeployedApi(api, `http://localhost:${port}`, functions);
    this.byId.set(id, deployed);
    return { ref: id, attributes: { RestApiId: id, RootResourceId: deployed.rootId } };
  }

  private apiOf(properties: PropertyReader): DeployedApi {
    const id = properties.string('RestApiId');
    return this.byId.get(id) ?? properties.refuse(`API ${id} is not part of this app`);
  }

  private resource(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, { used: ['ParentId', 'PathPart', 'RestApiId'] });
    const id = shortId(resource.stackName, resource.logicalId, 6);
    const parentId = properties.string('ParentId');
    if (!this.apiOf(properties).addResource(id, parentId, properties.string('PathPart'))) {
      properties.refuse(`parent ${parentId} is not part of this API`);
    }
    return { ref: id, attributes: { ResourceId: id } };
  }

  private method(resource: DeployedResource): CreatedResource {
    const { properties, resourceId, httpMethod, method } = readMethod(resource);
    const refused = this.apiOf(properties).addMethod(resourceId, httpMethod, method);
    if (refused !== undefined) properties.refuse(refused);
    return { ref: shortId(resource.stackName, resource.logicalId), attributes: {} };
  }

  private model(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, {
      used: ['ContentType', 'Name', 'RestApiId', 'Schema'],
      inert: ['Description'],
    });
    const name = properties.optionalString('Name') ?? `Model${shortId(resource.stackName, resource.logicalId)}`;
    this.apiOf(properties).models.add(name, properties.object('Schema'));
    return { ref: name, attributes: {} };
  }

  private requestValidator(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, {
      used: ['RestApiId', 'ValidateRequestBody', 'ValidateRequestParameters'],
      inert: ['Name'],
    });
    const id = shortId(resource.stackName, resource.logicalId, 6);
    this.apiOf(properties).validators.set(id, {
      body: properties.optionalBoolean('ValidateRequestBody') ?? false,
      parameters: properties.optionalBoolean('ValidateRequestParameters') ?? false,
    });
    return { ref: id, attributes: { RequestValidatorId: id } };
  }

  private gatewayResponse(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, {
      used: ['ResponseParameters', 'ResponseTemplates', 'ResponseType', 'RestApiId', 'StatusCode'],
    });
    const type = properties.string('ResponseType');
    if (!isResponseType(type)) return properties.refuse(`response type ${type} is not known`);
    const headers: Record<string, string> = {};
    for (const [name, source] of Object.entries(properties.optionalObject('ResponseParameters') ?? {})) {
      const header = /^gatewayresponse\.header\.(.+)$/.exec(name)?.[1];
      headers[header ?? properties.refuse(`response parameter ${name} is not supported here`)] = String(source);
    }
    const settings: GatewayResponseSettings = {
      type,
      status: properties.optionalNumber('StatusCode'),
      headers,
      templates: texts(properties.optionalObject('ResponseTemplates')),
    };
    this.apiOf(properties).gatewayResponses.add(settings, describe(resource));
    return { ref: shortId(resource.stackName, resource.logicalId), attributes: { Id: type } };
  }

  private authorizer(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, {
      used: [
        'AuthorizerResultTtlInSeconds',
        'AuthorizerUri',
        'IdentitySource',
        'IdentityValidationExpression',
        'RestApiId',
        'Type',
      ],
      inert: ['AuthType', 'Name'],
    });
    const type = properties.string('Type');
    if (type !== 'TOKEN' && type !== 'REQUEST') {
      return properties.refuse(`authorizer type ${type} is not supported here, only TOKEN and REQUEST`);
    }
    const ttlSeconds = properties.optionalNumber('AuthorizerResultTtlInSeconds') ?? 300;
    if (ttlSeconds < 0 || ttlSeconds > 3600) {
      properties.refuse(`AuthorizerResultTtlInSeconds must be 0 to 3600, got ${ttlSeconds}`);
    }
    const sources = (properties.optionalString('IdentitySource') ?? '').split(',').filter((text) => text !== '');
    if (sources.length === 0 && (type === 'TOKEN' || ttlSeconds > 0)) properties.refuse('an identity source is needed');
    const functionArn = functionOf(properties.string('AuthorizerUri'));
    if (!this.run.others.functions.has(functionArn)) {
      properties.refuse(`function ${functionArn} is not part of this app`);
    }
    const expression = properties.optionalString('IdentityValidationExpression');
    const id = shortId(resource.stackName, resource.logicalId, 6);
    this.apiOf(properties).api.addAuthorizer({
      id,
      type,
      functionArn,
      identitySources: sources.map((source) => parseRestIdentitySource(source, describe(resource))),
      validation: expression === undefined ? undefined : new RegExp(`^(?:${expression})$`),
      ttlSeconds,
    });
    return { ref: id, attributes: { AuthorizerId: id } };
  }

  private deployment(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, { used: ['RestApiId'], inert: ['Description'] });
    const id = shortId(resource.stackName, resource.logicalId, 6);
    const refused = this.apiOf(properties).deploy(id);
    if (refused !== undefined) properties.refuse(refused);
    return { ref: id, attributes: { DeploymentId: id } };
  }

  private stage(resource: DeployedResource): CreatedResource {
    const { properties, deploymentId, stage } = readStage(resource);
    const api = this.apiOf(properties);
    const deployment = api.deployments.get(deploymentId);
    if (deployment === undefined) return properties.refuse(`deployment ${deploymentId} is not part of this API`);
    api.api.addStage({ ...stage, deployment });
    return { ref: stage.name, attributes: {} };
  }

  private apiKey(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, {
      used: ['Enabled', 'Value'],
      inert: ['CustomerId', 'Description', 'GenerateDistinctId', 'Name', 'StageKeys', 'Tags'],
    });
    const id = shortId(resource.stackName, resource.logicalId);
    const given = properties.optionalString('Value');
    if (given !== undefined && given.length < 20) properties.refuse(`Value must have at least 20 characters`);
    const value = given ?? createHash('sha256').update(`api-key ${id}`).digest('hex').slice(0, 40);
    const enabled = properties.optionalBoolean('Enabled') ?? false;
    this.apiKeys.addKey({ id, value, enabled });
    if (given === undefined) this.run.log(`API key ${resource.path ?? resource.logicalId} is ${value}`);
    return { ref: id, attributes: { APIKeyId: id } };
  }

  private usagePlan(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, {
      used: ['ApiStages', 'Quota', 'Throttle'],
      inert: ['Description', 'Tags', 'UsagePlanName'],
    });
    const stages = properties.nestedList('ApiStages', { used: ['ApiId', 'Stage', 'Throttle'] }).map((stage) => {
      if (Object.keys(stage.optionalObject('Throttle') ?? {}).length > 0) {
        stage.refuse('throttling of single methods by a usage plan is not supported here');
      }
      return { apiId: stage.string('ApiId'), stage: stage.string('Stage') };
    });
    const throttle = properties.nested('Throttle', { used: ['BurstLimit', 'RateLimit'] });
    const rate = throttle?.optionalNumber('RateLimit');
    const burst = throttle?.optionalNumber('BurstLimit');
    const none = rate === undefined && burst === undefined;
    const id = shortId(resource.stackName, resource.logicalId, 6);
    this.apiKeys.addPlan(id, {
      stages,
      throttle: none ? undefined : { rate: rate ?? 10_000, burst: burst ?? 5000 },
      quota: readQuota(properties),
    });
    return { ref: id, attributes: { Id: id } };
  }

  private usagePlanKey(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, { used: ['KeyId', 'KeyType', 'UsagePlanId'] });
    const keyId = properties.string('KeyId');
    const planId = properties.string('UsagePlanId');
    this.apiKeys.join(keyId, planId);
    return { ref: `${keyId}:${planId}`, attributes: { Id: `${keyId}:${planId}` } };
  }

  /** The role by which API Gateway writes logs: has no meaning here. */
  private account(resource: DeployedResource): CreatedResource {
    new PropertyReader(resource, { used: [], inert: ['CloudWatchRoleArn'] });
    return { ref: shortId(resource.stackName, resource.logicalId), attributes: { Id: 'account' } };
  }

  /** Has no meaning here: what is asked of it points nowhere. */
  private domainName(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, {
      used: ['DomainName'],
      inert: [
        'CertificateArn',
        'EndpointConfiguration',
        'MutualTlsAuthentication',
        'RegionalCertificateArn',
        'SecurityPolicy',
        'Tags',
      ],
    });
    const name = properties.string('DomainName');
    const target = `d-${shortId(resource.stackName, resource.logicalId)}.execute-api.invalid`;
    const zone = 'Z0000000000000';
    return {
      ref: name,
      attributes: {
        DistributionDomainName: target,
        DistributionHostedZoneId: zone,
        RegionalDomainName: target,
        RegionalHostedZoneId: zone,
      },
    };
  }

  private basePathMapping(resource: DeployedResource): CreatedResource {
    new PropertyReader(resource, { used: [], inert: ['BasePath', 'DomainName', 'Id', 'RestApiId', 'Stage'] });
    return { ref: shortId(resource.stackName, resource.logicalId), attributes: {} };
  }
}

function readQuota(plan: PropertyReader): Quota | undefined {
  const quota = plan.nested('Quota', { used: ['Limit', 'Period'] });
  const limit = quota?.optionalNumber('Limit');
  if (quota === undefined || limit === undefined) return undefined;
  const period = quota.string('Period');
  if (period !== 'DAY' && period !== 'WEEK' && period !== 'MONTH') {
    return quota.refuse(`Period must be DAY, WEEK or MONTH, got ${period}`);
  }
  return { limit, period };
}
