import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, loadavg, platform } from 'node:os';
import * as path from 'node:path';

/** What benchmarks give, as it is kept in `bench/results.json` and shown in `docs/benchmarks.md`. */

const ROOT = path.join(__dirname, '..');
const FILE = path.join(__dirname, 'results.json');

/** Parts that `npm run bench` measures, in their order. */
export const MEASURED = ['mix', 'cold-start', 'warm', 'synth', 'indexing'] as const;
export type MeasuredName = (typeof MEASURED)[number];

/** Parts that `npm run bench:feed` measures, by itself because it needs DynamoDB Local. */
export const FEED_PARTS = ['feed', 'feed-delivery', 'feed-memory'] as const;
export type FeedPartName = (typeof FEED_PARTS)[number];

export const PARTS = [...MEASURED, ...FEED_PARTS] as const;
export type PartName = (typeof PARTS)[number];

/** What a figure may be. */
export interface Budget {
  /** What is held against it. */
  readonly of: 'ratio' | 'value';
  readonly most?: number;
  readonly least?: number;
}

export interface Figure {
  readonly name: string;
  readonly unit: string;
  /** A median where there are rounds. */
  readonly value: number;
  /** What the same was for something else in the same run. @default - nothing to compare with */
  readonly baseline?: { readonly name: string; readonly value: number };
  /** The value by the baseline's: of rounds, the median of their ratios. @default - nothing to compare with */
  readonly ratio?: number;
  /** The middle half of the rounds: their ratio where there is one, else their value. @default - counted, not measured */
  readonly spread?: readonly [lower: number, upper: number];
  /** @default - told, not held against anything */
  readonly budget?: Budget;
}

/** A row of a table that goes with a part. */
export type Row = readonly (string | number)[];

/** What one part gives. */
export interface Outcome {
  /** Rounds that medians are of; 1 where something is counted. */
  readonly rounds: number;
  readonly figures: readonly Figure[];
  /** @default - the figures say all */
  readonly table?: { readonly head: Row; readonly rows: readonly Row[] };
}

/** Where figures came about. */
interface Machine {
  readonly cpu: string;
  readonly count: number;
  readonly platform: string;
  /** Load average of the minute before the run, of all processors together. @default - not noted */
  readonly load?: number;
}

/** An outcome, and where it came about. */
export interface Part extends Outcome {
  readonly machine: Machine;
  /** How long it took. @default - not noted */
  readonly seconds?: number;
  readonly versions: Readonly<Record<string, string>>;
}

export type Results = Readonly<Partial<Record<PartName, Part>>>;

/** Packages that figures depend on. */
const PACKAGES = ['@aws-sdk/client-dynamodb', '@aws-sdk/lib-dynamodb', 'aws-cdk-lib', 'constructs', 'esbuild'];

function versions(): Record<string, string> {
  const ofPackage = (name: string) => {
    const file = path.join(ROOT, 'node_modules', name, 'package.json');
    return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  };
  return { node: process.versions.node, ...Object.fromEntries(PACKAGES.map((name) => [name, ofPackage(name)])) };
}

/** Whether a figure is within its budget; undefined where it has none. */
export function isMet({ value, ratio, budget }: Figure): boolean | undefined {
  if (!budget) return undefined;
  const held = budget.of === 'ratio' ? ratio : value;
  if (held === undefined) throw new Error('a figure without a ratio is held against a ratio');
  return held <= (budget.most ?? Infinity) && held >= (budget.least ?? -Infinity);
}

/** Above this load for each processor, before anything is measured, other work is in the figures. */
const IDLE = 0.5;

/** Whether the machine had nothing else to do; undefined where that was not noted. */
export const wasIdle = ({ load, count }: Machine): boolean | undefined =>
  load === undefined ? undefined : load <= IDLE * count;

/** Enough digits to compare, and no more. */
const rounded = (value: number) => Number(value.toPrecision(4));
const ratio = (value: number) => Number(value.toPrecision(3));

/** The value at a share of all, by their order. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** A figure of rounds, beside its baseline: the median of their ratios round by round, which what else the machine did met. */
export function compared(
  name: string,
  unit: string,
  values: readonly number[],
  baseline: { readonly name: string; readonly values: readonly number[] },
  budget?: Budget,
): Figure {
  const ratios = values.map((value, round) => value / baseline.values[round]);
  const [value, base] = [median(values), median(baseline.values)];
  return {
    name,
    unit,
    value: rounded(value),
    baseline: { name: baseline.name, value: rounded(base) },
    ratio: ratio(median(ratios)),
    spread: [ratio(quantile(ratios, 0.25)), ratio(quantile(ratios, 0.75))],
    budget,
  };
}

/** What has been measured so far. */
export const readResults = (): Results => (existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Results) : {});

/** Before anything was measured in this process. */
const LOAD_BEFORE = Number(loadavg()[0].toFixed(2));

/** Keeps what a part gave in so many seconds, and what others gave before. @returns all of it */
export function record(name: PartName, outcome: Outcome, seconds: number): Results {
  const [{ model = 'unknown' } = {}, ...others] = cpus();
  const part: Part = {
    machine: { cpu: model, count: others.length + 1, platform: `${platform()} ${arch()}`, load: LOAD_BEFORE },
    versions: versions(),
    seconds: Math.round(seconds),
    ...outcome,
  };
  const before = readResults();
  const all = Object.fromEntries(
    PARTS.flatMap((each) => {
      const found = each === name ? part : before[each];
      return found ? [[each, found]] : [];
    }),
  ) as Results;
  writeFileSync(FILE, `${JSON.stringify(withVerdicts(all), undefined, 2)}\n`);
  return all;
}

/** With `met` beside each budget, for those who read the file and not this code. */
function withVerdicts(results: Results): object {
  return Object.fromEntries(
    Object.entries(results).map(([name, part]) => [
      name,
      { ...part, figures: part.figures.map((figure) => ({ ...figure, met: isMet(figure) })) },
    ]),
  );
}

/** Budgets of a ratio. */
export const atMost = (most: number): Budget => ({ of: 'ratio', most });
