import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { pagesOf } from './page';
import { type Outcome, type PartName, record } from './results';

/** Keeps what a part gave in `bench/results.json`, and writes `docs/benchmarks.md` anew. */
export function keep(name: PartName, outcome: Outcome): void {
  for (const [file, content] of Object.entries(pagesOf(record(name, outcome)))) {
    writeFileSync(path.join(__dirname, '..', 'docs', file), content);
  }
}
