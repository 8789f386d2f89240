/** The path of a request as an HTTP API sees it. */
export interface GatewayPath {
  /** Decoded once and without what an encoded `?` cut off: what stages and routes are matched with. */
  readonly matched: string;
  /** Decoded twice: `rawPath` of the event. */
  readonly decoded: string;
}

/** A `%` that begins no byte. */
const MALFORMED = /%(?![0-9A-Fa-f]{2})/;

const BYTES = /(?:%[0-9A-Fa-f]{2})+/g;

/** Bytes that are no UTF-8 become U+FFFD; undefined where a `%` begins no byte. */
function decode(text: string): string | undefined {
  if (MALFORMED.test(text)) return undefined;
  return text.replace(BYTES, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'));
}

/**
 * Decodes a path as HTTP APIs do, which is not as other servers do: before it is split, up to the first decoded `?`,
 * and twice. `/a%2Fb` has two parts, `/bob%3Fx` is `/bob`, the parameter of `/a%252Fb` is `a/b`, and `/50%25off` is
 * refused, because `%of` cannot be decoded again.
 *
 * Seen on AWS: hotsock/voker, `vokerhttp/testdata/ingress-paths.json` (captures of all forms above but the parameter);
 * for the parameter, which is matched after one decoding and handed over after two, "How to encode parameters for AWS
 * API Gateway (HTTP API)?" on Stack Overflow.
 *
 * @returns undefined for a path that is refused with 400
 */
export function readPath(path: string): GatewayPath | undefined {
  const once = decode(path);
  if (once === undefined) return undefined;
  const [matched = ''] = once.split('?');
  const decoded = decode(matched);
  return decoded === undefined ? undefined : { matched, decoded };
}

/** A part of a matched path as parameters have it. */
export function decodePart(part: string): string {
  return decode(part) ?? part;
}
