import { isMistake } from './rejection';

/**
 * Code of a domain that does what it must not. Its message names places in that code, kinds of errors and bounds, never
 * what events or commands hold: it is logged, and told to operators.
 */
export class DomainFault extends Error {
  /** @param thrown by the domain: the place in its code is what a log shows, in the place of the one that noticed */
  public constructor(what: string, thrown?: unknown) {
    super(what);
    this.name = 'DomainFault';
    const frames = framesOf(thrown);
    if (frames.length > 0) {
      this.stack = [`${this.name}: ${what}`, ...frames].join('\n');
    }
  }
}

/** Where an error was thrown: lines of its stack that name a line of code, and none of its message. */
function framesOf(thrown: unknown): string[] {
  if (!(thrown instanceof Error) || typeof thrown.stack !== 'string') {
    return [];
  }
  const lines = thrown.stack.split('\n').slice(String(thrown.message).split('\n').length);
  return lines.filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line));
}

/** An error by its name alone: its message may hold data. */
const nameOf = (error: unknown): string =>
  error instanceof Error && /^[A-Za-z_$][\w$]{0,63}$/.test(error.name) ? error.name : typeof error;

/** Runs code of a domain. @throws DomainFault that says where, in place of whatever it throws */
export function running<T>(place: string, code: () => T): T {
  try {
    return code();
  } catch (error) {
    throw error instanceof DomainFault ? error : faultOf(place, error);
  }
}

/** What a decider, a reducer or a view has thrown, as a fault. */
export const faultOf = (place: string, error: unknown): DomainFault =>
  // What the helpers of a domain say is of its code alone.
  new DomainFault(isMistake(error) ? `${place}: ${error.message}` : `${place} threw ${nameOf(error)}`, error);

/**
 * Whether code that must await nothing has given a promise. What becomes of it is nobody's: unhandled, its failure would
 * end the function, and be logged with its message.
 */
export function isPromise(value: unknown): boolean {
  const isOne = typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
  if (isOne) {
    Promise.resolve(value).catch(() => undefined);
  }
  return isOne;
}
