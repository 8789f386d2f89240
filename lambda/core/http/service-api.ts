import type * as z from 'zod/mini';
import { gzipFrom } from './compression';
import type { Api } from './endpoint';
import { HttpError } from './errors';
import type { FallbackApi } from './fallback';

/** Bytes from which an answer is worth compressing. */
const COMPRESSED_FROM = 1024;

const SUBJECT = 'error';
const said = (message: string) => ({ [SUBJECT]: [message] });

/** The answer to bad input: 400, with what is wrong with which field. */
export const invalid = (field: string, message: string) => new HttpError(400, { [field]: [message] });

/** @param what is not there, without an article: `item` */
export const notFound = (what: string) => new HttpError(404, said(`There is no such ${what}`));

/** Somebody else has made it before. */
export const conflict = (message: string) => new HttpError(409, said(message));

/** `If-Match` named a version that it no longer has. */
export const preconditionFailed = () => new HttpError(412, said('It has another version by now: read it again'));

/**
 * What was sent does not fit where it is kept.
 *
 * @param bytes that it would take
 * @param limit bytes that there are
 */
export const tooLarge = (bytes: number, limit: number) =>
  new HttpError(413, said(`It takes ${bytes} bytes, of at most ${limit}`));

/** The field that an issue is about: `categories.0.score`, or the place where it has no name. */
const fieldOf = (place: string, path: readonly PropertyKey[]) =>
  path.length === 0 ? place : path.map(String).join('.');

function parse<S extends z.ZodMiniType>(place: string, schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) {
    return result.data;
  }
  const fields = new Map<string, string[]>();
  const add = (field: string, message: string) => fields.set(field, [...(fields.get(field) ?? []), message]);
  for (const issue of result.error.issues) {
    if (issue.code === 'unrecognized_keys') {
      issue.keys.forEach((key) => add(fieldOf(place, [...issue.path, key]), 'is not known'));
    } else {
      add(fieldOf(place, issue.path), issue.message);
    }
  }
  // Names as they were sent, such as `__proto__`: not by assignment.
  throw new HttpError(400, Object.fromEntries(fields));
}

/** Longest text about bad input: who sends a thousand wrong values is told of the first. */
const LONGEST = 1000;

function textOf({ messages }: HttpError): string {
  const parts = Object.entries(messages).flatMap(([field, texts]) =>
    texts.map((text) => (field === SUBJECT ? text : `${field} ${text}`)),
  );
  const text = parts.join('; ');
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** What a service decides for all its endpoints. */
export type ServiceApi = Api & FallbackApi;

/**
 * How a service without words of its own answers: `{"error", "timestamp", "requestId"}` for every error, 400 for bad
 * input, and JSON of 1,024 bytes and more as gzip for who takes it. Who may call is the gateway's to ask.
 */
export const serviceApi: ServiceApi = {
  compression: gzipFrom(COMPRESSED_FROM),
  credentials: () => undefined,
  missingCredentials: () => {
    throw new HttpError(401, said('Credentials are missing'));
  },
  parse,
  malformedBody: () => {
    throw new HttpError(400, said('The body is not valid JSON'));
  },
  render: (error, { requestId }) => ({ error: textOf(error), timestamp: new Date().toISOString(), requestId }),
  internalError: said('Something went wrong'),
  unavailable: said('Busy, try again'),
  notFound: said('There is no such path'),
  methodNotAllowed: said('This path does not know the method'),
};
