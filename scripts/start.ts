/**
 * `npm start`: builds the functions, synthesizes an example, and runs its template on this machine. The example is the
 * full system, with its security checks, or the one that `--example NAME` names. Other options after `--` are those of
 * `cdk-social-backend start`, without `--app`; `--sample` needs no file: it is the example's own. An example may have
 * options of its own in its `cdk.json`, which those of the command line overrule.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { bundleAll } from './bundle';
import { main } from '../local/cli/main';
import { readArguments } from '../local/cli/options';

const EXAMPLES = path.join(__dirname, '..', 'examples');
const DEFAULT_EXAMPLE = 'full-system';

const say = (line: string) => process.stdout.write(`${line}\n`);

async function step<T>(what: string, action: () => Promise<T>, result: (value: T) => string): Promise<T> {
  const began = Date.now();
  say(`${what} ...`);
  const value = await action();
  say(`  ${result(value)} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  return value;
}

/** Synthesizes in a process of its own, as `cdk synth` would. @throws Error with what it printed */
function synthesize(example: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'app.ts'], {
      cwd: example,
      env: { ...process.env, CDK_OUTDIR: path.join(example, 'cdk.out') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) {
        resolve();
        return;
      }
      // All of it for who wants to know, then one line that says what is the matter.
      say(printed.trim());
      const reason = /^(?:«\w+» |\w*Error: |ERROR ).*$/m.exec(printed)?.[0] ?? `exit ${code}`;
      reject(new Error(`${path.basename(example)} does not synthesize: ${reason}`));
    });
  });
}

/** The port from the command line, or from the environment, as the README promises. */
function withPort(argv: readonly string[]): string[] {
  const given = argv.some((argument) => argument === '--port' || argument.startsWith('--port='));
  return !given && process.env.PORT ? [...argv, '--port', process.env.PORT] : [...argv];
}

/** What the example itself wants to be started with: `start` in its `cdk.json`; options of the command line come after. */
function ownOptions(example: string): string[] {
  const file = path.join(example, 'cdk.json');
  const { start = [] } = JSON.parse(readFileSync(file, 'utf8')) as { readonly start?: readonly string[] };
  return [...start];
}

/** `--sample` alone is the sample of the example. */
function withSample(argv: readonly string[], example: string): string[] {
  return argv.flatMap((argument, index) => {
    const alone = argument === '--sample' && (argv[index + 1] ?? '--').startsWith('--');
    return alone ? [argument, path.join(example, 'sample.ts')] : [argument];
  });
}

/** Takes `--example NAME` out of the options. @throws Error where there is no such example */
function takeExample(argv: readonly string[]): { example: string; rest: string[] } {
  const at = argv.findIndex((argument) => /^--example(=|$)/.test(argument));
  const [, inline] = /^--example=(.*)$/.exec(argv[at] ?? '') ?? [];
  const name = at < 0 ? DEFAULT_EXAMPLE : (inline ?? argv[at + 1]);
  const known = readdirSync(EXAMPLES).filter((folder) => existsSync(path.join(EXAMPLES, folder, 'app.ts')));
  if (!known.includes(name)) {
    throw new Error(`--example must be one of ${known.join(', ')}, got: ${name ?? 'nothing'}`);
  }
  const taken = inline === undefined ? 2 : 1;
  return {
    example: path.join(EXAMPLES, name),
    rest: argv.filter((_, index) => at < 0 || index < at || index >= at + taken),
  };
}

async function run(): Promise<number> {
  let argv: string[];
  try {
    const { example, rest } = takeExample(withPort(process.argv.slice(2)));
    argv = ['start', ...ownOptions(example), ...withSample(rest, example), '--app', path.join(example, 'cdk.out')];
    // A wrong option is told before anything is built.
    if (readArguments(argv) !== 'help') {
      await step('Building the functions', bundleAll, (names) => `${names.length} functions`);
      await step(
        `Synthesizing ${path.basename(example)}`,
        () => synthesize(example),
        () =>
          path.basename(example) === DEFAULT_EXAMPLE ? 'cdk-nag and the CloudFormation validator: no finding' : 'done',
      );
    }
  } catch (error) {
    process.stderr.write(`cdk-social-backend: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  return main(argv);
}

run().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
