import { App, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import { type ApiOptions, DocumentedHttpApi, DocumentedRestApi, type DocumentedRestApiProps } from '../src';

const DOMAIN = 'api.example.com';

const fnIn = (stack: Stack, id: string) =>
  new lambda.Function(stack, id, {
    code: lambda.Code.fromInline('exports.handler = async () => ({ statusCode: 200 })'),
    handler: 'index.handler',
    runtime: lambda.Runtime.NODEJS_24_X,
  });

const certificateIn = (stack: Stack) =>
  acm.Certificate.fromCertificateArn(
    stack,
    'Certificate',
    'arn:aws:acm:eu-west-1:111111111111:certificate/00000000-0000-4000-8000-000000000000',
  );

const endpointsIn = (stack: Stack) => [
  { id: 'ListNotes', method: 'GET', path: '/notes', handler: fnIn(stack, 'ListNotes') },
  { id: 'GetNote', method: 'GET', path: '/notes/{id}', handler: fnIn(stack, 'GetNote') },
];

const newStack = () => new Stack(new App(), 'Stack');

const propertiesOf = (template: Template, type: string): Record<string, unknown>[] =>
  Object.values(template.findResources(type) as Record<string, { Properties: Record<string, unknown> }>).map(
    (resource) => resource.Properties,
  );

/** What both kinds of API take. */
const KINDS: [string, (stack: Stack, options?: ApiOptions) => DocumentedHttpApi | DocumentedRestApi][] = [
  ['DocumentedHttpApi', (stack, options) => new DocumentedHttpApi(stack, 'Api', options)],
  ['DocumentedRestApi', (stack, options) => new DocumentedRestApi(stack, 'Api', options)],
];

describe.each(KINDS)('%s', (kind, make) => {
  test('alarms on errors of its own and on latency, by severity, to a topic', () => {
    const stack = newStack();
    const alarmTopic = new sns.Topic(stack, 'Topic');
    const api = make(stack, { alarmTopic });
    expect(Object.keys(api.alarms)).toEqual(['ServerErrorAlarm', 'LatencyAlarm']);
    for (const alarm of propertiesOf(Template.fromStack(stackWithMethod(stack, api)), 'AWS::CloudWatch::Alarm')) {
      expect(alarm).toMatchObject({
        AlarmActions: [stack.resolve(alarmTopic.topicArn)],
        OKActions: [expect.anything()],
      });
    }
    expect(make(newStack(), { alarms: false }).alarms).toEqual({});
  });

  test('has metrics of its requests', () => {
    const api = make(newStack());
    const names = [api.metricCount(), api.metricServerError(), api.metricClientError(), api.metricLatency()].map(
      ({ metricName }) => metricName,
    );
    expect(names).toEqual(
      kind === 'DocumentedHttpApi' ? ['Count', '5xx', '4xx', 'Latency'] : ['Count', '5XXError', '4XXError', 'Latency'],
    );
  });

  test.each<[string, ApiOptions, string]>([
    ['a rate', { throttlingRateLimit: 0 }, 'throttlingRateLimit must be an integer at least 1, got: 0 [at Stack/Api]'],
    ['a burst', { throttlingBurstLimit: 1.5 }, 'throttlingBurstLimit must be an integer at least 1, got: 1.5'],
    [
      'an origin with a path',
      { corsAllowOrigins: ['https://example.com/'] },
      'corsAllowOrigins must be * or origins such as https://example.com, without a path, got: https://example.com/',
    ],
    ['an origin without a scheme', { corsAllowOrigins: ['*', 'example.com'] }, 'without a path, got: example.com'],
    ['no address at all', { disableExecuteApiEndpoint: true }, 'disableExecuteApiEndpoint needs domainMapping'],
  ])('refuses %s by name, bound and value', (_, options, message) => {
    expect(() => make(newStack(), options)).toThrow(message);
  });

  test('takes tokens and origins with a wildcard', () => {
    const options = {
      throttlingRateLimit: Lazy.number({ produce: () => 3 }),
      corsAllowOrigins: [Lazy.string({ produce: () => 'https://a.example' }), 'https://*.example.com'],
    };
    expect(() => make(newStack(), options)).not.toThrow();
  });

  test('warns where no page can call it', () => {
    const stack = newStack();
    const api = make(stack, { corsAllowOrigins: [] });
    Annotations.fromStack(stackWithMethod(stack, api)).hasWarning(
      '/Stack/Api',
      Match.stringLikeRegexp('corsAllowOrigins is empty: no page in a browser can call this API'),
    );
  });

  test('refuses endpoints that cannot be told apart, or are no routes', () => {
    const stack = newStack();
    const handler = fnIn(stack, 'Fn');
    const api = make(stack);
    const add = (id: string, method: string, path: string) => api.addEndpoint({ id, method, path, handler });
    add('One', 'GET', '/one');
    expect(() => add('One', 'GET', '/two')).toThrow('endpoints must have names of their own, got twice: One');
    expect(() => add('Two', 'GET', '/one')).toThrow('endpoints must have routes of their own, got twice: GET /one');
    expect(() => add('Three', 'GET', 'three')).toThrow('path of endpoint Three must begin with a slash, got: three');
    expect(() => add('Four', 'ANY', '/four')).toThrow('must be GET, POST, PUT, PATCH, DELETE or HEAD, got: ANY');
  });
});

/** A REST API without a method is refused at synth. */
function stackWithMethod(stack: Stack, api: DocumentedHttpApi | DocumentedRestApi): Stack {
  api.addEndpoint({ id: 'Some', method: 'GET', path: '/some', handler: fnIn(stack, 'Some') });
  return stack;
}

describe('a DocumentedHttpApi', () => {
  test('has a route for each endpoint, for documents and for the rest', () => {
    const stack = newStack();
    new DocumentedHttpApi(stack, 'Api', {
      endpoints: endpointsIn(stack),
      docs: fnIn(stack, 'Docs'),
      fallback: fnIn(stack, 'Fallback'),
    });
    const routes = propertiesOf(Template.fromStack(stack), 'AWS::ApiGatewayV2::Route');
    expect(routes.map((route) => route.RouteKey).sort()).toEqual([
      '$default',
      'GET /docs',
      'GET /docs/{file}',
      'GET /notes',
      'GET /notes/{id}',
    ]);
  });

  test('throttles, answers preflights, and logs requests without paths or tokens', () => {
    const stack = newStack();
    const key = new kms.Key(stack, 'Key');
    new DocumentedHttpApi(stack, 'Api', {
      apiName: 'notes',
      description: 'Notes',
      throttlingRateLimit: 5,
      throttlingBurstLimit: 7,
      corsAllowOrigins: ['https://example.com'],
      corsAllowHeaders: ['x-mine'],
      logRetention: logs.RetentionDays.ONE_WEEK,
      logEncryptionKey: key,
    });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', {
      Name: 'notes',
      Description: 'Notes',
      CorsConfiguration: {
        AllowOrigins: ['https://example.com'],
        AllowHeaders: ['x-mine'],
        AllowMethods: ['*'],
        ExposeHeaders: ['retry-after'],
      },
    });
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 7 },
      AccessLogSettings: { Format: Match.not(Match.stringLikeRegexp('authorization|path"|\\.path')) },
    });
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      RetentionInDays: 7,
      KmsKeyId: stack.resolve(key.keyArn) as unknown,
    });
  });

  test('asks an authorizer where an endpoint has one', () => {
    const stack = newStack();
    const authorizer = new HttpLambdaAuthorizer('Mine', fnIn(stack, 'Authorizer'));
    const endpoints = endpointsIn(stack).map((endpoint) => ({ ...endpoint, authorizer }));
    new DocumentedHttpApi(stack, 'Api', { endpoints, fallback: fnIn(stack, 'Fallback') });
    const routes = propertiesOf(Template.fromStack(stack), 'AWS::ApiGatewayV2::Route');
    expect(routes.map((route) => [route.RouteKey, route.AuthorizationType])).toEqual([
      ['GET /notes', 'CUSTOM'],
      ['GET /notes/{id}', 'CUSTOM'],
      ['$default', 'NONE'],
    ]);
  });

  test('answers under its domain, and there alone where that is asked', () => {
    const stack = newStack();
    const domainName = new apigatewayv2.DomainName(stack, 'Domain', {
      domainName: DOMAIN,
      certificate: certificateIn(stack),
    });
    const api = new DocumentedHttpApi(stack, 'Api', {
      domainMapping: { domainName, mappingKey: 'v1' },
      disableExecuteApiEndpoint: true,
    });
    const root = new DocumentedHttpApi(stack, 'Root', { domainMapping: { domainName } });
    expect(JSON.stringify(stack.resolve([api.url, api.docsUrl]))).toMatch(/"\/v1".*"\/v1\/docs"/);
    expect(JSON.stringify(stack.resolve(root.docsUrl))).toMatch(/"\/docs"/);
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', { Name: 'HttpApi', DisableExecuteApiEndpoint: true });
    template.hasResourceProperties('AWS::ApiGatewayV2::ApiMapping', { ApiMappingKey: 'v1', Stage: Match.anyValue() });
  });
});

