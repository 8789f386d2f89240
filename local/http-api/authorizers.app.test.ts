import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { App, Stack } from 'aws-cdk-lib';
import { CfnRoute, HttpApi, HttpMethod, IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  HttpLambdaAuthorizer,
  HttpLambdaResponseType,
  HttpUserPoolAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { synthesize, TestAssembly } from '../assembly/test-assembly';
import { startApp } from '../runner';
import { RunningApp } from '../running-app';

/** Authorizers as CDK synthesizes them, in front of one function that tells what it got of them. */

const ECHO = 'exports.handler = async (event) => event.requestContext.authorizer ?? {};';

const BY_POLICY = `exports.handler = async ({ version, methodArn, authorizationToken }) => ({
  principalId: 'p',
  policyDocument: { Statement: [{
    Action: 'execute-api:Invoke',
    Effect: authorizationToken === 'good' ? 'Allow' : 'Deny',
    Resource: methodArn,
  }] },
  context: { version },
});`;

const ENV = { account: '111122223333', region: 'eu-west-1' };
const ELSEWHERE = `arn:aws:lambda:${ENV.region}:${ENV.account}:function:ask`;

type MakeCode = (files: Readonly<Record<string, string>>) => string;

function makeFunction(
  stack: Stack,
  id: string,
  content: string,
  code: MakeCode,
  functionName?: string,
): LambdaFunction {
  return new LambdaFunction(stack, id, {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromAsset(code({ 'index.js': content })),
    functionName,
  });
}

function define(cdk: App, code: MakeCode): void {
  const shared = new Stack(cdk, 'Shared', { env: ENV });
  makeFunction(shared, 'Ask', BY_POLICY, code, 'ask');
  const stack = new Stack(cdk, 'App', { env: ENV });
  stack.addStackDependency(shared);
  const pool = new UserPool(stack, 'Users');
  const client = pool.addClient('Web', { authFlows: { userPassword: true } });
  const api = new HttpApi(stack, 'Http');
  const integration = new HttpLambdaIntegration('Echo', makeFunction(stack, 'Echo', ECHO, code));
  const add = (path: string, authorizer: IHttpRouteAuthorizer, scopes?: string[]): void => {
    api.addRoutes({ path, methods: [HttpMethod.GET], integration, authorizer, authorizationScopes: scopes });
  };
  const users = new HttpUserPoolAuthorizer('Users', pool, { userPoolClients: [client] });
  add('/pool', users);
  add('/admin', users, ['aws.cognito.signin.user.admin']);
  add('/scoped', users, ['items/write']);
  add(
    '/arn',
    new HttpLambdaAuthorizer('ByArn', LambdaFunction.fromFunctionArn(stack, 'Imported', ELSEWHERE), {
      responseTypes: [HttpLambdaResponseType.IAM],
    }),
  );
}

let assembly: TestAssembly;
let app: RunningApp;
let url: string;

beforeAll(async () => {
  assembly = synthesize(define);
  app = await startApp({ assembly: assembly.directory, port: 0 });
  url = app.urls[0]?.url ?? '';
}, 60_000);

afterAll(async () => {
  await app?.close();
  assembly.remove();
});

interface Answer {
  readonly status: number;
  readonly challenge: string | null;
  readonly body: unknown;
}

async function get(path: string, authorization?: string): Promise<Answer> {
  const response = await fetch(url + path, { headers: authorization === undefined ? {} : { authorization } });
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    body: await response.json(),
  };
}

test('tokens of a user pool of the app are let in by its own issuer', async () => {
  const { endpoint, region, credentials } = app.aws;
  const cognito = new CognitoIdentityProviderClient({ endpoint, region, credentials });
  const UserPoolId = app.physicalId('App/Users');
  const ClientId = app.physicalId('App/Users/Web');
  const Username = 'ann';
  await cognito.send(new AdminCreateUserCommand({ UserPoolId, Username, MessageAction: 'SUPPRESS' }));
  const Password = 'Passw0rd!';
  await cognito.send(new AdminSetUserPasswordCommand({ UserPoolId, Username, Password, Permanent: true }));
  const { AuthenticationResult: tokens = {} } = await cognito.send(
    new InitiateAuthCommand({
      ClientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: Username, PASSWORD: Password },
    }),
  );
  cognito.destroy();
  const byId = await get('/pool', `Bearer ${tokens.IdToken}`);
  expect(byId).toMatchObject({
    status: 200,
    body: { jwt: { claims: { aud: ClientId, 'cognito:username': 'ann', token_use: 'id' }, scopes: null } },
  });
  // An access token has client_id in the place of aud.
  const scope = 'aws.cognito.signin.user.admin';
  expect(await get('/admin', tokens.AccessToken)).toMatchObject({
    status: 200,
    body: { jwt: { claims: { client_id: ClientId, scope }, scopes: [scope] } },
  });
  expect(await get('/scoped', tokens.AccessToken)).toMatchObject({ status: 403, body: { message: 'Forbidden' } });
  expect(await get('/admin', tokens.IdToken)).toMatchObject({ status: 403 });
  expect(await get('/pool')).toEqual({ status: 401, challenge: 'Bearer', body: { message: 'Unauthorized' } });
});

test('a function of another stack, known by its ARN, answers by a policy', async () => {
  expect(await get('/arn', 'good')).toMatchObject({ status: 200, body: { lambda: { version: '1.0' } } });
  expect(await get('/arn', 'bad')).toMatchObject({ status: 403, body: { message: 'Forbidden' } });
});

test.each<[string, (cdk: App, code: MakeCode) => void, string]>([
  [
    'a function that is not there',
    (cdk, code): void => {
      const stack = new Stack(cdk, 'App', { env: ENV });
      const missing = LambdaFunction.fromFunctionArn(stack, 'Imported', ELSEWHERE);
      new HttpApi(stack, 'Http').addRoutes({
        path: '/x',
        integration: new HttpLambdaIntegration('Echo', makeFunction(stack, 'Echo', ECHO, code)),
        authorizer: new HttpLambdaAuthorizer('A', missing),
      });
    },
    `function ${ELSEWHERE} is not part of this app`,
  ],
  [
    'scopes without a token',
    (cdk, code): void => {
      const stack = new Stack(cdk, 'App');
      const api = new HttpApi(stack, 'Http');
      const integration = new HttpLambdaIntegration('Echo', makeFunction(stack, 'Echo', ECHO, code));
      const [route] = api.addRoutes({ path: '/x', integration });
      (route?.node.defaultChild as CfnRoute).authorizationScopes = ['a'];
    },
    'AuthorizationScopes are for JWT, not for NONE',
  ],
])('%s is refused by name', async (_what, build, message) => {
  const odd = synthesize(build);
  try {
    await expect(startApp({ assembly: odd.directory, port: 0 })).rejects.toThrow(message);
  } finally {
    odd.remove();
  }
});
