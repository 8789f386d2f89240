import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

/**
 * What identifies the code of each function, reckoned when it is built: an app that is synthesized then need not read all
 * of it again. `src/core/built-code.ts` gives it to CDK.
 */

/** Below `assets/`. */
const FILE = 'hashes.json';

/** A hash of the files of a folder, of their names and of what is in them: of nothing else, and wherever the folder is. */
export function hashOfFolder(directory: string): string {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => ({ file, name: path.relative(directory, file).split(path.sep).join('/') }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const hash = createHash('sha256');
  for (const { file, name } of files) {
    const content = readFileSync(file);
    // With its length, so that no name or content can pass for the end of another.
    hash.update(`${name}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** Writes the hashes of all functions, by their folders below `assets/`, once everything is in these. */
export function writeHashes(outDir: string, names: readonly string[]): void {
  const hashes = Object.fromEntries([...names].sort().map((name) => [name, hashOfFolder(path.join(outDir, name))]));
  writeFileSync(path.join(outDir, FILE), `${JSON.stringify(hashes, undefined, 2)}\n`);
}
