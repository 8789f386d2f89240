import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Compression } from './error-renderer';

const zip = promisify(gzip);

/** Whether a caller takes gzip (RFC 9110, 12.5.3): named, or by `*`, and not with the weight 0. */
export function takesGzip(header: string | undefined): boolean {
  const weights = new Map(
    (header ?? '').split(',').map((part): [string, number] => {
      const [coding, ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
      const weight = parameters.find((parameter) => parameter.startsWith('q='));
      return [coding, weight === undefined ? 1 : Number(weight.slice(2))];
    }),
  );
  return (weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0) > 0;
}

/**
 * The answer as gzip, where that is wanted and worth it. An HTTP API compresses nothing itself; it hands base64 on as
 * bytes. A REST API, which compresses by a setting of its own, is given every answer as it is.
 *
 * An entity tag stays the same for both forms, as `vary` tells them apart.
 *
 * @param minimumBytes of a body, from which it is worth it
 */
export const gzipFrom =
  (minimumBytes: number): Compression =>
  async (request, result) => {
    // What is known already has no body, and is told of with the headers of what has one (RFC 9110, 15.4.5).
    const isKnown = result.statusCode === 304;
    if (!isKnown && Buffer.byteLength(result.body) < minimumBytes) {
      return result;
    }
    const vary = [result.headers.vary, 'accept-encoding'].filter((name) => name !== undefined).join(', ');
    const headers = { ...result.headers, vary };
    if (isKnown || !takesGzip(request.headers['accept-encoding'])) {
      return { ...result, headers };
    }
    return {
      ...result,
      headers: { ...headers, 'content-encoding': 'gzip' },
      body: (await zip(result.body)).toString('base64'),
      isBase64Encoded: true,
    };
  };
