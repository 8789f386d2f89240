import * as path from 'node:path';
import { cleanEnv, type Emulator } from './emulator';
import { runOrThrow } from './run';

interface Observed {
  readonly functions: readonly { readonly name: string; readonly runs: number; readonly errors: readonly string[] }[];
  readonly queues: readonly { readonly name: string; readonly messages: number }[];
}

const WITHIN_MS = 60_000;

/** What keeps a deployment from being through with its work, or shows that it went wrong; a line each. */
function unfinished({ functions, queues }: Observed): string[] {
  return [
    ...functions.filter(({ runs }) => runs === 0).map(({ name }) => `${name} has not run`),
    ...queues.filter(({ messages }) => messages > 0).map(({ name, messages }) => `${name} holds messages: ${messages}`),
  ];
}

function errorsOf({ functions }: Observed): string[] {
  return functions.flatMap(({ name, errors }) => errors.map((error) => `${name}: ${error}`));
}

/**
 * Waits until every function has run and every queue (those for failed messages too) is empty.
 *
 * @returns how many functions have run
 * @throws Error where that takes more than a minute, or a function has logged an error
 */
export async function settled(python: string, emulator: Emulator, folder: string): Promise<number> {
  const deadline = Date.now() + WITHIN_MS;
  for (;;) {
    const { stdout } = await runOrThrow('reading logs and queues', python, [path.join(__dirname, 'observe.py')], {
      env: { ...cleanEnv(folder), ...emulator.clientEnv },
      seconds: 60,
    });
    const observed = JSON.parse(stdout) as Observed;
    const errors = errorsOf(observed);
    if (errors.length > 0) throw new Error(`functions have logged errors:\n${errors.join('\n')}`);
    const left = unfinished(observed);
    if (left.length === 0) return observed.functions.length;
    if (Date.now() > deadline) throw new Error(`not done in a minute:\n${left.join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
