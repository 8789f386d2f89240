import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import { DocumentedRestApi, type DocumentedRestApiProps, type RestApiEndpoint } from '../src';

const AUTHORIZATION = 'method.request.header.Authorization';

const fnIn = (stack: Stack, id: string) =>
  new lambda.Function(stack, id, {
    code: lambda.Code.fromInline('exports.handler = async () => ({ statusCode: 200 })'),
    handler: 'index.handler',
    runtime: lambda.Runtime.NODEJS_24_X,
  });

/** An API of which one endpoint, `GET /notes/{id}`, and its props are given. */
function make(endpoint: Partial<RestApiEndpoint> = {}, props: DocumentedRestApiProps = {}) {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  const api = new DocumentedRestApi(stack, 'Api', props);
  const handler = fnIn(stack, 'Fn');
  api.addEndpoint({ id: 'GetNote', method: 'GET', path: '/notes/{id}', handler, ...endpoint });
  return { app, stack, api, template: () => Template.fromStack(stack) };
}

const CACHED = { cacheTtl: Duration.seconds(60), cacheKeyParameters: [AUTHORIZATION] };
const WITH_CACHE = { cacheClusterSize: '0.5' };
const propertiesOf = (template: Template, type: string) =>
  Object.values(template.findResources(type) as Record<string, { Properties: Record<string, unknown> }>).map(
    ({ Properties }) => Properties,
  );
const methodOf = (template: Template, operationName = 'GetNote') =>
  propertiesOf(template, 'AWS::ApiGateway::Method').find(({ OperationName }) => OperationName === operationName) as {
    RequestParameters?: unknown;
    RequestModels?: unknown;
    ApiKeyRequired?: boolean;
    Integration: Record<string, unknown>;
  };
const settingsOf = (template: Template) => propertiesOf(template, 'AWS::ApiGateway::Stage')[0].MethodSettings;

