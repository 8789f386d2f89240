import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { documents, withValues } from './docs';
import { requestEvent } from '../../../test/support/events';

const DOCUMENT = { openapi: '3.1.0', info: { title: 'A & B' }, paths: { '/a/{id}': { get: {} } } };
const ENDPOINT = 'AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER';
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'docs-'));
  writeFileSync(join(directory, 'openapi.json'), JSON.stringify(DOCUMENT));
});
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => {
  for (const name of ['DOCUMENT_VALUES', 'USER_POOL_ID', 'USER_POOL_CLIENT_ID', 'AWS_REGION', ENDPOINT]) {
    delete process.env[name];
  }
});

const get = (file?: string, headers: Record<string, string> = {}) =>
  documents(directory)(requestEvent({ path: file === undefined ? undefined : { file }, headers }));

test('the explorer is a page that loads nothing from elsewhere', async () => {
  const answer = await get();
  expect(answer).toMatchObject({ statusCode: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
  const loaded = [...(answer.body ?? '').matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url);
  expect(loaded.length).toBeGreaterThan(0);
  expect(loaded.filter((url) => !url.startsWith('docs/') && !url.startsWith('data:'))).toEqual([]);
  expect(answer.body).not.toMatch(/<script(?![^>]*\bsrc=)/);
});

test('the page may run its own scripts and call its own API, and nothing else', async () => {
  const policy = String((await get()).headers?.['content-security-policy']).split('; ');
  expect(policy).toEqual(
    expect.arrayContaining(["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]),
  );
});

test('the document is the one that the build has written', async () => {
  const answer = await get('spec.json');
  expect(answer.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8' });
  expect(JSON.parse(answer.body ?? '')).toEqual(DOCUMENT);
});

test('the explorer is started on that document', async () => {
  const answer = await get('explorer.js');
  expect(answer.headers).toMatchObject({ 'content-type': 'text/javascript; charset=utf-8' });
  expect(answer.body).toContain("url: 'docs/spec.json'");
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
    expect(answer).toMatchObject({ statusCode: 404, body: 'There is no such page\n' });
    expect(answer.headers).toHaveProperty('content-security-policy');
  },
);

test('what a deployment has chosen is in its document, and a pointer that leads nowhere is an error', async () => {
  process.env.DOCUMENT_VALUES = JSON.stringify({ '/info/title': 'C', '/paths/~1a~1{id}/get': { summary: 'Gets' } });
  expect(JSON.parse((await get('spec.json')).body)).toEqual({
    openapi: '3.1.0',
    info: { title: 'C' },
    paths: { '/a/{id}': { get: { summary: 'Gets' } } },
  });
  expect(() => withValues(DOCUMENT, { '/info/none': 1 })).toThrow('The API document has nothing at /info/none');
  expect(() => withValues(DOCUMENT, { '/none/title': 1 })).toThrow('The API document has nothing at /none/title');
  expect(DOCUMENT.info.title).toBe('A & B');
});

test('the page bears the title of the API, as text', async () => {
  expect((await get()).body).toContain('<title>A &amp; B</title>');
});

describe('of an API with a user pool', () => {
  beforeEach(() => {
    Object.assign(process.env, {
      USER_POOL_ID: 'eu-west-1_"<x>',
      USER_POOL_CLIENT_ID: 'client',
      AWS_REGION: 'eu-west-1',
    });
    writeFileSync(join(directory, 'sign-in.js'), 'run()');
  });

  test('the page has a form to sign in, whose script is a file of its own', async () => {
    const { body = '' } = await get();
    expect(body).toContain('data-endpoint="https://cognito-idp.eu-west-1.amazonaws.com"');
    expect(body).toContain('data-user-pool-id="eu-west-1_&quot;&lt;x>"');
    expect(body).toContain('<script src="docs/sign-in.js"></script>');
    expect(body).not.toContain('{{');
    expect((await get('sign-in.js')).body).toBe('run()');
  });

  test.each([
    [{ AWS_REGION: 'cn-north-1' }, 'https://cognito-idp.cn-north-1.amazonaws.com.cn'],
    [{ [ENDPOINT]: 'http://127.0.0.1:4000/' }, 'http://127.0.0.1:4000'],
  ])('with %j it may call %s, and nobody else', async (environment, endpoint) => {
    Object.assign(process.env, environment);
    const { headers } = await get();
    expect(headers?.['content-security-policy']).toContain(`; connect-src 'self' ${endpoint}; `);
  });

  test('and of one without, neither form nor script', async () => {
    delete process.env.USER_POOL_CLIENT_ID;
    expect((await get()).body).not.toMatch(/sign-in|\{\{/);
    expect(await get('sign-in.js')).toMatchObject({ statusCode: 404 });
  });
});
