import { copyFileSync } from 'node:fs';
import * as path from 'node:path';
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';

/**
 * The logger lies beside the code of a function, in a file of its own: most invocations log nothing, and an engine reads
 * all of a file before it runs any of it, so that in one file each first request pays for the logger.
 */

const LOGGER = '@aws-lambda-powertools/logger';
const FILE = './logger.js';

/** Where it is imported when it is needed, it is taken from beside the code. */
export const loggerApart: Plugin = {
  name: 'logger-apart',
  setup: ({ onResolve }) => {
    onResolve({ filter: new RegExp(`^${LOGGER}$`) }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: FILE, external: true } : undefined,
    );
  },
};

/**
 * Builds it and puts it beside each bundle that takes it.
 *
 * @param bundles of functions
 */
export async function bundleLogger(common: BuildOptions, bundles: Metafile): Promise<Metafile[]> {
  const folders = Object.entries(bundles.outputs).flatMap(([file, { imports }]) =>
    imports.some(({ path: imported }) => imported === FILE)
      ? [path.join(common.absWorkingDir ?? '', path.dirname(file))]
      : [],
  );
  const [first, ...others] = folders.map((folder) => path.join(folder, FILE));
  if (first === undefined) {
    return [];
  }
  const { metafile } = await build({
    ...common,
    minify: true,
    stdin: { contents: `export { Logger } from '${LOGGER}';`, resolveDir: common.absWorkingDir },
    outfile: first,
    metafile: true,
  });
  others.forEach((file) => copyFileSync(first, file));
  return [metafile];
}
