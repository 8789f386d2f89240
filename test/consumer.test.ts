import { ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type BuildOptions, buildSync } from 'esbuild';
import { COUNTS, READS_A_FEED, READS_A_SECRET } from './support/consumer-sources';

/**
 * What a user of the published package has: the tarball, in an app of theirs, with the CDK and nothing else. There is
 * no bundler, no Docker, no program on the path.
 */

const project = resolve(__dirname, '..');

/** All that is published. */
const PUBLISHED =
  /^(assets\/.+|lib\/.+\.(js|d\.ts)|docs\/[\w-]+\.(md|svg)|\.jsii|(API|README|SECURITY)\.md|LICENSE|package\.json)$/;

/** What `npm run build` makes and git does not keep. */
const BUILT = [
  'lib/index.js',
  'lib/index.d.ts',
  '.jsii',
  'assets/cli/index.js',
  'assets/realworld-api/docs/index.js',
  'assets/runtime/http.cjs',
  'assets/runtime/types/lambda/http-service/runtime/http.d.ts',
  'assets/runtime/event-sourcing.cjs',
  'assets/runtime/types/lambda/event-sourced-api/runtime/event-sourcing.d.ts',
  'assets/runtime/feed.cjs',
  'assets/runtime/types/lambda/feed-fanout/runtime/feed.d.ts',
];

const APP = `
const { App, CfnOutput, Stack } = require('aws-cdk-lib');
const { RealWorldApi } = require('cdk-social-backend');

const app = new App();
const stack = new Stack(app, 'Mine');
const api = new RealWorldApi(stack, 'Api');
new CfnOutput(stack, 'Url', { value: api.url });
app.synth();
`;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly bundledDependencies?: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
}

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: FunctionProperties }>>;
}

interface FunctionProperties {
  readonly Handler?: string;
  readonly Code?: { readonly S3Key?: string };
}

interface Assets {
  readonly files: Readonly<Record<string, { readonly source: { readonly path: string; readonly packaging: string } }>>;
}

let root: string | undefined;
let consumer: string;
let packed: readonly string[];

const read = <T>(...path: string[]): T => JSON.parse(readFileSync(join(...path), 'utf8')) as T;
const npm = (cwd: string, ...parameters: string[]): string =>
  execFileSync('npm', [...parameters, '--ignore-scripts', '--loglevel=error'], {
    cwd,
    encoding: 'utf8',
    timeout: 60_000,
  });

/** The folder of a package that the project has. */
const installed = (name: string): string => dirname(require.resolve(`${name}/package.json`));

/** Puts a package of the project into the app, as npm would put it there. */
function give(name: string, folder = installed(name)): void {
  const target = join(consumer, 'node_modules', name);
  mkdirSync(dirname(target), { recursive: true });
  symlinkSync(folder, target, 'junction');
}

beforeAll(() => {
  const missing = BUILT.filter((file) => !existsSync(join(project, file)));
  if (missing.length > 0) {
    throw new Error(`not built: ${missing.join(', ')}; run npx projen bundle && npx projen compile`);
  }

  const folder = mkdtempSync(join(tmpdir(), 'consumer-'));
  root = folder;
  const [tarball] = JSON.parse(npm(project, 'pack', '--json', '--pack-destination', folder)) as {
    readonly filename: string;
    readonly files: readonly { readonly path: string }[];
  }[];
  if (tarball === undefined) throw new Error('npm pack made no tarball');
  packed = tarball.files.map(({ path }) => path);

  consumer = join(folder, 'app');
  mkdirSync(join(consumer, 'nothing'), { recursive: true });
  writeFileSync(join(consumer, 'package.json'), JSON.stringify({ name: 'app', private: true }));
  writeFileSync(join(consumer, 'app.js'), APP);
  // The tarball has to do without the registry: its peers are put beside it.
  npm(
    consumer,
    'install',
    '--offline',
    '--legacy-peer-deps',
    '--no-audit',
    '--no-fund',
    join(folder, tarball.filename),
  );
  const cdk = read<Manifest & { readonly bundleDependencies?: readonly string[] }>(
    installed('aws-cdk-lib'),
    'package.json',
  );
  const bundled = cdk.bundleDependencies ?? cdk.bundledDependencies ?? [];
  const needed = Object.keys(cdk.dependencies ?? {}).filter((name) => !bundled.includes(name));
  for (const name of ['aws-cdk-lib', 'constructs', ...needed]) give(name);
}, 90_000);