describe('the cache of a DocumentedRestApi', () => {
  test('is not there unless it is asked for: an endpoint that could be cached is not', () => {
    const template = make(CACHED).template();
    const [stage] = propertiesOf(template, 'AWS::ApiGateway::Stage');
    expect(stage).not.toHaveProperty('CacheClusterEnabled');
    expect(settingsOf(template)).toEqual([
      expect.not.objectContaining({ CachingEnabled: expect.anything() as unknown }),
    ]);
    expect(methodOf(template).Integration).not.toHaveProperty('CacheKeyParameters');
    template.resourceCountIs('Custom::RestApiCacheProtection', 0);
  });

  test('keeps answers of the endpoints that say how long, encrypted, and of no others', () => {
    const { stack, api, template } = make(CACHED, { ...WITH_CACHE, throttlingRateLimit: 5, throttlingBurstLimit: 7 });
    api.addEndpoint({ id: 'ListNotes', method: 'GET', path: '/notes', handler: fnIn(stack, 'List') });
    const throttle = { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 7, DataTraceEnabled: false };
    template().hasResourceProperties('AWS::ApiGateway::Stage', {
      CacheClusterEnabled: true,
      CacheClusterSize: '0.5',
      MethodSettings: [
        { HttpMethod: '*', ResourcePath: '/*', CachingEnabled: false, CacheDataEncrypted: true, ...throttle },
        {
          HttpMethod: 'GET',
          ResourcePath: '/~1notes~1{id}',
          CachingEnabled: true,
          CacheTtlInSeconds: 60,
          CacheDataEncrypted: true,
          ...throttle,
        },
      ],
    });
  });

  test('tells answers apart by what the endpoint names and by its path, in a namespace of its own', () => {
    const method = methodOf(
      make(
        {
          ...CACHED,
          cacheKeyParameters: [AUTHORIZATION, 'method.request.querystring.draft', 'method.request.path.id'],
          methodOptions: { requestParameters: { 'method.request.querystring.draft': true } },
        },
        WITH_CACHE,
      ).template(),
    );
    expect(method.RequestParameters).toEqual({
      [AUTHORIZATION]: true,
      'method.request.querystring.draft': true,
      'method.request.path.id': true,
    });
    expect(method.Integration).toMatchObject({
      CacheNamespace: 'GetNote',
      CacheKeyParameters: [AUTHORIZATION, 'method.request.querystring.draft', 'method.request.path.id'],
    });
  });

  test.each<[string[] | undefined, boolean]>([
    [undefined, false],
    [['*'], false],
    [[], false],
    [['https://a.example'], true],
    [['https://a.example', 'https://*.b.example'], true],
  ])('with origins %j tells pages apart: %s', (corsAllowOrigins, apart) => {
    const { Integration } = methodOf(make(CACHED, { ...WITH_CACHE, corsAllowOrigins }).template());
    expect((Integration.CacheKeyParameters as string[]).includes('method.request.header.Origin')).toBe(apart);
  });

  test.each<[string, Partial<RestApiEndpoint>, string]>([
    [
      'a key without who asks',
      { ...CACHED, cacheKeyParameters: ['method.request.querystring.q'] },
      'cacheKeyParameters of endpoint GetNote must have method.request.header.Authorization, unless cacheForEveryone ' +
        'says that the answer is the same for all callers, got: method.request.querystring.q [at Stack/Api]',
    ],
    ['no key at all', { cacheTtl: Duration.minutes(1) }, 'got: none'],
    ['a key without a time', { cacheKeyParameters: [AUTHORIZATION] }, 'endpoint GetNote need cacheTtl, got none'],
    ['an hour and more', { ...CACHED, cacheTtl: Duration.seconds(3601) }, 'must be whole seconds from 1 to 3600'],
    ['no time', { ...CACHED, cacheTtl: Duration.seconds(0) }, 'from 1 to 3600, got: 0'],
    ['what changes something', { ...CACHED, method: 'PUT' }, 'cacheTtl is for GET alone, got it for endpoint GetNote'],
    [
      'a key of what is not in a request',
      { ...CACHED, cacheKeyParameters: [AUTHORIZATION, 'context.authorizer.userId'] },
      'must be method.request.header, .querystring or .path with a name, got: context.authorizer.userId',
    ],
    [
      'two keys',
      { ...CACHED, integrationOptions: { cacheKeyParameters: [] } },
      'Either provide cacheTtl of endpoint GetNote or a cache of its integrationOptions, but not both',
    ],
  ])('refuses %s, also while there is no cache', (_what, endpoint, message) => {
    expect(() => make(endpoint)).toThrow(message);
  });

  test('takes Authorization in any case, or nobody where the answer is for everyone', () => {
    const lower = make({ ...CACHED, cacheKeyParameters: [AUTHORIZATION.toLowerCase()] }, WITH_CACHE).template();
    expect(methodOf(lower).Integration.CacheKeyParameters).toContain(AUTHORIZATION.toLowerCase());
    const open = make({ cacheTtl: Duration.seconds(60), cacheForEveryone: true }, WITH_CACHE).template();
    expect(methodOf(open).Integration.CacheKeyParameters).toEqual(['method.request.path.id']);
  });

  test('refuses a size that API Gateway does not have', () => {
    expect(() => make({}, { cacheClusterSize: '1' })).toThrow(
      'cacheClusterSize must be one of 0.5, 1.6, 6.1, 13.5, 28.4, 58.2, 118, 237, got: 1',
    );
  });

  test('is protected from callers that would empty it, by a function that may patch its stage and nothing else', () => {
    const { stack, api, template } = make(CACHED, WITH_CACHE);
    template().hasResourceProperties('Custom::RestApiCacheProtection', {
      RestApiId: stack.resolve(api.restApi.restApiId) as unknown,
      StageName: stack.resolve(api.stage.stageName) as unknown,
      MethodKeys: ['*/*', '~1notes~1{id}/GET'],
      // A time that changes makes it run again.
      MethodSettings: [Match.anyValue(), Match.objectLike({ cacheTtlInSeconds: 60 })],
    });
    template().hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          // Its log.
          Match.anyValue(),
          { Action: 'apigateway:PATCH', Effect: 'Allow', Resource: stack.resolve(api.stage.stageArn) as unknown },
        ],
      },
    });
  });

  test('has metrics of what it spared', () => {
    const { api } = make(CACHED, WITH_CACHE);
    expect([api.metricCacheHits(), api.metricCacheMisses()].map(({ metricName }) => metricName)).toEqual([
      'CacheHitCount',
      'CacheMissCount',
    ]);
  });

  test('and a usage plan have no finding of cdk-nag', () => {
    const { app } = make(
      { methodOptions: { authorizationType: apigateway.AuthorizationType.IAM } },
      { ...WITH_CACHE, usagePlan: {}, corsAllowOrigins: [], alarms: false },
    );
    const findings = new AwsSolutionsChecks(app).validateScope(app).violations.map(({ ruleName }) => ruleName);
    // The web ACL is the choice of the user, the function of the test none of the library.
    expect(findings.filter((name) => !/APIG3|COG4|IAM4|L1/.test(name))).toEqual([]);
  });
});

