import {
  CognitoIdentityProviderClient,
  ConfirmSignUpCommand,
  InitiateAuthCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { CfnOutput, Stack } from 'aws-cdk-lib';
import { UserPool, UserPoolClient, UserPoolOperation } from 'aws-cdk-lib/aws-cognito';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { synthesize, TestAssembly } from '../assembly/test-assembly';
import { main } from '../cli/main';
import { startApp } from '../runner';
import { RunningApp } from '../running-app';

/** User pools in an app: the template's own, from its trigger to its tokens. */

const TRIGGER = `exports.handler = async (event) => {
  console.log(JSON.stringify(event));
  if (event.request.userAttributes.email.startsWith('broken')) throw new Error('no profile');
  return event;
};`;
const LOOK = `exports.handler = async () => {
  const address = process.env.AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER;
  return (await fetch(address + '/' + process.env.POOL + '/.well-known/jwks.json')).json();
};`;
const PASSWORD = 'Passw0rd!';

let assembly: TestAssembly;
let app: RunningApp;
let cognito: CognitoIdentityProviderClient;
const lines: string[] = [];
const fact = (name: string): string => app.facts.find((one) => one.name === name)?.value ?? `no ${name}`;
const codeFor = (email: string): string =>
  lines.flatMap((line) => new RegExp(`^code (\\d{6}) for ${email} \\(sign-up\\)$`).exec(line)?.[1] ?? []).pop() ?? '';

beforeAll(async () => {
  assembly = synthesize((cdk, code) => {
    const stack = new Stack(cdk, 'App');
    const pool = new UserPool(stack, 'Users', {
      selfSignUpEnabled: true,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      standardAttributes: { email: { required: true, mutable: true } },
    });
    const client = new UserPoolClient(stack, 'Web', {
      userPool: pool,
      authFlows: { userPassword: true, userSrp: true },
      preventUserExistenceErrors: true,
    });
    const make = (id: string, content: string, environment = {}): LambdaFunction =>
      new LambdaFunction(stack, id, {
        runtime: Runtime.NODEJS_24_X,
        handler: 'index.handler',
        code: Code.fromAsset(code({ 'index.js': content })),
        environment,
      });
    pool.addTrigger(UserPoolOperation.POST_CONFIRMATION, make('Profile', TRIGGER));
    make('Look', LOOK, { POOL: pool.userPoolId });
    new CfnOutput(stack, 'Issuer', { value: pool.userPoolProviderUrl });
    new CfnOutput(stack, 'ClientId', { value: client.userPoolClientId });
  });
  app = await startApp({ assembly: assembly.directory, port: 0, log: (line) => lines.push(line) });
  // As an app of a browser has it: no credentials at all.
  cognito = new CognitoIdentityProviderClient({ endpoint: fact('Cognito'), region: app.aws.region });
}, 60_000);

afterAll(async () => {
  cognito?.destroy();
  await app?.close();
  assembly.remove();
});

async function signUp(email: string): Promise<string> {
  const ClientId = fact('client App/Web');
  const { UserSub } = await cognito.send(new SignUpCommand({ ClientId, Username: email, Password: PASSWORD }));
  return UserSub ?? '';
}

test('what a client has to know is told, and is what the template says', () => {
  expect(fact('user pool App/Users')).toMatch(/^us-east-1_[A-Za-z0-9]{9}$/);
  expect(fact('client App/Web')).toBe(app.outputs.App?.ClientId);
  expect(app.outputs.App?.Issuer).toBe(`https://cognito-idp.us-east-1.amazonaws.com/${fact('user pool App/Users')}`);
  expect(app.physicalId('App/Users')).toBe(fact('user pool App/Users'));
});

test('who signs up confirms with the code that is printed, and the trigger is told', async () => {
  const sub = await signUp('ann@example.com');
  const ClientId = fact('client App/Web');
  await cognito.send(
    new ConfirmSignUpCommand({ ClientId, Username: 'ann@example.com', ConfirmationCode: codeFor('ann@example.com') }),
  );
  const event = JSON.parse(
    app
      .logs('App/Profile')
      .at(-1)
      ?.text.replace(/^[^{]*/, '') ?? '{}',
  ) as unknown;
  expect(event).toEqual({
    version: '1',
    region: 'us-east-1',
    userPoolId: fact('user pool App/Users'),
    userName: sub,
    callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: ClientId },
    triggerSource: 'PostConfirmation_ConfirmSignUp',
    request: {
      userAttributes: {
        sub,
        'cognito:user_status': 'CONFIRMED',
        email: 'ann@example.com',
        email_verified: 'true',
      },
    },
    response: {},
  });
});

test('tokens say who signed in, and are of the keys that anybody may read', async () => {
  const ClientId = fact('client App/Web');
  const { AuthenticationResult: result } = await cognito.send(
    new InitiateAuthCommand({
      ClientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'Ann@Example.com', PASSWORD },
    }),
  );
  const pool = fact('user pool App/Users');
  const keys = createRemoteJWKSet(new URL(`${fact('Cognito')}/${pool}/.well-known/jwks.json`));
  const issuer = `https://cognito-idp.us-east-1.amazonaws.com/${pool}`;
  const access = await jwtVerify(result?.AccessToken ?? '', keys, { issuer, algorithms: ['RS256'] });
  const id = await jwtVerify(result?.IdToken ?? '', keys, { issuer, audience: ClientId, algorithms: ['RS256'] });
  const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as string;
  const seconds = expect.any(Number) as number;
  const both = {
    iss: issuer,
    sub: uuid,
    origin_jti: uuid,
    event_id: uuid,
    jti: uuid,
    auth_time: seconds,
    iat: seconds,
  };
  expect(access.payload).toEqual({
    ...both,
    token_use: 'access',
    scope: 'aws.cognito.signin.user.admin',
    client_id: ClientId,
    username: access.payload.sub,
    exp: (access.payload.iat ?? 0) + 3600,
  });
  expect(id.payload).toEqual({
    ...both,
    sub: access.payload.sub,
    token_use: 'id',
    aud: ClientId,
    'cognito:username': access.payload.sub,
    email: 'ann@example.com',
    email_verified: true,
    exp: (id.payload.iat ?? 0) + 3600,
  });
  expect(id.protectedHeader.kid).not.toBe(access.protectedHeader.kid);
  expect(result).toMatchObject({ ExpiresIn: 3600, TokenType: 'Bearer', RefreshToken: expect.any(String) as string });
});

