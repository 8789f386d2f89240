import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { CallerCredentials } from '../types';

/** A request as its sender signed it. */
export interface SignedRequest {
  readonly method: string;
  /** As it came, without the query. */
  readonly path: string;
  readonly rawQuery: string;
  /** Names and values as they came. */
  readonly rawHeaders: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** What a signature is checked against. */
export interface SignatureContext {
  readonly region: string;
  /** `execute-api`. */
  readonly service: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Undefined for a key of nobody, or of one whose secret is not known. */
  credentials(accessKeyId: string): CallerCredentials | undefined;
}

/** A signature that does not do; the message says why. */
export class SignatureRefused extends Error {}

/** A request must reach AWS within five minutes of its time stamp: "Why requests are signed", IAM user guide. */
const MOST_SKEW_MS = 5 * 60 * 1000;

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request, ?SignedHeaders=([a-z0-9;_-]+), ?Signature=([0-9a-f]{64})$/;

const TIME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** As RFC 3986 has it, which `encodeURIComponent` is not in five characters. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * Checks a signature of version 4 in the header `Authorization`, after "Create a signed AWS API request" of the IAM user
 * guide: `host` and every `x-amz-*` header have to be signed, the path is encoded twice, the body is hashed here and not
 * believed. A signature in the query is refused: nothing of this project signs so.
 *
 * @returns the access key id
 * @throws SignatureRefused
 */
export function verifySignature(request: SignedRequest, context: SignatureContext): string {
  const headers = headerValues(request);
  const { authorization, 'x-amz-date': time = '' } = Object.fromEntries(headers) as Readonly<Record<string, string>>;
  if (authorization === undefined) {
    throw new SignatureRefused('the request is not signed: Missing Authentication Token');
  }
  const parts = AUTHORIZATION.exec(authorization);
  if (parts === null) throw new SignatureRefused('the header Authorization is no signature of version 4');
  const [, accessKeyId = '', date = '', region = '', service = '', signedNames = '', signature = ''] = parts;
  if (region !== context.region || service !== context.service) {
    const wanted = `${context.region}/${context.service}`;
    throw new SignatureRefused(`the credential must be scoped to ${wanted}, got ${region}/${service}`);
  }
  checkTime(time, date, context.now);
  const credentials = context.credentials(accessKeyId);
  if (credentials === undefined) throw new SignatureRefused('the security token included in the request is invalid');
  if ((headers.get('x-amz-security-token') ?? '') !== (credentials.sessionToken ?? '')) {
    throw new SignatureRefused('the security token included in the request is invalid');
  }
  const names = signedNames.split(';');
  const unsigned = ['host', ...headers.keys()].filter(
    (name) => (name === 'host' || name.startsWith('x-amz-')) && !names.includes(name),
  );
  if (unsigned.length > 0) throw new SignatureRefused(`the header ${unsigned[0]} has to be signed`);
  const scope = `${date}/${region}/${service}/aws4_request`;
  const canonical = sha256(canonicalRequest(request, names, headers));
  const expected = hmac(
    signingKey(credentials.secretAccessKey, date, region, service),
    ['AWS4-HMAC-SHA256', time, scope, canonical].join('\n'),
  );
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex'))) {
    throw new SignatureRefused('the request signature we calculated does not match the signature you provided');
  }
  return accessKeyId;
}

/** Values by lower-case names, repeated ones joined. */
function headerValues({ rawHeaders }: SignedRequest): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [rawName, rawValue] of rawHeaders) {
    const name = rawName.toLowerCase();
    const value = rawValue.trim().replace(/ +/g, ' ');
    const known = values.get(name);
    values.set(name, known === undefined ? value : `${known},${value}`);
  }
  return values;
}

function checkTime(time: string, date: string, now: number): void {
  const parts = TIME.exec(time);
  if (parts === null) throw new SignatureRefused('the header x-amz-date must be there, as 20150830T123600Z');
  if (!time.startsWith(date)) throw new SignatureRefused('the date of the credential is not that of x-amz-date');
  const [year = 0, month = 1, ...rest] = parts.slice(1).map(Number);
  const signedAt = Date.UTC(year, month - 1, ...rest);
  if (Math.abs(now - signedAt) > MOST_SKEW_MS) throw new SignatureRefused(`signature expired: ${time}`);
}

function canonicalRequest(
  { method, path, rawQuery, body }: SignedRequest,
  names: readonly string[],
  headers: ReadonlyMap<string, string>,
): string {
  const hash = sha256(body);
  const claimed = headers.get('x-amz-content-sha256') ?? hash;
  if (claimed !== hash) throw new SignatureRefused('x-amz-content-sha256 is not the hash of the body');
  return [
    method,
    canonicalPath(path),
    canonicalQuery(rawQuery),
    ...names.map((name) => `${name}:${headers.get(name) ?? ''}`),
    '',
    names.join(';'),
    hash,
  ].join('\n');
}

/** Without empty parts, and encoded once more than it was sent. */
function canonicalPath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '');
  const end = parts.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${parts.map(encode).join('/')}${end}`;
}

function canonicalQuery(rawQuery: string): string {
  const decode = (text: string): string => {
    try {
      return decodeURIComponent(text);
    } catch {
      throw new SignatureRefused('the query cannot be decoded');
    }
  };
  return rawQuery
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', ...value] = part.split('=');
      return [encode(decode(name)), encode(decode(value.join('=')))] as const;
    })
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** By code points. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function signingKey(secret: string, date: string, region: string, service: string): Buffer {
  return [date, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`) as Buffer;
}