test('an endpoint may be throttled in a way of its own, and has the rest of the API', () => {
  const settings = settingsOf(make({ throttlingRateLimit: 2 }, { throttlingBurstLimit: 9 }).template());
  expect(settings).toEqual([
    {
      HttpMethod: '*',
      ResourcePath: '/*',
      DataTraceEnabled: false,
      ThrottlingRateLimit: 1000,
      ThrottlingBurstLimit: 9,
    },
    {
      HttpMethod: 'GET',
      ResourcePath: '/~1notes~1{id}',
      DataTraceEnabled: false,
      ThrottlingRateLimit: 2,
      ThrottlingBurstLimit: 9,
    },
  ]);
});

test.each(['throttlingRateLimit', 'throttlingBurstLimit'])('refuses %s of an endpoint that is no bound', (prop) => {
  expect(() => make({ [prop]: 0 })).toThrow(`${prop} of endpoint GetNote must be an integer at least 1, got: 0`);
});

describe('a usage plan', () => {
  test('makes endpoints ask for a key, and documents and unknown routes not', () => {
    const { stack, api, template } = make(
      {},
      { usagePlan: { rateLimit: 3, burstLimit: 4, quotaLimit: 1000, quotaPeriod: apigateway.Period.DAY } },
    );
    expect(methodOf(template()).ApiKeyRequired).toBe(true);
    const others = propertiesOf(template(), 'AWS::ApiGateway::Method').filter(({ OperationName }) => !OperationName);
    expect(others.map(({ ApiKeyRequired }) => ApiKeyRequired ?? false)).toEqual(others.map(() => false));
    template().hasResourceProperties('AWS::ApiGateway::UsagePlan', {
      ApiStages: [Match.objectLike({ Stage: stack.resolve(api.stage.stageName) as unknown })],
      Throttle: { RateLimit: 3, BurstLimit: 4 },
      Quota: { Limit: 1000, Period: 'DAY' },
    });
    template().resourceCountIs('AWS::ApiGateway::UsagePlanKey', 1);
    // Browsers ask first whether they may send it.
    expect(JSON.stringify(propertiesOf(template(), 'AWS::ApiGateway::Method'))).toContain(
      'authorization,content-type,x-api-key',
    );
    expect(api.usagePlan).toBeDefined();
  });

  test('takes keys that are there, and counts by the month unless told', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    const apiKeys = ['one', 'two'].map((id) => apigateway.ApiKey.fromApiKeyId(stack, id, id));
    const api = new DocumentedRestApi(stack, 'Api', { usagePlan: { apiKeys, quotaLimit: 5 } });
    api.addEndpoint({ id: 'GetNote', method: 'GET', path: '/notes', handler: fnIn(stack, 'Fn') });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::ApiGateway::ApiKey', 0);
    template.resourceCountIs('AWS::ApiGateway::UsagePlanKey', 2);
    template.hasResourceProperties('AWS::ApiGateway::UsagePlan', {
      Quota: { Limit: 5, Period: 'MONTH' },
      Throttle: Match.absent(),
    });
  });

  test.each<[NonNullable<DocumentedRestApiProps['usagePlan']>, string]>([
    [{ rateLimit: 0 }, 'usagePlan.rateLimit must be an integer at least 1, got: 0'],
    [{ quotaLimit: 1.5 }, 'usagePlan.quotaLimit must be an integer at least 1, got: 1.5'],
    [{ quotaPeriod: apigateway.Period.DAY }, 'usagePlan.quotaPeriod needs usagePlan.quotaLimit, got none'],
    [{ apiKeys: [] }, 'usagePlan.apiKeys must have a key, or nobody can call the API, got none'],
  ])('%j is refused by name', (usagePlan, message) => {
    expect(() => make({}, { usagePlan })).toThrow(message);
  });
});

