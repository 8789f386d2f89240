import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The manifest and the lock file: what is published by them, and what others get who install from them. */

const project = resolve(__dirname, '..');
const read = <T>(name: string): T => JSON.parse(readFileSync(join(project, name), 'utf8')) as T;

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly extraneous?: boolean;
  readonly libc?: readonly string[];
}

const locked = Object.entries(read<{ packages: Record<string, Locked> }>('package-lock.json').packages);

describe('what is published', () => {
  const WANTED = [
    '.jsii',
    'API.md',
    'LICENSE',
    'README.md',
    'SECURITY.md',
    'assets/realworld-api/health/index.js',
    'docs/costs.md',
    'docs/architecture.svg',
    'docs/search.md',
    'docs/search.svg',
    'lib/index.d.ts',
    'lib/core/checks.js',
  ];
  const STRAY = [
    '.env',
    '.npmrc',
    'notes.txt',
    'coverage/lcov.info',
    'docs/draft.txt',
    'lambda/core/http.ts',
    'lib/index.ts',
    'lib/tsconfig.tsbuildinfo',
    'node_modules/left/index.js',
    'src/index.ts',
    'test/e2e/world.ts',
  ];
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'published-'));
    writeFileSync(join(folder, 'package.json'), readFileSync(join(project, 'package.json')));
    for (const file of [...WANTED, ...STRAY]) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), 'x');
    }
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('is a list of what is wanted: a stray file stays at home', () => {
    const printed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'], {
      cwd: folder,
      encoding: 'utf8',
    });
    const [{ files }] = JSON.parse(printed) as { files: { path: string }[] }[];
    expect(files.map(({ path }) => path).sort()).toEqual([...WANTED, 'package.json'].sort());
  });
});

describe('the lock file', () => {
  test('says nothing that npm 10 and npm 11 write differently', () => {
    expect(locked.length).toBeGreaterThan(500);
    expect(locked.flatMap(([path, { extraneous }]) => (extraneous ? [path] : []))).toEqual([]);
    expect(locked.flatMap(([path, { libc }]) => (libc ? [path] : []))).toEqual([]);
  });

  test('names no address: a package comes from the registry of whoever installs it', () => {
    expect(locked.flatMap(([, { resolved }]) => resolved ?? []).filter((address) => address.includes('://'))).toEqual(
      [],
    );
  });
});
