import { type ErrorMessages, HttpError } from '../core/http/errors';

/** What an error is, for programs. */
type ErrorCode =
  | 'unauthorized'
  | 'forbidden'
  | 'insufficient_scope'
  | 'not_found'
  | 'method_not_allowed'
  | 'invalid_request'
  | 'conflict'
  | 'payload_too_large'
  | 'too_many_requests'
  | 'internal_error'
  | 'unavailable';

/** An error without fields: its code, and one message for a person. */
export const words = (code: ErrorCode, message: string): ErrorMessages => ({ [code]: [message] });

/** What is wrong with each field of bad input. */
export type Fields = ReadonlyMap<string, readonly string[]>;

/** Bad input: 400. */
export class InvalidRequest extends HttpError {
  public constructor(public readonly fields: Fields) {
    super(400, words('invalid_request', 'The request is not valid'));
  }
}

/** Bad input that a schema cannot see. */
export const invalid = (field: string, message: string) => new InvalidRequest(new Map([[field, [message]]]));

const failure = (status: number, code: ErrorCode, message: string, headers?: Record<string, string>) =>
  new HttpError(status, words(code, message), headers);

export const unauthorized = () =>
  failure(401, 'unauthorized', 'Needs a valid access token of the user pool or of this API', {
    'www-authenticate': 'Bearer',
  });
/** @param scope what the token would need; undefined where no token may do it */
export const insufficientScope = (scope: string | undefined) =>
  failure(
    403,
    'insufficient_scope',
    scope === undefined ? 'Needs a user who has signed in, not an access token' : `Needs the scope ${scope}`,
    { 'www-authenticate': `Bearer error="insufficient_scope"${scope === undefined ? '' : `, scope="${scope}"`}` },
  );
export const forbidden = (what: 'post' | 'tag') => failure(403, 'forbidden', `This ${what} is somebody else's`);
export const notFound = (what: 'post' | 'tag' | 'token' | 'user') =>
  failure(404, 'not_found', `There is no such ${what}`);
export const conflict = (message: string) => failure(409, 'conflict', message);
