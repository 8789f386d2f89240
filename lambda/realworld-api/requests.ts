import { bearerToken } from './tokens';
import { unauthorized } from '../core/errors';
import type { Request } from '../core/http';

/** The token of a request that may come without one. @throws ApiError 401 for a header that is no token */
export const optionalToken = (request: Request) => bearerToken(request.headers.authorization);

/** The token of a request that must have one. @throws ApiError 401 */
export function requiredToken(request: Request): string {
  const token = optionalToken(request);
  if (token === undefined) {
    throw unauthorized('is missing');
  }
  return token;
}

/** A path parameter: the route has it, so it is there. */
export const pathParameter = (request: Request, name: string) => request.path[name] ?? '';

/**
 * Reads the input of a request. Where it is not valid, who is asking is looked at first: 401 goes before 422.
 *
 * @throws ApiError 401, 422
 */
export async function checkedInput<T>(
  gate: { open(token: string): Promise<unknown> },
  token: string | undefined,
  read: () => T,
): Promise<T> {
  try {
    return read();
  } catch (error) {
    if (token !== undefined) {
      await gate.open(token);
    }
    throw error;
  }
}