test('the start prints where Cognito is, and the ids of the pool and of its client', async () => {
  const out: string[] = [];
  let stop = (): void => undefined;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  const line = (text: string): void => {
    out.push(text);
    if (text === 'Ready') stop();
  };
  expect(await main(['start', '--app', assembly.directory, '--port', '0'], { stopped, out: line, error: line })).toBe(
    0,
  );
  const rows = out.map((text) => text.trim().split(/ {2,}/));
  expect(rows).toContainEqual(['Cognito', expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string]);
  expect(rows).toContainEqual(['user pool App/Users', expect.stringMatching(/^us-east-1_\w{9}$/) as string]);
  expect(rows).toContainEqual(['client App/Web', expect.stringMatching(/^[a-z0-9]{26}$/) as string]);
});

test('functions find the keys by the variable of the SDK', async () => {
  const { payload } = await app.invoke('App/Look', {});
  expect(payload).toMatchObject({
    keys: [
      { alg: 'RS256', use: 'sig' },
      { alg: 'RS256', use: 'sig' },
    ],
  });
});

test('where the trigger fails, the caller is told, and the user is confirmed all the same', async () => {
  await signUp('broken@example.com');
  const ClientId = fact('client App/Web');
  const confirm = new ConfirmSignUpCommand({
    ...{ ClientId, Username: 'broken@example.com' },
    ConfirmationCode: codeFor('broken@example.com'),
  });
  await expect(cognito.send(confirm)).rejects.toMatchObject({
    name: 'UserLambdaValidationException',
    message: 'PostConfirmation failed with error no profile.',
  });
  await expect(cognito.send(confirm)).rejects.toMatchObject({
    name: 'NotAuthorizedException',
    message: 'User cannot be confirmed. Current status is CONFIRMED',
  });
});

test('a page of another address may call it, and read its answers', async () => {
  const preflight = await fetch(`${fact('Cognito')}/`, {
    method: 'OPTIONS',
    headers: {
      origin: 'http://localhost:3000',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-amz-target',
    },
  });
  expect(preflight.status).toBe(200);
  expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
  const allowed = (preflight.headers.get('access-control-allow-headers') ?? '').split(',');
  expect(allowed).toEqual(expect.arrayContaining(['content-type', 'x-amz-target']));
  const answer = await fetch(`${fact('Cognito')}/`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
    },
    body: JSON.stringify({
      ClientId: fact('client App/Web'),
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'nobody@example.com', PASSWORD },
    }),
  });
  expect(answer.status).toBe(400);
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  expect(await answer.json()).toEqual({
    __type: 'NotAuthorizedException',
    message: 'Incorrect username or password.',
  });
});
