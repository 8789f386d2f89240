import type { HttpError } from './errors';
import type { HttpRequest } from './http-request';
import type { GatewayResult } from './response';

/** How an API words its errors. */
export interface ErrorRenderer {
  /** Messages of a 500: nothing of what went wrong. */
  readonly internalError: HttpError['messages'];
  /** Messages of a 503: the same request may succeed in a moment. */
  readonly unavailable: HttpError['messages'];
  /** Which answers are compressed where the caller takes gzip. @default - none */
  readonly compression?: Compression;
  /** The body of an answer to an error, in the shape of the API. */
  render(error: HttpError, request: HttpRequest): unknown;
}

/** Makes answers shorter for who takes them so; code that only APIs which do so carry. */
export type Compression = (request: HttpRequest, result: GatewayResult) => Promise<GatewayResult>;
