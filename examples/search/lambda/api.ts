import type { Api } from '../../../lambda/core/http/endpoint';
import { HttpError } from '../../../lambda/core/http/errors';
import type { FallbackApi } from '../../../lambda/core/http/fallback';

/** How the catalogue words its errors: one sentence, and 422 for bad input. */
export const api: Api & FallbackApi = {
  credentials: () => undefined,
  missingCredentials: () => {
    throw new HttpError(401, { credentials: ['are missing'] });
  },
  malformedBody: () => {
    throw new HttpError(422, { body: ['is not JSON'] });
  },
  parse: (place, schema, input) => {
    const result = schema.safeParse(input);
    if (result.success) {
      return result.data;
    }
    const [issue] = result.error.issues;
    throw new HttpError(422, { [issue.path.join('.') || place]: [issue.message] });
  },
  render: ({ messages }) => {
    const [[about, [message]]] = Object.entries(messages);
    return { message: `${about} ${message}` };
  },
  internalError: { server: ['failed'] },
  unavailable: { server: ['is busy, try again'] },
  notFound: { path: ['is not known'] },
  methodNotAllowed: { method: ['is not allowed here'] },
};
