import { makeAppSync } from './index';
import { startTestServices, TestServices } from '../testing';

let services: TestServices;
let made = 0;

beforeAll(async () => {
  services = await startTestServices({ services: [makeAppSync()] });
}, 40_000);

afterAll(async () => services?.close());

const USERS = {
  AuthenticationType: 'AMAZON_COGNITO_USER_POOLS',
  UserPoolConfig: { UserPoolId: 'p', DefaultAction: 'ALLOW' },
};
const API = { Name: 'api', AuthenticationType: 'AWS_IAM' };
const ROLE = 'arn:aws:iam::000000000000:role/source';
const TEMPLATES = { RequestMappingTemplate: '{}', ResponseMappingTemplate: '{}' };

const create = async (
  kind: string,
  properties: Readonly<Record<string, unknown>>,
): ReturnType<TestServices['create']> => services.create(`AWS::AppSync::${kind}`, `${kind}${(made += 1)}`, properties);

/** An API with a schema, a data source and a function. */
async function makeApi(): Promise<{ readonly ApiId: string; readonly functionId: string }> {
  const { attributes } = await create('GraphQLApi', API);
  const ApiId = String(attributes.ApiId);
  await create('GraphQLSchema', { ApiId, Definition: 'type Query { a: String, b: String }' });
  await create('DataSource', { ApiId, Name: 'none', Type: 'NONE' });
  const step = await create('FunctionConfiguration', { ApiId, Name: 'step', DataSourceName: 'none', ...TEMPLATES });
  return { ApiId, functionId: String(step.attributes.FunctionId) };
}

test('an API gives what CloudFormation documents', async () => {
  const { ref, attributes } = await create('GraphQLApi', API);
  const { ApiId: id } = attributes as { ApiId: string };
  expect(id).toMatch(/^[a-z0-9]{26}$/);
  expect(ref).toBe(`arn:aws:appsync:us-east-1:000000000000:apis/${id}`);
  expect(attributes).toEqual({
    ApiId: id,
    Arn: ref,
    GraphQLDns: `${id}.appsync-api.us-east-1.amazonaws.com`,
    GraphQLEndpointArn: `arn:aws:appsync:us-east-1:000000000000:endpoints/graphql-api/${id}`,
    GraphQLUrl: expect.stringMatching(/^http:\/\/localhost:\d+\/graphql$/) as string,
    RealtimeDns: `${id}.appsync-realtime-api.us-east-1.amazonaws.com`,
    RealtimeUrl: expect.stringMatching(/^ws:\/\/localhost:\d+\/graphql\/realtime$/) as string,
  });
  const { GraphQLUrl, RealtimeUrl } = attributes as Record<string, string>;
  const inAws = `https://${id}.appsync-api.us-east-1.amazonaws.com/graphql wss://${id}.appsync-realtime-api.us-east-1.amazonaws.com/graphql`;
  expect(services.host.localizeAddresses(inAws)).toBe(`${GraphQLUrl} ${RealtimeUrl}`);
});

test('what belongs to an API gives its ARN and names', async () => {
  const { ApiId } = await makeApi();
  const arn = `arn:aws:appsync:us-east-1:000000000000:apis/${ApiId}`;
  expect(await create('DataSource', { ApiId, Name: 'second', Type: 'NONE' })).toEqual({
    ref: `${arn}/datasources/second`,
    attributes: { DataSourceArn: `${arn}/datasources/second`, Name: 'second' },
  });
  const { ref, attributes } = await create('FunctionConfiguration', {
    ApiId,
    Name: 'f',
    DataSourceName: 'none',
    ...TEMPLATES,
  });
  expect(ref).toBe(`${arn}/functions/${String(attributes.FunctionId)}`);
  expect(attributes).toMatchObject({ FunctionArn: ref, Name: 'f', DataSourceName: 'none' });
  const resolver = { ApiId, TypeName: 'Query', FieldName: 'a', DataSourceName: 'none', ...TEMPLATES };
  const ResolverArn = `${arn}/types/Query/resolvers/a`;
  expect(await create('Resolver', resolver)).toEqual({
    ref: ResolverArn,
    attributes: { ResolverArn, TypeName: 'Query', FieldName: 'a' },
  });
});

