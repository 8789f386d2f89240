import { resolve as resolvePath } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startApp } from '../runner';
import { RunningApp } from '../running-app';
import { helpText, readArguments, StartArguments } from './options';

/** Where lines go, and when to stop. */
export interface Terminal {
  /** Resolves when the person wants to stop (Ctrl-C). */
  readonly stopped: Promise<void>;
  out(line: string): void;
  error(line: string): void;
}

/** The terminal of this process. A second Ctrl-C gives up waiting. */
function processTerminal(): Terminal {
  const stopped = new Promise<void>((resolve) => {
    let asked = false;
    const stop = (): void => {
      if (asked) process.exit(130);
      asked = true;
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
  return {
    out: (line) => process.stdout.write(`${line}\n`),
    error: (line) => process.stderr.write(`${line}\n`),
    stopped,
  };
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, ' ').trim();
}

async function start(options: StartArguments, terminal: Terminal, signal: AbortSignal): Promise<RunningApp> {
  return startApp({
    signal,
    assembly: options.app,
    port: options.port,
    ports: options.ports,
    adminPort: options.adminPort,
    dataDir: options.dataDir,
    engines: options.engines,
    lag: options.lag,
    faultSeed: options.faultSeed,
    log: (line) => terminal.out(line),
    onRequest: ({ method, path, status, durationMs }) =>
      terminal.out(`${method} ${path} ${status} ${Math.round(durationMs)} ms`),
    onFunctionLog: options.verbose ? (name, line): void => terminal.out(`${name} | ${line.text}`) : undefined,
  });
}

/** Fills an app that is up. */
type FillSample = (app: RunningApp, log: (line: string) => void) => Promise<void>;

/** @throws an Error of one line when the file is no module that fills an app */
async function loadSample(file: string): Promise<FillSample> {
  let loaded: unknown;
  try {
    loaded = await import(pathToFileURL(resolvePath(file)).href);
  } catch (error) {
    throw new Error(`--sample ${file} cannot be loaded: ${oneLine(error)}`);
  }
  // A module built as CommonJS has its exports in `default`.
  for (let value = loaded, depth = 0; depth < 3 && value !== null && value !== undefined; depth += 1) {
    if (typeof value === 'function') return value as FillSample;
    value = (value as { readonly default?: unknown }).default;
  }
  throw new Error(`--sample ${file} has no function as its default export`);
}

function printUrls(app: RunningApp, terminal: Terminal): void {
  const [first] = app.urls;
  const page = first === undefined ? [] : [{ name: 'inspector', url: `${new URL(first.url).origin}/_local` }];
  const urls = [...app.urls.filter(({ name }) => name !== 'inspector'), ...page];
  const rows = [...urls.map(({ name, url }) => ({ name, value: url })), ...app.facts];
  const width = Math.max(...rows.map(({ name }) => name.length));
  terminal.out('');
  for (const { name, value } of rows) terminal.out(`  ${name.padEnd(width)}  ${value}`);
  const { endpoint, region, credentials } = app.aws;
  terminal.out('');
  terminal.out('  For the AWS CLI, with every right:');
  terminal.out(
    `  export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=${region} ` +
      `AWS_ACCESS_KEY_ID=${credentials.accessKeyId} AWS_SECRET_ACCESS_KEY=${credentials.secretAccessKey}`,
  );
  terminal.out('');
}

/**
 * The command line.
 *
 * @param argv arguments without node and script
 * @returns the exit status: 0 when stopped, 1 when it could not start
 */
export async function main(argv: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  let app: RunningApp | undefined;
  const abort = new AbortController();
  void terminal.stopped.then(() => abort.abort());
  try {
    const options = readArguments(argv);
    if (options === 'help') {
      terminal.out(helpText());
      return 0;
    }
    // Before anything is started: a wrong name is told at once.
    const fill = options.sample === undefined ? undefined : await loadSample(options.sample);
    app = await start(options, terminal, abort.signal);
    await fill?.(app, (line) => terminal.out(line));
    printUrls(app, terminal);
    terminal.out('Ready');
    await terminal.stopped;
    terminal.out('Stopping');
    await app.close();
    return 0;
  } catch (error) {
    await app?.close();
    // Asked to stop while starting: as good as stopped.
    if (abort.signal.aborted) return 0;
    terminal.error(`cdk-social-backend: ${oneLine(error)}`);
    return 1;
  }
}
