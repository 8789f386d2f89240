import { ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { build } from 'esbuild';
import { CLI_BUNDLE } from '../../scripts/bundle-cli';
import { synthesize, TestAssembly } from '../assembly/test-assembly';

/** Says which process it is, and what it was told, from memory: one process takes all requests. */
const CODE = `
const told = [];
// Keeps the process busy on its own: only the runner's end may end it.
setInterval(() => undefined, 1e6);
exports.handler = async ({ routeKey, body }) => {
  if (routeKey === 'GET /pid') return { pid: process.pid, told };
  told.push(body);
  console.log('seen ' + routeKey);
  return { statusCode: 201 };
};`;

/** A module of a user's own that fills the app. */
const SAMPLE = `
module.exports = async (app, log) => {
  const { url } = app.urls[0];
  const response = await fetch(url + '/things', { method: 'POST', body: 'sample', headers: { 'content-type': 'text/plain' } });
  log('sample data: ' + response.status);
};`;

let root: string;
let bundle: string;
let sample: string;
let assembly: TestAssembly;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'cli-test-'));
  bundle = join(root, 'cli.cjs');
  // As it is published: one file, wherever it lies.
  await build({ ...CLI_BUNDLE, outfile: bundle, logLevel: 'error' });
  sample = join(root, 'sample.cjs');
  writeFileSync(sample, SAMPLE);
  assembly = synthesize((app, code) => {
    const stack = new Stack(app, 'Things');
    const handler = new LambdaFunction(stack, 'Handler', {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromAsset(code({ 'index.js': CODE })),
      reservedConcurrentExecutions: 1,
    });
    const api = new HttpApi(stack, 'Api');
    const integration = new HttpLambdaIntegration('Integration', handler);
    api.addRoutes({ path: '/pid', methods: [HttpMethod.GET], integration });
    api.addRoutes({ path: '/things', methods: [HttpMethod.POST], integration });
  });
});

afterAll(() => {
  assembly.remove();
  rmSync(root, { recursive: true });
});

interface Run {
  readonly child: ChildProcess;
  readonly lines: string[];
  readonly status: Promise<number | null>;
  readonly errors: () => string;
  /** Resolves with the first line that matches. */
  line(pattern: RegExp): Promise<string>;
}

function run(...parameters: string[]): Run {
  const child = spawn(process.execPath, [bundle, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const waiting: { pattern: RegExp; resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  let rest = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    for (const { pattern, resolve } of waiting) {
      const found = lines.find((line) => pattern.test(line));
      if (found !== undefined) resolve(found);
    }
  });
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const status = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  void status.then(() =>
    waiting.forEach(({ pattern, reject }) => reject(new Error(`no line ${pattern}: ${lines.join('\n')}${errors}`))),
  );
  return {
    child,
    lines,
    errors: () => errors,
    line: async (pattern) =>
      new Promise((resolve, reject) => {
        const found = lines.find((line) => pattern.test(line));
        if (found !== undefined) resolve(found);
        else waiting.push({ pattern, resolve, reject });
      }),
    status,
  };
}

function childrenOf(pid: number | undefined): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return Number(readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]) === pid;
      } catch {
        return false;
      }
    })
    .map(Number);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('start says what comes up, fills in samples, shows requests, and leaves nothing when stopped', async () => {
  const cli = run('start', '--app', assembly.directory, '--port', '0', '--sample', sample, '--verbose');
  await cli.line(/^Ready$/);
  expect(cli.errors()).toBe('');
  expect(cli.lines.find((line) => line.startsWith('DynamoDB'))).toBeDefined();
  expect(cli.lines).toContainEqual(expect.stringMatching(/^Lambda +1 Function, 2 Permission$/));
  expect(cli.lines).toContain('sample data: 201');
  expect(cli.lines).toContainEqual(expect.stringMatching(/seen POST \/things$/));
  const url = /(http:\/\/localhost:\d+)\/_local/.exec(await cli.line(/_local$/))?.[1] ?? '';
  const { pid, told } = (await (await fetch(`${url}/pid`)).json()) as { pid: number; told: string[] };
  expect(told).toEqual(['sample']);
  await cli.line(/^GET \/pid 200 \d+ ms$/);
  const children = childrenOf(cli.child.pid);
  expect(children).toContain(pid);
  expect(children.length).toBeGreaterThan(1);
  cli.child.kill('SIGINT');
  expect(await cli.status).toBe(0);
  expect(children.filter(isAlive)).toEqual([]);
  expect(cli.errors()).toBe('');
}, 60_000);

test('killed outright, it leaves no process either', async () => {
  const cli = run('start', '--app', assembly.directory, '--port', '0');
  const url = /(http:\/\/localhost:\d+)\/_local/.exec(await cli.line(/_local$/))?.[1] ?? '';
  await cli.line(/^Ready$/);
  await (await fetch(`${url}/pid`)).text();
  const children = childrenOf(cli.child.pid);
  cli.child.kill('SIGKILL');
  await cli.status;
  while (children.some(isAlive)) await new Promise((resolve) => setImmediate(resolve));
}, 60_000);

describe('what cannot start is one line on stderr and status 1', () => {
  async function failure(...parameters: string[]): Promise<string> {
    const cli = run('start', ...parameters);
    expect(await cli.status).toBe(1);
    expect(cli.errors().trimEnd().split('\n')).toHaveLength(1);
    return cli.errors().trimEnd();
  }

  test('no assembly', async () => {
    expect(await failure('--app', '/nonexistent')).toBe(
      'cdk-social-backend: no cloud assembly in /nonexistent (no manifest.json): run `npx cdk synth` first, or use --app FOLDER',
    );
  });

  test('a broken template', async () => {
    const folder = join(root, 'broken');
    mkdirSync(folder);
    writeFileSync(join(folder, 'manifest.json'), '{"artifacts": ');
    expect(await failure('--app', folder)).toContain('manifest.json is no valid JSON');
  });

  test('a taken port', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const { port } = server.address() as AddressInfo;
    const message = await failure('--app', assembly.directory, '--port', String(port));
    server.close();
    expect(message).toBe(`cdk-social-backend: port ${port} is taken: use --port N, or --port 0 for a free one`);
  });

  test('a sample that is none', async () => {
    expect(await failure('--app', assembly.directory, '--sample', '/nonexistent.js')).toContain(
      '--sample /nonexistent.js cannot be loaded',
    );
    const file = join(root, 'none.cjs');
    writeFileSync(file, 'module.exports = { fill: 1 };');
    expect(await failure('--app', assembly.directory, '--sample', file)).toBe(
      `cdk-social-backend: --sample ${file} has no function as its default export`,
    );
  });

  test('an unknown option', async () => {
    expect(await failure('--colour')).toMatch(/^cdk-social-backend: Unknown option '--colour'/);
  });

  test('an engine that does not answer', async () => {
    expect(await failure('--app', assembly.directory, '--port', '0', '--dynamodb', 'http://127.0.0.1:9')).toContain(
      'http://127.0.0.1:9',
    );
  }, 60_000);
});

test('--help is on stdout, status 0', async () => {
  const cli = run('--help');
  expect(await cli.status).toBe(0);
  expect(cli.lines[0]).toBe('Usage: cdk-social-backend start [options]');
});
