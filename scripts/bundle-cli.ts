import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { BuildOptions } from 'esbuild';
import { TEXT_FILE_NAMES } from '../local/text-file';

const LOCAL = path.join(__dirname, '..', 'local');

/** How the command line becomes one file: the texts that it serves or runs in other processes are put into it. */
export const CLI_BUNDLE = {
  entryPoints: [path.join(LOCAL, 'cli', 'index.ts')],
  define: {
    TEXT_FILES: JSON.stringify(
      Object.fromEntries(TEXT_FILE_NAMES.map((name) => [name, readFileSync(path.join(LOCAL, name), 'utf8')])),
    ),
  },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
} as const satisfies BuildOptions;
