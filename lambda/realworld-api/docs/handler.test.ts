import { gunzipSync } from 'node:zlib';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { openApiDocument } from '../openapi';
import { handler } from './index';

const get = (file?: string, headers: Record<string, string> = {}) =>
  handler({ pathParameters: file === undefined ? undefined : { file }, headers } as unknown as APIGatewayProxyEventV2);

test('the explorer is a page that loads nothing from elsewhere', async () => {
  const answer = await get();
  expect(answer).toMatchObject({ statusCode: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
  const loaded = [...(answer.body ?? '').matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url);
  expect(loaded.length).toBeGreaterThan(0);
  expect(loaded.filter((url) => !url.startsWith('/docs/') && !url.startsWith('data:'))).toEqual([]);
  expect(answer.body).not.toMatch(/<script(?![^>]*\bsrc=)/);
});

test('the page may run its own scripts and call its own API, and nothing else', async () => {
  const policy = String((await get()).headers?.['content-security-policy']).split('; ');
  expect(policy).toEqual(
    expect.arrayContaining(["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]),
  );
});

test('the document is the one that is generated', async () => {
  const answer = await get('spec.json');
  expect(answer.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8' });
  expect(JSON.parse(answer.body ?? '')).toEqual(JSON.parse(JSON.stringify(openApiDocument())));
});

test('the explorer is started on that document', async () => {
  const answer = await get('explorer.js');
  expect(answer.headers).toMatchObject({ 'content-type': 'text/javascript; charset=utf-8' });
  expect(answer.body).toContain("url: '/docs/spec.json'");
});

test('who takes gzip gets gzip, the same each time, and caches keep the two apart', async () => {
  const plain = await get('spec.json');
  const packed = await get('spec.json', { 'accept-encoding': 'br, gzip;q=0.8' });
  expect(packed).toMatchObject({
    isBase64Encoded: true,
    headers: { 'content-encoding': 'gzip', vary: 'accept-encoding' },
  });
  expect(gunzipSync(Buffer.from(packed.body ?? '', 'base64')).toString()).toBe(plain.body);
  expect((await get('spec.json', { 'accept-encoding': 'gzip' })).body).toBe(packed.body);
  expect(plain.headers).not.toHaveProperty('content-encoding');
  expect((await get('spec.json', { 'accept-encoding': 'xgzipx' })).isBase64Encoded).toBeUndefined();
});

test.each(['nothing', 'index.js', '../index.js', '/etc/passwd', 'page.html', 'constructor', '__proto__', 'toString'])(
  'there is no file %j',
  async (file) => {
    const answer = await get(file);
    expect(answer).toMatchObject({ statusCode: 404, body: '{"errors":{"route":["not found"]}}' });
    expect(answer.headers).toHaveProperty('content-security-policy');
  },
);
