import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { App, Stack } from 'aws-cdk-lib';
import { CfnRoute, HttpApi, HttpMethod, HttpRoute, IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  HttpIamAuthorizer,
  HttpLambdaAuthorizer,
  HttpLambdaResponseType,
  HttpUserPoolAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { synthesize, TestAssembly } from '../assembly/test-assembly';
import { startApp } from '../runner';
import { RunningApp } from '../running-app';
import { signedFetch, Signing } from '../signing';

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

/** Signs with the credentials of its own process, as functions do on AWS. */
const CALLER = `
const { createHash, createHmac } = require('node:crypto');
const { SignatureV4 } = require(${JSON.stringify(require.resolve('@smithy/signature-v4'))});
class Sha256 {
  constructor(secret) { this.hash = secret ? createHmac('sha256', secret) : createHash('sha256'); }
  update(data) { this.hash.update(data); }
  async digest() { return this.hash.digest(); }
}
exports.handler = async ({ url }) => {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken,
    AWS_REGION: region } = process.env;
  const { host, hostname, pathname } = new URL(url);
  const signer = new SignatureV4({ credentials: { accessKeyId, secretAccessKey, sessionToken }, region,
    service: 'execute-api', sha256: Sha256 });
  const { headers } = await signer.sign({ method: 'GET', protocol: 'http:', hostname, path: pathname, headers: { host } });
  const response = await fetch(url, { headers });
  return { status: response.status, body: await response.json() };
};`;

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
  const add = (path: string, authorizer: IHttpRouteAuthorizer, scopes?: string[]): HttpRoute[] =>
    api.addRoutes({ path, methods: [HttpMethod.GET], integration, authorizer, authorizationScopes: scopes });
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
  const iam = new HttpIamAuthorizer();
  const [signed] = add('/signed/{id}', iam);
  add('/closed', iam);
  const caller = makeFunction(stack, 'Caller', CALLER, code);
  const reader = new Role(stack, 'Reader', { assumedBy: new AccountRootPrincipal() });
  for (const grantee of [caller, reader]) signed?.grantInvoke(grantee, { httpMethods: [HttpMethod.GET] });
  new Role(stack, 'Stranger', { assumedBy: new AccountRootPrincipal() });
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

describe('a route with AWS_IAM', () => {
  const region = ENV.region;
  const send = async (path: string, credentials: Signing['credentials']): Promise<[number, unknown]> => {
    const response = await signedFetch(url + path, {}, { credentials, region });
    return [response.status, await response.json()];
  };

  test('lets in a role that may invoke it, and tells the function who it is', async () => {
    const credentials = app.credentialsOf('App/Reader');
    const role = app.physicalId('App/Reader');
    expect(await send('/signed/a%20b?y=2&x=%C3%A9', credentials)).toEqual([
      200,
      {
        iam: {
          accessKey: credentials.accessKeyId,
          accountId: ENV.account,
          callerId: `AROA${role}:session`,
          cognitoIdentity: null,
          principalOrgId: null,
          userArn: `arn:aws:sts::${ENV.account}:assumed-role/${role}/session`,
          userId: `AROA${role}:session`,
        },
      },
    ]);
    // What it may not do, and what others may not.
    expect(await send('/closed', credentials)).toEqual([403, { message: 'Forbidden' }]);
    expect(await send('/signed/1', app.credentialsOf('App/Stranger'))).toEqual([403, { message: 'Forbidden' }]);
  });

  test('lets in a function of the app, and the credentials that are printed at the start', async () => {
    const { payload } = await app.invoke('App/Caller', { url: `${url}/signed/1` });
    expect(payload).toMatchObject({
      status: 200,
      body: { iam: { userArn: expect.stringContaining(':assumed-role/') } },
    });
    expect(await app.invoke('App/Caller', { url: `${url}/closed` })).toMatchObject({ payload: { status: 403 } });
    expect(await send('/closed', app.aws.credentials)).toMatchObject([
      200,
      { iam: { userArn: expect.stringMatching(/:user\/runner$/) } },
    ]);
  });

  test('is closed to who does not sign', async () => {
    expect(await get('/signed/1')).toEqual({ status: 403, challenge: null, body: { message: 'Forbidden' } });
    expect(await send('/signed/1', { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' })).toMatchObject([403, {}]);
  });

  test('has credentials for roles alone', () => {
    expect(() => app.credentialsOf('App/Http')).toThrow('App/Http');
    expect(() => app.credentialsOf('App/Nobody')).toThrow('no resource of the app is called App/Nobody');
  });
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
