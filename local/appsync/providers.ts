import { describe, PropertyReader, shortId } from '../assembly';
import { GatewayHandler } from '../gateway/server';
import { ServiceRun } from '../service';
import { CallerIdentity, CreatedResource, DeployedResource, ResourceProvider } from '../types';
import { ApiPage, GraphqlApi } from './api';
import { readApi } from './api-reader';
import { Authenticator, TrustedPool } from './authenticator';
import { awsCaller } from './data-sources/aws-call';
import { DataSource, noneDataSource, TEMPLATE_VERSION } from './data-sources/data-source';
import { dynamoDbDataSource } from './data-sources/dynamodb';
import { BATCH_OPERATIONS } from './data-sources/dynamodb-batches';
import { lambdaDataSource } from './data-sources/lambda';
import { DeployedApi } from './deployed-api';
import { FieldResolver } from './execution/resolver';
import { RealtimeServer } from './realtime/server';
import { Node, parseTemplate } from './vtl';

/** Who assumes the roles of data sources. */
const SERVICE = 'appsync.amazonaws.com';

/** "Number of functions per pipeline resolver", a quota. */
const MOST_FUNCTIONS = 10;

/** "Request mapping template size", and that of the response, are quotas. */
const MOST_TEMPLATE_BYTES = 64 * 1024;

const NAME = /^[_A-Za-z][_0-9A-Za-z]{0,64}$/;

/** An API with its address. */
export interface RunningGraphqlApi {
  readonly deployed: DeployedApi;
  readonly realtime: RealtimeServer;
}

/** What a page of an API is made from. */
export type MakePage = (api: DeployedApi, pools: readonly TrustedPool[]) => ApiPage;

/** Creates GraphQL APIs with all that belongs to them. */
export class AppSyncProvider implements ResourceProvider {
  private readonly byId = new Map<string, RunningGraphqlApi>();
  /** As whom data sources call, by the first part of their access keys. */
  private readonly callers = new Map<string, CallerIdentity>();
  private readonly creators: Readonly<
    Record<string, (resource: DeployedResource) => CreatedResource | Promise<CreatedResource>>
  > = {
    GraphQLApi: async (resource) => this.graphqlApi(resource),
    GraphQLSchema: (resource) => this.schema(resource),
    DataSource: (resource) => this.dataSource(resource),
    FunctionConfiguration: (resource) => this.functionConfiguration(resource),
    Resolver: (resource) => this.resolver(resource),
  };

  public constructor(
    private readonly run: ServiceRun,
    private readonly page?: MakePage,
  ) {}

  public get types(): readonly string[] {
    return Object.keys(this.creators).map((kind) => `AWS::AppSync::${kind}`);
  }

  public get apis(): readonly RunningGraphqlApi[] {
    return [...this.byId.values()];
  }

  public async create(resource: DeployedResource): Promise<CreatedResource> {
    const create = this.creators[resource.type.replace('AWS::AppSync::', '')];
    if (create === undefined) throw new Error(`${describe(resource)} is not supported here`);
    return create(resource);
  }

  /** The data source behind an access key, and the request that it calls for. */
  public identify(accessKeyId: string): CallerIdentity | undefined {
    const [key = '', requestId] = accessKeyId.split('.');
    const caller = this.callers.get(key);
    return caller === undefined ? undefined : { ...caller, invocationId: requestId };
  }

  /** Addresses in AWS of the APIs that run here, as templates build them, become local ones. */
  public localizeAddresses(text: string): string {
    return this.apis.reduce((result, { deployed: { options } }) => {
      const { id, url } = options;
      const local = result.replaceAll(`https://${this.domain(id, 'appsync-api')}`, url);
      return local.replaceAll(`wss://${this.domain(id, 'appsync-realtime-api')}/graphql`, realtimeUrl(url));
    }, text);
  }

  private domain(id: string, kind: 'appsync-api' | 'appsync-realtime-api'): string {
    return `${id}.${kind}.${this.run.region}.amazonaws.com`;
  }

