import { performance } from 'node:perf_hooks';
import { CONTENTION } from '../../../lambda/core/retry';

interface Waiting {
  readonly at: number;
  /** Of two at the same time, the one that was asked for first. */
  readonly turn: number;
  go(): void;
}

const before = (a: Waiting, b: Waiting) => a.at < b.at || (a.at === b.at && a.turn < b.turn);
const { setImmediate } = globalThis;

/** A clock that stands still while code runs, and goes on to whatever is due next: every run of a seed is the same. */
export class VirtualTime {
  private readonly waiting: Waiting[] = [];
  private turns = 0;
  /** How far the clock is ahead that shipped code reads by itself, in ms. */
  public skew = 0;

  /** @param now milliseconds since 1970 */
  public constructor(public now: number) {}

  public after(delay: number, go: () => void): void {
    this.push({ at: this.now + delay, turn: this.turns++, go });
  }

  public pause(delay: number): Promise<void> {
    return new Promise((resolve) => this.after(delay, resolve));
  }

  /** Lets everything happen that is due, until nothing is, or until it is over. */
  public async run(isOver: () => boolean): Promise<void> {
    for (let next = this.pop(); next && !isOver(); next = this.pop()) {
      this.now = next.at;
      next.go();
      // Whatever was waiting for this runs up to its next call.
      await new Promise<void>((resolve) => void setImmediate(resolve));
    }
  }

  private push(added: Waiting): void {
    const heap = this.waiting;
    let place = heap.length;
    while (place > 0) {
      const parent = Math.floor((place - 1) / 2);
      if (!before(added, heap[parent])) break;
      heap[place] = heap[parent];
      place = parent;
    }
    heap[place] = added;
  }

  private pop(): Waiting | undefined {
    const heap = this.waiting;
    const first = heap[0];
    const last = heap.pop();
    if (last && heap.length > 0) {
      let place = 0;
      for (;;) {
        let child = 2 * place + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++;
        if (!before(heap[child], last)) break;
        heap[place] = heap[child];
        place = child;
      }
      heap[place] = last;
    }
    return first;
  }
}

/**
 * Runs with the pauses and clocks of shipped code in virtual time, and with chance from the seed. Nothing else may run meanwhile.
 */
export async function inVirtualTime<T>(time: VirtualTime, random: () => number, run: () => Promise<T>): Promise<T> {
  const { setTimeout } = globalThis;
  const chance = Math.random;
  const [clock, elapsed] = [Date.now, performance.now.bind(performance)];
  globalThis.setTimeout = ((go: () => void, delay = 0) => {
    if (delay > CONTENTION.capMs) throw new Error(`A pause of ${delay} ms is longer than any of the storage kit's`);
    time.after(delay, go);
  }) as unknown as typeof setTimeout;
  Math.random = random;
  Date.now = () => Math.floor(time.now) + time.skew;
  performance.now = () => time.now;
  try {
    return await run();
  } finally {
    globalThis.setTimeout = setTimeout;
    Math.random = chance;
    Date.now = clock;
    performance.now = elapsed;
  }
}
