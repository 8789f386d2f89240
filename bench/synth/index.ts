import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { bundle } from '../../scripts/bundle';
import { compared, type Outcome } from '../results';

/**
 * `npm run bench -- synth`: what synthesis of the full example takes of the processor, its children included, beside the
 * same system with code that is in its templates, and beside as many `NodejsFunction`s. All start in turn.
 */

const ROUNDS = Number(process.env.ROUNDS ?? 15);
const ROOT = path.join(__dirname, '..', '..');

const KINDS = ['full', 'inline', 'nodejs'] as const;
type Kind = (typeof KINDS)[number];

/** Nothing is staged, and no file is put beside any. */
const inline: Plugin = {
  name: 'inline',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/src\/core\/built-code\.ts$/ }, () => ({
      contents: `
        import * as path from 'path';
        import * as lambda from 'aws-cdk-lib/aws-lambda';
        export const codeDirectory = (code) =>
          path.isAbsolute(code) ? code : path.join(__dirname, '..', '..', 'assets', ...code.split('/'));
        export const builtCode = () => lambda.Code.fromInline('exports.handler = async () => undefined;');
      `,
      resolveDir: path.join(ROOT, 'src', 'core'),
      loader: 'ts',
    })),
};

/** The apps, built as a user's are run: of JavaScript, with the packages as they are installed. @returns their files */
async function apps(folder: string): Promise<Readonly<Record<Kind, string>>> {
  // Constructs look for the built functions two levels up.
  const out = path.join(folder, 'lib', 'bench');
  mkdirSync(out, { recursive: true });
  for (const name of ['assets', 'node_modules']) symlinkSync(path.join(ROOT, name), path.join(folder, name));
  const make = async (name: string, plugins: Plugin[]) => {
    const outfile = path.join(out, `${name}.js`);
    await build({
      entryPoints: [path.join(__dirname, 'apps.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      external: ['aws-cdk-lib', 'constructs', 'graphql'],
      tsconfig: path.join(ROOT, 'tsconfig.dev.json'),
      logLevel: 'warning',
      plugins,
    });
    return outfile;
  };
  const [full, withoutCode] = [await make('full', []), await make('inline', [inline])];
  return { full, inline: withoutCode, nodejs: full };
}

/** Processor time of a process and its children, in ms, as the shell that waits for them counts it. */
async function cpuOf(file: string, args: readonly string[], outdir: string): Promise<number> {
  rmSync(outdir, { recursive: true, force: true });
  const child = spawn('bash', ['-c', '"$@" >/dev/null && times', 'bench', process.execPath, file, ...args], {
    env: { ...process.env, CDK_OUTDIR: outdir, CDK_VALIDATION: 'false', LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [printed, failed]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => failed.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) {
    throw new Error(`${path.basename(file)} ${args[0]} does not synthesize: ${Buffer.concat(failed).toString()}`);
  }
  // The shell's own first, then its children's: `0m2.345s 0m0.123s`.
  const [, children = ''] = Buffer.concat(printed).toString().trim().split('\n');
  const times = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
  );
  if (times.length !== 2) throw new Error(`the shell printed no times: ${children}`);
  return (times[0] + times[1]) * 1000;
}

/** Functions in the templates of an assembly. */
function functionsIn(outdir: string): number {
  const templates = readdirSync(outdir).filter((file) => file.endsWith('.template.json'));
  return templates
    .map(
      (file) =>
        JSON.parse(readFileSync(path.join(outdir, file), 'utf8')) as { Resources: Record<string, { Type: string }> },
    )
    .flatMap(({ Resources }) => Object.values(Resources))
    .filter(({ Type }) => Type === 'AWS::Lambda::Function').length;
}

export async function synth(tell: (what: string) => void): Promise<Outcome> {
  await bundle();
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-synth-'));
  try {
    const files = await apps(folder);
    const outdir = path.join(folder, 'cdk.out');
    // Once before, which also tells how many functions there are.
    await cpuOf(files.full, ['full'], outdir);
    const count = functionsIn(outdir);
    const times: Record<Kind, number[]> = { full: [], inline: [], nodejs: [] };
    for (let round = 0; round < ROUNDS; round++) {
      tell(`round ${round + 1} of ${ROUNDS}`);
      for (const kind of KINDS) {
        times[kind].push(await cpuOf(files[kind], [kind, ROOT, String(count)], outdir));
        const found = functionsIn(outdir);
        if (found !== count) throw new Error(`${kind} has ${found} functions, not ${count}`);
      }
    }
    return {
      rounds: ROUNDS,
      figures: [
        compared(
          `full example, ${count} functions`,
          'ms CPU',
          times.full,
          { name: 'the same with code in the templates', values: times.inline },
          { of: 'ratio', most: 1.2 },
        ),
        compared(
          `${count} NodejsFunctions`,
          'ms CPU',
          times.nodejs,
          { name: 'the full example', values: times.full },
          { of: 'ratio', least: 20 },
        ),
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
