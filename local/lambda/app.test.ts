import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { synthesize, TestAssembly } from '../assembly/test-assembly';
import { startApp } from '../runner';
import { RunningApp } from '../running-app';

/** Invoke by the SDK's client, and by functions that have a right to it and others that have none. */

const CALLEE = `exports.handler = async ({ bytes, boom, late }) => {
  if (late) await new Promise(() => setTimeout(() => undefined, 60000));
  if (boom) throw new TypeError('boom');
  return 'x'.repeat(bytes ?? 0);
};`;

/** As the SDK would, with the key of this function: the runner asks who signs, and not what. */
const CALLER = `exports.handler = async ({ reference }) => {
  const { AWS_ACCESS_KEY_ID: key, AWS_REGION: region, AWS_ENDPOINT_URL: endpoint } = process.env;
  const scope = key + '/20260101/' + region + '/lambda/aws4_request';
  const answer = await fetch(endpoint + '/2015-03-31/functions/' + encodeURIComponent(reference) + '/invocations', {
    method: 'POST', body: '{"bytes":1}',
    headers: { authorization: 'AWS4-HMAC-SHA256 Credential=' + scope + ', SignedHeaders=host, Signature=0' } });
  return { status: answer.status, error: answer.headers.get('x-amzn-errortype'), said: await answer.json() };
};`;

let assembly: TestAssembly;
let app: RunningApp;
let client: LambdaClient;
let callee: string;

beforeAll(async () => {
  assembly = synthesize((cdk, code) => {
    const stack = new Stack(cdk, 'App');
    const make = (id: string, content: string): lambda.Function =>
      new lambda.Function(stack, id, {
        runtime: lambda.Runtime.NODEJS_24_X,
        handler: 'index.handler',
        code: lambda.Code.fromAsset(code({ 'index.js': content })),
      });
    const target = make('Callee', CALLEE);
    const alias = new lambda.Alias(stack, 'Live', { aliasName: 'live', version: target.currentVersion });
    target.grantInvokeLatestVersion(make('MayFunction', CALLER));
    alias.grantInvoke(make('MayAlias', CALLER));
    make('MayNothing', CALLER);
  });
  app = await startApp({ assembly: assembly.directory, port: 0, log: () => undefined });
  client = new LambdaClient({ ...app.aws, maxAttempts: 1 });
  callee = app.physicalId('App/Callee');
});

afterAll(async () => {
  client.destroy();
  await app.close();
  assembly.remove();
});

async function invoke(event: object, FunctionName = callee, more: object = {}): Promise<[string, string?]> {
  const answer = await client.send(
    new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)), ...more }),
  );
  return [Buffer.from(answer.Payload ?? []).toString(), answer.FunctionError];
}

const arn = (): string => `arn:aws:lambda:${app.aws.region}:000000000000:function:${callee}`;

test('the client has the answer of a function, by its name, ARN, version and alias', async () => {
  for (const reference of [callee, arn(), `${callee}:1`, `${arn()}:live`, `${arn()}:$LATEST`]) {
    expect(await invoke({ bytes: 2 }, reference)).toEqual(['"xx"', undefined]);
  }
  expect(await invoke({ bytes: 2 }, callee, { Qualifier: 'live' })).toEqual(['"xx"', undefined]);
});

test('what is not there is not found: functions, versions, aliases, other regions', async () => {
  const others = ['nobody', `${callee}:old`, arn().replace(app.aws.region, 'eu-west-3')];
  for (const reference of others) {
    await expect(invoke({}, reference)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  }
  await expect(invoke({}, `${callee}:live`, { Qualifier: '1' })).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
  });
});

test('a function that fails has answered, and the header says so; so does one that is late', async () => {
  const [payload, functionError] = await invoke({ boom: true });
  expect(functionError).toBe('Unhandled');
  expect(JSON.parse(payload)).toMatchObject({ errorType: 'TypeError', errorMessage: 'boom' });
  const [late, how] = await invoke({ late: true });
  expect([how, late]).toEqual(['Unhandled', expect.stringContaining('Task timed out after 3.00 seconds')]);
});

test('an event has less than 6 MB, and an answer not more', async () => {
  const limit = 6 * 1024 * 1024;
  const padding = (bytes: number): object => ({ text: 'é'.repeat((bytes - '{"text":""}'.length) / 2) });
  expect(await invoke(padding(limit - 1))).toEqual(['""', undefined]);
  await expect(invoke(padding(limit + 1))).rejects.toMatchObject({
    name: 'RequestEntityTooLargeException',
    $metadata: { httpStatusCode: 413 },
  });
  expect((await invoke({ bytes: limit - 2 }))[1]).toBeUndefined();
  const [payload, functionError] = await invoke({ bytes: limit - 1 });
  expect([functionError, JSON.parse(payload)]).toMatchObject([
    'Unhandled',
    { errorType: 'Function.ResponseSizeTooLarge' },
  ]);
});

test('a function may invoke what its role says: a right to an alias is none to the function, nor the other way round', async () => {
  const by = async (caller: string, reference: string): Promise<unknown> => {
    const { payload } = await app.invoke(`App/${caller}`, { reference });
    const { status, error } = payload as { status: number; error: string | null };
    return error ?? status;
  };
  const denied = 'AccessDeniedException';
  expect(await Promise.all([by('MayFunction', callee), by('MayFunction', `${arn()}:live`)])).toEqual([200, denied]);
  expect(await Promise.all([by('MayAlias', callee), by('MayAlias', `${arn()}:live`)])).toEqual([denied, 200]);
  expect(await Promise.all([by('MayNothing', callee), by('MayNothing', arn())])).toEqual([denied, denied]);
  expect(app.unusedActions().map(({ resource }) => resource)).toEqual([`${arn()}:$LATEST`]);
});
