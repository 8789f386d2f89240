import { spawn } from 'node:child_process';

/** How a program is run. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** It is ended after this many seconds, with all that it started. */
  readonly seconds: number;
  /**
   * Its output goes to the terminal instead of into the result.
   *
   * @default false
   */
  readonly show?: boolean;
}

export interface RunResult {
  /** The exit status; undefined where a signal ended it. */
  readonly status: number | undefined;
  readonly stdout: string;
  /** Both streams as they came. */
  readonly printed: string;
}

const running = new Set<number>();

/** Ends a process and all that it started: each is the leader of a group of its own. */
export function endGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Ends what `run` has under way. */
export function endAllRuns(): void {
  running.forEach((pid) => endGroup(pid, 'SIGKILL'));
}

/**
 * Runs a program to its end, whatever its status.
 *
 * @throws Error where it could not be started or took longer than it may
 */
export function run(command: string, parameters: readonly string[], options: RunOptions): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: options.show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const { pid } = child;
    if (pid !== undefined) running.add(pid);
    let stdout = '';
    let printed = '';
    let late = false;
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      printed += chunk.toString();
    });
    child.stderr?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const limit = setTimeout(() => {
      late = true;
      if (pid !== undefined) endGroup(pid, 'SIGKILL');
    }, options.seconds * 1000);
    child.once('error', (error) => {
      clearTimeout(limit);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(limit);
      if (pid !== undefined) running.delete(pid);
      if (late) {
        reject(new Error(`${command} took longer than ${options.seconds} s\n${lastLines(printed)}`));
      } else {
        resolve({ status: code ?? undefined, stdout, printed });
      }
    });
  });
}

/** As `run`. @throws Error with the end of what it printed where the status is not 0 */
export async function runOrThrow(
  what: string,
  command: string,
  parameters: readonly string[],
  options: RunOptions,
): Promise<RunResult> {
  const result = await run(command, parameters, options);
  if (result.status !== 0) {
    throw new Error(`${what} failed (${result.status ?? 'ended by a signal'})\n${lastLines(result.printed)}`);
  }
  return result;
}

/** The last lines of an output. */
export function lastLines(printed: string, lines = 60): string {
  return printed.trimEnd().split('\n').slice(-lines).join('\n');
}
