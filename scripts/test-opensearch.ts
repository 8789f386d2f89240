/**
 * `npm run test:opensearch`: what the tests say of OpenSearch, on a real one: that of `OPENSEARCH_URL`, which should be
 * empty and without sign-in, else one of its own from Maven Central, which needs Java. Then the contract of the RealWorld API
 * with its searches. Arguments after `--` go to jest, and leave the contract out.
 *
 * Where it has neither it says SKIPPED and what is missing; in CI that is a failure.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { bundleAll } from './bundle';
import { endAllRuns, run } from './deploy/run';
import { Missing, openSearchLibrary } from './opensearch/library';
import { startNode } from './opensearch/node';

/** Need a node that they may stop. */
const RESTARTS = ['test/opensearch/restart.test.ts', 'test/opensearch/reindex.test.ts'];

const ROOT = path.join(__dirname, '..');

const say = (line: string) => process.stdout.write(`${line}\n`);

/** The contract of the RealWorld API, on the full system with this OpenSearch. */
const REALWORLD = 'test/e2e/realworld.test.ts';

/** @returns the exit status of jest */
async function jest(parameters: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { status } = await run(
    process.execPath,
    [require.resolve('jest/bin/jest'), '--coverage=false', '--ci', ...parameters],
    { cwd: ROOT, env: { ...process.env, ...env }, seconds: 1800, show: true },
  );
  return status ?? 1;
}

/** @returns the exit status of the first run of jest that fails */
async function runTests(url: string, env: NodeJS.ProcessEnv, more: readonly string[] = []): Promise<number> {
  const given = process.argv.slice(2);
  const own = await jest(['--config', 'jest.opensearch.config.json', ...given, ...more], env);
  if (own !== 0 || given.length > 0) return own;
  // Its index learns at once: what is late is the stream.
  return jest([REALWORLD], { REALWORLD_OPENSEARCH: url });
}

/** @returns the exit status of jest @throws Error where nothing is there */
async function onGiven(url: string): Promise<number> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch((error: Error) => {
    throw new Error(`OPENSEARCH_URL ${url}: ${error.cause instanceof Error ? error.cause.message : error.message}`);
  });
  if (!answer.ok) throw new Error(`OPENSEARCH_URL ${url} answers ${answer.status}`);
  say(`Left out, as they stop and start a node: ${RESTARTS.join(', ')}`);
  return runTests(url, {}, ['--testPathIgnorePatterns', '/node_modules/', ...RESTARTS]);
}

/** @returns the exit status of jest, on a node in that folder */
async function onNodeOfItsOwn(folder: string, signal: AbortSignal): Promise<number> {
  const library = await openSearchLibrary(say);
  signal.throwIfAborted();
  const node = await startNode({ library, folder, signal });
  try {
    say(`OpenSearch of ${library} at ${node.url}`);
    return await runTests(node.url, { OPENSEARCH_URL: node.url, OPENSEARCH_LIBRARY: library });
  } finally {
    await node.stop();
  }
}

async function main(): Promise<number> {
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      ended.abort(new Error(`ended by ${signal}`));
      endAllRuns();
    });
  }
  await bundleAll();
  if (process.env.OPENSEARCH_URL) return onGiven(process.env.OPENSEARCH_URL);
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'test-opensearch-')));
  try {
    return await onNodeOfItsOwn(folder, ended.signal);
  } catch (error) {
    if (!(error instanceof Missing) || ended.signal.aborted) throw error;
    say(`SKIPPED: no OPENSEARCH_URL, and missing: ${error.message}`);
    return process.env.CI ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`test:opensearch: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
