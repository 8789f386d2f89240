import { isObject } from '../assembly';
import { GatewayResponse } from '../gateway/response';

function scalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** What a function returned without a status code is itself the body. */
function inferred(payload: unknown): GatewayResponse {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return { status: 200, headers: { 'content-type': 'application/json' }, cookies: [], body: Buffer.from(text) };
}

/**
 * Turns what a function returned into an answer, as payload format 2.0 says.
 *
 * @throws an Error saying what is malformed; the client gets 500 then
 */
export function toResponse(payload: unknown): GatewayResponse {
  if (!isObject(payload) || payload.statusCode === undefined) return inferred(payload);
  const status = Number(payload.statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) {
    throw new Error(`statusCode must be 100 to 599, got ${JSON.stringify(payload.statusCode)}`);
  }
  const headers: Record<string, string> = {};
  if (payload.headers !== undefined && payload.headers !== null && !isObject(payload.headers)) {
    throw new Error(`headers must be an object, got ${JSON.stringify(payload.headers)}`);
  }
  for (const [name, value] of Object.entries(isObject(payload.headers) ? payload.headers : {})) {
    if (!scalar(value)) throw new Error(`header ${name} must be a string, got ${JSON.stringify(value)}`);
    headers[name.toLowerCase()] = String(value);
  }
  const { body } = payload;
  if (body !== undefined && body !== null && !scalar(body)) {
    throw new Error(`body must be a string, got ${JSON.stringify(body).slice(0, 80)}`);
  }
  const bytes = Buffer.from(String(body ?? ''), payload.isBase64Encoded === true ? 'base64' : 'utf8');
  if (headers['content-type'] === undefined && bytes.length > 0) headers['content-type'] = 'text/plain;charset=UTF-8';
  // The gateway sets it from the body.
  delete headers['content-length'];
  const cookies: unknown[] = Array.isArray(payload.cookies) ? (payload.cookies as unknown[]) : [];
  return { status, headers, cookies: cookies.map(String), body: bytes };
}
