import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { build, type BuildOptions, type Metafile } from 'esbuild';

const ROOT = path.join(__dirname, '..');

/** Where it is built, below `assets`. */
export const RUNTIME = 'runtime';

/** What services of users import: `http` and `secrets` in their functions, `openapi` in builds; their domains; `feed`. */
const ENTRIES = {
  http: 'http-service',
  openapi: 'http-service',
  secrets: 'http-service',
  'event-sourcing': 'event-sourced-api',
  feed: 'feed-fanout',
} as const;

const SOURCES = Object.entries(ENTRIES).map(([name, owner]) => ({
  in: path.join(ROOT, 'lambda', owner, 'runtime', `${name}.ts`),
  out: name,
}));

/**
 * Builds what the functions of users' own services import; bundlers take it into either kind of module. The schemas are
 * of the zod that the service has: another copy of it would not know them.
 */
export async function bundleRuntime(common: BuildOptions, outDir: string): Promise<Metafile[]> {
  const { metafile } = await build({
    ...common,
    entryPoints: SOURCES,
    external: ['zod', '@aws-sdk/client-secrets-manager', '@aws-sdk/client-dynamodb', '@aws-sdk/lib-dynamodb'],
    outExtension: { '.js': '.cjs' },
    outdir: outDir,
    metafile: true,
  });
  return [metafile];
}

/** Writes the types of what `bundleRuntime` builds, for who writes services in TypeScript. */
export function declareRuntime(outDir: string): void {
  execFileSync(
    process.execPath,
    [
      path.join(ROOT, 'node_modules', 'typescript-7', 'bin', 'tsc'),
      ...['--declaration', '--emitDeclarationOnly', '--noEmit', 'false', '--rootDir', ROOT, '--outDir', outDir],
      ...['--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler', '--strict', '--skipLibCheck'],
      ...['--types', 'node,aws-lambda', '--ignoreConfig'],
      ...SOURCES.map((source) => source.in),
    ],
    { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] },
  );
}
