import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Set by the bundler of the command line, which is published as one file: the content of each by its name. */
declare const TEXT_FILES: Readonly<Record<string, string>> | undefined;

/** The text files that `textFile` gives, by path below `local/`: `inspector/page.html`. */
export const TEXT_FILE_NAMES = [
  'inspector/dom.js',
  'inspector/page.css',
  'inspector/page.html',
  'inspector/page.js',
  'inspector/tables.html',
  'inspector/tables.js',
  'lambda/bootstrap.js',
  'lambda/code-cache.cjs',
] as const;

/** The content of a file that belongs to the code, from its folder or from the bundle. */
export function textFile(name: (typeof TEXT_FILE_NAMES)[number]): string {
  if (typeof TEXT_FILES === 'undefined') return readFileSync(join(__dirname, name), 'utf8');
  const text = TEXT_FILES[name];
  if (text === undefined) throw new Error(`the bundle lacks ${name}`);
  return text;
}
