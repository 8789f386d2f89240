const NAME = 'CommandRejected';
const MISTAKE = 'DomainMistake';
const MISTAKE_LENGTH = 200;
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

/** A helper that is called as it must not be. Its message holds what code of the domain has written, and is logged. */
class Mistake extends TypeError {
  public constructor(message: string) {
    super(message.slice(0, MISTAKE_LENGTH));
    this.name = MISTAKE;
  }
}

/** By its name, as a rejection is. */
export const isMistake = (error: unknown): error is Error =>
  error instanceof Error && error.name === MISTAKE && error.message.length <= MISTAKE_LENGTH;

/** A code as a log may show it: the beginning of one line. */
const shown = (code: unknown): string =>
  typeof code === 'string' ? code.replace(/[^ -~]/g, '?').slice(0, 64) : typeof code;

/**
 * Refuses a command. The refusal is stored, and is what the same command gets for good.
 *
 * @param code for programs: a capital letter, then capitals, digits and `_`, 64 at most; `NOT_FOUND` for an aggregate that
 * does not exist, or of which the sender may not know; `FORBIDDEN` for what the sender may know of, and not do
 * @param message for people: at most 1000 characters, without anything that its sender may not know
 */
export function reject(code: string, message: string): never {
  if (typeof code !== 'string' || !CODE.test(code)) {
    throw new Mistake(`reject: code must be like NOT_FOUND, at most 64 characters, got: ${shown(code)}`);
  }
  if (typeof message !== 'string') {
    throw new Mistake(`reject: message must be a text, got: ${typeof message}`);
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
