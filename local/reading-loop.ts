import { WakeSignal } from './mapping';

/** Reads a source to its end whenever there is more of it, until it is closed. */
export abstract class ReadingLoop {
  protected readonly wakeSignal = new WakeSignal();
  protected ended = false;
  private readonly settled = new Set<() => void>();
  private loop: Promise<void> | undefined;

  /** Resolves when everything that is in the source by now was handled. */
  public async settle(): Promise<void> {
    if (!this.begun || this.ended || this.caughtUp()) return;
    await new Promise<void>((resolve) => this.settled.add(resolve));
  }

  /** Takes nothing further; `close` waits for what is under way. */
  public stop(): void {
    this.ended = true;
    this.wakeSignal.end();
  }

  public async close(): Promise<void> {
    this.stop();
    await this.loop;
    this.release();
  }

  protected abstract caughtUp(): boolean;

  /** Reads until `ended`. */
  protected abstract run(): Promise<void>;

  protected get begun(): boolean {
    return this.loop !== undefined;
  }

  protected begin(): void {
    this.loop = this.run();
  }

  /** To be called where all was handled: until something wakes. */
  protected async untilMore(): Promise<void> {
    this.release();
    await this.wakeSignal.wait();
  }

  private release(): void {
    for (const resolve of this.settled) resolve();
    this.settled.clear();
  }
}
