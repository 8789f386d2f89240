import { createRequire } from 'node:module';
import * as path from 'node:path';
import { buildSync } from 'esbuild';

/**
 * A module of a function as it is deployed: bundled for Node. Jest cannot load what a module imports only when it is
 * first needed; a bundle has it inside.
 */
export function bundled<T>(file: string): T {
  const { outputFiles } = buildSync({
    entryPoints: [file],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    write: false,
    logLevel: 'silent',
  });
  const module = { exports: {} };
  const evaluate = new Function('require', 'module', 'exports', '__dirname', outputFiles[0].text) as (
    ...given: unknown[]
  ) => void;
  evaluate(createRequire(file), module, module.exports, path.dirname(file));
  return module.exports as T;
}
