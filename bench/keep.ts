import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { pagesOf } from './page';
import { type Outcome, type PartName, record, type Results } from './results';

/** Keeps what a part gave in `bench/results.json`, and writes `docs/benchmarks.md` anew. */
export function keep(name: PartName, outcome: Outcome, seconds: number): void {
  writePage(record(name, outcome, seconds));
}

/** Writes `docs/benchmarks.md` and its pictures. */
export function writePage(results: Results): void {
  for (const [file, content] of Object.entries(pagesOf(results))) {
    writeFileSync(path.join(__dirname, '..', 'docs', file), content);
  }
}