afterAll(() => {
  if (root !== undefined) rmSync(root, { recursive: true, force: true });
});

/** Runs a program of the app: no program is on its path, and no engine is told to it. */
function run(...parameters: string[]): ChildProcess {
  const {
    DYNAMODB_LOCAL_DIR: _engine,
    NODE_PATH: _path,
    NODE_OPTIONS: _options,
    CDK_CONTEXT_JSON: _context,
    ...environment
  } = process.env;
  return spawn(process.execPath, parameters, {
    cwd: consumer,
    env: { ...environment, PATH: join(consumer, 'nothing'), CDK_OUTDIR: join(consumer, 'cdk.out') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** The same for what uses the CDK: packages are found in the folder of the app alone, wherever they really are. */
const runIsolated = (...parameters: string[]): ChildProcess => run('--preserve-symlinks', ...parameters);

const runCommand = (...parameters: string[]): ChildProcess =>
  run(join('node_modules', '.bin', 'cdk-social-backend'), ...parameters);

interface ExitedProcess {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** What a program printed and how it ended; `seen` is told what it has printed so far. */
async function ended(child: ChildProcess, seen: (out: string) => void = () => undefined): Promise<ExitedProcess> {
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => seen((out += chunk.toString())));
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (status) => done({ status, out, err }));
  });
}

test('what is built is published, and nothing else', () => {
  expect(packed.filter((path) => !PUBLISHED.test(path) && !path.startsWith('node_modules/graphql/'))).toEqual([]);
  expect(packed).toEqual(expect.arrayContaining([...BUILT, 'API.md', 'LICENSE', 'README.md']));
});

test('it brings GraphQL within itself, no other package, and runs nothing when it is installed', () => {
  const manifest = read<Manifest>(consumer, 'node_modules', 'cdk-social-backend', 'package.json');
  expect(Object.keys(manifest.dependencies ?? {})).toEqual(['graphql']);
  expect(manifest.bundledDependencies).toEqual(['graphql']);
  expect(Object.keys(manifest.peerDependencies).sort()).toEqual(['aws-cdk-lib', 'constructs']);
  expect(Object.keys(manifest.scripts).filter((name) => /^(pre|post)?install$/.test(name))).toEqual([]);
  const beside = readdirSync(join(consumer, 'node_modules')).filter((name) => !name.startsWith('.'));
  expect(beside.sort()).toEqual(['@aws-cdk', 'aws-cdk-lib', 'cdk-social-backend', 'constructs']);
});

test('there is no bundler and no Docker that an app could use', async () => {
  const code = `
    const { createRequire } = require('node:module');
    const { spawnSync } = require('node:child_process');
    for (const from of ['./app.js', './node_modules/aws-cdk-lib/index.js', './node_modules/cdk-social-backend/lib/index.js']) {
      try { console.log(createRequire(require('node:path').resolve(from)).resolve('esbuild')); } catch {}
    }
    for (const program of ['docker', 'esbuild', 'npx']) {
      if (!spawnSync(program, ['--version']).error) console.log(program);
    }`;
  expect(await ended(runIsolated('-e', code))).toEqual({ status: 0, out: '', err: '' });
});

describe('an app with nothing but `new RealWorldApi(stack, id)`', () => {
  const output = (): string => join(consumer, 'cdk.out');

  beforeAll(async () => {
    const { status, out, err } = await ended(runIsolated('app.js'));
    if (status !== 0) throw new Error(`the app does not synthesize: ${out}${err}`);
  }, 60_000);

  test('synthesizes functions whose code is there', () => {
    const { Resources } = read<Template>(output(), 'Mine.template.json');
    const { files } = read<Assets>(output(), 'Mine.assets.json');
    for (const { source } of Object.values(files)) expect(existsSync(join(output(), source.path))).toBe(true);

    const functions = Object.entries(Resources).filter(([, { Type }]) => Type === 'AWS::Lambda::Function');
    expect(functions.length).toBeGreaterThan(20);
    for (const [id, { Properties }] of functions) {
      const source = files[Properties?.Code?.S3Key?.replace(/\.zip$/, '') ?? '']?.source;
      const handler = `${Properties?.Handler?.split('.')[0]}.js`;
      const code = source === undefined ? [] : readdirSync(join(output(), source.path));
      expect({ id, packaging: source?.packaging, code }).toEqual({
        id,
        packaging: 'zip',
        code: expect.arrayContaining([handler]) as unknown,
      });
      expect(handler).toBe('index.js');
    }
  });

  test('the command of the package says how it is used', async () => {
    const { status, out, err } = await ended(runCommand('--help'));
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/^Usage: cdk-social-backend start/);
  });

  test.each([[[]], [['--dynamodb', 'dynoxide']], [['--dynamodb', 'dynamodb-local']]])(
    'without an engine it says in one line what to install: %p',
    async (options: string[]) => {
      const { status, err } = await ended(runCommand('start', '--port', '0', ...options));
      expect(status).toBe(1);
      expect(err).toMatch(/^cdk-social-backend: no DynamoDB engine: npm install --no-save [^\n]+\n$/);
    },
  );

  test('an engine that does not answer is told in one line', async () => {
    const { status, err } = await ended(runCommand('start', '--port', '0', '--dynamodb', 'http://127.0.0.1:9'));
    expect(status).toBe(1);
    expect(err).toMatch(/^cdk-social-backend: DynamoDB at http:\/\/127\.0\.0\.1:9 does not answer[^\n]*\n$/);
  });

  const name = `@dynoxide/${process.platform}-${process.arch}`;
  const engine = engineFolder(name);
  // Where this platform has none, the other tests say what is missing.
  const withEngine = engine === undefined ? test.skip : test;
  withEngine('with an engine beside it, it starts, answers and stops (not where there is no engine)', async () => {
    give(name, engine ?? '');
    const child = runCommand('start', '--port', '0');
    let ready: (out: string) => void = () => undefined;
    const started = new Promise<string>((done) => (ready = done));
    const end = ended(child, (out) => {
      if (/^Ready$/m.test(out)) ready(out);
    });
    try {
      const out = await Promise.race([
        started,
        end.then(({ out: printed, err }) => Promise.reject(new Error(`it did not start: ${printed}${err}`))),
      ]);
      const api = /http:\/\/localhost:\d+\/api\b/.exec(out)?.[0] ?? '';
      expect((await fetch(`${api}/health`)).status).toBe(200);
      expect(await (await fetch(`${api}/tags`)).json()).toEqual({ tags: [] });
      const user = { username: 'jake', email: 'jake@example.com', password: 'jakejake' };
      const registered = await fetch(`${api}/users`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ user }),
      });
      expect({ status: registered.status, body: await registered.json() }).toMatchObject({
        status: 201,
        body: { user: { username: 'jake' } },
      });
      child.kill('SIGINT');
      expect(await end).toMatchObject({ status: 0, err: '' });
      await expect(fetch(`${api}/health`)).rejects.toThrow('fetch failed');
    } finally {
      child.kill('SIGKILL');
    }
  });
});

