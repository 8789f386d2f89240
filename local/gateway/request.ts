import { randomUUID } from 'node:crypto';
import { IncomingMessage } from 'node:http';

/** A request as it came in, body read. */
export interface GatewayRequest {
  readonly id: string;
  readonly method: string;
  /** Undecoded, with the stage, without the query. */
  readonly path: string;
  readonly rawQuery: string;
  /** Lower-case names; repeated ones joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names and values as they came. */
  readonly rawHeaders: readonly (readonly [name: string, value: string])[];
  readonly cookies: readonly string[];
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly protocol: string;
  readonly time: Date;
}

/** Values by names that a client chooses: `constructor` and `__proto__` are names as any other. */
export const withoutPrototype = <T>(): Record<string, T> => Object.create(null) as Record<string, T>;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Reads head and cookies of a request. */
export function readRequest(message: IncomingMessage, body: Buffer): GatewayRequest {
  const url = message.url ?? '/';
  const mark = url.indexOf('?');
  const headers = withoutPrototype<string>();
  const rawHeaders: [string, string][] = [];
  const cookies: string[] = [];
  for (let index = 0; index < message.rawHeaders.length; index += 2) {
    const rawName = message.rawHeaders[index] ?? '';
    const value = message.rawHeaders[index + 1] ?? '';
    const name = rawName.toLowerCase();
    rawHeaders.push([rawName, value]);
    if (name === 'cookie') cookies.push(...value.split(/;\s*/).filter((cookie) => cookie !== ''));
    else headers[name] = name in headers ? `${headers[name]},${value}` : value;
  }
  return {
    id: randomUUID(),
    method: message.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    rawQuery: mark < 0 ? '' : url.slice(mark + 1),
    headers,
    rawHeaders,
    cookies,
    body,
    sourceIp: message.socket.remoteAddress ?? '127.0.0.1',
    protocol: `HTTP/${message.httpVersion}`,
    time: new Date(),
  };
}

/** `12/Mar/2020:19:03:58 +0000`. */
export function commonLogTime(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${two(time.getUTCDate())}/${MONTHS[time.getUTCMonth()]}/${time.getUTCFullYear()}`;
  return `${day}:${two(time.getUTCHours())}:${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())} +0000`;
}
