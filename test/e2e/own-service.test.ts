import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { startApp } from '../../local/runner';
import type { RunningApp } from '../../local/running-app';
import { assemblyOf } from '../support/assemblies';

/** A service of a user's own on HttpService: its handlers import `cdk-social-backend/http` and zod, its keys are in a secret. */

let app: RunningApp;
let base: string;
let key: string;

beforeAll(async () => {
  app = await startApp({ assembly: await assemblyOf('own-service'), port: 0, maxProcesses: 2, log: () => undefined });
  base = String(app.outputs.OwnService.Url);
  const secrets = new SecretsManagerClient(app.aws);
  const SecretId = String(app.outputs.OwnService.ApiKeysSecret);
  const { SecretString = '{}' } = await secrets.send(new GetSecretValueCommand({ SecretId }));
  secrets.destroy();
  key = (JSON.parse(SecretString) as { first: string }).first;
});
afterAll(() => app.close());

interface Entry {
  readonly id: string;
  readonly name: string;
  readonly message: string;
  readonly createdAt: string;
}

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const sent = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  const answer = await fetch(`${base}${path}`, { method, body: sent, headers: { 'x-api-key': key, ...headers } });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, json: () => JSON.parse(text) as unknown };
}
const written = async (message: string) => (await ask('POST', '/entries', { name: 'Smaug', message })).json() as Entry;
const errorOf = (answer: { json: () => unknown }) => (answer.json() as { error: string }).error;

test('an entry that is written is read again, by everybody, and is in the list', async () => {
  const made = await ask('POST', '/entries', { name: ' Smaug ', message: 'Warm welcome' });
  expect([made.status, made.headers.get('etag')]).toEqual([201, '"1"']);
  const entry = made.json() as Entry;
  expect(entry).toMatchObject({ name: 'Smaug', message: 'Warm welcome' });
  const read = await fetch(`${base}/entries/${entry.id}`);
  expect(await read.json()).toEqual(entry);
  const list = await fetch(`${base}/entries?limit=1`);
  expect(await list.json()).toMatchObject({ entries: [entry] });
});

test('who has no key may not write, and nothing is written', async () => {
  app.clearCalls();
  const entry = JSON.stringify({ name: 'Bilbo', message: 'Nobody' });
  const none = await fetch(`${base}/entries`, { method: 'POST', body: entry });
  expect([none.status, await none.text()]).toEqual([401, '{"message":"Unauthorized"}']);
  const wrong = await ask('POST', '/entries', entry, { 'x-api-key': `${key}x` });
  expect([wrong.status, wrong.text]).toEqual([403, '{"message":"Forbidden"}']);
  expect(app.calls().filter(({ operation }) => operation === 'PutItem')).toEqual([]);
});

test('a version that is known is not sent again, and another version is not overwritten', async () => {
  const { id } = await written('First');
  const known = await ask('GET', `/entries/${id}`, undefined, { 'if-none-match': '"1"' });
  expect([known.status, known.text]).toEqual([304, '']);
  const second = { name: 'Smaug', message: 'Second' };
  const updated = await ask('PUT', `/entries/${id}`, second, { 'if-match': '"1"' });
  expect([updated.status, updated.headers.get('etag')]).toEqual([200, '"2"']);
  const late = await ask('PUT', `/entries/${id}`, { ...second, message: 'Late' }, { 'if-match': '"1"' });
  expect([late.status, errorOf(late)]).toEqual([412, 'It has another version by now: read it again']);
  expect((await ask('GET', `/entries/${id}`)).json()).toMatchObject({ message: 'Second' });
});

test('what is deleted is gone', async () => {
  const { id } = await written('Soon gone');
  expect((await ask('DELETE', `/entries/${id}`)).status).toBe(204);
  for (const [method, body] of [['GET'], ['DELETE'], ['PUT', { name: 'a', message: 'b' }]] as const) {
    const answer = await ask(method, `/entries/${id}`, body);
    expect([answer.status, errorOf(answer)]).toEqual([404, 'There is no such entry']);
  }
});

test.each([
  ['what is not JSON', '{', 'The body is not valid JSON'],
  ['a missing field', { name: 'a' }, 'message must be text'],
  ['a field too much', { name: 'a', message: 'b', id: '1' }, 'id is not known'],
  ['text that is too long', { name: 'a', message: 'x'.repeat(501) }, 'message must have at most 500 characters'],
])('%s is refused by name, and nothing is written', async (_, body, error) => {
  app.clearCalls();
  const answer = await ask('POST', '/entries', body);
  expect(answer.status).toBe(400);
  expect(answer.json()).toEqual({
    error,
    timestamp: expect.stringMatching(/Z$/) as string,
    requestId: expect.stringMatching(/./) as string,
  });
  expect(app.calls().filter(({ service }) => service === 'dynamodb')).toEqual([]);
});

test('what no route takes is told in the shape of the service, with the methods that a path has', async () => {
  const method = await ask('PATCH', '/entries/1');
  expect([method.status, method.headers.get('allow')]).toEqual([405, 'GET, PUT, DELETE, OPTIONS']);
  const path = await ask('GET', '/nothing');
  expect([path.status, errorOf(path)]).toEqual([404, 'There is no such path']);
});

test('a long list is shorter on its way, for who takes gzip', async () => {
  for (let index = 0; index < 5; index += 1) {
    await written('x'.repeat(500));
  }
  const plain = await ask('GET', '/entries', undefined, { 'accept-encoding': 'identity' });
  expect(plain.headers.get('content-encoding')).toBeNull();
  const packed = await fetch(`${base}/entries`, { headers: { 'accept-encoding': 'gzip' } });
  expect(packed.headers.get('content-encoding')).toBe('gzip');
  expect(await packed.text()).toBe(plain.text);
});

test('its documents say what it does and how a key is sent', async () => {
  const document = (await (await fetch(`${base}/docs/spec.json`)).json()) as {
    readonly paths: Record<string, Record<string, { operationId: string; security?: unknown }>>;
    readonly security: unknown;
    readonly components: { readonly securitySchemes: unknown };
  };
  const ids = Object.values(document.paths).flatMap((path) =>
    Object.values(path).map(({ operationId }) => operationId),
  );
  expect(ids.sort()).toEqual(['CreateEntry', 'DeleteEntry', 'GetEntry', 'ListEntries', 'UpdateEntry']);
  expect(document.security).toEqual([{ apiKey: [] }]);
  expect(document.components.securitySchemes).toEqual({ apiKey: { type: 'apiKey', name: 'x-api-key', in: 'header' } });
  expect(document.paths['/entries'].get.security).toEqual([]);
});
