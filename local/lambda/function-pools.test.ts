import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FunctionConfiguration } from './configuration';
import { LambdaOptions, FunctionPools } from './function-pools';

let root: string;
let service: FunctionPools;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lambda-test-'));
});

afterEach(async () => {
  await service.close();
  rmSync(root, { recursive: true, force: true });
});

function start(
  code: string,
  configuration: Partial<FunctionConfiguration> = {},
  options: Partial<LambdaOptions> = {},
  file = 'index.js',
): FunctionPools {
  writeFileSync(join(root, file), code);
  service = new FunctionPools({ region: 'us-east-1', workDir: mkdtempSync(join(root, 'work-')), ...options });
  service.configure('http://127.0.0.1:1');
  service.add({
    name: 'fn',
    arn: 'arn:aws:lambda:us-east-1:000000000000:function:fn',
    roleArn: 'arn:aws:iam::000000000000:role/fn',
    handler: 'index.handler',
    runtime: 'nodejs24.x',
    codeDirectory: root,
    timeoutSeconds: 3,
    memoryMegabytes: 128,
    architecture: 'arm64',
    environment: { TABLE: 'social' },
    logGroup: '/aws/lambda/fn',
    ...configuration,
  });
  return service;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}

test('an async handler gets event and context as in Lambda', async () => {
  start(`exports.handler = async (event, context) => ({
    event, name: context.functionName, memory: context.memoryLimitInMB, arn: context.invokedFunctionArn,
    id: context.awsRequestId, left: context.getRemainingTimeInMillis(), cwd: process.cwd() === process.env.LAMBDA_TASK_ROOT })`);
  const { payload, invocationId, functionError } = await service.invoke('fn', { a: [1] });
  expect(functionError).toBeUndefined();
  expect(payload).toMatchObject({ event: { a: [1] }, name: 'fn', memory: '128', id: invocationId, cwd: true });
  expect((payload as { left: number }).left).toBeGreaterThan(2000);
  expect((payload as { left: number }).left).toBeLessThanOrEqual(3000);
});

test('a process that is told to end is gone for the next invocation, with all that it kept', async () => {
  let asked = 0;
  start(
    'let count = 0; exports.handler = async () => ++count',
    {},
    { endsNow: (name) => name === 'fn' && ++asked === 2 },
  );
  const answers: unknown[] = [];
  for (const _ of [1, 2, 3, 4]) answers.push((await service.invoke('fn', {})).payload);
  expect(answers).toEqual([1, 2, 1, 2]);
});

test('a callback handler answers, and undefined becomes null', async () => {
  start('exports.handler = (event, context, callback) => { setImmediate(() => callback(null, event.give)); }');
  expect((await service.invoke('fn', { give: 'x' })).payload).toBe('x');
  expect((await service.invoke('fn', {})).payload).toBeNull();
});

test('an ES module is loaded', async () => {
  start('export const handler = async () => import.meta.url.length > 0', {}, {}, 'index.mjs');
  expect((await service.invoke('fn', {})).payload).toBe(true);
});

test('the environment is the template and what Lambda sets, with nothing of the runner', async () => {
  process.env.RUNNER_SECRET = 'x';
  start('exports.handler = async () => process.env');
  const { payload } = await service.invoke('fn', {});
  delete process.env.RUNNER_SECRET;
  const names = Object.keys(payload as object).sort();
  expect(payload).toMatchObject({
    TABLE: 'social',
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    TZ: 'UTC',
  });
  expect(names.filter((name) => !/^(_?AWS_|LAMBDA_|_HANDLER$|_X_AMZN)/.test(name))).toEqual([
    'HOME',
    'LANG',
    'PATH',
    'TABLE',
    'TMPDIR',
    'TZ',
  ]);
  expect((payload as { HOME: string }).HOME.startsWith(root)).toBe(true);
});

test('what a handler throws is the result, with type and message', async () => {
  start('exports.handler = async () => { throw new TypeError("no"); }');
  const result = await service.invoke('fn', {});
  expect(result).toMatchObject({ functionError: 'Unhandled', payload: { errorType: 'TypeError', errorMessage: 'no' } });
  expect((await service.invoke('fn', {})).functionError).toBe('Unhandled');
});

test('a handler that is not there is an error of the invocation', async () => {
  start('exports.other = 1');
  expect(await service.invoke('fn', {})).toMatchObject({
    functionError: 'Unhandled',
    payload: { errorType: 'Runtime.HandlerNotFound', errorMessage: 'index.handler is undefined or not exported' },
  });
});