describe('a DocumentedRestApi', () => {
  const make = (props?: DocumentedRestApiProps) => {
    const stack = newStack();
    const api = new DocumentedRestApi(stack, 'Api', {
      endpoints: endpointsIn(stack),
      docs: fnIn(stack, 'Docs'),
      ...props,
    });
    return { stack, api, template: Template.fromStack(stack) };
  };

  test('has a method for each endpoint, validated, for documents and for preflights', () => {
    const { template } = make();
    const methods = propertiesOf(template, 'AWS::ApiGateway::Method');
    const functions = methods.filter((method) => (method.Integration as { Type: string }).Type === 'AWS_PROXY');
    expect(functions.map((method) => [method.HttpMethod, method.OperationName])).toEqual([
      ['GET', 'ListNotes'],
      ['GET', 'GetNote'],
      ['GET', undefined],
      ['GET', undefined],
    ]);
    for (const method of functions) expect(method.RequestValidatorId).toBeDefined();
    // The root, /notes, /notes/{id}, /docs, /docs/{file}.
    expect(methods.filter((method) => method.HttpMethod === 'OPTIONS')).toHaveLength(5);
    template.hasResourceProperties('AWS::ApiGateway::RequestValidator', {
      ValidateRequestBody: true,
      ValidateRequestParameters: true,
    });
  });

  test('has a stage that throttles, traces and logs, and leaves the role of the account alone', () => {
    const { template } = make({ throttlingRateLimit: 5, throttlingBurstLimit: 7, stageName: 'v1' });
    template.hasResourceProperties('AWS::ApiGateway::Stage', {
      StageName: 'v1',
      TracingEnabled: true,
      MethodSettings: [
        Match.objectLike({ HttpMethod: '*', ThrottlingRateLimit: 5, ThrottlingBurstLimit: 7, DataTraceEnabled: false }),
      ],
      AccessLogSetting: { Format: Match.not(Match.stringLikeRegexp('authorization|context\\.path')) },
    });
    template.resourceCountIs('AWS::ApiGateway::Account', 0);
    template.hasResourceProperties('AWS::ApiGateway::RestApi', { EndpointConfiguration: { Types: ['REGIONAL'] } });
    make({ tracing: false, cloudWatchRole: true }).template.resourceCountIs('AWS::ApiGateway::Account', 1);
  });

  test('gives errors of the gateway the shape of the API, and CORS headers', () => {
    const { template } = make({
      corsAllowOrigins: ['https://example.com'],
      errorBody: '{"error":{"code":"$context.error.responseType","message":$context.error.messageString}}',
      notFoundBody: '{"error":{"code":"NOT_FOUND"}}',
    });
    const headers = {
      'gatewayresponse.header.Access-Control-Allow-Origin': "'https://example.com'",
      'gatewayresponse.header.Access-Control-Expose-Headers': "'retry-after'",
    };
    for (const type of ['DEFAULT_4XX', 'DEFAULT_5XX']) {
      template.hasResourceProperties('AWS::ApiGateway::GatewayResponse', {
        ResponseType: type,
        ResponseParameters: headers,
        ResponseTemplates: {
          'application/json': '{"error":{"code":"$context.error.responseType","message":$context.error.messageString}}',
        },
      });
    }
    template.hasResourceProperties('AWS::ApiGateway::GatewayResponse', {
      ResponseType: 'MISSING_AUTHENTICATION_TOKEN',
      StatusCode: '404',
      ResponseParameters: headers,
      ResponseTemplates: { 'application/json': '{"error":{"code":"NOT_FOUND"}}' },
    });
  });

  test.each([
    [undefined, "'*'"],
    [['https://a.example', 'https://b.example'], "'*'"],
  ])('lets pages of %j read its errors', (corsAllowOrigins, value) => {
    make({ corsAllowOrigins }).template.hasResourceProperties('AWS::ApiGateway::GatewayResponse', {
      ResponseParameters: Match.objectLike({ 'gatewayresponse.header.Access-Control-Allow-Origin': value }),
    });
  });

  test('without origins answers no preflight, and no header', () => {
    const { template } = make({ corsAllowOrigins: [] });
    expect(JSON.stringify(template.toJSON())).not.toContain('Access-Control');
  });

  test.each(['errorBody', 'notFoundBody'])('refuses %s that is no JSON', (prop) => {
    expect(() => make({ [prop]: '{"message":"' })).toThrow(
      `${prop} must be JSON with variables of API Gateway, got: {`,
    );
  });

  test('hands unknown paths and methods to its fallback', () => {
    const stack = newStack();
    new DocumentedRestApi(stack, 'Api', { endpoints: endpointsIn(stack), fallback: fnIn(stack, 'Fallback') });
    const template = Template.fromStack(stack);
    const paths = Object.fromEntries(
      Object.entries(template.findResources('AWS::ApiGateway::Resource')).map(([id, resource]) => [
        id,
        (resource as { Properties: { PathPart: string } }).Properties.PathPart,
      ]),
    );
    const any = propertiesOf(template, 'AWS::ApiGateway::Method').filter((method) => method.HttpMethod === 'ANY');
    expect(any.map((method) => paths[(method.ResourceId as { Ref?: string }).Ref ?? ''] ?? '(root)').sort()).toEqual([
      '(root)',
      'notes',
      '{id}',
      '{proxy+}',
    ]);
  });

  test('takes what a method takes: models, parameters, authorizers, cache keys', () => {
    const stack = newStack();
    const handler = fnIn(stack, 'Fn');
    const authorizer = new apigateway.TokenAuthorizer(stack, 'Authorizer', {
      handler: fnIn(stack, 'Authorize'),
      resultsCacheTtl: Duration.seconds(0),
    });
    const api = new DocumentedRestApi(stack, 'Api');
    api.addEndpoint({
      id: 'Find',
      method: 'GET',
      path: '/notes',
      handler,
      methodOptions: { authorizer, requestParameters: { 'method.request.querystring.q': true } },
      integrationOptions: { cacheKeyParameters: ['method.request.querystring.q'] },
    });
    Template.fromStack(stack).hasResourceProperties('AWS::ApiGateway::Method', {
      OperationName: 'Find',
      AuthorizationType: 'CUSTOM',
      RequestParameters: { 'method.request.querystring.q': true },
      RequestValidatorId: Match.anyValue(),
      Integration: Match.objectLike({ CacheKeyParameters: ['method.request.querystring.q'] }),
    });
  });

  test('answers under its domain, and there alone where that is asked', () => {
    const stack = newStack();
    const domainName = new apigateway.DomainName(stack, 'Domain', {
      domainName: DOMAIN,
      certificate: certificateIn(stack),
    });
    const api = new DocumentedRestApi(stack, 'Api', {
      endpoints: endpointsIn(stack),
      domainMapping: { domainName, basePath: 'v1' },
      disableExecuteApiEndpoint: true,
    });
    expect(JSON.stringify(stack.resolve(api.docsUrl))).toMatch(/"\/v1\/docs"/);
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::ApiGateway::RestApi', { DisableExecuteApiEndpoint: true });
    template.hasResourceProperties('AWS::ApiGateway::BasePathMapping', { BasePath: 'v1', Stage: Match.anyValue() });
  });

  test('says where it is, without a slash at the end', () => {
    const { stack, api } = make();
    const parts = (stack.resolve(api.url) as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1];
    expect(String(parts[parts.length - 1])).not.toMatch(/\/$/);
    expect(JSON.stringify(stack.resolve(api.docsUrl))).toContain('/docs');
  });

  test('has no finding of cdk-nag but that of a web ACL, which is the choice of the user', () => {
    const webAclArn = 'arn:aws:wafv2:eu-west-1:111111111111:regional/webacl/mine/00000000-0000-4000-8000-000000000000';
    const findings = (props: DocumentedRestApiProps) => {
      const app = new App();
      const stack = new Stack(app, 'Stack');
      new DocumentedRestApi(stack, 'Api', {
        docs: lambda.Function.fromFunctionArn(stack, 'Docs', 'arn:aws:lambda:eu-west-1:111111111111:function:docs'),
        fallback: lambda.Function.fromFunctionArn(stack, 'Rest', 'arn:aws:lambda:eu-west-1:111111111111:function:rest'),
        ...props,
      });
      return new AwsSolutionsChecks(app).validateScope(app).violations.map(({ ruleName }) => ruleName);
    };
    expect(findings({ webAclArn })).toEqual([]);
    expect(findings({})).toEqual(['AwsSolutions-APIG3']);
  });
});
