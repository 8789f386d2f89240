/**
 * Builds every function of `lambda/` into `assets/` and the local runner into `assets/cli`, so that a consumer of the
 * library needs neither esbuild nor Docker. A function is a folder `lambda/<construct>/<function>` with an `index.ts`; a
 * domain of an EventSourcedApi is one with a `domain.ts` and a `schema.graphql`.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { build, type BuildOptions, type Metafile } from 'esbuild';
import { writeHashes } from './asset-hashes';
import { CLI_BUNDLE } from './bundle-cli';
import { bundleRuntime, declareRuntime, RUNTIME } from './bundle-runtime';
import { UNUSED_OF_SDK, versionsAlone, withoutUnusedFiles } from './lean-sdk';
import { leanSearchClient } from './lean-search';
import { bundleLogger, loggerApart } from './logger-apart';
import { withoutUnusedSchemas } from './unused-schemas';

const ROOT = path.join(__dirname, '..');
const CORE = path.join(ROOT, 'lambda', 'core');

/** Folders below `lambda/` with code that functions share, and no function. */
const SHARED = new Set(['core']);

/** Folders with functions, by the name under which they are built. */
type Sources = Readonly<Record<string, string>>;

const subfolders = (directory: string) =>
  readdirSync(directory, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

/** The constructs of this library whose code runs in Lambda. */
const constructSources = (root = ROOT): Sources =>
  Object.fromEntries(
    subfolders(path.join(root, 'lambda'))
      .filter((name) => !SHARED.has(name))
      .map((name) => [name, path.join(root, 'lambda', name)]),
  );

/** Folders that have all of these files: `realworld-api/get-article` to its path. */
function foldersWith(sources: Sources, ...files: readonly string[]): Record<string, string> {
  const folders = Object.entries(sources).flatMap(([name, directory]) =>
    subfolders(directory).map((folder): [string, string] => [`${name}/${folder}`, path.join(directory, folder)]),
  );
  return Object.fromEntries(folders.filter(([, folder]) => files.every((file) => existsSync(path.join(folder, file)))));
}

const filesIn = (folders: Readonly<Record<string, string>>, file: string): Record<string, string> =>
  Object.fromEntries(Object.entries(folders).map(([name, folder]) => [name, path.join(folder, file)]));

/** `realworld-api/get-article` to its entry file. */
export const functionEntries = (sources: Sources = constructSources()): Record<string, string> =>
  filesIn(foldersWith(sources, 'index.ts'), 'index.ts');

/** What a domain of an EventSourcedApi is described by, beside its code. */
const SCHEMA = 'schema.graphql';

/** `event-sourced-api/expense-claims` to its folder. */
const domainFolders = (sources: Sources): Record<string, string> => foldersWith(sources, 'domain.ts', SCHEMA);

/** The domain that a function runs lies beside its code: the app that is synthesized says which one. */
const DOMAIN = './domain.js';

/** Files of packages that the function of an API's documents serves. */
const EXPLORER: readonly string[] = [
  'swagger-ui-dist/swagger-ui-bundle.js',
  'swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt',
  'swagger-ui-dist/swagger-ui.css',
  'swagger-ui-dist/LICENSE',
  'swagger-ui-dist/NOTICE',
];

/** Files of packages that the explorer of GraphQL APIs loads, by the names under which they are published. */
const GRAPHQL_EXPLORER: Readonly<Record<string, string>> = {
  'graphiql.min.js': 'graphiql/graphiql.min.js',
  'graphiql.min.css': 'graphiql/graphiql.min.css',
  'graphiql.LICENSE': 'graphiql/LICENSE',
  'react.production.min.js': 'react/umd/react.production.min.js',
  'react.LICENSE': 'react/LICENSE',
  'react-dom.production.min.js': 'react-dom/umd/react-dom.production.min.js',
  'react-dom.LICENSE': 'react-dom/LICENSE',
};

/** The document of each API: a folder of functions that has an `openapi.ts` is one. */
export async function apiDocuments(sources: Sources = constructSources()): Promise<Record<string, unknown>> {
  const documents: Record<string, unknown> = {};
  for (const [api, directory] of Object.entries(sources)) {
    const file = path.join(directory, 'openapi.ts');
    if (existsSync(file)) {
      documents[api] = ((await import(file)) as { document: unknown }).document;
    }
  }
  return documents;
}

export const COMMON: BuildOptions = {
  bundle: true,
  platform: 'node',
  // Functions also run locally, on whatever Node the machine has from 20 on.
  target: 'node20',
  format: 'cjs',
  // What is imported when first needed is required then: quicker, and the local runner can keep the compiled code.
  supported: { 'dynamic-import': false },
  // Packages' ES modules first: `main` first loads 1.7 times as slowly.
  mainFields: ['module', 'main'],
  // An inline source map doubles the load time; none is shipped.
  sourcemap: false,
  // In one file for all instead: see thirdPartyNotices.
  legalComments: 'none',
  alias: { ...UNUSED_OF_SDK },
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

/** What a page runs in the browser, of a file below `lambda/core`. */
async function pageScript(...file: string[]): Promise<string> {
  const { outputFiles } = await build({
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    entryPoints: [path.join(CORE, ...file)],
    absWorkingDir: ROOT,
    logLevel: 'warning',
    write: false,
  });
  return outputFiles[0].text;
}

/** Builds the explorer of GraphQL APIs, which the local runner serves. */
async function buildGraphqlExplorer(outDir: string): Promise<void> {
  mkdirSync(outDir, { recursive: true });
  const read = (...file: string[]) => readFileSync(path.join(CORE, ...file), 'utf8');
  const page = read('graphql-explorer', 'page.html');
  writeFileSync(
    path.join(outDir, 'index.html'),
    page.replace('{{sign-in}}', () => read('docs', 'sign-in.html')),
  );
  writeFileSync(path.join(outDir, 'explorer.js'), await pageScript('graphql-explorer', 'page.ts'));
  for (const [name, file] of Object.entries(GRAPHQL_EXPLORER)) {
    copyFileSync(path.join(ROOT, 'node_modules', file), path.join(outDir, name));
  }
}

/** Builds functions, and puts beside those that serve documents what they serve. */
async function buildFunctions(
  sources: Sources,
  outDir: string,
  own: BuildOptions = {},
): Promise<{ names: string[]; metafiles: Metafile[] }> {
  const entries = functionEntries(sources);
  const domains = domainFolders(sources);
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  const { metafile } = await build({
    ...COMMON,
    plugins: [leanSearchClient, loggerApart, versionsAlone, withoutUnusedFiles, withoutUnusedSchemas],
    minify: true,
    ...own,
    entryPoints: Object.entries({ ...entries, ...filesIn(domains, 'domain.ts') }).map(([name, file]) => ({
      in: file,
      out: `${name}/index`,
    })),
    external: [DOMAIN],
    loader: { '.html': 'text' },
    outdir: outDir,
    metafile: true,
  });
  const loggers = await bundleLogger(COMMON, metafile);
  for (const [name, file] of Object.entries(filesIn(domains, SCHEMA))) {
    copyFileSync(file, path.join(outDir, name, SCHEMA));
  }
  const documents = await apiDocuments(sources);
  // Without a function of their own that serves them, they are put beside the library's when the app is synthesized.
  const served = Object.keys(entries).flatMap((name) => /^(.*)\/docs$/.exec(name)?.[1] ?? []);
  for (const [api, document] of Object.entries(documents)) {
    if (!served.includes(api)) {
      writeFileSync(path.join(outDir, api, 'openapi.json'), JSON.stringify(document));
    }
  }
  const signIn = served.length > 0 ? await pageScript('docs', 'sign-in-page.ts') : '';
  for (const api of served) {
    const docs = path.join(outDir, api, 'docs');
    if (api in documents) {
      writeFileSync(path.join(docs, 'openapi.json'), JSON.stringify(documents[api]));
    }
    writeFileSync(path.join(docs, 'sign-in.js'), signIn);
    for (const file of EXPLORER) {
      copyFileSync(path.join(ROOT, 'node_modules', file), path.join(docs, path.basename(file)));
    }
  }
  return { names: Object.keys(entries), metafiles: [metafile, ...loggers] };
}

/** Examples whose functions are built as a user builds theirs: with packages as they are. */
const AS_USERS_DO = new Set(['feed', 'own-service']);

/**
 * Builds the functions that an example brings of its own, into `assets` beside them.
 *
 * @returns the names of the functions that were built; none where the example has none
 */
async function bundleExample(directory: string): Promise<string[]> {
  const source = path.join(directory, 'lambda');
  if (!existsSync(source)) {
    return [];
  }
  const name = path.basename(directory);
  const own = AS_USERS_DO.has(name) ? { plugins: [], alias: {} } : {};
  const { names } = await buildFunctions({ [name]: source }, path.join(directory, 'assets'), own);
  return names;
}

/** Where consumers of a SocialTable's stream find the schema of their messages. */
const MESSAGE_SCHEMA = 'social-table/messages.schema.json';

/** Where a REST API finds the schemas that the gateway validates bodies with. */
const BODY_SCHEMAS = 'posts-api/bodies.json';

/** @returns the names of the functions that were built */
export async function bundle(outDir = path.join(ROOT, 'assets')): Promise<string[]> {
  const functions = await buildFunctions(constructSources(), outDir);
  const schema = (await import('../lambda/social-table/message-schema')).messageSchema();
  writeFileSync(path.join(outDir, MESSAGE_SCHEMA), `${JSON.stringify(schema, undefined, 2)}\n`);
  const { bodySchemasOf } = await import('../lambda/core/openapi/body-schemas');
  const bodies = bodySchemasOf((await import('../lambda/posts-api/contracts')).CONTRACTS);
  writeFileSync(path.join(outDir, BODY_SCHEMAS), `${JSON.stringify(bodies, undefined, 2)}\n`);
  // Nothing is put into the folders of functions after this.
  writeHashes(outDir, functions.names);
  const cli = await build({
    ...COMMON,
    alias: {},
    // What a user hands over may be an ES module.
    supported: {},
    ...CLI_BUNDLE,
    outfile: path.join(outDir, 'cli', 'index.js'),
    metafile: true,
  });
  await buildGraphqlExplorer(path.join(outDir, 'graphql-explorer'));
  const runtime = await bundleRuntime(COMMON, path.join(outDir, RUNTIME));
  const notices = thirdPartyNotices([...functions.metafiles, cli.metafile, ...runtime]);
  writeFileSync(path.join(outDir, 'THIRD-PARTY-NOTICES.txt'), notices);
  return functions.names;
}

/** Everything that is built before an example is synthesized: the library's functions, and those of the examples. */
export async function bundleAll(): Promise<string[]> {
  const names = await bundle();
  const examples = path.join(ROOT, 'examples');
  for (const example of subfolders(examples)) {
    names.push(...(await bundleExample(path.join(examples, example))));
  }
  return names;
}

if (require.main === module) {
  bundleAll().then(
    (names) => {
      // For who publishes; what runs from here reads the sources.
      declareRuntime(path.join(ROOT, 'assets', RUNTIME, 'types'));
      process.stdout.write(`bundled ${names.length} functions\n`);
    },
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    },
  );
}
