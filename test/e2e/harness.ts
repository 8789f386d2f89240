import { resolve } from 'node:path';
import { startSilenceable } from './silenceable-search';
import { FaultRates } from '../../local/aws/faults';
import { startApp } from '../../local/runner';
import { RunningApp } from '../../local/running-app';
import { assemblyOf } from '../support/assemblies';
import { ChangedAssembly } from '../support/changed-settings';

/** How one run of the full system is started. */
export interface RealWorldOptions {
  /**
   * How far indexes and streams are behind, in milliseconds.
   *
   * @default - not at all
   */
  readonly lag?: { readonly gsi?: number; readonly stream?: number; readonly reads?: number; readonly search?: number };
  /**
   * Seed of the fault schedule.
   *
   * @default - no faults
   */
  readonly faultSeed?: number;
  /**
   * How often each fault comes, where that is not as usual.
   *
   * @default - as usual
   */
  readonly faultRates?: Partial<FaultRates>;
  /**
   * Least time an AWS call takes, in milliseconds.
   *
   * @default 0
   */
  readonly callLatencyMs?: () => number;
  /**
   * Most processes a function: each is a cold start, and more of them are no faster where cores are few.
   *
   * @default 2
   */
  readonly maxProcesses?: number;
  /** @default SEARCH */
  readonly search?: Search;
  /** A cloud assembly that is there already. @default - that of the full system */
  readonly assembly?: string;
  /** Other values of functions' environment variables. @default - as they are synthesized */
  readonly settings?: Readonly<Record<string, string>>;
  /** Folder in which data lasts. @default - data is gone at the end */
  readonly dataDir?: string;
}

/**
 * Whether a search index is composed in, or is and, once the system is up, answers no search (`silent`: it takes writes)
 * or is gone (`stopped`). `REALWORLD_SEARCH` says what the suites of the contract run with.
 */
export type Search = 'on' | 'off' | 'silent' | 'stopped';

export const SEARCH = (process.env.REALWORLD_SEARCH ?? 'on') as Search;

/** The function that brings changes into the index. */
const INDEXER = 'Search/Indexer/Handler';

/** A RealWorld API that answers. */
export interface RealWorldRun {
  /** Base of the API, for example `http://127.0.0.1:3000/api`. */
  readonly api: string;
  /** Origin of the API, where the documents are. */
  readonly root: string;
  /** The local runner; undefined when `REALWORLD_URL` names an API that runs elsewhere. */
  readonly app?: RunningApp;
  /** True where calls to AWS may fail. */
  readonly isFaulty: boolean;
  /**
   * Waits until streams, queues and delayed indexes are drained, but for what a search index that is gone has yet to
   * take; against a remote API there is nothing to wait on.
   */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** True when the tests run against an API that they did not start: no stream to wait for and no tables to look into. */
export const remote = Boolean(process.env.REALWORLD_URL);

/**
 * Starts the full-system example from its synthesized template.
 *
 * `REALWORLD_URL` uses an API that runs already (with or without `/api` at its end), `REALWORLD_ASSEMBLY` a cloud
 * assembly that is there already, `REALWORLD_DYNAMODB` another DynamoDB engine, `REALWORLD_OPENSEARCH` a real OpenSearch.
 */
export async function startRealWorld(options: RealWorldOptions = {}): Promise<RealWorldRun> {
  const url = process.env.REALWORLD_URL;
  if (url) {
    const root = url.replace(/\/+$/, '').replace(/\/api$/, '');
    return { api: `${root}/api`, root, settled: async () => undefined, close: async () => undefined, isFaulty: false };
  }

  const given = options.assembly ?? process.env.REALWORLD_ASSEMBLY;
  const search = options.search ?? SEARCH;
  const index = search === 'silent' || search === 'stopped' ? await startSilenceable() : undefined;
  const synthesized = given
    ? resolve(given)
    : await assemblyOf('full-system', search === 'off' ? { search: 'false' } : {});
  const changed = options.settings && new ChangedAssembly(synthesized, options.settings);
  const app = await startApp({
    assembly: changed?.path ?? synthesized,
    port: 0,
    engines: { dynamodb: process.env.REALWORLD_DYNAMODB, search: index?.url ?? process.env.REALWORLD_OPENSEARCH },
    // The runner keeps back only what its own index learns.
    lag: (index ?? process.env.REALWORLD_OPENSEARCH) ? { ...options.lag, search: undefined } : options.lag,
    faultSeed: options.faultSeed,
    faultRates: options.faultRates,
    dataDir: options.dataDir,
    callLatencyMs: options.callLatencyMs,
    maxProcesses: options.maxProcesses ?? 2,
    log: () => undefined,
  });
  const root = await realWorldRoot(app);
  if (search === 'silent') index?.silence();
  if (search === 'stopped') {
    // The job that a deployment begins is done then: it waits on its queue for an index that answers.
    await app.idle();
    await index?.stop();
  }
  const settled = () => app.idle(search === 'stopped' ? { without: [INDEXER] } : {});
  const close = async (): Promise<void> => {
    await app.close();
    await index?.close();
    changed?.remove();
  };
  return { api: `${root}/api`, root, app, settled, close, isFaulty: options.faultSeed !== undefined };
}

/** The URL behind which RealWorldApi answers: the example grows, so it may not be the only API. */
async function realWorldRoot(app: RunningApp): Promise<string> {
  const roots = [...new Set(app.urls.map(({ url }) => new URL(url).origin.replace('localhost', '127.0.0.1')))];
  for (const root of roots) {
    const answer = await fetch(`${root}/api/tags`);
    await answer.arrayBuffer();
    if (answer.ok) return root;
  }
  throw new Error(`No URL of the app answers GET /api/tags: ${roots.join(', ') || 'it has none'}`);
}
