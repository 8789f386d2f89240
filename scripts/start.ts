/**
 * `npm start`: builds the functions, synthesizes the full system with its security checks, and runs that template on
 * this machine. Options after `--` are those of `cdk-social-backend start`, without `--app`; `--sample` needs no
 * file: it is the example's own.
 */
import { spawn } from 'node:child_process';
import * as path from 'node:path';
import { bundle } from './bundle';
import { main } from '../local/cli/main';
import { readArguments } from '../local/cli/options';

const EXAMPLE = path.join(__dirname, '..', 'examples', 'full-system');
const ASSEMBLY = path.join(EXAMPLE, 'cdk.out');
const SAMPLE = path.join(EXAMPLE, 'sample.ts');

const say = (line: string) => process.stdout.write(`${line}\n`);

async function step<T>(what: string, action: () => Promise<T>, result: (value: T) => string): Promise<T> {
  const began = Date.now();
  say(`${what} ...`);
  const value = await action();
  say(`  ${result(value)} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  return value;
}

/** Synthesizes in a process of its own, as `cdk synth` would. @throws Error with what it printed */
function synthesize(): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'app.ts'], {
      cwd: EXAMPLE,
      env: { ...process.env, CDK_OUTDIR: ASSEMBLY },
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
      reject(new Error(`the full system does not synthesize: ${reason}`));
    });
  });
}

/** The port from the command line, or from the environment, as the README promises. */
function withPort(argv: readonly string[]): string[] {
  const given = argv.some((argument) => argument === '--port' || argument.startsWith('--port='));
  return !given && process.env.PORT ? [...argv, '--port', process.env.PORT] : [...argv];
}

/** `--sample` alone is the sample of the example. */
function withSample(argv: readonly string[]): string[] {
  return argv.flatMap((argument, index) => {
    const alone = argument === '--sample' && (argv[index + 1] ?? '--').startsWith('--');
    return alone ? [argument, SAMPLE] : [argument];
  });
}

async function run(): Promise<number> {
  const argv = ['start', ...withSample(withPort(process.argv.slice(2))), '--app', ASSEMBLY];
  try {
    // A wrong option is told before anything is built.
    if (readArguments(argv) !== 'help') {
      await step('Building the functions', bundle, (names) => `${names.length} functions`);
      await step(
        'Synthesizing the full system',
        synthesize,
        () => 'cdk-nag and the CloudFormation validator: no finding',
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
