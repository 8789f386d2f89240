import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { App, Duration, SecretValue, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { AwsSolutionsChecks } from 'cdk-nag';
import { HttpService, type HttpServiceProps, ServiceAuthorizer } from '../src';

const folder = mkdtempSync(path.join(tmpdir(), 'http-service-'));
const HANDLER = 'exports.handler = async () => ({ statusCode: 200 });\n';
for (const name of ['get-note', 'put-note', 'get-health']) {
  mkdirSync(path.join(folder, name));
  writeFileSync(path.join(folder, name, 'index.js'), HANDLER);
}
const openApi = path.join(folder, 'openapi.json');
writeFileSync(openApi, JSON.stringify({ openapi: '3.1.0', info: { title: 'Notes', version: '1' }, paths: {} }));
afterAll(() => rmSync(folder, { recursive: true }));

const ENDPOINTS = {
  GetNote: { method: 'GET', path: '/notes/{id}', summary: 'Read a note' },
  PutNote: { method: 'PUT', path: '/notes/{id}' },
  GetHealth: { method: 'GET', path: '/health', auth: 'none' },
};
const ACCOUNT = '111111111111';

function serviceOf(props: Partial<HttpServiceProps> | ((stack: Stack) => Partial<HttpServiceProps>) = {}) {
  // With assets where a deployment takes them: some are put together when the app is synthesized.
  const app = new App({ postCliContext: { 'aws:cdk:disable-asset-staging': false } });
  const stack = new Stack(app, 'Stack', { env: { account: ACCOUNT, region: 'eu-west-1' } });
  const given = typeof props === 'function' ? props(stack) : props;
  const service = new HttpService(stack, 'Notes', { directory: folder, endpoints: ENDPOINTS, ...given });
  return { app, stack, service };
}
/** What lies beside the functions of an app under a name. */
function stagedIn(app: App, file: string): unknown[] {
  const { directory } = app.synth();
  return readdirSync(directory)
    .filter((name) => /^asset\.[0-9a-f]{64}$/.test(name) && existsSync(path.join(directory, name, file)))
    .map((name) => JSON.parse(readFileSync(path.join(directory, name, file), 'utf8')) as unknown);
}
const templateOf = ({ stack }: { stack: Stack }) => Template.fromStack(stack);

interface Resource<Properties> {
  readonly Properties: Properties;
}
const all = <Properties>(template: Template, type: string) =>
  Object.values(template.findResources(type) as Record<string, Resource<Properties>>).map((one) => one.Properties);

const routesOf = (template: Template) =>
  Object.fromEntries(
    all<Record<string, unknown>>(template, 'AWS::ApiGatewayV2::Route').map(({ RouteKey, ...route }) => [
      String(RouteKey),
      route,
    ]),
  );

describe('a service', () => {
  test('has a function, a role and a route for each endpoint, and answers what no route takes', () => {
    const { service, ...rest } = serviceOf({ basePath: '/api/v1' });
    const template = templateOf(rest);
    expect(Object.keys(service.functions)).toEqual(['GetNote', 'PutNote', 'GetHealth']);
    expect(Object.keys(routesOf(template)).sort()).toEqual([
      '$default',
      'GET /api/v1/health',
      'GET /api/v1/notes/{id}',
      'PUT /api/v1/notes/{id}',
    ]);
    template.resourceCountIs('AWS::Lambda::Function', 4);
    template.resourceCountIs('AWS::IAM::Role', 4);
  });

  test('gives functions no right beyond logs and traces', () => {
    const actions = all<{ PolicyDocument: { Statement: { Action: string | string[] }[] } }>(
      templateOf(serviceOf()),
      'AWS::IAM::Policy',
    ).flatMap(({ PolicyDocument }) => PolicyDocument.Statement.flatMap(({ Action }) => Action));
    expect([...new Set(actions)].sort()).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents']);
  });

  test('gives one function what it needs beside the others', () => {
    const template = templateOf(
      serviceOf({
        memorySize: 256,
        timeout: Duration.seconds(5),
        environment: { ALL: 'a' },
        functions: {
          PutNote: {
            memorySize: 1024,
            timeout: Duration.seconds(30),
            environment: { OWN: 'o' },
            reservedConcurrentExecutions: 7,
            provisionedConcurrentExecutions: 2,
          },
        },
      }),
    );
    template.hasResourceProperties('AWS::Lambda::Function', {
      Description: 'PUT /notes/{id}',
      MemorySize: 1024,
      Timeout: 30,
      ReservedConcurrentExecutions: 7,
      Environment: { Variables: Match.objectLike({ ALL: 'a', OWN: 'o' }) },
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Description: 'Read a note',
      MemorySize: 256,
      Timeout: 5,
      Environment: { Variables: { ALL: 'a', OWN: Match.absent() } },
    });
    template.hasResourceProperties('AWS::Lambda::Alias', {
      Name: 'live',
      ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 2 },
    });
  });

  test('puts the document and the routes beside the functions that serve them', () => {
    const { app } = serviceOf({ openApi, basePath: '/v1' });
    const staged = (file: string) => stagedIn(app, file);
    expect(staged('openapi.json')).toEqual([expect.objectContaining({ info: { title: 'Notes', version: '1' } })]);
    expect(staged('routes.json')).toEqual([
      [
        { method: 'GET', path: '/v1/notes/{id}' },
        { method: 'PUT', path: '/v1/notes/{id}' },
        { method: 'GET', path: '/v1/health' },
      ],
    ]);
  });

  test('lets pages send and read what versions need, and credentials where their origins are named', () => {
    templateOf(
      serviceOf({ corsAllowOrigins: ['https://example.com'], corsAllowCredentials: true }),
    ).hasResourceProperties('AWS::ApiGatewayV2::Api', {
      CorsConfiguration: {
        AllowCredentials: true,
        AllowOrigins: ['https://example.com'],
        AllowHeaders: ['authorization', 'content-type', 'if-match', 'if-none-match'],
        ExposeHeaders: ['retry-after', 'etag'],
      },
    });
  });

  test.each<[string, Partial<HttpServiceProps>, string]>([
    ['no code', { endpoints: { GetAll: { method: 'GET', path: '/' } } }, "No built code for function 'GetAll'"],
    ['a name that is none', { endpoints: { getNote: ENDPOINTS.GetNote } }, 'endpoints must have names such as GetNote'],
    ['a name that is taken', { endpoints: { Docs: ENDPOINTS.GetNote } }, 'got: Docs'],
    ['a base path with a slash at its end', { basePath: '/v1/' }, 'basePath must begin with a slash'],
    ['a function of no endpoint', { functions: { Get: {} } }, 'functions must be of endpoints (GetNote, '],
    [
      'a longer run than the gateway waits',
      { timeout: Duration.seconds(31) },
      'timeout must be whole seconds from 1 to 30, got: 31',
    ],
    ['a document that is none', { openApi: path.join(folder, 'get-note', 'index.js') }, 'index.js, which is none'],
    ['no document', { openApi: '/none.json' }, 'got: /none.json, which is not there'],
    [
      'credentials from everywhere',
      { corsAllowCredentials: true },
      'corsAllowCredentials needs corsAllowOrigins by name',
    ],
  ])('refuses %s', (_, props, message) => {
    expect(() => serviceOf(props)).toThrow(message);
  });

  test('tells which endpoints there are, to who asks for another', () => {
    expect(() => serviceOf().service.functionOf('GetAll')).toThrow(
      'must be one of GetNote, PutNote, GetHealth, got: GetAll',
    );
  });
});

