import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ASSEMBLIES } from './assemblies';

/** Once before all tests of a run: a folder for what one suite makes and all use; it goes with the process. */
export default function setUp(): void {
  const folder = mkdtempSync(join(tmpdir(), 'assemblies-'));
  process.env[ASSEMBLIES] = folder;
  // What the runner keeps from run to run is kept for the suites of this one.
  process.env.TMPDIR = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}
