import { seeded } from './seeded';

/** A message in a queue, and when it is due. */
export interface Waiting<Message> {
  readonly id: string;
  readonly message: Message;
  at: number;
  receives: number;
}

/** Passes a call on as long as whoever makes it is not stopped. */
export type Alive = <T>(action: () => Promise<T>) => Promise<T>;

/** A delivery that ends without a word, as of a function that Lambda stops. */
const ended = new Promise<never>(() => undefined);

/** What jobs on a queue run in: a time of its own, messages that come twice and late, and a network that fails, by a seed. */
export abstract class JobWorld<Message> {
  public readonly random: () => number;
  /** Nothing goes wrong any more, and nobody writes. */
  public calm = false;
  public now = 1_700_000_000_000;
  public queue: Waiting<Message>[] = [];
  /** Messages that failed too often. */
  public dead = 0;
  protected sequence = 0;
  private depth = 0;

  public constructor(public readonly seed: number) {
    this.random = seeded(seed);
  }

  /** One attempt at a message. @returns whether it was worked off */
  protected abstract attempt(waiting: Waiting<Message>): Promise<boolean>;

  /** What others do between two calls. */
  protected abstract other(): Promise<void>;

  public below(bound: number): number {
    return Math.floor(this.random() * bound);
  }

  /** Sends messages; some come twice. */
  public async send(messages: readonly Message[], delaySeconds = 0): Promise<void> {
    await this.call(async () => {
      for (const message of messages) {
        this.queue.push({ id: `m${++this.sequence}`, message, at: this.now + delaySeconds * 1000, receives: 0 });
      }
    });
  }

  /** Delivers a message that is due, or lets time pass until one is. @returns false where there is none */
  public async deliver(): Promise<boolean> {
    if (this.queue.length === 0) return false;
    const due = this.queue.filter(({ at }) => at <= this.now);
    if (due.length === 0) {
      this.now = Math.min(...this.queue.map(({ at }) => at));
      return true;
    }
    const waiting = due[this.below(due.length)];
    waiting.receives++;
    if (!this.calm && waiting.receives > 3) {
      this.queue = this.queue.filter((one) => one !== waiting);
      this.dead++;
      return true;
    }
    waiting.at = this.now + 60_000;
    const twice = !this.calm && this.random() < 0.1;
    const results = await Promise.all([this.attempt(waiting), ...(twice ? [this.attempt(waiting)] : [])]);
    if (results[0]) {
      this.queue = this.queue.filter((one) => one !== waiting);
      // A queue delivers at least once.
      if (!this.calm && this.random() < 0.1) this.queue.push({ ...waiting, at: this.now + this.below(200_000) });
    }
    return true;
  }

  /** The life of one attempt, which may end at any of its calls: then `stopped` is false, and no call of it is answered. */
  protected life(): { readonly alive: Alive; readonly stopped: Promise<boolean> } {
    const endsAfter = !this.calm && this.random() < 0.15 ? this.below(40) : Infinity;
    let calls = 0;
    let stop: () => void = () => undefined;
    const stopped = new Promise<boolean>((resolve) => (stop = () => resolve(false)));
    const alive: Alive = async (action) => {
      if (++calls > endsAfter) {
        stop();
        return ended;
      }
      const result = await this.call(action);
      return calls > endsAfter ? ended : result;
    };
    return { alive, stopped };
  }

  /** A call over the network: others come in between, it does not arrive, or its answer is lost. */
  protected async call<T>(action: () => Promise<T>): Promise<T> {
    await this.turn();
    if (!this.calm && this.random() < 0.02) throw new Error('not reached');
    const result = await action();
    await this.turn();
    if (!this.calm && this.random() < 0.02) throw new Error('answer lost');
    return result;
  }

  private async turn(): Promise<void> {
    for (let ticks = this.below(4); ticks > 0; ticks--) await Promise.resolve();
    if (!this.calm && this.depth < 3 && this.random() < 0.15) {
      this.depth++;
      try {
        await this.other();
      } finally {
        this.depth--;
      }
    }
  }
}

/** An object whose methods go through `alive`, but for those given. */
export function through<T extends object>(target: T, alive: Alive, others: Partial<Record<keyof T, unknown>> = {}): T {
  return new Proxy(target, {
    get: (object, name) => {
      if (name in others) return others[name as keyof T];
      const member = Reflect.get(object, name) as unknown;
      return typeof member === 'function'
        ? (...parameters: unknown[]) =>
            alive(() => (member as (...all: unknown[]) => Promise<unknown>).apply(object, parameters))
        : member;
    },
  });
}
