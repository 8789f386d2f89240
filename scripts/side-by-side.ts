/**
 * Runs tasks of the project at once, each with its output in one piece when it has ended:
 * `tsx scripts/side-by-side.ts typecheck compile`. Fails when one of them fails.
 */
import { spawn } from 'node:child_process';

/** @returns whether the task succeeded */
async function run(task: string): Promise<boolean> {
  const started = Date.now();
  const child = spawn(process.execPath, [require.resolve('projen/bin/projen'), task], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  process.stdout.write(`${Buffer.concat(printed).toString()}${task}: ${Math.round((Date.now() - started) / 1000)} s\n`);
  return code === 0;
}

Promise.all(process.argv.slice(2).map(run)).then(
  (succeeded) => process.exit(succeeded.every(Boolean) ? 0 : 1),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
