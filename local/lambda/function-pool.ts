import { randomUUID } from 'node:crypto';
import { FSWatcher, watch } from 'node:fs';
import { Ring } from '../ring';
import { InvocationResult, LogLine } from '../types';
import { FunctionConfiguration, ProcessSettings } from './configuration';
import { FunctionProcess } from './function-process';

/** Lines kept of every function. */
const LOG_LINES = 1000;

/** Bounds of a pool. */
export interface PoolOptions {
  readonly settings: ProcessSettings;
  /** Most processes of the function at once; a smaller reserved concurrency wins. */
  readonly maxProcesses: number;
  /** An idle process is ended after this time. */
  readonly idleMs: number;
  /** Told when a process is made; room can be made for it elsewhere. */
  readonly starting: () => void;
  /** Asked after each invocation: whether the process ends with it. */
  readonly endsNow: (functionName: string) => boolean;
  /** Prints a line the function wrote. */
  readonly echo: (functionName: string, line: LogLine) => void;
}

interface QueuedInvocation {
  readonly payload: unknown;
  readonly invocationId: string;
  readonly settle: (result: InvocationResult) => void;
}

/** The processes of one function: started when needed, first come first served beyond the bound. */
export class FunctionPool {
  private readonly lines = new Ring<LogLine>(LOG_LINES);
  private readonly waiting: QueuedInvocation[] = [];
  private processes: FunctionProcess[] = [];
  private outdated = new WeakSet<FunctionProcess>();
  private readonly watcher?: FSWatcher;
  private running = 0;
  private closed = false;

  public constructor(
    public readonly configuration: FunctionConfiguration,
    private readonly options: PoolOptions,
  ) {
    this.watcher = watch(configuration.codeDirectory, { persistent: false }, () => this.reload());
    // A folder that goes away only ends the watching.
    this.watcher.on('error', () => this.watcher?.close());
  }

  /** Invocations under way or waiting. */
  public get pending(): number {
    return this.running + this.waiting.length;
  }

  public get processCount(): number {
    return this.processes.length;
  }

  public get limit(): number {
    return Math.min(this.options.maxProcesses, this.configuration.reservedConcurrency ?? Infinity);
  }

  public async invoke(payload: unknown): Promise<InvocationResult> {
    const invocationId = randomUUID();
    if (this.closed) throw new Error(`${this.configuration.name} is shut down`);
    if (this.limit === 0) {
      const payload429 = { errorType: 'TooManyRequestsException', errorMessage: 'Rate Exceeded.' };
      return { invocationId, functionError: 'Unhandled', payload: payload429 };
    }
    return new Promise((settle) => {
      this.waiting.push({ payload, invocationId, settle });
      this.dispatch();
    });
  }

  /** The process behind an access key. */
  public find(accessKeyId: string): FunctionProcess | undefined {
    return this.processes.find((process) => process.accessKeyId === accessKeyId);
  }

  public logs(): LogLine[] {
    return this.lines.list();
  }

  /** The process that has been idle longest. */
  public oldestIdle(): FunctionProcess | undefined {
    return this.processes.filter((process) => process.isIdle).sort((a, b) => a.lastUsed - b.lastUsed)[0];
  }

  public evict(process: FunctionProcess): void {
    this.remove(process);
    process.kill();
  }

  /** Ends what has been idle too long. */
  public evictIdle(now: number): void {
    for (const process of this.processes.filter((one) => one.isIdle && now - one.lastUsed > this.options.idleMs)) {
      this.evict(process);
    }
  }

  public async close(): Promise<void> {
    this.closed = true;
    this.watcher?.close();
    const all = this.processes;
    for (const process of all) process.kill();
    await Promise.all(all.map(async (process) => process.ended));
    this.processes = [];
    for (const { invocationId, settle } of this.waiting.splice(0)) {
      settle({
        invocationId,
        functionError: 'Unhandled',
        payload: { errorType: 'Shutdown', errorMessage: 'shut down' },
      });
    }
  }

  /** The code has changed: what is idle goes at once, the rest after its invocation. */
  private reload(): void {
    for (const process of this.processes) {
      if (process.isIdle) this.evict(process);
      else this.outdated.add(process);
    }
  }

  private dispatch(): void {
    while (this.waiting.length > 0 && !this.closed) {
      const process = this.processes.find((one) => one.isIdle) ?? this.start();
      const next = process === undefined ? undefined : this.waiting.shift();
      if (process === undefined || next === undefined) return;
      void this.run(process, next);
    }
  }

  private start(): FunctionProcess | undefined {
    if (this.processes.length >= this.limit) return undefined;
    this.options.starting();
    const process = new FunctionProcess(this.configuration, this.options.settings, (stream, text) => {
      const line: LogLine = { time: Date.now(), stream, text };
      this.lines.push(line);
      this.options.echo(this.configuration.name, line);
    });
    this.processes.push(process);
    void process.ended.then(() => {
      this.remove(process);
      this.dispatch();
    });
    return process;
  }

  private async run(process: FunctionProcess, work: QueuedInvocation): Promise<void> {
    this.running += 1;
    const result = await process.run(work.invocationId, work.payload);
    this.running -= 1;
    const isOver = process.isDead || this.outdated.has(process);
    if (isOver || this.options.endsNow(this.configuration.name)) this.evict(process);
    work.settle(result);
    this.dispatch();
  }

  private remove(process: FunctionProcess): void {
    this.processes = this.processes.filter((one) => one !== process);
  }
}
