/**
 * Code of a domain that does what it must not. Its message names places in that code, kinds of errors and bounds, never
 * what events or commands hold: it is logged, and told to operators.
 */
export class DomainFault extends Error {
  public constructor(what: string) {
    super(what);
    this.name = 'DomainFault';
  }
}

/** An error by its name alone: its message may hold data. */
const nameOf = (error: unknown): string =>
  error instanceof Error && /^[A-Za-z]{1,64}$/.test(error.name) ? error.name : typeof error;

/** Runs code of a domain. @throws DomainFault that says where, in place of whatever it throws */
export function running<T>(place: string, code: () => T): T {
  try {
    return code();
  } catch (error) {
    throw error instanceof DomainFault ? error : new DomainFault(`${place} threw ${nameOf(error)}`);
  }
}
