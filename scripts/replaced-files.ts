import * as path from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Bundles other code in the place of files of packages.
 *
 * @param files by their paths below `node_modules`
 */
export const replacedFiles = (name: string, files: Readonly<Record<string, string>>): Plugin => ({
  name,
  setup: ({ onLoad }) => {
    for (const [file, contents] of Object.entries(files)) {
      const filter = file.replace(/[./]/g, (character) => (character === '/' ? '[\\\\/]' : '\\.'));
      onLoad({ filter: new RegExp(`[\\\\/]node_modules[\\\\/]${filter}$`) }, (found) => ({
        contents,
        resolveDir: path.dirname(found.path),
      }));
    }
  },
});