  private async graphqlApi(resource: DeployedResource): Promise<CreatedResource> {
    const { region, accountId, servers, others } = this.run;
    const settings = readApi(resource, region);
    const id = shortId(resource.stackName, resource.logicalId, 26);
    const arn = `arn:aws:appsync:${region}:${accountId}:apis/${id}`;
    const handler = new GatewayHandler((request) => this.run.requestAnswered(request));
    const url = `http://localhost:${await servers.open(handler)}`;
    const { name, modes, limits, pools } = settings;
    const log = (line: string): void => this.run.log(`${name}: ${line}`);
    const now = (): number => this.run.now();
    const deployed: DeployedApi = new DeployedApi({
      ...{ id, name, arn, url, modes, limits, log, now },
      mutated: (fieldName, value) => realtime.publish(fieldName, value),
    });
    const authenticator = new Authenticator({
      ...{ region, accountId, apiArn: arn, pools, now, log },
      modes: [modes.main, ...modes.additional],
      authorizer: () => others.authorizer,
      localAddress: (address) => others.localAddress(address),
      identify: (key) => others.identify(key),
    });
    const api = new GraphqlApi({
      name,
      authenticator,
      executor: () => deployed.executor,
      page: this.page?.(deployed, pools),
    });
    const realtime = new RealtimeServer({
      ...{ authenticator, log },
      api: () => deployed.definition,
      executor: () => deployed.executor,
    });
    handler.api = api;
    handler.upgrade = (message, socket, head) => realtime.upgrade(message, socket, head);
    this.byId.set(id, { deployed, realtime });
    return {
      ref: arn,
      attributes: {
        ApiId: id,
        Arn: arn,
        GraphQLDns: this.domain(id, 'appsync-api'),
        GraphQLEndpointArn: `arn:aws:appsync:${region}:${accountId}:endpoints/graphql-api/${id}`,
        GraphQLUrl: `${url}/graphql`,
        RealtimeDns: this.domain(id, 'appsync-realtime-api'),
        RealtimeUrl: realtimeUrl(url),
      },
    };
  }

  private apiOf(properties: PropertyReader): DeployedApi {
    const id = properties.string('ApiId');
    return this.byId.get(id)?.deployed ?? properties.refuse(`API ${id} is not part of this app`);
  }

