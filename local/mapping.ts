import { KnownProperties, PropertyReader } from './assembly';
import { Permission } from './aws/protocol';
import { InvocationResult, Principal } from './types';

/** What every event source mapping says. */
export interface MappingSettings {
  readonly id: string;
  readonly functionArn: string;
  readonly sourceArn: string;
  readonly batchSize: number;
  readonly windowMs: number;
  readonly reportFailures: boolean;
  /** Whether an event passes the FilterCriteria. */
  readonly filter: (event: unknown) => boolean;
}

/** A running event source mapping: reads its source and invokes its function. */
export interface Mapping {
  /** Records handed over, and invocations that failed. */
  readonly stats: { delivered: number; failed: number };
  /** Takes the place from which it will read: what is written from now on is not missed. */
  prepare?(): Promise<void>;
  start(): Promise<void>;
  /** Resolves when nothing is undelivered. */
  settle(): Promise<void>;
  /** Takes no further records; `close` waits for what is under way. */
  stop(): void;
  close(): Promise<void>;
}

/** A stream or queue that can invoke functions, offered by the service that has it. */
export interface EventSource {
  /** Properties of AWS::Lambda::EventSourceMapping that only this kind of source has. */
  readonly properties: KnownProperties;
  readonly defaultBatchSize: number;
  /** What Lambda asks of the function's role on the source before it reads. */
  readonly actions: readonly string[];
  /** What it asks beside that of what the source uses, as its key. */
  readonly others?: readonly Permission[];
  /** Makes a mapping that does not read yet. Throws an Error naming what is not supported. */
  mapping(request: MappingRequest): Mapping;
}

/** What a source makes a mapping of. */
export interface MappingRequest {
  /** What the template says of the mapping. */
  readonly properties: PropertyReader;
  readonly settings: MappingSettings;
  /** The patterns of the FilterCriteria, as JSON texts. */
  readonly patterns: readonly string[];
  /** Where an earlier run of the same data folder stopped reading. */
  readonly checkpoint?: string;
  invoke(payload: unknown): Promise<InvocationResult>;
  /** Keeps how far the source was read. */
  saveCheckpoint(position: string): void;
  /** Gives a batch up, to the on-failure destination where there is one. */
  discard(message: unknown): void;
}

/** A place for what a function could not handle. */
export interface EventDestination {
  /** What the function's role must be allowed on it. */
  readonly action: string;
  /** And on what it uses, as its key. */
  readonly others?: readonly Permission[];
  send(message: string, sender: Principal): void;
}

/** The failed ids of a ReportBatchItemFailures answer; `all` when the answer is none that Lambda takes. */
export function failedIds(payload: unknown, known: readonly string[]): readonly string[] | 'all' {
  if (payload === null || payload === undefined || payload === '') return [];
  if (typeof payload !== 'object') return 'all';
  const failures = (payload as { readonly batchItemFailures?: unknown }).batchItemFailures;
  if (failures === null || failures === undefined) return [];
  if (!Array.isArray(failures)) return 'all';
  const ids = (failures as readonly { readonly itemIdentifier?: unknown }[]).map((failure) => failure?.itemIdentifier);
  return ids.every((id): id is string => typeof id === 'string' && known.includes(id)) ? ids : 'all';
}

/** A timer that can be interrupted: waits end at once when the mapping closes or something wakes it. */
export class WakeSignal {
  private readonly waiting = new Set<() => void>();
  private ended = false;

  public wake(): void {
    for (const resolve of [...this.waiting]) resolve();
  }

  public end(): void {
    this.ended = true;
    this.wake();
  }

  /** Until `wake`, `end` or so many milliseconds. */
  public async wait(ms?: number): Promise<void> {
    if (this.ended) return;
    await new Promise<void>((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(() => done(), Math.max(1, ms));
      const done = (): void => {
        clearTimeout(timer);
        this.waiting.delete(done);
        resolve();
      };
      this.waiting.add(done);
    });
  }

  /** So many milliseconds, whatever wakes, unless the mapping closes. */
  public async pause(ms: number): Promise<void> {
    const until = performance.now() + ms;
    while (!this.ended && performance.now() < until) await this.wait(until - performance.now());
  }
}
