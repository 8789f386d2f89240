/**
 * `npm run simulate:feed`: the modules of fan-out as they are shipped, over DynamoDB, SQS and streams in memory, with
 * faults; each seed is a run of its own, and every run of a seed is the same. A seed is named by the graph that it is of,
 * a SocialTable's or one on a user's own tables: `social-42`, `own-42`. Arguments after `--`:
 *
 * - `--seeds N` how many of each graph (100,000), `--from N` the first (1), `--graph social|own` of that one alone
 * - `--processes N` side by side (as many as there are CPUs)
 * - `--seed own-42` that one alone, with every call that it makes
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { GRAPHS, type GraphKind, type Outcome, simulate } from '../test/support/feed-simulation/simulate';

/** Seeds that a process is given at a time. */
const PORTION = 250;
/** Failures after which no more seeds are begun. */
const ENOUGH = 5;

/** Seeds of one graph, from one on and up to below another. */
interface Portion {
  readonly graph: GraphKind;
  readonly from: number;
  readonly to: number;
}

interface Report {
  readonly portion: Portion;
  readonly sum: Partial<Record<keyof Outcome, number>>;
  readonly failures: readonly { readonly seed: string; readonly error: string }[];
}

const write = (line: string) => process.stdout.write(`${line}\n`);
const describe = (error: unknown) =>
  error instanceof Error && error.name !== 'Disagreement' ? String(error.stack) : String(error);

/** A process of its own: runs the seeds that it is told, until it is told no more. */
async function work(portion: Portion): Promise<Report> {
  const { graph, from, to } = portion;
  const sum: Partial<Record<keyof Outcome, number>> = {};
  const failures: { seed: string; error: string }[] = [];
  for (let seed = from; seed < to && failures.length < ENOUGH; seed++) {
    try {
      for (const [name, count] of Object.entries(await simulate(graph, seed)) as [keyof Outcome, number][]) {
        sum[name] = (sum[name] ?? 0) + count;
      }
    } catch (error) {
      failures.push({ seed: `${graph}-${seed}`, error: describe(error) });
    }
  }
  return { portion, sum, failures };
}

/** One seed with all that happens in it. @returns the exit status */
async function replay(seed: string): Promise<number> {
  const [, graph, number] = /^([a-z]+)-(\d+)$/.exec(seed) ?? [];
  const kind = GRAPHS.find((known) => known === graph);
  if (kind === undefined) {
    throw new Error(`--seed must be one such as ${GRAPHS.map((known) => `${known}-42`).join(' or ')}, got: ${seed}`);
  }
  try {
    const outcome = await simulate(kind, numberOf('seed', number), write);
    write(`Seed ${seed} is right: ${JSON.stringify(outcome)}`);
    return 0;
  } catch (error) {
    write(`Seed ${seed}: ${describe(error)}`);
    return 1;
  }
}

/** All seeds, in portions, of one graph after the other. */
function* portionsOf(graphs: readonly GraphKind[], first: number, count: number): Generator<Portion, void> {
  for (const graph of graphs) {
    for (let from = first; from < first + count; from += PORTION) {
      yield { graph, from, to: Math.min(first + count, from + PORTION) };
    }
  }
}

interface Wanted {
  readonly graphs: readonly GraphKind[];
  readonly first: number;
  readonly count: number;
  readonly processes: number;
}

async function all({ graphs, first, count, processes }: Wanted): Promise<number> {
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
    // Two commands of one name are told apart by their classes, and known by their name, as they are in a replay.
    keepNames: true,
    external: ['esbuild'],
    logLevel: 'warning',
  });
  const began = performance.now();
  const sums = Object.fromEntries(graphs.map((graph) => [graph, {} as Record<string, number>]));
  const failures: Report['failures'][number][] = [];
  const waiting = portionsOf(graphs, first, count);
  const total = count * graphs.length;
  let done = 0;
  let told = 0;
  const seconds = () => ((performance.now() - began) / 1000).toFixed(0);
  const runOne = (child: ChildProcess) =>
    new Promise<void>((resolve, reject) => {
      const portion = () => {
        const { value } = failures.length < ENOUGH ? waiting.next() : { value: undefined };
        if (value) child.send(value);
        else child.disconnect();
      };
      child.on('message', (report: Report) => {
        const { graph, from, to } = report.portion;
        const sum = sums[graph];
        done += to - from;
        for (const [name, found] of Object.entries(report.sum)) {
          sum[name] = (sum[name] ?? 0) + found;
        }
        for (const failure of report.failures) {
          failures.push(failure);
          write(`Seed ${failure.seed}: ${failure.error}\n  npm run simulate:feed -- --seed ${failure.seed}`);
        }
        if (done - told >= total / 20) {
          told = done;
          write(`${done} of ${total} seeds, ${failures.length} failed, ${seconds()} s`);
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
  write(`${done} seeds in ${seconds()} s, ${failures.length} failed`);
  for (const graph of graphs) write(`${graph}: ${JSON.stringify(sums[graph])}`);
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
      graph: { type: 'string' },
      seeds: { type: 'string', default: '100000' },
      from: { type: 'string', default: '1' },
      processes: { type: 'string', default: String(availableParallelism()) },
    },
  });
  if (values.seed !== undefined) {
    process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';
    return replay(values.seed);
  }
  const graphs = GRAPHS.filter((graph) => values.graph === undefined || graph === values.graph);
  if (graphs.length === 0) {
    throw new Error(`--graph must be ${GRAPHS.join(' or ')}, got: ${values.graph}`);
  }
  const [first, count, processes] = (['from', 'seeds', 'processes'] as const).map((name) =>
    numberOf(name, values[name]),
  );
  return all({ graphs, first, count, processes });
}

if (process.env.SIMULATE_FEED_CHILD === '1') {
  process.on('message', (portion: Portion) => {
    void work(portion).then((report) => process.send?.(report));
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
