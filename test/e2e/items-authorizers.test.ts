import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type App, CfnOutput, Duration, SecretValue, Stack } from 'aws-cdk-lib';
import { HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { synthesize, type TestAssembly } from '../../local/assembly/test-assembly';
import { startApp } from '../../local/runner';
import type { RunningApp } from '../../local/running-app';
import { signedFetch, type Signing } from '../../local/signing';
import { ItemsApi, ServiceAuthorizer, ServiceStage } from '../../src';

/** Who may call the items API, by each kind of authorizer: one API for each, on one table. */

jest.setTimeout(60_000);

const ENV = { account: '111122223333', region: 'eu-west-1' };
const BY_NAME = `arn:aws:lambda:${ENV.region}:${ENV.account}:function:my-existing-authorizer`;

const SIMPLE = `exports.handler = async ({ headers }) => ({ isAuthorized: headers.authorization === 'good' });`;
const BY_POLICY = `exports.handler = async ({ methodArn, authorizationToken }) => ({
  principalId: 'p',
  policyDocument: { Statement: [{
    Action: 'execute-api:Invoke', Effect: authorizationToken === 'good' ? 'Allow' : 'Deny', Resource: methodArn,
  }] },
});`;

const KINDS = ['LambdaArn', 'Policy', 'Jwt', 'Cognito', 'Iam', 'Keys'] as const;
type Kind = (typeof KINDS)[number];

type MakeCode = (files: Readonly<Record<string, string>>) => string;

function makeFunction(stack: Stack, id: string, content: string, code: MakeCode, functionName?: string) {
  return new lambda.Function(stack, id, {
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: lambda.Code.fromAsset(code({ 'index.js': content })),
    functionName,
  });
}

function define(cdk: App, code: MakeCode): void {
  const existing = new Stack(cdk, 'Existing', { env: ENV });
  makeFunction(existing, 'Authorizer', SIMPLE, code, 'my-existing-authorizer');
  const stack = new Stack(cdk, 'App', { env: ENV });
  const userPool = new cognito.UserPool(stack, 'Users');
  const userPoolClient = userPool.addClient('Web', { authFlows: { userPassword: true } });
  const other = userPool.addClient('Other', { authFlows: { userPassword: true } });
  const secret = new secretsmanager.Secret(stack, 'ApiKeys', {
    secretStringValue: SecretValue.unsafePlainText('{"partner":"key-of-the-first-day"}'),
  });
  const authorizers: Record<Kind, ServiceAuthorizer> = {
    LambdaArn: ServiceAuthorizer.lambdaArn(BY_NAME),
    Policy: ServiceAuthorizer.lambda(makeFunction(stack, 'ByPolicy', BY_POLICY, code), {
      responseType: HttpLambdaResponseType.IAM,
    }),
    Jwt: ServiceAuthorizer.jwt({
      issuer: userPool.userPoolProviderUrl,
      audience: [userPoolClient.userPoolClientId],
    }),
    Cognito: ServiceAuthorizer.cognito(userPool, { userPoolClients: [userPoolClient] }),
    Iam: ServiceAuthorizer.iam(),
    // What is kept nowhere is asked for each time: a rotation shows at once.
    Keys: ServiceAuthorizer.apiKeys(secret, {
      secretCacheTtl: Duration.seconds(0),
      resultsCacheTtl: Duration.seconds(0),
    }),
  };
  let shared: ItemsApi | undefined;
  for (const kind of KINDS) {
    const own = new Stack(cdk, kind, { env: ENV });
    own.addStackDependency(existing);
    const api: ItemsApi = new ItemsApi(own, 'Api', {
      authorizer: authorizers[kind],
      // The first is as in production: provisioned capacity, and functions behind aliases.
      ...(shared ? { table: shared.table } : { stage: ServiceStage.PROD }),
    });
    shared ??= api;
    new CfnOutput(own, 'Url', { value: api.url });
    if (kind === 'Iam') {
      const reader = new iam.Role(own, 'Reader', { assumedBy: new iam.AccountRootPrincipal() });
      api.grantInvoke(reader);
      new iam.Role(own, 'Stranger', { assumedBy: new iam.AccountRootPrincipal() });
    }
  }
  new CfnOutput(stack, 'SecretArn', { value: secret.secretArn });
  new CfnOutput(stack, 'PoolId', { value: userPool.userPoolId });
  new CfnOutput(stack, 'ClientId', { value: userPoolClient.userPoolClientId });
  new CfnOutput(stack, 'OtherClientId', { value: other.userPoolClientId });
}

let assembly: TestAssembly;
let app: RunningApp;

beforeAll(async () => {
  assembly = synthesize(define);
  app = await startApp({ assembly: assembly.directory, port: 0, maxProcesses: 1, log: () => undefined });
}, 120_000);
afterAll(async () => {
  await app?.close();
  assembly.remove();
});

const output = (name: string) => String(app.outputs.App[name]);
const urlOf = (kind: Kind) => String(app.outputs[kind].Url);

async function get(kind: Kind, path: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${urlOf(kind)}${path}`, { headers });
  return [response.status, await response.json()] as const;
}
/** A list of items, or what the gateway says instead. */
const list = (kind: Kind, headers: Readonly<Record<string, string>> = {}) => get(kind, '/items', headers);
const bearer = (token: string | undefined) => ({ authorization: `Bearer ${token}` });

const LIST = [200, { items: [], nextCursor: null }] as const;
const UNAUTHORIZED = [401, { message: 'Unauthorized' }] as const;
const FORBIDDEN = [403, { message: 'Forbidden' }] as const;

async function signIn(clientId: string) {
  const { endpoint, region, credentials } = app.aws;
  const pool = new CognitoIdentityProviderClient({ endpoint, region, credentials });
  const [UserPoolId, Username, Password] = [output('PoolId'), `ann-${clientId}`, 'Passw0rd!'];
  await pool.send(new AdminCreateUserCommand({ UserPoolId, Username, MessageAction: 'SUPPRESS' }));
  await pool.send(new AdminSetUserPasswordCommand({ UserPoolId, Username, Password, Permanent: true }));
  const AuthParameters = { USERNAME: Username, PASSWORD: Password };
  const { AuthenticationResult: tokens = {} } = await pool.send(
    new InitiateAuthCommand({ ClientId: clientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters }),
  );
  pool.destroy();
  return tokens;
}

test.each(KINDS)('%s: nobody in particular gets to the health check, and to no item', async (kind) => {
  const environment = kind === KINDS[0] ? 'prod' : 'dev';
  expect(await get(kind, '/health')).toEqual([200, expect.objectContaining({ status: 'ok', environment })]);
  expect(await list(kind)).toEqual(kind === 'Iam' ? FORBIDDEN : UNAUTHORIZED);
});

test.each(KINDS)('%s: the documents say how to call', async (kind) => {
  const [status, document] = await get(kind, '/docs/spec.json');
  expect(status).toBe(200);
  const { security, components, paths } = document as {
    security: readonly Record<string, unknown>[];
    components: { securitySchemes: Record<string, unknown> };
    paths: Record<string, Record<string, { security?: unknown }>>;
  };
  expect(security).toHaveLength(1);
  expect(Object.keys(components.securitySchemes)).toEqual(Object.keys(security[0]));
  expect([paths['/health'].get.security, paths['/items'].get.security]).toEqual([[], undefined]);
});

test.each(['LambdaArn', 'Policy'] as const)('%s: the function decides', async (kind) => {
  expect(await list(kind, { authorization: 'good' })).toEqual(LIST);
  expect(await list(kind, { authorization: 'bad' })).toEqual(FORBIDDEN);
});

test.each(['Jwt', 'Cognito'] as const)('%s: who has signed in gets in, by either token', async (kind) => {
  const tokens = await (signedIn ??= signIn(output('ClientId')));
  expect(await list(kind, bearer(tokens.IdToken))).toEqual(LIST);
  expect(await list(kind, bearer(tokens.AccessToken))).toEqual(LIST);
  expect(await list(kind, bearer(`${tokens.AccessToken}x`))).toEqual(UNAUTHORIZED);
  expect(await list(kind, bearer('none'))).toEqual(UNAUTHORIZED);
  const ofOther = await (signedInElsewhere ??= signIn(output('OtherClientId')));
  expect(await list(kind, bearer(ofOther.IdToken))).toEqual(UNAUTHORIZED);
});
let signedIn: ReturnType<typeof signIn> | undefined;
let signedInElsewhere: ReturnType<typeof signIn> | undefined;

test('Iam: who is allowed to call gets in, by a signature, and nobody else', async () => {
  const signed = async (credentials: Signing['credentials'], region = ENV.region) => {
    const response = await signedFetch(`${urlOf('Iam')}/items`, {}, { credentials, region });
    return [response.status, await response.json()] as const;
  };
  const reader = app.credentialsOf('Iam/Reader');
  expect(await signed(reader)).toEqual(LIST);
  expect(await signed(app.credentialsOf('Iam/Stranger'))).toEqual(FORBIDDEN);
  expect(await signed({ ...reader, secretAccessKey: 'forged' })).toEqual(FORBIDDEN);
});

describe('Keys:', () => {
  const key = (value: string) => ({ 'x-api-key': value });
  async function holds(keys: unknown): Promise<void> {
    const client = new SecretsManagerClient({ ...app.aws });
    const SecretString = typeof keys === 'string' ? keys : JSON.stringify(keys);
    await client.send(new PutSecretValueCommand({ SecretId: output('SecretArn'), SecretString }));
    client.destroy();
  }

  test('who has one gets in', async () => {
    expect(await list('Keys', key('key-of-the-first-day'))).toEqual(LIST);
    for (const wrong of ['none', 'partner', 'key-of-the-first-day ', 'KEY-OF-THE-FIRST-DAY', '__proto__', '{}']) {
      const [status] = await list('Keys', key(wrong));
      // Spaces around a value are no part of it.
      expect([wrong, status]).toEqual([wrong, wrong.trim() === 'key-of-the-first-day' ? 200 : 403]);
    }
  });

  test('after a rotation the new ones are good, and those that are gone are not', async () => {
    await holds({ partner: 'key-of-the-second-day', other: 'key-of-another-partner', short: 'key-of-few' });
    expect(await list('Keys', key('key-of-the-second-day'))).toEqual(LIST);
    expect(await list('Keys', key('key-of-another-partner'))).toEqual(LIST);
    expect(await list('Keys', key('key-of-the-first-day'))).toEqual(FORBIDDEN);
    // It could be guessed.
    expect(await list('Keys', key('key-of-few'))).toEqual(FORBIDDEN);
  });

  test('where the secret holds none, nobody gets in, and nothing of it is told', async () => {
    for (const broken of ['no JSON: key-of-the-second-day', '[]', '{}', 'null', '{"partner":5}']) {
      await holds(broken);
      const [status, body] = await list('Keys', key('key-of-the-second-day'));
      expect([broken, status >= 400]).toEqual([broken, true]);
      expect(JSON.stringify(body)).not.toContain('key-of');
    }
    expect(JSON.stringify(app.logs())).not.toMatch(/key-of-/);
    await holds({ partner: 'key-of-the-third-day' });
    expect(await list('Keys', key('key-of-the-third-day'))).toEqual(LIST);
  });
});
