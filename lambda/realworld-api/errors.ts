import { HttpError, retryAfter } from '../core/http/errors';

/** The words of the RealWorld API. */

export const BLANK = "can't be blank";
const TAKEN = 'has already been taken';

export const invalid = (field: string, message: string) => new HttpError(422, { [field]: [message] });
export const unauthorized = (message: 'is missing' | 'is invalid') => new HttpError(401, { token: [message] });
export const badCredentials = () => new HttpError(401, { credentials: ['invalid'] });
export const forbidden = (resource: 'article' | 'comment') => new HttpError(403, { [resource]: ['forbidden'] });
export const notFound = (resource: 'article' | 'comment' | 'profile') =>
  new HttpError(404, { [resource]: ['not found'] });
/** Names every field that clashed. */
export const taken = (fields: readonly string[]) =>
  new HttpError(409, Object.fromEntries(fields.map((field) => [field, [TAKEN]])));
/** @param seconds until a sign-in is tried again */
export const tooManySignIns = (seconds: number) =>
  new HttpError(
    429,
    { credentials: [`too many failed attempts, try again in ${seconds} seconds`] },
    retryAfter(seconds),
  );