  private schema(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, { used: ['ApiId', 'Definition'] });
    const api = this.apiOf(properties);
    const definition = properties.string('Definition');
    try {
      api.setSchema(definition);
    } catch (error) {
      properties.refuse(error instanceof Error ? error.message : String(error));
    }
    return { ref: `${api.options.id}GraphQLSchema`, attributes: { Id: `${api.options.id}GraphQLSchema` } };
  }

  private dataSource(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, {
      used: ['ApiId', 'DynamoDBConfig', 'LambdaConfig', 'Name', 'ServiceRoleArn', 'Type'],
      inert: ['Description', 'MetricsConfig'],
    });
    const api = this.apiOf(properties);
    const name = nameOf(properties);
    const source = this.makeDataSource(properties, api, name);
    api.dataSources.set(name, source);
    const arn = `${api.options.arn}/datasources/${name}`;
    return { ref: arn, attributes: { DataSourceArn: arn, Name: name } };
  }

  private makeDataSource(properties: PropertyReader, api: DeployedApi, name: string): DataSource {
    const type = properties.string('Type');
    if (type === 'NONE') return noneDataSource(name);
    if (type === 'AMAZON_DYNAMODB') {
      const config = properties.nested('DynamoDBConfig', {
        used: ['AwsRegion', 'TableName', 'UseCallerCredentials', 'Versioned'],
      });
      if (config === undefined) return properties.refuse('DynamoDBConfig is needed');
      for (const flag of ['UseCallerCredentials', 'Versioned']) {
        if (config.boolean(flag, false)) config.refuse(`${flag} is not supported here`);
      }
      const region = config.string('AwsRegion');
      if (region !== this.run.region) config.refuse(`AwsRegion ${region} is another region than ${this.run.region}`);
      return dynamoDbDataSource(
        name,
        config.string('TableName'),
        this.callsOf(properties, api, name),
        BATCH_OPERATIONS,
      );
    }
    if (type !== 'AWS_LAMBDA') {
      properties.refuse(`data source type ${type} is not supported here, only AMAZON_DYNAMODB, AWS_LAMBDA and NONE`);
    }
    const config = properties.nested('LambdaConfig', { used: ['LambdaFunctionArn'] });
    const functionArn = config?.string('LambdaFunctionArn') ?? properties.refuse('LambdaConfig is needed');
    if (!this.run.others.functions.has(functionArn)) {
      properties.refuse(`function ${functionArn} is not part of this app`);
    }
    return lambdaDataSource(name, functionArn, this.callsOf(properties, api, name));
  }

  /** Calls with the role of a data source, which has to let AppSync assume it. */
  private callsOf(properties: PropertyReader, api: DeployedApi, name: string): ReturnType<typeof awsCaller> {
    const { others, accountId, endpoint, region } = this.run;
    const roleArn = properties.string('ServiceRoleArn');
    const principal = { name: `${api.options.name}/${name}`, roleArn };
    others.authorizer.useRole(roleArn, principal.name, `data source ${name}`);
    const context = { 'aws:SourceArn': api.options.arn, 'aws:SourceAccount': accountId };
    if (!others.authorizer.mayAssume(roleArn, SERVICE, context)) {
      properties.refuse(`role ${roleArn} does not let ${SERVICE} assume it`);
    }
    const key = `LOCALAPPSYNC${api.options.id}-${name}`;
    this.callers.set(key, { principal });
    return awsCaller(endpoint, region, (requestId) => `${key}.${requestId}`);
  }

  private sourceOf(properties: PropertyReader, api: DeployedApi): DataSource {
    const name = properties.string('DataSourceName');
    return api.dataSources.get(name) ?? properties.refuse(`data source ${name} is not part of this API`);
  }

  private functionConfiguration(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, {
      used: [
        'ApiId',
        'DataSourceName',
        'FunctionVersion',
        'Name',
        'RequestMappingTemplate',
        'ResponseMappingTemplate',
        'Runtime',
      ],
      inert: ['Description'],
    });
    refuseRuntime(properties);
    const version = properties.optionalString('FunctionVersion') ?? TEMPLATE_VERSION;
    if (version !== TEMPLATE_VERSION) {
      properties.refuse(`FunctionVersion has to be ${TEMPLATE_VERSION}, got ${version}`);
    }
    const api = this.apiOf(properties);
    const name = nameOf(properties);
    const id = shortId(resource.stackName, resource.logicalId, 26);
    const dataSource = this.sourceOf(properties, api);
    const step = { name: `function ${name}`, dataSource, ...templatesOf(properties) };
    api.functions.set(id, { id, step });
    const arn = `${api.options.arn}/functions/${id}`;
    return { ref: arn, attributes: { FunctionArn: arn, FunctionId: id, Name: name, DataSourceName: dataSource.name } };
  }

  private resolver(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, {
      used: [
        'ApiId',
        'DataSourceName',
        'FieldName',
        'Kind',
        'PipelineConfig',
        'RequestMappingTemplate',
        'ResponseMappingTemplate',
        'Runtime',
        'TypeName',
      ],
      inert: ['MetricsConfig'],
    });
    refuseRuntime(properties);
    const api = this.apiOf(properties);
    const typeName = properties.string('TypeName');
    const fieldName = properties.string('FieldName');
    const refused = api.addResolver(
      typeName,
      fieldName,
      this.fieldResolver(properties, api, `resolver ${typeName}.${fieldName}`),
    );
    if (refused !== undefined) properties.refuse(refused);
    const arn = `${api.options.arn}/types/${typeName}/resolvers/${fieldName}`;
    return { ref: arn, attributes: { ResolverArn: arn, TypeName: typeName, FieldName: fieldName } };
  }

  private fieldResolver(properties: PropertyReader, api: DeployedApi, name: string): FieldResolver {
    const kind = properties.optionalString('Kind') ?? 'UNIT';
    const pipeline = properties.nested('PipelineConfig', { used: ['Functions'] });
    const { request, response } = templatesOf(properties);
    if (kind === 'UNIT') {
      if (pipeline !== undefined) properties.refuse('a resolver of kind UNIT has no PipelineConfig');
      return { kind: 'unit', step: { name, dataSource: this.sourceOf(properties, api), request, response } };
    }
    if (kind !== 'PIPELINE') properties.refuse(`kind ${kind} is not known, only UNIT and PIPELINE`);
    if (properties.has('DataSourceName')) properties.refuse('a resolver of kind PIPELINE has no DataSourceName');
    const ids = (pipeline?.list('Functions') ?? []).map(String);
    if (ids.length === 0 || ids.length > MOST_FUNCTIONS) {
      properties.refuse(`a pipeline has 1 to ${MOST_FUNCTIONS} functions, got ${ids.length}`);
    }
    const steps = ids.map(
      (id) => api.functions.get(id)?.step ?? properties.refuse(`function ${id} is not part of this API`),
    );
    return { kind: 'pipeline', name, before: request, steps, after: response };
  }
}

/** The address of subscriptions: the path of an API with a domain name of its own, for one server has both here. */
export function realtimeUrl(url: string): string {
  return `${url.replace(/^http/, 'ws')}/graphql/realtime`;
}

function refuseRuntime(properties: PropertyReader): void {
  if (properties.has('Runtime')) properties.refuse('Runtime is not supported here, only templates in VTL');
}

function nameOf(properties: PropertyReader): string {
  const name = properties.string('Name');
  if (!NAME.test(name)) {
    properties.refuse(`Name must be 1 to 65 of A-Z, a-z, 0-9 and _, not beginning with a digit, got ${name}`);
  }
  return name;
}

function templatesOf(properties: PropertyReader): {
  readonly request: readonly Node[];
  readonly response: readonly Node[];
} {
  const read = (name: string): readonly Node[] => {
    if (!properties.has(name)) {
      properties.refuse(`${name} is needed here: Lambda resolvers without templates are not supported`);
    }
    const text = properties.string(name);
    if (Buffer.byteLength(text) > MOST_TEMPLATE_BYTES) {
      properties.refuse(`${name} is larger than ${MOST_TEMPLATE_BYTES} bytes`);
    }
    try {
      return parseTemplate(text);
    } catch (error) {
      return properties.refuse(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return { request: read('RequestMappingTemplate'), response: read('ResponseMappingTemplate') };
}
