/** Messages by what they are about: a field of the input, a header, a resource. */
export type ErrorMessages = Readonly<Record<string, readonly string[]>>;

/**
 * An answer other than success that the caller is meant to see. Each API renders it in its own shape and chooses the
 * words; every other error is a 500 without detail.
 */
export class HttpError extends Error {
  public constructor(
    public readonly statusCode: number,
    public readonly messages: ErrorMessages,
    public readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`${statusCode} ${Object.keys(messages).join(', ')}`);
    this.name = 'HttpError';
  }
}

/** @param seconds until it is worth asking again */
export const retryAfter = (seconds: number) => ({ 'retry-after': String(Math.max(1, Math.ceil(seconds))) });
