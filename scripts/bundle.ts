/**
 * Builds every function of `lambda/` into `assets/` and the local runner into `assets/cli`, so that a consumer of the
 * library needs neither esbuild nor Docker. A function is a folder `lambda/<construct>/<function>` with an `index.ts`.
 */
import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { build, type BuildOptions } from 'esbuild';

const ROOT = path.join(__dirname, '..');

/** Folders below `lambda/` with code that functions share, and no function. */
const SHARED = new Set(['core']);

/** `realworld-api/get-article` to its entry file. */
export function functionEntries(root = ROOT): Record<string, string> {
  const entries: Record<string, string> = {};
  const lambdaDir = path.join(root, 'lambda');
  for (const construct of readdirSync(lambdaDir, { withFileTypes: true })) {
    if (!construct.isDirectory() || SHARED.has(construct.name)) {
      continue;
    }
    for (const fn of readdirSync(path.join(lambdaDir, construct.name), { withFileTypes: true })) {
      const entry = path.join(lambdaDir, construct.name, fn.name, 'index.ts');
      if (fn.isDirectory() && existsSync(entry)) {
        entries[`${construct.name}/${fn.name}`] = entry;
      }
    }
  }
  return entries;
}

/** Files of packages that a function serves or reads beside its code. */
const COPIES: Readonly<Record<string, readonly string[]>> = {
  'realworld-api/docs': [
    'swagger-ui-dist/swagger-ui-bundle.js',
    'swagger-ui-dist/swagger-ui.css',
    'swagger-ui-dist/LICENSE',
    'swagger-ui-dist/NOTICE',
  ],
};

const COMMON: BuildOptions = {
  bundle: true,
  platform: 'node',
  // Functions also run locally, on whatever Node the machine has from 20 on.
  target: 'node20',
  format: 'cjs',
  // Packages' ES modules first: `main` first loads 1.7 times as slowly.
  mainFields: ['module', 'main'],
  // An inline source map doubles the load time; none is shipped.
  sourcemap: false,
  legalComments: 'none',
  // Clients are given Lambda's credentials (lambda/core/clients.ts): the default chain is half of the bundle, unused.
  alias: {
    '@aws-sdk/credential-provider-node': path.join(ROOT, 'lambda', 'core', 'no-default-credentials.ts'),
  },
  logLevel: 'warning',
  absWorkingDir: ROOT,
};

export async function bundle(outDir = path.join(ROOT, 'assets')): Promise<string[]> {
  const entries = functionEntries();
  rmSync(outDir, { recursive: true, force: true });
  await build({
    ...COMMON,
    minify: true,
    entryPoints: Object.entries(entries).map(([name, file]) => ({ in: file, out: `${name}/index` })),
    loader: { '.html': 'text' },
    outdir: outDir,
  });
  for (const [name, files] of Object.entries(COPIES)) {
    for (const file of files) {
      copyFileSync(path.join(ROOT, 'node_modules', file), path.join(outDir, name, path.basename(file)));
    }
  }
  const cli = path.join(ROOT, 'local', 'cli', 'index.ts');
  if (existsSync(cli)) {
    await build({ ...COMMON, alias: {}, entryPoints: [cli], outfile: path.join(outDir, 'cli', 'index.js') });
  }
  return Object.keys(entries);
}

if (require.main === module) {
  bundle().then(
    (names) => process.stdout.write(`bundled ${names.length} functions into assets/\n`),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    },
  );
}
