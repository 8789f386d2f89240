/**
 * `npm run bench`: measures everything, or the parts that are named, and writes `bench/results.json` and
 * `docs/benchmarks.md` after each, so that what has been measured is kept where a run is stopped.
 */
import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { verdict } from './chart';
import { coldStart } from './cold-start';
import { indexing } from './indexing';
import { mix } from './mix';
import { pagesOf } from './page';
import { type Outcome, PARTS, type PartName, readResults, record } from './results';
import { synth } from './synth';
import { warm } from './warm';
import { table } from '../test/e2e/costs-page';

const RUN: Readonly<Record<PartName, (tell: (what: string) => void) => Promise<Outcome>>> = {
  mix,
  'cold-start': coldStart,
  warm,
  synth,
  indexing,
};

const say = (line: string) => process.stdout.write(`${line}\n`);
const tell = (what: string) => process.stderr.write(`  ${what}\n`);

function print(name: PartName, { figures, table: rows }: Outcome): void {
  say(`\n${name}\n`);
  const cells = figures.map((figure) => {
    const { baseline, ratio, spread } = figure;
    const beside = baseline ? `${baseline.value} ${baseline.name}` : '';
    const middle = spread ? spread.join(' to ') : '';
    return [figure.name, `${figure.value} ${figure.unit}`, beside, ratio ?? '', middle, verdict(figure)];
  });
  if (rows) say(`${table(rows.head.map(String), rows.rows, [])}\n`);
  say(table(['What', 'Value', 'Baseline', 'Ratio', 'Middle half', 'Budget'], cells, [3]));
}

/** @throws Error where a part is not known */
function wanted(names: readonly string[]): readonly PartName[] {
  const unknown = names.find((name) => !PARTS.includes(name as PartName));
  if (unknown !== undefined) throw new Error(`a part is one of ${PARTS.join(', ')}, got: ${unknown}`);
  return names.length > 0 ? PARTS.filter((name) => names.includes(name)) : PARTS;
}

function writePage(): void {
  for (const [file, content] of Object.entries(pagesOf(readResults()))) {
    writeFileSync(path.join(__dirname, '..', 'docs', file), content);
  }
}

async function main(): Promise<void> {
  for (const name of wanted(process.argv.slice(2))) {
    const outcome = await RUN[name](tell);
    record(name, outcome);
    print(name, outcome);
    writePage();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
