import { CfnResource, CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { CorsHttpMethod, HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { makeHttpApi } from '.';
import { synthesize, TestAssembly } from '../assembly/test-assembly';
import { makeIam } from '../iam';
import { startApp, StartOptions } from '../runner';
import { RunningApp } from '../running-app';
import { servicesWith } from '../services';

const SDK = require.resolve('@aws-sdk/client-dynamodb');

const ECHO = 'exports.handler = async (event) => event.requestContext.authorizer ?? { statusCode: 404 };';

const AUTHORIZER = `exports.handler = async ({ identitySource: [token] }) =>
  ({ isAuthorized: token === 'good', context: { token } });`;

// Writes once, or as often as it takes.
const CUSTOM = `
const { DynamoDBClient, PutItemCommand } = require(${JSON.stringify(SDK)});
const client = new DynamoDBClient({ maxAttempts: 1 });
exports.handler = async (event) => {
  const { table, attempts } = event.ResourceProperties;
  let Status = 'FAILED', Reason, attempt = 0;
  while (Status === 'FAILED' && attempt < Number(attempts)) {
    attempt += 1;
    try {
      await client.send(new PutItemCommand({ TableName: table, Item: { PK: { S: 'made' } } }));
      Status = 'SUCCESS';
    } catch (error) {
      Reason = error.name;
    }
  }
  await fetch(event.ResponseURL, { method: 'PUT', body: JSON.stringify({ Status, Reason, PhysicalResourceId: 'p',
    Data: { Attempt: String(attempt) } }) });
};`;

function synthesizeApp(attempts: number): TestAssembly {
  return synthesize((cdk, code) => {
    const stack = new Stack(cdk, 'App');
    const make = (id: string, content: string): LambdaFunction =>
      new LambdaFunction(stack, id, {
        runtime: Runtime.NODEJS_24_X,
        handler: 'index.handler',
        code: Code.fromAsset(code({ 'index.js': content })),
        timeout: Duration.seconds(10),
      });
    const table = new TableV2(stack, 'Table', { partitionKey: { name: 'PK', type: AttributeType.STRING } });
    const writer = make('Writer', CUSTOM);
    table.grantWriteData(writer);
    const custom = new CustomResource(stack, 'Custom', {
      serviceToken: writer.functionArn,
      properties: { table: table.tableName, attempts },
    });
    custom.node.addDependency(writer);
    stack.exportValue(custom.getAttString('Attempt'), { name: 'Attempt' });
    const echo = new HttpLambdaIntegration('Integration', make('Echo', ECHO));
    const api = new HttpApi(stack, 'Http', {
      corsPreflight: { allowOrigins: ['*'], allowMethods: [CorsHttpMethod.ANY] },
      defaultIntegration: echo,
    });
    const authorizer = new HttpLambdaAuthorizer('Authorizer', make('Asked', AUTHORIZER), {
      responseTypes: [HttpLambdaResponseType.SIMPLE],
    });
    api.addRoutes({ path: '/mine', methods: [HttpMethod.GET], integration: echo, authorizer });
  });
}

async function withApp<T>(
  assembly: TestAssembly,
  options: Partial<StartOptions>,
  work: (app: RunningApp, url: string) => Promise<T>,
): Promise<T> {
  const app = await startApp({ assembly: assembly.directory, port: 0, ...options });
  try {
    return await work(app, app.urls[0]?.url ?? '');
  } finally {
    await app.close();
  }
}

let assembly: TestAssembly;

beforeAll(() => {
  assembly = synthesizeApp(4);
});

afterAll(() => assembly.remove());

const preflight = async (url: string): Promise<number> => {
  const headers = { origin: 'https://app.example', 'access-control-request-method': 'GET' };
  return (await fetch(`${url}/mine`, { method: 'OPTIONS', headers })).status;
};

test('a route with an authorizer of CDK lets in whom its function lets in', async () => {
  await withApp(assembly, { services: servicesWith(makeHttpApi({ preflight: 'route' })) }, async (_app, url) => {
    const get = async (token?: string): Promise<[number, unknown]> => {
      const headers = token === undefined ? undefined : { authorization: token };
      const response = await fetch(`${url}/mine`, { headers });
      return [response.status, await response.json()];
    };
    expect(await get()).toEqual([401, { message: 'Unauthorized' }]);
    expect(await get('bad')).toEqual([403, { message: 'Forbidden' }]);
    expect(await get('good')).toEqual([200, { lambda: { token: 'good' } }]);
    // The function behind $default knows no OPTIONS.
    expect(await preflight(url)).toBe(404);
  });
});

test('the gateway can be asked to answer preflights before $default', async () => {
  expect(
    await withApp(assembly, { services: servicesWith(makeHttpApi({ preflight: 'gateway' })) }, async (_app, url) =>
      preflight(url),
    ),
  ).toBe(204);
});

test('a custom resource that tries again lives through permissions that come late', async () => {
  const attempt = async (app: RunningApp): Promise<unknown> =>
    Object.entries(app.outputs.App ?? {}).find(([key]) => key.includes('Attempt'))?.[1];
  expect(await withApp(assembly, {}, attempt)).toBe('1');
  expect(await withApp(assembly, { services: servicesWith(makeIam({ freshRoleDenials: 3 })) }, attempt)).toBe('4');
});

test('one that does not try often enough fails the start with its reason', async () => {
  await expect(
    withApp(assembly, { services: servicesWith(makeIam({ freshRoleDenials: 4 })) }, async () => undefined),
  ).rejects.toThrow('the custom resource failed: AccessDeniedException');
});

test.each<[Record<string, unknown>, string]>([
  [{ AuthorizerType: 'TOKEN' }, 'authorizer type TOKEN is not supported here, only REQUEST and JWT'],
  [{ AuthorizerPayloadFormatVersion: '3.0' }, 'AuthorizerPayloadFormatVersion must be 1.0 or 2.0, got 3.0'],
  [{ AuthorizerPayloadFormatVersion: '1.0' }, 'simple responses need payload format 2.0'],
  [{}, 'function arn:aws:lambda:us-east-1:000000000000:function:none is not part of this app'],
  [{ AuthorizerResultTtlInSeconds: 3601 }, 'AuthorizerResultTtlInSeconds must be 0 to 3600, got 3601'],
  [{ IdentitySource: [] }, 'a cache needs an identity source'],
])('an authorizer with %j is refused by name', async (changed, message) => {
  const odd = synthesize((cdk) => {
    const stack = new Stack(cdk, 'App');
    const api = new HttpApi(stack, 'Http');
    new CfnResource(stack, 'Authorizer', {
      type: 'AWS::ApiGatewayV2::Authorizer',
      properties: {
        ApiId: api.apiId,
        AuthorizerType: 'REQUEST',
        AuthorizerPayloadFormatVersion: '2.0',
        EnableSimpleResponses: true,
        AuthorizerResultTtlInSeconds: 300,
        AuthorizerUri: 'arn:aws:lambda:us-east-1:000000000000:function:none',
        IdentitySource: ['$request.header.Authorization'],
        ...changed,
      },
    });
  });
  try {
    await expect(withApp(odd, {}, async () => undefined)).rejects.toThrow(message);
  } finally {
    odd.remove();
  }
});
