/** Rate in requests a second and burst in requests. */
export interface ThrottleSettings {
  readonly rate: number;
  readonly burst: number;
}

/** A token bucket: `burst` requests at once, refilled at `rate` a second. */
export class TokenBucket {
  private tokens: number;
  private filled: number;

  public constructor(
    private readonly settings: ThrottleSettings,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.tokens = settings.burst;
    this.filled = this.now();
  }

  /** Takes a token; false when there is none. */
  public take(): boolean {
    const now = this.now();
    this.tokens = Math.min(this.settings.burst, this.tokens + ((now - this.filled) / 1000) * this.settings.rate);
    this.filled = now;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
