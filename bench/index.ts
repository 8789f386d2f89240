/**
 * `npm run bench`: measures everything, or the parts that are named, and writes `bench/results.json` and
 * `docs/benchmarks.md` after each, so that what has been measured is kept where a run is stopped. `page` measures nothing, and
 * writes the page of what is there.
 */
import { verdict } from './chart';
import { coldStart } from './cold-start';
import { indexing } from './indexing';
import { keep, writePage } from './keep';
import { mix } from './mix';
import { MEASURED, type MeasuredName, type Outcome, readResults } from './results';
import { synth } from './synth';
import { warm } from './warm';
import { table } from '../test/e2e/costs-page';

const RUN: Readonly<Record<MeasuredName, (tell: (what: string) => void) => Promise<Outcome>>> = {
  mix,
  'cold-start': coldStart,
  warm,
  synth,
  indexing,
};

const say = (line: string) => process.stdout.write(`${line}\n`);
const tell = (what: string) => process.stderr.write(`  ${what}\n`);

function print(name: MeasuredName, { figures, table: rows }: Outcome): void {
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
function wanted(names: readonly string[]): readonly MeasuredName[] {
  const unknown = names.find((name) => !MEASURED.includes(name as MeasuredName));
  if (unknown !== undefined) throw new Error(`a part is one of ${MEASURED.join(', ')}, got: ${unknown}`);
  return names.length > 0 ? MEASURED.filter((name) => names.includes(name)) : MEASURED;
}

async function main(): Promise<void> {
  // One line a process of what toolchain the SDK will ask for next year.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const names = process.argv.slice(2);
  if (names.join() === 'page') return writePage(readResults());
  for (const name of wanted(names)) {
    const began = performance.now();
    const outcome = await RUN[name](tell);
    keep(name, outcome, (performance.now() - began) / 1000);
    print(name, outcome);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
