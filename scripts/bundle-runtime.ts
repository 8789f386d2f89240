import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { build, type BuildOptions, type Metafile } from 'esbuild';

const ROOT = path.join(__dirname, '..');
const SOURCE = path.join(ROOT, 'lambda', 'http-service', 'runtime');

/** Where it is built, below `assets`. */
export const RUNTIME = 'runtime';

/** What services of users import: `http` and `secrets` in their functions, `openapi` in builds. */
const ENTRIES = ['http', 'openapi', 'secrets'] as const;

/**
 * Builds what the functions of users' own services import; bundlers take it into either kind of module. The schemas are
 * of the zod that the service has: another copy of it would not know them.
 */
export async function bundleRuntime(common: BuildOptions, outDir: string): Promise<Metafile[]> {
  const { metafile } = await build({
    ...common,
    entryPoints: ENTRIES.map((name) => path.join(SOURCE, `${name}.ts`)),
    external: ['zod', '@aws-sdk/client-secrets-manager'],
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
      ...ENTRIES.map((name) => path.join(SOURCE, `${name}.ts`)),
    ],
    { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] },
  );
}
