/**
 * Builds every function of `lambda/` into `assets/` and the local runner into `assets/cli`, so that a consumer of the
 * library needs neither esbuild nor Docker. A function is a folder `lambda/<construct>/<function>` with an `index.ts`.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { build, type BuildOptions, type Metafile } from 'esbuild';
import { CLI_BUNDLE } from './bundle-cli';

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

/** Files of packages that the function of an API's documents serves. */
const EXPLORER: readonly string[] = [
  'swagger-ui-dist/swagger-ui-bundle.js',
  'swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt',
  'swagger-ui-dist/swagger-ui.css',
  'swagger-ui-dist/LICENSE',
  'swagger-ui-dist/NOTICE',
];

/** The document of each API: a construct whose folder below `lambda/` has an `openapi.ts` is one. */
export async function apiDocuments(root = ROOT): Promise<Record<string, unknown>> {
  const documents: Record<string, unknown> = {};
  for (const api of readdirSync(path.join(root, 'lambda'))) {
    const file = path.join(root, 'lambda', api, 'openapi.ts');
    if (existsSync(file)) {
      documents[api] = ((await import(file)) as { document: unknown }).document;
    }
  }
  return documents;
}

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
  // In one file for all instead: see thirdPartyNotices.
  legalComments: 'none',
  // Clients are given Lambda's credentials (lambda/core/clients.ts): the default chain is half of the bundle, unused.
  alias: {
    '@aws-sdk/credential-provider-node': path.join(ROOT, 'lambda', 'core', 'no-default-credentials.ts'),
  },
  logLevel: 'warning',
  absWorkingDir: ROOT,
};

/** The packages whose code is in a bundle, by their folder below `node_modules`. */
function packagesIn(metafiles: readonly Metafile[]): string[] {
  const folders = metafiles.flatMap((metafile) =>
    Object.keys(metafile.inputs).flatMap((input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []),
  );
  return [...new Set(folders)].sort();
}

/** Name, version and licence of every package that is published inside a bundle, as their licences ask. */
function thirdPartyNotices(metafiles: readonly Metafile[]): string {
  const notices = packagesIn(metafiles).map((folder) => {
    const directory = path.join(ROOT, folder);
    const { name, version, license } = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8')) as {
      name: string;
      version: string;
      license?: string;
    };
    const file = readdirSync(directory).find((entry) => /^(licen[sc]e|copying)/i.test(entry));
    const text = file === undefined ? '' : readFileSync(path.join(directory, file), 'utf8').trim();
    return `${name} ${version} (${license ?? 'see below'})\n\n${text}`;
  });
  return `${notices.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

/** @returns the names of the functions that were built */
export async function bundle(outDir = path.join(ROOT, 'assets')): Promise<string[]> {
  const entries = functionEntries();
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  const functions = await build({
    ...COMMON,
    minify: true,
    entryPoints: Object.entries(entries).map(([name, file]) => ({ in: file, out: `${name}/index` })),
    loader: { '.html': 'text' },
    outdir: outDir,
    metafile: true,
  });
  for (const [api, document] of Object.entries(await apiDocuments())) {
    const docs = path.join(outDir, api, 'docs');
    writeFileSync(path.join(docs, 'openapi.json'), JSON.stringify(document));
    for (const file of EXPLORER) {
      copyFileSync(path.join(ROOT, 'node_modules', file), path.join(docs, path.basename(file)));
    }
  }
  const cli = await build({
    ...COMMON,
    alias: {},
    ...CLI_BUNDLE,
    outfile: path.join(outDir, 'cli', 'index.js'),
    metafile: true,
  });
  const notices = thirdPartyNotices([functions.metafile, cli.metafile]);
  writeFileSync(path.join(outDir, 'THIRD-PARTY-NOTICES.txt'), notices);
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
