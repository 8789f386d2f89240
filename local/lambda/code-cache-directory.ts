import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

/** What was kept longer ago is made anew, so that code that has changed does not stay for ever. */
const KEPT_MS = 24 * 3_600_000;

/**
 * The folder in which compiled code outlives a run, made where it is not there; undefined where it is not this user's
 * alone: what lies in it is run.
 */
export function codeCacheDirectory(root: string): string | undefined {
  try {
    const folder = join(root, `cdk-social-backend-code-${userInfo().username}`);
    make(folder);
    const { uid, mode } = lstatSync(folder);
    // Windows has temporary files of each user apart, and no such modes.
    if (process.getuid !== undefined && (uid !== process.getuid() || mode % 0o100 !== 0)) return undefined;
    if (!lstatSync(folder).isDirectory()) return undefined;
    forgetOld(folder);
    return folder;
  } catch {
    return undefined;
  }
}

/** Below a root that is there: to make that as well, Node.js tries for ever where it is missing under /proc. */
function make(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // It may be there from an earlier run, and be no folder: what is there is looked at.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function forgetOld(folder: string): void {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    // Another run may have been first.
    if (Date.now() - (lstatSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) > KEPT_MS) {
      rmSync(file, { force: true });
    }
  }
}
