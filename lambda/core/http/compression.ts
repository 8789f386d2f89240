import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type GatewayEvent, isPayload2, toRequest } from './request';
import type { GatewayResult } from './response';

/** Makes answers shorter for who takes them so; code that only APIs which do so carry. */
export type Compression = (event: GatewayEvent, result: GatewayResult) => Promise<GatewayResult>;

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
 * bytes. A REST API compresses by a setting of its own (`minCompressionSize`), and gets every answer as it is.
 *
 * An entity tag stays the same for both forms, as `vary` tells them apart.
 *
 * @param minimumBytes of a body, from which it is worth it
 */
export const gzipFrom =
  (minimumBytes: number): Compression =>
  async (event, result) => {
    if (!isPayload2(event) || Buffer.byteLength(result.body) < minimumBytes) {
      return result;
    }
    const vary = [result.headers.vary, 'accept-encoding'].filter((name) => name !== undefined).join(', ');
    const headers = { ...result.headers, vary };
    if (!takesGzip(toRequest(event).headers['accept-encoding'])) {
      return { ...result, headers };
    }
    return {
      ...result,
      headers: { ...headers, 'content-encoding': 'gzip' },
      body: (await zip(result.body)).toString('base64'),
      isBase64Encoded: true,
    };
  };