describe('errors of the gateway', () => {
  const type = apigateway.ResponseType;

  test('may have a body, a status and headers of their own, and keep those of CORS', () => {
    const template = make(
      {},
      {
        errorBody: '{"error":$context.error.messageString}',
        gatewayResponses: [
          { type: type.UNAUTHORIZED, body: '{"error":"unauthorized"}', headers: { 'WWW-Authenticate': 'Bearer' } },
          { type: type.BAD_REQUEST_BODY, statusCode: 422 },
          { type: type.DEFAULT_5XX, body: '{"error":"internal_error"}' },
        ],
      },
    ).template();
    const cors = {
      'gatewayresponse.header.Access-Control-Allow-Origin': "'*'",
      'gatewayresponse.header.Access-Control-Expose-Headers': "'retry-after'",
    };
    const own = propertiesOf(template, 'AWS::ApiGateway::GatewayResponse').map((response) => [
      response.ResponseType,
      response.StatusCode,
      (response.ResponseTemplates as Record<string, string>)['application/json'],
      response.ResponseParameters,
    ]);
    expect(own).toEqual([
      ['DEFAULT_4XX', undefined, '{"error":$context.error.messageString}', cors],
      ['DEFAULT_5XX', undefined, '{"error":"internal_error"}', cors],
      ['MISSING_AUTHENTICATION_TOKEN', '404', '{"message":"Not Found"}', cors],
      [
        'UNAUTHORIZED',
        undefined,
        '{"error":"unauthorized"}',
        { ...cors, 'gatewayresponse.header.WWW-Authenticate': "'Bearer'" },
      ],
      ['BAD_REQUEST_BODY', '422', '{"error":$context.error.messageString}', cors],
    ]);
  });

  test.each<[string, DocumentedRestApiProps, string]>([
    [
      'two of one type',
      { gatewayResponses: [{ type: type.THROTTLED }, { type: type.THROTTLED }] },
      'gatewayResponses must have one answer of each type, got twice: THROTTLED',
    ],
    [
      'two for unknown routes',
      { notFoundBody: '{}', gatewayResponses: [{ type: type.MISSING_AUTHENTICATION_TOKEN }] },
      'Either provide notFoundBody or a gatewayResponse of MISSING_AUTHENTICATION_TOKEN, but not both',
    ],
    [
      'a status of success',
      { gatewayResponses: [{ type: type.THROTTLED, statusCode: 200 }] },
      'statusCode of THROTTLED must be an integer from 400 to 599, got: 200',
    ],
    [
      'a body that is no JSON',
      { gatewayResponses: [{ type: type.THROTTLED, body: '{"error":' }] },
      'body of THROTTLED must be JSON with variables of API Gateway, got: {"error":',
    ],
    [
      'a body that a validator would break',
      { gatewayResponses: [{ type: type.BAD_REQUEST_BODY, body: '{"why":"$context.error.validationErrorString"}' }] },
      'body of BAD_REQUEST_BODY must not hold $context.error.validationErrorString, whose quotes break it',
    ],
    [
      'a header that cannot be written',
      { gatewayResponses: [{ type: type.UNAUTHORIZED, headers: { A: "it's" } }] },
      "header A of a gateway response must be without single quotes, got: it's",
    ],
  ])('are refused for %s', (_what, props, message) => {
    expect(() => make({}, props)).toThrow(message);
  });
});

describe('a body schema', () => {
  const bodySchema = { type: 'object', required: ['name'], properties: { name: { type: 'string', minLength: 1 } } };
  const POST = { id: 'CreateNote', method: 'POST', path: '/notes', bodySchema };

  test('is the model of the method, for bodies of JSON and of every other type', () => {
    const template = make(POST).template();
    const [id, model] = Object.entries(template.findResources('AWS::ApiGateway::Model'))[0] as [string, object];
    expect(model).toMatchObject({
      Properties: {
        ContentType: 'application/json',
        Schema: { $schema: 'http://json-schema.org/draft-04/schema#', ...bodySchema },
      },
    });
    expect(methodOf(template, 'CreateNote').RequestModels).toEqual({
      'application/json': { Ref: id },
      $default: { Ref: id },
    });
    template.hasResource('AWS::ApiGateway::Deployment', { DependsOn: Match.arrayWith([id]) });
  });

  test('that changes is deployed', () => {
    const deploymentOf = (schema: object) =>
      Object.keys(
        make({ ...POST, bodySchema: { ...schema } })
          .template()
          .findResources('AWS::ApiGateway::Deployment'),
      );
    expect(deploymentOf(bodySchema)).toEqual(deploymentOf(bodySchema));
    expect(deploymentOf(bodySchema)).not.toEqual(deploymentOf({ ...bodySchema, required: [] }));
  });

  test.each<[Partial<RestApiEndpoint>, string]>([
    [
      { bodySchema: { $schema: 'https://json-schema.org/draft/2020-12/schema' } },
      'bodySchema of endpoint CreateNote must be of draft 4, got: https://json-schema.org/draft/2020-12/schema',
    ],
    [
      { methodOptions: { requestModels: {} } },
      'Either provide bodySchema of endpoint CreateNote or requestModels, but not both',
    ],
  ])('%j is refused by name', (endpoint, message) => {
    expect(() => make({ ...POST, ...endpoint })).toThrow(message);
  });
});