test('a time-out kills the process and a new one takes the next invocation', async () => {
  start('exports.handler = async (event) => event.hang ? new Promise(() => setInterval(() => 0, 1e6)) : process.pid', {
    timeoutSeconds: 0.3,
  });
  const before = (await service.invoke('fn', {})).payload as number;
  const hanging = await service.invoke('fn', { hang: true });
  expect(hanging).toMatchObject({
    functionError: 'Unhandled',
    payload: {
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/Task timed out after 0\.30 seconds$/),
    },
  });
  const { payload } = await service.invoke('fn', {});
  expect(typeof payload).toBe('number');
  expect(payload).not.toBe(before);
  await until(() => !isAlive(before));
});

test('the time of one invocation is not counted against the next', async () => {
  start('exports.handler = async () => new Promise((resolve) => setTimeout(() => resolve(process.pid), 350))', {
    timeoutSeconds: 0.6,
  });
  const first = await service.invoke('fn', {});
  expect(await service.invoke('fn', {})).toMatchObject({ payload: first.payload });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a process that dies answers Unhandled and is replaced', async () => {
  start('exports.handler = async (event) => { if (event.die) process.exit(3); return "up"; }');
  expect(await service.invoke('fn', { die: true })).toMatchObject({
    functionError: 'Unhandled',
    payload: { errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('exit status 3') },
  });
  expect((await service.invoke('fn', {})).payload).toBe('up');
});

test('invocations run side by side up to the bound, one at a time in a process, the rest in order', async () => {
  start(
    `let busy = 0; const order = [];
     exports.handler = async (event) => { busy += 1; const now = busy; await new Promise((r) => setTimeout(r, 20)); busy -= 1; return { now, pid: process.pid, at: Date.now() }; }`,
    {},
    { maxProcesses: 2 },
  );
  const invocations = [1, 2, 3, 4, 5, 6].map(async (n) => service.invoke('fn', { n }));
  expect([new Set<string>(), new Set(['fn'])].map((without) => service.pending(without))).toEqual([6, 0]);
  const results = await Promise.all(invocations);
  const payloads = results.map(({ payload }) => payload as { now: number; pid: number; at: number });
  expect(payloads.every(({ now }) => now === 1)).toBe(true);
  expect(new Set(payloads.map(({ pid }) => pid)).size).toBe(2);
  expect(service.pending(new Set())).toBe(0);
});

test('a smaller reserved concurrency wins', async () => {
  start('exports.handler = async () => process.pid', { reservedConcurrency: 1 });
  const results = await Promise.all([1, 2, 3].map(async () => service.invoke('fn', {})));
  expect(new Set(results.map(({ payload }) => payload)).size).toBe(1);
});

test('an access key tells the function, its role and the invocation under way', async () => {
  start(
    'exports.handler = async (event) => { await new Promise((r) => process.stdin.on("data", r) && setTimeout(r, event.wait)); return process.env.AWS_ACCESS_KEY_ID; }',
  );
  const key = (await service.invoke('fn', { wait: 0 })).payload as string;
  expect(service.identify(key)).toEqual({
    principal: { name: 'fn', roleArn: 'arn:aws:iam::000000000000:role/fn' },
    credentials: { secretAccessKey: expect.any(String), sessionToken: expect.any(String) },
    invocationId: undefined,
  });
  const running = service.invoke('fn', { wait: 50 });
  const during = service.identify(key)?.invocationId;
  expect(during).toBe((await running).invocationId);
  expect(service.identify('ASIAOTHER')).toBeUndefined();
});

test('lines written are kept', async () => {
  start('exports.handler = async () => { console.log("out"); console.error("err"); }');
  await service.invoke('fn', {});
  await until(() => service.logs('fn').length === 2);
  expect(
    service
      .logs('fn')
      .map(({ stream, text }) => [stream, text])
      .sort(),
  ).toEqual([
    ['stderr', 'err'],
    ['stdout', 'out'],
  ]);
});

test('changed code is loaded', async () => {
  start('exports.handler = async () => 1');
  expect((await service.invoke('fn', {})).payload).toBe(1);
  writeFileSync(join(root, 'index.js'), 'exports.handler = async () => 2');
  await until(async () => (await service.invoke('fn', {})).payload === 2);
});

test('an idle process ends', async () => {
  start('exports.handler = async () => process.pid', {}, { idleMs: 20 });
  const pid = (await service.invoke('fn', {})).payload as number;
  expect(isAlive(pid)).toBe(true);
  await until(() => !isAlive(pid));
});

test('close ends the processes', async () => {
  start('exports.handler = async () => process.pid');
  const pid = (await service.invoke('fn', {})).payload as number;
  await service.close();
  expect(isAlive(pid)).toBe(false);
});

test('name, ARN, alias and version mean the same function; another is refused by name', async () => {
  start('exports.handler = async () => 1');
  const arn = 'arn:aws:lambda:us-east-1:000000000000:function:fn';
  for (const reference of [
    arn,
    `${arn}:live`,
    `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${arn}/invocations`,
  ]) {
    expect((await service.invoke(reference, {})).payload).toBe(1);
  }
  await expect(service.invoke('other', {})).rejects.toThrow('function other is not part of this app');
});
