import { ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { synthesize, TestAssembly } from '../assembly/test-assembly';

/** Answers as much of the RealWorld API as the sample data needs, from memory: one process takes all requests. */
const CODE = `
const users = new Set();
// Keeps the process busy on its own: only the runner's end may end it.
setInterval(() => undefined, 1e6);
exports.handler = async ({ routeKey, body }) => {
  const input = body ? JSON.parse(body) : {};
  if (routeKey === 'GET /api/pid') return { pid: process.pid };
  if (routeKey === 'POST /api/users') {
    if (users.has(input.user.username)) return { statusCode: 409 };
    users.add(input.user.username);
    return { statusCode: 201, body: JSON.stringify({ user: { ...input.user, token: 't' } }) };
  }
  console.log('seen ' + routeKey);
  return { statusCode: 201, body: JSON.stringify({ article: { slug: 'a b' } }) };
};`;

let root: string;
let bundle: string;
let assembly: TestAssembly;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'cli-test-'));
  bundle = join(root, 'cli.cjs');
  // As it is published: one file.
  const esbuild = require.resolve('esbuild/bin/esbuild');
  const flags = ['--bundle', '--platform=node', '--target=node20', '--format=cjs', '--log-level=error'];
  execFileSync(esbuild, [join(__dirname, 'index.ts'), `--outfile=${bundle}`, ...flags]);
  assembly = synthesize((app, code) => {
    const stack = new Stack(app, 'Conduit');
    const handler = new LambdaFunction(stack, 'Handler', {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromAsset(code({ 'index.js': CODE })),
      reservedConcurrentExecutions: 1,
    });
    const api = new HttpApi(stack, 'Api');
    const add = (method: HttpMethod, path: string): unknown =>
      api.addRoutes({ path, methods: [method], integration: new HttpLambdaIntegration('I', handler) });
    add(HttpMethod.GET, '/api/pid');
    for (const path of [
      'users',
      'articles',
      'profiles/{name}/follow',
      'articles/{slug}/favorite',
      'articles/{slug}/comments',
    ]) {
      add(HttpMethod.POST, `/api/${path}`);
    }
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
  const cli = run('start', '--app', assembly.directory, '--port', '0', '--sample', '--verbose');
  await cli.line(/^Ready$/);
  expect(cli.errors()).toBe('');
  expect(cli.lines.find((line) => line.startsWith('DynamoDB'))).toBeDefined();
  expect(cli.lines).toContainEqual(expect.stringMatching(/^Lambda +1 Function, 6 Permission$/));
  expect(cli.lines).toContain('sample user ada@example.com, password sample-password');
  expect(cli.lines).toContainEqual(expect.stringMatching(/seen POST \/api\/articles\/\{slug\}\/comments$/));
  const url = /(http:\/\/localhost:\d+)\/_local/.exec(await cli.line(/_local$/))?.[1] ?? '';
  const { pid } = (await (await fetch(`${url}/api/pid`)).json()) as { pid: number };
  await cli.line(/^GET \/api\/pid 200 \d+ ms$/);
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
  await (await fetch(`${url}/api/pid`)).text();
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
