import { ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { isObject } from '../assembly';
import { InvocationResult } from '../types';
import { FunctionConfiguration, processEnvironment, ProcessSettings } from './configuration';

/** Loading the code may take this long; Lambda gives 10 s on a machine that does nothing else. */
const INIT_LIMIT_MS = 30_000;

/**
 * An answer may have so many bytes as JSON, whoever waits for it: the quota is 6 MB. What Lambda says names 100 more, which
 * nothing documents.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (invocation payload)
 */
const ANSWER_LIMIT = 6 * 1024 * 1024;

interface CurrentInvocation {
  readonly invocationId: string;
  readonly settle: (result: InvocationResult) => void;
  timer?: NodeJS.Timeout;
}

function failure(invocationId: string, errorType: string, errorMessage: string): InvocationResult {
  return { invocationId, functionError: 'Unhandled', payload: { errorType, errorMessage } };
}

function random(bytes: number): string {
  return randomBytes(bytes).toString('hex').toUpperCase();
}

/** One process of a function: an execution environment, which works on one invocation at a time. */
export class FunctionProcess {
  public readonly accessKeyId = `ASIA${random(8)}`;
  /** With its key, what the process signs with. */
  public readonly credentials = { secretAccessKey: random(20), sessionToken: random(32) };
  /** Resolves when the process has ended. */
  public readonly ended: Promise<void>;
  private readonly child: ChildProcess;
  private readonly ready: Promise<unknown>;
  private job?: CurrentInvocation;
  private dead = false;
  private idleSince = Date.now();

  public constructor(
    private readonly fn: FunctionConfiguration,
    settings: ProcessSettings,
    onLine: (stream: 'stdout' | 'stderr', line: string) => void,
  ) {
    const secret = { accessKeyId: this.accessKeyId, ...this.credentials };
    this.child = fork(settings.bootstrapFile, [], {
      cwd: fn.codeDirectory,
      env: processEnvironment(fn, settings, secret),
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.collect(this.child.stdout, 'stdout', onLine);
    this.collect(this.child.stderr, 'stderr', onLine);
    this.ended = new Promise((resolve) => {
      this.child.on('error', () => this.die('Runtime.ExitError', 'the process could not be started', resolve));
      this.child.once('exit', (code, signal) => {
        const how = signal === null ? `exit status ${code ?? 'unknown'}` : `signal: ${signal}`;
        this.die(
          'Runtime.ExitError',
          `RequestId: ${this.job?.invocationId ?? '-'} Error: Runtime exited with error: ${how}`,
          resolve,
        );
      });
    });
    this.ready = this.started();
    // Awaited by the first invocation; a process that fails with none under way is simply gone.
    this.ready.catch(() => undefined);
    this.child.on('message', (message) => this.receive(message));
  }

  /** The invocation under way. */
  public get invocationId(): string | undefined {
    return this.job?.invocationId;
  }

  public get isIdle(): boolean {
    return this.job === undefined && !this.dead;
  }

  public get isDead(): boolean {
    return this.dead;
  }

  /** When the last invocation ended. */
  public get lastUsed(): number {
    return this.idleSince;
  }

  /** Runs one invocation; never rejects: errors are results, as in Lambda. */
  public async run(invocationId: string, payload: unknown): Promise<InvocationResult> {
    const result = new Promise<InvocationResult>((settle) => {
      this.job = { invocationId, settle };
    });
    void this.begin(invocationId, payload);
    return result;
  }

  public kill(): void {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
  }

  private async begin(invocationId: string, payload: unknown): Promise<void> {
    try {
      await this.ready;
    } catch (error) {
      const detail = isObject(error) ? error : {};
      const type = typeof detail.errorType === 'string' ? detail.errorType : 'Runtime.InitError';
      const message = typeof detail.errorMessage === 'string' ? detail.errorMessage : String(error);
      this.finish(failure(invocationId, type, message));
      return;
    }
    const limit = this.fn.timeoutSeconds * 1000;
    if (this.job?.invocationId !== invocationId) return;
    this.job.timer = setTimeout(() => {
      const message = `Task timed out after ${this.fn.timeoutSeconds.toFixed(2)} seconds`;
      this.dead = true;
      this.finish(failure(invocationId, 'Sandbox.Timedout', `RequestId: ${invocationId} Error: ${message}`));
      this.kill();
    }, limit);
    const trace = `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${random(12).toLowerCase()};Sampled=0`;
    const message = {
      type: 'invoke',
      id: invocationId,
      payload,
      arn: this.fn.arn,
      deadline: Date.now() + limit,
      trace,
    };
    // A process that died meanwhile answers through its exit.
    this.child.send(message, () => undefined);
  }

  private async started(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject({ errorType: 'Sandbox.Timedout', errorMessage: `Init timed out after ${INIT_LIMIT_MS / 1000} seconds` });
        this.kill();
      }, INIT_LIMIT_MS);
      const stop = (settle: () => void): void => {
        clearTimeout(timer);
        settle();
      };
      this.child.on('message', (message) => {
        if (!isObject(message)) return;
        if (message.type === 'ready') stop(() => resolve(undefined));
        if (message.type === 'init-error') stop(() => reject(message.error));
      });
      this.child.once('exit', () =>
        stop(() => reject({ errorType: 'Runtime.ExitError', errorMessage: 'the process ended while it was starting' })),
      );
    });
  }

  private receive(message: unknown): void {
    if (!isObject(message) || message.type !== 'done' || message.id !== this.job?.invocationId) return;
    const invocationId = String(message.id);
    if (message.dying === true) this.dead = true;
    if (message.error !== undefined) {
      this.finish({ invocationId, functionError: 'Unhandled', payload: message.error });
      return;
    }
    const text = String(message.payload);
    if (Buffer.byteLength(text) > ANSWER_LIMIT) {
      const what = `Response payload size exceeded maximum allowed payload size (${ANSWER_LIMIT} bytes).`;
      this.finish(failure(invocationId, 'Function.ResponseSizeTooLarge', what));
      return;
    }
    this.finish({ invocationId, payload: JSON.parse(text) as unknown });
  }

  private finish(result: InvocationResult): void {
    const job = this.job;
    if (job === undefined) return;
    clearTimeout(job.timer);
    this.job = undefined;
    this.idleSince = Date.now();
    job.settle(result);
  }

  private die(errorType: string, errorMessage: string, resolve: () => void): void {
    this.dead = true;
    if (this.job !== undefined) this.finish(failure(this.job.invocationId, errorType, errorMessage));
    resolve();
  }

  private collect(
    stream: Readable | null,
    name: 'stdout' | 'stderr',
    onLine: (stream: 'stdout' | 'stderr', line: string) => void,
  ): void {
    if (stream === null) return;
    createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) => onLine(name, line));
  }
}