describe('an API is refused by name', () => {
  test.each<[Readonly<Record<string, unknown>>, string]>([
    [{ ...API, AuthenticationType: 'API_KEY' }, 'AuthenticationType API_KEY is not supported here'],
    [{ ...API, AuthenticationType: 'OPENID_CONNECT' }, 'AuthenticationType OPENID_CONNECT is not supported here'],
    [{ Name: 'a', AuthenticationType: 'AMAZON_COGNITO_USER_POOLS' }, 'UserPoolConfig is needed'],
    [
      { Name: 'a', ...USERS, UserPoolConfig: { UserPoolId: 'p', DefaultAction: 'DENY' } },
      'DefaultAction DENY is not supported here',
    ],
    [
      { ...API, AdditionalAuthenticationProviders: [{ AuthenticationType: 'AWS_LAMBDA' }] },
      'AuthenticationType AWS_LAMBDA',
    ],
    [{ ...API, AdditionalAuthenticationProviders: [{ AuthenticationType: 'AWS_IAM' }] }, 'AWS_IAM is given twice'],
    [{ ...API, ApiType: 'MERGED' }, 'ApiType MERGED is not supported here'],
    [{ ...API, Visibility: 'PRIVATE' }, 'Visibility PRIVATE is not supported here'],
    [{ ...API, EnvironmentVariables: { A: 'b' } }, 'property EnvironmentVariables is not supported here'],
    [{ ...API, LambdaAuthorizerConfig: {} }, 'property LambdaAuthorizerConfig is not supported here'],
    [{ ...API, QueryDepthLimit: 76 }, 'QueryDepthLimit must be 0 to 75, got 76'],
    [{ ...API, ResolverCountLimit: 10_001 }, 'ResolverCountLimit must be 0 to 10000, got 10001'],
    [{ ...API, IntrospectionConfig: 'OFF' }, 'IntrospectionConfig must be ENABLED or DISABLED, got OFF'],
  ])('%j', async (properties, message) => {
    await expect(create('GraphQLApi', properties)).rejects.toThrow(message);
  });
});

