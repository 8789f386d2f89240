import { illegalArgument } from './errors';
import { SearchIndex } from './search-index';

const WANTED = ['', 'true', 'false', 'wait_for'];

/** @throws SearchError for what a write may not ask for: before it is done */
export function checkRefresh(wanted: string | null): void {
  if (wanted !== null && !WANTED.includes(wanted)) throw illegalArgument(`Unknown value for refresh: [${wanted}].`);
}

/** What a write may ask for with `refresh`, and the waiting for it. */
export class Refresh {
  private readonly timers = new Map<NodeJS.Timeout, () => void>();

  /**
   * Does what `refresh` of a write says.
   *
   * @returns whether searches were made to see the write at once
   */
  public async after(indexes: readonly SearchIndex[], wanted: string | null): Promise<boolean> {
    switch (wanted) {
      case null:
      case 'false':
        return false;
      case '':
      case 'true':
        for (const index of indexes) index.refresh();
        return true;
      default:
        await Promise.all(indexes.map(async (index) => this.seen(index)));
        return false;
    }
  }

  /** Resolves when searches see what was written so far, where they will without being asked. */
  public async seen(index: SearchIndex): Promise<void> {
    const wait = index.wait();
    if (wait === undefined || wait === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.timers.delete(timer);
        resolve();
      }, Math.ceil(wait));
      this.timers.set(timer, resolve);
    });
  }

  /** Lets go of everyone who waits. */
  public close(): void {
    for (const [timer, resolve] of this.timers) {
      clearTimeout(timer);
      resolve();
    }
    this.timers.clear();
  }
}
