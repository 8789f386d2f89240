import type { ClaimsWorld } from './world';

export interface JobStatus {
  readonly id: string;
  readonly kind: string;
  readonly phase: string;
  readonly progress: number;
  readonly maxReadUnitsPerSecond: number;
  readonly maxWriteUnitsPerSecond: number;
  readonly aggregates: number;
  readonly written: number;
  readonly behind: number;
  readonly wrong: number;
  readonly stuck: number;
  readonly erased: number;
  readonly readUnits: number;
  readonly examples: readonly { readonly id: string; readonly reason: string }[];
}

export interface ViewStatus {
  readonly view: string;
  readonly complete: boolean;
  readonly job?: JobStatus;
}

/** Rates that wait for nothing. */
export const FAST = { maxReadUnitsPerSecond: 100_000, maxWriteUnitsPerSecond: 100_000 };

/** Sends commands to the function of operators, as `aws lambda invoke` does. */
export class Operator {
  public constructor(private readonly world: ClaimsWorld) {}

  /** @throws Error with what was refused */
  public async send<Result>(command: object): Promise<Result> {
    const { payload, functionError } = await this.world.app.invoke('Api/Operations', command);
    if (functionError !== undefined) throw new Error(JSON.stringify(payload));
    return payload as Result;
  }

  public async status(view: string): Promise<ViewStatus> {
    const { views } = await this.send<{ views: ViewStatus[] }>({ command: 'status', view });
    return views[0];
  }

  /** Starts a job of a view, and waits for its end. */
  public async run(kind: 'rebuild' | 'verify' | 'erase', view: string): Promise<JobStatus> {
    await this.send({ command: kind, view, ...FAST });
    return this.finished(view);
  }

  /** The last job of a view, once nothing is under way. */
  public async finished(view: string): Promise<JobStatus> {
    await this.world.settled();
    const { job } = await this.status(view);
    if (!job) throw new Error(`There was no job of ${view}`);
    return job;
  }
}
