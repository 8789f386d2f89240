import { HttpError } from '../core/http/errors';

/** The words of the personalisation API: those of every service without words of its own, and of what is too large. */
export { conflict, invalid, notFound, preconditionFailed } from '../core/http/service-api';

/** What does not fit where it is kept, or into an answer. */
export const tooLarge = (what: string, bytes: number, limit: number) =>
  new HttpError(413, { error: [`${what} would take ${bytes} bytes, of at most ${limit}`] });
