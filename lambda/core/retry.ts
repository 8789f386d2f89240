/** Bounds of a retry: attempts in all, and the first and longest pause in ms. */
export interface RetryOptions {
  readonly attempts: number;
  readonly baseMs: number;
  readonly capMs: number;
}

/** Contention on one item clears within milliseconds; these attempts span about three seconds of pauses. */
export const CONTENTION: RetryOptions = { attempts: 20, baseMs: 10, capMs: 400 };

/** A pause with full jitter: anything up to the exponential bound, so that contenders spread out. */
export function pause(attempt: number, options: RetryOptions = CONTENTION): Promise<void> {
  const bound = Math.min(options.capMs, options.baseMs * 2 ** attempt);
  return new Promise((resolve) => setTimeout(resolve, Math.random() * bound));
}

/** Runs again, with full jitter, while `retryable` says so and attempts are left; then the last error is thrown. */
export async function retry<T>(
  action: () => Promise<T>,
  retryable: (error: unknown) => boolean,
  options: RetryOptions = CONTENTION,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      if (attempt + 1 >= options.attempts || !retryable(error)) {
        throw error;
      }
      await pause(attempt, options);
    }
  }
}