describe('a service of one’s own, with a bundler and zod beside the package', () => {
  const service = (): string => join(consumer, 'service');
  const endpoints = ['create-entry', 'delete-entry', 'get-entry', 'list-entries', 'update-entry'];

  beforeAll(() => {
    const source = join(project, 'examples', 'own-service');
    cpSync(join(source, 'lambda'), join(service(), 'lambda'), { recursive: true });
    cpSync(join(source, 'contract.ts'), join(service(), 'contract.ts'));
    writeFileSync(join(service(), 'package.json'), JSON.stringify({ name: 'service', private: true }));
    // Beside zod, as npm puts them; of the package what such a service imports.
    for (const part of ['package.json', join('assets', 'runtime')]) {
      const of = (folder: string) => join(folder, 'node_modules', 'cdk-social-backend', part);
      cpSync(of(consumer), of(service()), { recursive: true });
    }
    writeFileSync(join(service(), 'lambda', 'secret.ts'), READS_A_SECRET);
    writeFileSync(join(service(), 'lambda', 'domain.ts'), COUNTS);
    writeFileSync(join(service(), 'lambda', 'feed.ts'), READS_A_FEED);
    for (const name of [
      'zod',
      '@aws-sdk/client-dynamodb',
      '@aws-sdk/client-secrets-manager',
      '@aws-sdk/lib-dynamodb',
    ]) {
      const target = join(service(), 'node_modules', name);
      mkdirSync(dirname(target), { recursive: true });
      symlinkSync(installed(name), target, 'junction');
    }
  });

  /** A bundler of the user's choice; packages are found where the service is. */
  const bundle = (options: BuildOptions): void =>
    void buildSync({ ...options, absWorkingDir: service(), bundle: true, platform: 'node', target: 'node20' });

  test.each(['nodenext', 'bundler'])('its contracts compile against the types of the package, by %s', (resolution) => {
    const module = resolution === 'bundler' ? 'esnext' : resolution;
    const options = ['--strict', '--noEmit', '--ignoreConfig', '--types', '', '--target', 'es2022'];
    const { stdout } = spawnSync(
      process.execPath,
      [
        join(project, 'node_modules/typescript-7/bin/tsc'),
        ...[...options, '--module', module, '--moduleResolution', resolution],
        ...['contracts', 'openapi', 'secret', 'domain', 'feed'].map((name) => `lambda/${name}.ts`),
      ],
      { cwd: service(), encoding: 'utf8' },
    );
    expect(stdout).toBe('');
  });

  test.each(['cjs', 'esm'])('its functions are built as %s by that bundler alone, and answer', async (format) => {
    const outdir = join(service(), format);
    bundle({
      entryPoints: endpoints.map((name) => `lambda/${name}/index.ts`),
      format: format as 'cjs' | 'esm',
      outdir,
      ...(format === 'esm' ? { outExtension: { '.js': '.mjs' }, banner: { js: REQUIRE } } : {}),
    });
    expect(readdirSync(outdir).sort()).toEqual(endpoints);
    const event = JSON.stringify({
      version: '2.0',
      routeKey: 'POST /entries',
      rawPath: '/entries',
      headers: {},
      requestContext: {
        requestId: 'request-1',
        domainName: 'a.example.com',
        http: { method: 'POST', sourceIp: '192.0.2.1' },
      },
      body: '{"name":"Smaug"}',
    });
    const file = join(outdir, 'create-entry', format === 'esm' ? 'index.mjs' : 'index.js');
    const code = `import(${JSON.stringify(`file://${file}`)})
      .then(({ handler, default: cjs }) => (handler ?? cjs.handler)(${event}, {}))
      .then((answer) => console.log(JSON.stringify(answer)));`;
    const { status, out, err } = await ended(run('--input-type=module', '-e', code));
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const { statusCode, body } = JSON.parse(out) as { statusCode: number; body: string };
    expect([statusCode, JSON.parse(body)]).toEqual([
      400,
      expect.objectContaining({ error: 'message must be text', requestId: 'request-1' }),
    ]);
  });

  test('it reads secrets, and is told by name that one cannot be read', async () => {
    const file = join(service(), 'secret.cjs');
    bundle({ entryPoints: ['lambda/secret.ts'], outfile: file });
    const code = `process.env.AWS_REGION = 'us-east-1';
      require(${JSON.stringify(file)}).read().catch((error) => console.log(error.name + ': ' + error.message));`;
    expect(await ended(run('-e', code))).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^SecretUnreadable: A secret could not be read: \w+\n$/) as string,
    });
  });

  test('it reads feeds, and refuses a cursor that is none before it asks DynamoDB', async () => {
    const file = join(service(), 'feed.cjs');
    bundle({ entryPoints: ['lambda/feed.ts'], outfile: file });
    const code = `process.env.AWS_REGION = 'us-east-1';
      require(${JSON.stringify(file)}).read('none').then((told) => console.log(told));`;
    expect(await ended(run('-e', code))).toMatchObject({
      status: 0,
      out: 'The cursor is none of this feed\n',
      err: '',
    });
  });

  test('a domain of events is one file without dependencies', async () => {
    const file = join(service(), 'domain.cjs');
    bundle({ entryPoints: ['lambda/domain.ts'], outfile: file, format: 'cjs' });
    const code = `const { domain } = require(${JSON.stringify(file)});
      const event = domain.commands.count({ n: 1 }, { by: 2 }, {});
      console.log(JSON.stringify([domain.aggregate, domain.evolve[event.type]({ n: 1 }, event.data)]));`;
    expect(await ended(run('-e', code))).toMatchObject({ status: 0, out: '["Counter",{"n":3}]\n', err: '' });
  });

  test('its API document is written by a program of one line', async () => {
    const file = join(service(), 'document.cjs');
    bundle({ entryPoints: ['lambda/openapi.ts'], outfile: file });
    const { status, out, err } = await ended(
      run('-e', `console.log(JSON.stringify(require(${JSON.stringify(file)}).document))`),
    );
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({ openapi: '3.1.0', info: { title: 'Guestbook' } });
  });
});

/** What functions built as ES modules have at their head, so that packages which are none may be bundled into them. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** The engine that is installed for the tests of this repository. */
function engineFolder(name: string): string | undefined {
  try {
    const optional = createRequire(require.resolve('@cdk-social-backend/local-engine/package.json'));
    return dirname(optional.resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}
