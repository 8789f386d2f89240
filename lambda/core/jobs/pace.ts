/** Longer than this, in ms, nothing waits in a function, whose time is charged: the next message is delayed. */
export const MAX_PAUSE = 3000;

/**
 * Keeps what is consumed within rates. Units are known when they are consumed: whoever has taken too many waits until
 * the rate has made up for them.
 */
export class Pace {
  /** When what was consumed is made up for, in ms since 1970. */
  private readonly freeAt = { read: 0, write: 0 };

  public constructor(
    private readonly rates: Readonly<Record<'read' | 'write', number>>,
    private readonly now: () => number,
    before?: Pace,
  ) {
    if (before) {
      this.freeAt = { ...before.freeAt };
    }
  }

  /** Notes what was consumed just now. */
  public spend(kind: 'read' | 'write', units: number): void {
    this.freeAt[kind] = Math.max(this.freeAt[kind], this.now()) + (units * 1000) / this.rates[kind];
  }

  /** How long to wait before more is consumed, in ms. */
  public get waitMs(): number {
    return Math.max(0, Math.ceil(Math.max(this.freeAt.read, this.freeAt.write) - this.now()));
  }
}
