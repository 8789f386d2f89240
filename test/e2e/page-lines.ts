import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { startApp } from '../../local/runner';
import type { RunningApp } from '../../local/running-app';
import { assemblyOf } from '../support/assemblies';

const ROOT = join(__dirname, '..', '..');
const run = promisify(execFile);

/** Fenced blocks of a page of `docs/`, by what they are written in. */
export function blocksOf(page: string, ...languages: readonly string[]): string[] {
  const text = readFileSync(join(ROOT, 'docs', page), 'utf8');
  const pattern = new RegExp(`^\`\`\`(?:${languages.join('|')})\\n([^]*?)^\`\`\`$`, 'gm');
  return [...text.matchAll(pattern)].map(([, block]) => block);
}

/** An example as `npm start` runs it, and a shell in the clone that knows `aws`. */
export interface ExampleShell {
  readonly app: RunningApp;
  /** What `npm start` prints, until now. */
  readonly printed: readonly string[];
  /** What a process of the shell is given. */
  environment(more?: Readonly<Record<string, string>>): NodeJS.ProcessEnv;
  /** The lines that a text prints, with the variables that the page asks for and these. */
  shell(text: string, more?: Readonly<Record<string, string>>): Promise<string[]>;
  close(): Promise<void>;
}

/**
 * Starts an example. `aws` is the AWS CLI that `AWS_CLI` names, or a stand-in that sends the same by the SDK.
 *
 * @param variables what the page asks for, of the outputs
 */
export async function startExample(
  example: string,
  variables: (app: RunningApp) => Readonly<Record<string, string>>,
): Promise<ExampleShell> {
  const printed: string[] = [];
  const app = await startApp({ assembly: await assemblyOf(example), port: 0, log: (line) => printed.push(line) });
  const folder = mkdtempSync(join(tmpdir(), 'page-lines-'));
  const cli = process.env.AWS_CLI ?? `${process.execPath} --import tsx ${join(ROOT, 'test', 'support', 'aws-cli.ts')}`;
  writeFileSync(join(folder, 'aws'), `#!/bin/sh\nexec ${cli} "$@"\n`);
  chmodSync(join(folder, 'aws'), 0o755);
  const environment = (more: Readonly<Record<string, string>> = {}) => ({
    ...process.env,
    PATH: `${folder}${delimiter}${process.env.PATH}`,
    AWS_ENDPOINT_URL: app.aws.endpoint,
    AWS_REGION: app.aws.region,
    AWS_ACCESS_KEY_ID: app.aws.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: app.aws.credentials.secretAccessKey,
    ...variables(app),
    ...more,
  });
  return {
    app,
    printed,
    environment,
    shell: async (text, more) => {
      const { stdout } = await run('bash', ['-ec', text], { cwd: ROOT, env: environment(more) });
      return stdout.split('\n').filter((line) => line !== '');
    },
    close: async () => {
      await app.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The code that was sent to somebody. */
export const codeFor = ({ printed }: ExampleShell, email: string): string | undefined =>
  printed.map((line) => /code (\d{6}) for (\S+)/.exec(line)).findLast((found) => found?.[2] === email)?.[1];
