import { InvocationResult } from '../types';
import { Filter } from './filter';

/** What both kinds of mapping have in common. */
export interface MappingSettings {
  readonly id: string;
  readonly functionArn: string;
  readonly sourceArn: string;
  readonly batchSize: number;
  readonly windowMs: number;
  readonly reportFailures: boolean;
  readonly filter: Filter;
}

/** A source that invokes a function. */
export interface Mapping {
  readonly settings: MappingSettings;
  readonly stats: { delivered: number; failed: number };
  /** Throws when the function's role lacks what the mapping needs. */
  start(): Promise<void>;
  /** Resolves when nothing is undelivered. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Invokes the function of a mapping. */
export type Invoke = (functionArn: string, payload: unknown) => Promise<InvocationResult>;

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

/** Waits that end at once when the mapping closes or something wakes it. */
export class Waiter {
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
