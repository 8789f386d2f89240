import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { build, type BuildOptions, type Metafile } from 'esbuild';

const ROOT = path.join(__dirname, '..');
const SOURCE = path.join(ROOT, 'lambda', 'http-service', 'runtime');

/** Where it is built, below `assets`. */
export const RUNTIME = 'runtime';

/** What services of users import: `cdk-social-backend/http` in their functions, `cdk-social-backend/openapi` in builds. */
const ENTRIES = ['http', 'openapi'] as const;

/**
 * Builds what the functions of users' own services import, for `import` and for `require`. The schemas are of the zod
 * that the service has: another copy of it would not know them.
 */
export async function bundleRuntime(common: BuildOptions, outDir: string): Promise<Metafile[]> {
  const formats = [
    { format: 'cjs', outExtension: { '.js': '.cjs' } },
    { format: 'esm', outExtension: { '.js': '.mjs' } },
  ] as const;
  const built = await Promise.all(
    formats.map((of) =>
      build({
        ...common,
        ...of,
        entryPoints: ENTRIES.map((name) => path.join(SOURCE, `${name}.ts`)),
        external: ['zod'],
        // What a bundle loads by `require` must find it in an ES module as well.
        banner:
          of.format === 'esm'
            ? {
                js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
              }
            : {},
        outdir: outDir,
        metafile: true as const,
      }),
    ),
  );
  return built.flatMap(({ metafile }) => metafile ?? []);
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
