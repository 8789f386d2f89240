import { isObject } from '../assembly';
import { GatewayResponse } from '../gateway/response';

const KNOWN = new Set(['statusCode', 'headers', 'multiValueHeaders', 'body', 'isBase64Encoded']);

/** Headers that the gateway gives another name: `x-amzn-remapped-` and their own. */
const REMAPPED = new Set(['authorization', 'connection', 'content-length', 'content-md5', 'date', 'host', 'server']);
const ALSO_REMAPPED = new Set(['user-agent', 'www-authenticate']);

function scalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** True when a media type is one of those that the API takes for binary. */
export function isBinaryType(type: string | undefined, binaryTypes: readonly string[]): boolean {
  const actual = (type ?? '').split(/[;,]/)[0]?.trim().toLowerCase() ?? '';
  return binaryTypes.some((binary) => {
    const wanted = binary.toLowerCase();
    if (wanted === '*/*') return true;
    return wanted.endsWith('/*') ? actual.startsWith(wanted.slice(0, -1)) : actual === wanted;
  });
}

function readHeaders(payload: Readonly<Record<string, unknown>>): Record<string, string[]> {
  const lists: Record<string, string[]> = {};
  const of = (name: 'headers' | 'multiValueHeaders'): [string, unknown][] => {
    const value = payload[name];
    if (value === undefined || value === null) return [];
    if (!isObject(value)) throw new Error(`${name} must be an object, got ${JSON.stringify(value)}`);
    return Object.entries(value);
  };
  for (const [name, values] of of('multiValueHeaders')) {
    if (!Array.isArray(values) || !values.every(scalar)) {
      throw new Error(`multiValueHeaders.${name} must be a list of strings, got ${JSON.stringify(values)}`);
    }
    lists[name.toLowerCase()] = values.map(String);
  }
  for (const [name, value] of of('headers')) {
    if (!scalar(value)) throw new Error(`header ${name} must be a string, got ${JSON.stringify(value)}`);
    const list = (lists[name.toLowerCase()] ??= []);
    if (!list.includes(String(value))) list.push(String(value));
  }
  return lists;
}

/**
 * Turns what a function returned into an answer, as Lambda proxy integrations of REST APIs do: nothing is inferred,
 * and base64 stays base64 where the client did not ask for a binary type of the API.
 *
 * @param accept the Accept header of the request
 * @throws an Error saying what is malformed; the client gets 502 then
 */
export function toRestResponse(
  payload: unknown,
  accept: string | undefined,
  binaryTypes: readonly string[],
): GatewayResponse {
  if (!isObject(payload)) throw new Error(`must be an object, got ${JSON.stringify(payload)?.slice(0, 80)}`);
  const unknown = Object.keys(payload).filter((name) => !KNOWN.has(name));
  if (unknown.length > 0) throw new Error(`knows no ${unknown.join(', ')}`);
  const status = Number(payload.statusCode ?? Number.NaN);
  if (!Number.isInteger(status) || status < 100 || status > 599) {
    throw new Error(`statusCode must be 100 to 599, got ${JSON.stringify(payload.statusCode)}`);
  }
  const { body = null, isBase64Encoded } = payload;
  if (body !== null && typeof body !== 'string') {
    throw new Error(`body must be a string, got ${JSON.stringify(body).slice(0, 80)}`);
  }
  const headers: Record<string, string | string[]> = {};
  for (const [name, values] of Object.entries(readHeaders(payload))) {
    const remapped = REMAPPED.has(name) || ALSO_REMAPPED.has(name);
    headers[remapped ? `x-amzn-remapped-${name}` : name] = values.length === 1 ? (values[0] ?? '') : values;
  }
  const contentType = headers['content-type'] ?? 'application/json';
  headers['content-type'] = contentType;
  const asked = accept ?? (Array.isArray(contentType) ? contentType[0] : contentType);
  const decode = isBase64Encoded === true && isBinaryType(asked, binaryTypes);
  return { status, headers, cookies: [], body: Buffer.from(body ?? '', decode ? 'base64' : 'utf8') };
}
