/**
 * `npm run simulate:feed`: the modules of fan-out as they are shipped, over DynamoDB, SQS and a stream in memory, with
 * faults; each seed is a run of its own, and every run of a seed is the same. Arguments after `--`:
 *
 * - `--seeds N` how many (100,000), `--from N` the first (1), `--processes N` side by side (as many as there are CPUs)
 * - `--seed N` that one alone, with every call that it makes
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { type Outcome, simulate } from '../test/support/feed-simulation/simulate';

/** Seeds that a process is given at a time. */
const PORTION = 250;
/** Failures after which no more seeds are begun. */
const ENOUGH = 5;

interface Report {
  readonly runs: number;
  readonly sum: Partial<Record<keyof Outcome, number>>;
  readonly failures: readonly { readonly seed: number; readonly error: string }[];
}

const write = (line: string) => process.stdout.write(`${line}\n`);
const describe = (error: unknown) =>
  error instanceof Error && error.name !== 'Disagreement' ? String(error.stack) : String(error);

/** A process of its own: runs the seeds that it is told, until it is told no more. */
async function work(from: number, to: number): Promise<Report> {
  const sum: Partial<Record<keyof Outcome, number>> = {};
  const failures: { seed: number; error: string }[] = [];
  for (let seed = from; seed < to; seed++) {
    try {
      for (const [name, count] of Object.entries(await simulate(seed)) as [keyof Outcome, number][]) {
        sum[name] = (sum[name] ?? 0) + count;
      }
    } catch (error) {
      failures.push({ seed, error: describe(error) });
    }
  }
  return { runs: to - from, sum, failures };
}

/** One seed with all that happens in it. @returns the exit status */
async function replay(seed: number): Promise<number> {
  try {
    const outcome = await simulate(seed, write);
    write(`Seed ${seed} is right: ${JSON.stringify(outcome)}`);
    return 0;
  } catch (error) {
    write(`Seed ${seed}: ${describe(error)}`);
    return 1;
  }
}

async function all(first: number, count: number, processes: number): Promise<number> {
  // Where it finds the packages that it does not have within it.
  const cache = path.join(__dirname, '..', 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, 'simulate-feed-'));
  const outfile = path.join(folder, 'simulate-feed.cjs');
  // Compiled once, for this Node: a third faster than through a loader.
  await build({
    entryPoints: [__filename],
    outfile,
    bundle: true,
    platform: 'node',
    target: `node${process.versions.node.split('.')[0]}`,
    mainFields: ['module', 'main'],
    external: ['esbuild'],
    logLevel: 'warning',
  });
  const began = performance.now();
  const sum: Partial<Record<keyof Outcome, number>> = {};
  const failures: Report['failures'][number][] = [];
  let next = first;
  let done = 0;
  let told = 0;
  const end = first + count;
  const seconds = () => ((performance.now() - began) / 1000).toFixed(0);
  const runOne = (child: ChildProcess) =>
    new Promise<void>((resolve, reject) => {
      const portion = () => {
        if (next >= end || failures.length >= ENOUGH) return void child.disconnect();
        const from = next;
        next = Math.min(end, next + PORTION);
        child.send({ from, to: next });
      };
      child.on('message', (report: Report) => {
        done += report.runs;
        for (const [name, found] of Object.entries(report.sum) as [keyof Outcome, number][]) {
          sum[name] = (sum[name] ?? 0) + found;
        }
        for (const failure of report.failures) {
          failures.push(failure);
          write(`Seed ${failure.seed}: ${failure.error}\n  npm run simulate:feed -- --seed ${failure.seed}`);
        }
        if (done - told >= count / 20) {
          told = done;
          write(`${done} of ${count} seeds, ${failures.length} failed, ${seconds()} s`);
        }
        portion();
      });
      child.once('error', reject);
      child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`A process ended with ${code}`))));
      portion();
    });
  const children = Array.from({ length: processes }, () =>
    fork(outfile, [], {
      execArgv: ['--max-semi-space-size=32'],
      env: { ...process.env, POWERTOOLS_LOG_LEVEL: 'SILENT', SIMULATE_FEED_CHILD: '1' },
    }),
  );
  try {
    await Promise.all(children.map(runOne));
  } finally {
    children.forEach((child) => child.kill());
    rmSync(folder, { recursive: true, force: true });
  }
  write(`${done} seeds in ${seconds()} s, ${failures.length} failed: ${JSON.stringify(sum)}`);
  return failures.length > 0 ? 1 : 0;
}

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new Error(`--${name} must be a positive integer, got: ${text}`);
  }
  return number;
}

function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string', default: '100000' },
      from: { type: 'string', default: '1' },
      processes: { type: 'string', default: String(availableParallelism()) },
    },
  });
  if (values.seed !== undefined) {
    process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';
    return replay(numberOf('seed', values.seed));
  }
  const [from, seeds, processes] = (['from', 'seeds', 'processes'] as const).map((name) =>
    numberOf(name, values[name]),
  );
  return all(from, seeds, processes);
}

if (process.env.SIMULATE_FEED_CHILD === '1') {
  process.on('message', ({ from, to }: { from: number; to: number }) => {
    void work(from, to).then((report) => process.send?.(report));
  });
} else {
  main().then(
    (code) => (process.exitCode = code),
    (error: unknown) => {
      process.stderr.write(`simulate:feed: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    },
  );
}
