import { signedHeaders, SignedInit } from '../signing';
import { SignedRequest, verifySignature } from './signature';

/** Signatures of another library, sent as they are and changed on the way. */

const CREDENTIALS = { accessKeyId: 'ASIAKEY', secretAccessKey: 'secret', sessionToken: 'token' };
const REGION = 'eu-west-1';
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

interface Change {
  readonly url?: string;
  readonly init?: SignedInit;
  readonly signedBefore?: number;
  readonly service?: string;
  readonly secret?: string;
  /** Takes the place of what was signed. */
  readonly sent?: Partial<SignedRequest>;
  /** As they are sent; undefined takes one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

async function check(change: Change = {}): Promise<string> {
  const { url = 'http://localhost:3000/items', init = {}, signedBefore = 0, service, secret, sent, headers } = change;
  const credentials = { ...CREDENTIALS, secretAccessKey: secret ?? CREDENTIALS.secretAccessKey };
  const signingDate = new Date(NOW - signedBefore);
  const signed = await signedHeaders(url, init, { credentials, region: REGION, service, signingDate });
  const { host, pathname, search } = new URL(url);
  const all = { Host: host, ...signed, ...headers };
  const request: SignedRequest = {
    method: init.method ?? 'GET',
    path: pathname,
    rawQuery: search.slice(1),
    rawHeaders: Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
    body: Buffer.from(init.body ?? ''),
    ...sent,
  };
  return verifySignature(request, {
    region: REGION,
    service: 'execute-api',
    now: NOW,
    credentials: (key) => (key === CREDENTIALS.accessKeyId ? CREDENTIALS : undefined),
  });
}

test.each<[string, Change]>([
  ['of the root', { url: 'http://localhost:3000' }],
  ['with a query in any order', { url: 'http://localhost:3000/items?b=2&a=2&a=1&empty=&c=%2F%20*' }],
  ['with a path that is encoded', { url: 'http://localhost:3000/a%20b/%C3%A9/(x)*/' }],
  ['with parts that are empty', { url: 'http://localhost:3000/a//b' }],
  ['with a body', { init: { method: 'PUT', body: '{"é":1}', headers: { 'Content-Type': 'application/json' } } }],
  ['with spaces in a header', { init: { headers: { 'x-amz-meta': '  a   b ' } } }],
  ['made five minutes ago', { signedBefore: 300_000 }],
  ['made five minutes ahead', { signedBefore: -300_000 }],
])('a signature %s is taken', async (_what, change) => {
  expect(await check(change)).toBe(CREDENTIALS.accessKeyId);
});

const MISMATCH = 'the request signature we calculated does not match the signature you provided';

test.each<[string, Change, string]>([
  [
    'no signature',
    { headers: { authorization: undefined } },
    'the request is not signed: Missing Authentication Token',
  ],
  [
    'another scheme',
    { headers: { authorization: 'Bearer x' } },
    'the header Authorization is no signature of version 4',
  ],
  ['another service', { service: 's3' }, 'the credential must be scoped to eu-west-1/execute-api, got eu-west-1/s3'],
  ['another secret', { secret: 'other' }, MISMATCH],
  ['another method', { sent: { method: 'DELETE' } }, MISMATCH],
  ['another path', { sent: { path: '/items/1' } }, MISMATCH],
  ['another query', { sent: { rawQuery: 'x=1' } }, MISMATCH],
  ['a query that is none', { sent: { rawQuery: '%zz' } }, 'the query cannot be decoded'],
  ['another body', { sent: { body: Buffer.from('x') } }, 'x-amz-content-sha256 is not the hash of the body'],
  ['another host', { headers: { Host: 'other:80' } }, MISMATCH],
  ['a header that is not signed', { headers: { 'x-amz-extra': '1' } }, 'the header x-amz-extra has to be signed'],
  ['no time', { headers: { 'x-amz-date': undefined } }, 'the header x-amz-date must be there, as 20150830T123600Z'],
  ['another day', { headers: { 'x-amz-date': '20260103T030405Z' } }, 'the date of the credential is not that of'],
  ['an old signature', { signedBefore: 301_000 }, 'signature expired: 20260102T025904Z'],
  ['one of the future', { signedBefore: -301_000 }, 'signature expired: 20260102T030906Z'],
  ['another session', { headers: { 'x-amz-security-token': 'x' } }, 'the security token included in the request is'],
  ['no session', { headers: { 'x-amz-security-token': undefined } }, 'the security token included in the request is'],
])('%s is refused', async (_what, change, message) => {
  await expect(check(change)).rejects.toThrow(message);
});
