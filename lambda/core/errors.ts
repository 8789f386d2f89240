/** Messages by the field or resource they are about: the API's error body is `{"errors": <this>}`. */
export type FieldErrors = Readonly<Record<string, readonly string[]>>;

/** An answer other than success that the caller is meant to see; everything else is a 500 without detail. */
export class ApiError extends Error {
  public constructor(
    public readonly status: number,
    public readonly errors: FieldErrors,
    public readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`${status} ${Object.keys(errors).join(', ')}`);
    this.name = 'ApiError';
  }
}

export const BLANK = "can't be blank";
export const TAKEN = 'has already been taken';

export const invalid = (field: string, message: string) => new ApiError(422, { [field]: [message] });
export const unauthorized = (message: 'is missing' | 'is invalid') => new ApiError(401, { token: [message] });
export const badCredentials = () => new ApiError(401, { credentials: ['invalid'] });
export const forbidden = (resource: 'article' | 'comment') => new ApiError(403, { [resource]: ['forbidden'] });
export const notFound = (resource: 'article' | 'comment' | 'profile' | 'route') =>
  new ApiError(404, { [resource]: ['not found'] });
/** Every field that clashed is told. */
export const taken = (fields: readonly string[]) =>
  new ApiError(409, Object.fromEntries(fields.map((field) => [field, [TAKEN]])));