describe('what belongs to an API is refused by name', () => {
  const resolver = { TypeName: 'Query', FieldName: 'a', DataSourceName: 'none', ...TEMPLATES };
  const pipeline = { TypeName: 'Query', FieldName: 'a', Kind: 'PIPELINE', ...TEMPLATES };
  const source = { Name: 's', ServiceRoleArn: ROLE };
  const dynamo = { ...source, Type: 'AMAZON_DYNAMODB' };
  const config = { TableName: 't', AwsRegion: 'us-east-1' };

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['GraphQLSchema', { Definition: 'type A { a: String }' }, 'Query root type must be provided'],
    ['GraphQLSchema', { DefinitionS3Location: 's3://a/b' }, 'property DefinitionS3Location is not supported here'],
    ['DataSource', { Name: 's', Type: 'HTTP', HttpConfig: {} }, 'property HttpConfig is not supported here'],
    [
      'DataSource',
      { Name: 's', Type: 'AMAZON_EVENTBRIDGE' },
      'data source type AMAZON_EVENTBRIDGE is not supported here',
    ],
    ['DataSource', { Name: '1s', Type: 'NONE' }, 'Name must be'],
    ['DataSource', dynamo, 'DynamoDBConfig is needed'],
    [
      'DataSource',
      { ...dynamo, DynamoDBConfig: { ...config, AwsRegion: 'eu-west-1' } },
      'AwsRegion eu-west-1 is another region',
    ],
    ['DataSource', { ...dynamo, DynamoDBConfig: { ...config, Versioned: true } }, 'Versioned is not supported here'],
    [
      'DataSource',
      { ...dynamo, DynamoDBConfig: { ...config, UseCallerCredentials: true } },
      'UseCallerCredentials is not supported here',
    ],
    ['DataSource', { ...source, Type: 'AWS_LAMBDA' }, 'LambdaConfig is needed'],
    [
      'FunctionConfiguration',
      { Name: 'f', DataSourceName: 'no', ...TEMPLATES },
      'data source no is not part of this API',
    ],
    [
      'FunctionConfiguration',
      { Name: 'f', DataSourceName: 'none', FunctionVersion: '2017-02-28', ...TEMPLATES },
      'FunctionVersion has to be',
    ],
    [
      'FunctionConfiguration',
      { Name: 'f', DataSourceName: 'none', Code: 'x', ...TEMPLATES },
      'property Code is not supported here',
    ],
    [
      'FunctionConfiguration',
      { Name: 'f', DataSourceName: 'none', Runtime: { Name: 'APPSYNC_JS', RuntimeVersion: '1.0.0' }, ...TEMPLATES },
      'Runtime is not supported here, only templates in VTL',
    ],
    ['Resolver', { ...resolver, FieldName: 'c' }, 'the schema has no field Query.c'],
    ['Resolver', { ...resolver, CachingConfig: {} }, 'property CachingConfig is not supported here'],
    ['Resolver', { ...resolver, RequestMappingTemplate: '#if(' }, 'RequestMappingTemplate: an expression has to be'],
    ['Resolver', { ...resolver, RequestMappingTemplate: '#stop' }, '#stop is not supported here'],
    [
      'Resolver',
      { ...resolver, RequestMappingTemplate: 'x'.repeat(65_537) },
      'RequestMappingTemplate is larger than 65536 bytes',
    ],
    [
      'Resolver',
      { TypeName: 'Query', FieldName: 'a', DataSourceName: 'none' },
      'RequestMappingTemplate is needed here',
    ],
    [
      'Resolver',
      { ...resolver, PipelineConfig: { Functions: ['x'] } },
      'a resolver of kind UNIT has no PipelineConfig',
    ],
    ['Resolver', { ...resolver, Kind: 'OTHER' }, 'kind OTHER is not known'],
    ['Resolver', { ...pipeline, PipelineConfig: { Functions: [] } }, 'a pipeline has 1 to 10 functions, got 0'],
    ['Resolver', { ...pipeline, PipelineConfig: { Functions: ['no'] } }, 'function no is not part of this API'],
    ['Resolver', { ...pipeline, DataSourceName: 'none' }, 'a resolver of kind PIPELINE has no DataSourceName'],
  ])('%s %j', async (kind, properties, message) => {
    const { ApiId } = await makeApi();
    await expect(create(kind, { ApiId, ...properties })).rejects.toThrow(message);
  });

  test('more than ten functions, and a second resolver', async () => {
    const { ApiId, functionId } = await makeApi();
    const of = (count: number): object => ({
      PipelineConfig: { Functions: Array.from({ length: count }, () => functionId) },
    });
    await expect(create('Resolver', { ApiId, ...pipeline, ...of(11) })).rejects.toThrow('1 to 10 functions, got 11');
    await create('Resolver', { ApiId, ...pipeline, ...of(10) });
    await expect(create('Resolver', { ApiId, ...resolver })).rejects.toThrow('field Query.a has a resolver already');
  });

  test('a role that does not let AppSync assume it', async () => {
    const { ApiId } = await makeApi();
    const mayAssume = jest.spyOn(services.host.authorizer, 'mayAssume').mockReturnValue(false);
    const refused = create('DataSource', { ApiId, ...dynamo, DynamoDBConfig: config });
    await expect(refused).rejects.toThrow(`role ${ROLE} does not let appsync.amazonaws.com assume it`);
    expect(mayAssume).toHaveBeenCalledWith(ROLE, 'appsync.amazonaws.com', {
      'aws:SourceArn': `arn:aws:appsync:us-east-1:000000000000:apis/${ApiId}`,
      'aws:SourceAccount': '000000000000',
    });
    mayAssume.mockRestore();
  });

  test('an API that is not there, or has no schema', async () => {
    await expect(create('GraphQLSchema', { ApiId: 'none', Definition: '' })).rejects.toThrow(
      'API none is not part of this app',
    );
    const { attributes } = await create('GraphQLApi', { ...API, Name: 'bare' });
    const bare = { ApiId: attributes.ApiId, Name: 'none', Type: 'NONE' };
    await create('DataSource', bare);
    await expect(create('Resolver', { ApiId: attributes.ApiId, ...resolver })).rejects.toThrow(
      'the schema has no field Query.a',
    );
    await expect(services.host.deployed()).rejects.toThrow('has no schema');
  });
});
