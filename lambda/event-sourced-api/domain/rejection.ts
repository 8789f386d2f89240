const NAME = 'CommandRejected';
const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;
/** Longer messages are cut: they are stored with the command. */
const MESSAGE_LENGTH = 1000;

/** A command that the rules refuse: whoever sent it is told why. */
class Rejection extends Error {
  public constructor(
    public readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = NAME;
  }
}

/**
 * Refuses a command. The refusal is stored, and is what the same command gets for good.
 *
 * @param code for programs: a capital letter, then capitals, digits and `_`, 64 at most; `NOT_FOUND` for an aggregate that
 * does not exist, or of which the sender may not know; `FORBIDDEN` for what the sender may know of, and not do
 * @param message for people: at most 1000 characters, without anything that its sender may not know
 */
export function reject(code: string, message: string): never {
  if (!CODE.test(code)) {
    throw new TypeError(`The code of a rejection must be like NOT_FOUND, at most 64 characters, got: ${code}`);
  }
  throw new Rejection(code, message.slice(0, MESSAGE_LENGTH));
}

/**
 * What a decider has thrown, if it is a rejection. By its name and code: the domain is built on its own, with a class of
 * its own.
 */
export function rejectionOf(error: unknown): { readonly code: string; readonly message: string } | undefined {
  if (!(error instanceof Error) || error.name !== NAME) {
    return undefined;
  }
  const { code, message } = error as Error & { code?: unknown };
  return typeof code === 'string' && CODE.test(code) ? { code, message } : undefined;
}