describe('an authorizer', () => {
  const secretIn = (stack: Stack) =>
    new secretsmanager.Secret(stack, 'Secret', { secretStringValue: SecretValue.unsafePlainText('{}') });
  const ARN = `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:existing`;

  const KINDS: [string, (stack: Stack) => ServiceAuthorizer, string, object][] = [
    [
      'lambdaArn',
      () => ServiceAuthorizer.lambdaArn(ARN),
      'CUSTOM',
      { AuthorizerType: 'REQUEST', EnableSimpleResponses: true, AuthorizerResultTtlInSeconds: 0 },
    ],
    [
      'jwt',
      () => ServiceAuthorizer.jwt({ issuer: 'https://issuer.example.com', audience: ['notes'] }),
      'JWT',
      { AuthorizerType: 'JWT', JwtConfiguration: { Audience: ['notes'], Issuer: 'https://issuer.example.com' } },
    ],
    [
      'cognito',
      (stack) => {
        const pool = new cognito.UserPool(stack, 'Pool');
        return ServiceAuthorizer.cognito(pool, { userPoolClients: [pool.addClient('Client')] });
      },
      'JWT',
      { AuthorizerType: 'JWT' },
    ],
    [
      'apiKeys',
      (stack) => ServiceAuthorizer.apiKeys(secretIn(stack)),
      'CUSTOM',
      { IdentitySource: ['$request.header.x-api-key'], AuthorizerResultTtlInSeconds: 60 },
    ],
  ];

  test.each(KINDS)('by %s guards all but what is open', (_, make, type, properties) => {
    const template = templateOf(serviceOf((stack) => ({ authorizer: make(stack) })));
    const routes = routesOf(template);
    expect(routes['GET /notes/{id}']).toMatchObject({
      AuthorizationType: type,
      AuthorizerId: expect.anything() as object,
    });
    expect(routes['PUT /notes/{id}']).toMatchObject({ AuthorizationType: type });
    expect(routes['GET /health']).toMatchObject({ AuthorizationType: 'NONE' });
    expect(routes.$default).toMatchObject({ AuthorizationType: 'NONE' });
    template.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', properties);
    template.resourceCountIs('AWS::ApiGatewayV2::Authorizer', 1);
  });

  test('by iam asks for signed requests, and lets in who is told', () => {
    const made = serviceOf({ authorizer: ServiceAuthorizer.iam() });
    const role = new iam.Role(made.stack, 'Caller', { assumedBy: new iam.AccountRootPrincipal() });
    made.service.grantInvoke(role);
    const template = templateOf(made);
    expect(routesOf(template)['GET /notes/{id}']).toMatchObject({ AuthorizationType: 'AWS_IAM' });
    const resources = all<{ PolicyDocument: { Statement: { Action: string; Resource: unknown }[] } }>(
      template,
      'AWS::IAM::Policy',
    )
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .filter(({ Action }) => Action === 'execute-api:Invoke');
    expect(JSON.stringify(resources)).toMatch(/\/\*\/GET\/notes\/\*.*\/\*\/PUT\/notes\/\*/);
    expect(JSON.stringify(resources)).not.toContain('health');
  });

  test('of another account is not told what it may not be told from here', () => {
    const permissions = (arn: string) =>
      all<{ FunctionName: unknown }>(
        templateOf(serviceOf({ authorizer: ServiceAuthorizer.lambdaArn(arn) })),
        'AWS::Lambda::Permission',
      ).filter(({ FunctionName }) => FunctionName === arn);
    expect(permissions(ARN)).toHaveLength(1);
    expect(permissions(ARN.replace(ACCOUNT, '222222222222'))).toHaveLength(0);
  });

  test('of keys may read the secret, and nothing else may', () => {
    const template = templateOf(serviceOf((stack) => ({ authorizer: ServiceAuthorizer.apiKeys(secretIn(stack)) })));
    const policies = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([, policy]) =>
      JSON.stringify(policy).includes('secretsmanager:GetSecretValue'),
    );
    expect(policies.map(([id]) => id)).toEqual([expect.stringContaining('ApiKeyAuthorizer')]);
  });

  test('asks for scopes where it is told which', () => {
    const authorizer = ServiceAuthorizer.jwt({
      issuer: 'https://a.example.com',
      audience: ['a'],
      scopes: ['notes/read'],
    });
    const routes = routesOf(templateOf(serviceOf({ authorizer })));
    expect(routes['GET /notes/{id}']).toMatchObject({ AuthorizationScopes: ['notes/read'] });
    expect(routes['GET /health']).not.toHaveProperty('AuthorizationScopes');
  });

  test('stands in the API documents', () => {
    const { app } = serviceOf((stack) => ({ openApi, authorizer: ServiceAuthorizer.apiKeys(secretIn(stack)) }));
    expect(stagedIn(app, 'openapi.json')).toEqual([
      expect.objectContaining({
        components: { securitySchemes: { apiKey: { type: 'apiKey', name: 'x-api-key', in: 'header' } } },
        security: [{ apiKey: [] }],
      }),
    ]);
  });

  test.each<[string, () => ServiceAuthorizer, string]>([
    [
      'an issuer without TLS',
      () => ServiceAuthorizer.jwt({ issuer: 'http://a.example.com', audience: ['a'] }),
      'issuer must be an https address',
    ],
    [
      'tokens for everybody',
      () => ServiceAuthorizer.jwt({ issuer: 'https://a.example.com', audience: [] }),
      'audience must name one',
    ],
    [
      'an ARN of something else',
      () => ServiceAuthorizer.lambdaArn('arn:aws:s3:::bucket'),
      'functionArn must be the ARN of a Lambda function',
    ],
    [
      'a function of another region',
      () => ServiceAuthorizer.lambdaArn(ARN.replace('eu-west-1', 'us-east-1')),
      'functionArn must be of the region of its API, eu-west-1, got: us-east-1',
    ],
    [
      'one answer for all',
      () => ServiceAuthorizer.lambdaArn(ARN, { identitySource: [], resultsCacheTtl: Duration.minutes(1) }),
      'resultsCacheTtl needs identitySource',
    ],
    [
      'an answer that holds too long',
      () => ServiceAuthorizer.lambdaArn(ARN, { resultsCacheTtl: Duration.hours(2) }),
      'resultsCacheTtl must be whole seconds from 0 to 3600, got: 7200',
    ],
  ])('refuses %s', (_, make, message) => {
    expect(() => serviceOf({ authorizer: make() })).toThrow(message);
  });
});

describe('cdk-nag', () => {
  const findings = (authorizer?: ServiceAuthorizer) => {
    const { app } = serviceOf({ authorizer, openApi });
    return new AwsSolutionsChecks(app).validateScope(app).violations.map(({ ruleName }) => ruleName);
  };

  test('finds nothing in a service that is guarded, or open on purpose', () => {
    expect(findings(ServiceAuthorizer.iam())).toEqual([]);
    expect(findings(ServiceAuthorizer.open())).toEqual([]);
  });

  test('finds that endpoints are open and do not say so', () => {
    expect(findings()).toEqual(['AwsSolutions-APIG4']);
  });
});
