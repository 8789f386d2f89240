import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, watch, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Names the folder of this run: see global-setup.ts. */
export const ASSEMBLIES = 'TEST_ASSEMBLIES';

const project = resolve(__dirname, '..', '..');

/**
 * The cloud assembly of an example, synthesized once for all suites of a run: by whichever asks first, as a user
 * would, in a process of its own.
 *
 * @param example a folder below examples/
 * @param context of CDK, as `cdk synth -c name=value` has it
 * @returns a folder that is to be read only
 * @throws Error with what was printed, for every suite that asks, when the example does not synthesize
 */
export async function assemblyOf(example: string, context: Readonly<Record<string, string>> = {}): Promise<string> {
  const root = process.env[ASSEMBLIES];
  if (root === undefined) throw new Error(`${ASSEMBLIES} is not set: run the tests by jest`);
  const folder = join(root, [example, ...Object.entries(context).flat()].join('-'));
  const [assembly, failure] = [join(folder, 'cdk.out'), join(folder, 'failure')];
  if (isFirst(folder)) {
    const printed = await synthesize(example, context, join(folder, 'making'));
    if (printed === undefined) renameSync(join(folder, 'making'), assembly);
    else writeFileSync(failure, printed);
  } else {
    await appears(folder, () => existsSync(assembly) || existsSync(failure));
  }
  if (existsSync(assembly)) return assembly;
  throw new Error(`examples/${example} does not synthesize: ${readFileSync(failure, 'utf8')}`);
}

function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function appears(folder: string, isThere: () => boolean): Promise<void> {
  await new Promise<void>((done) => {
    const watcher = watch(folder, () => {
      if (isThere()) finish();
    });
    const finish = (): void => {
      watcher.close();
      done();
    };
    // It may have come before the watcher.
    if (isThere()) finish();
  });
}

/** @returns what was printed where an example does not synthesize into `outdir` without a finding of the validator */
export const validated = async (example: string, context: Readonly<Record<string, string>>, outdir: string) =>
  synthesize(example, context, outdir, true);

/** Where each construct was made is read by nobody here. */
const QUICK = { 'aws:cdk:disable-creation-stack-traces': true };

/** @returns what was printed when it failed */
async function synthesize(
  example: string,
  context: Readonly<Record<string, string>>,
  outdir: string,
  validates = example === 'full-system',
): Promise<string | undefined> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'app.ts'], {
    cwd: join(project, 'examples', example),
    env: {
      ...process.env,
      CDK_OUTDIR: outdir,
      CDK_VALIDATION: String(validates),
      CDK_CONTEXT_JSON: JSON.stringify({ ...QUICK, ...context }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk));
  const code = await new Promise<number | null>((done, failed) => {
    child.once('error', failed);
    child.once('close', done);
  });
  return code === 0 ? undefined : `exit ${code}\n${Buffer.concat(printed).toString()}`;
}
