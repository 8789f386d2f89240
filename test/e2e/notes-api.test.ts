import { startApp } from '../../local/runner';
import { RunningApp } from '../../local/running-app';
import { assemblyOf } from '../support/assemblies';

/** A second API on the library's pieces: the same functions behind an HTTP API and a REST API. */

let app: RunningApp;

beforeAll(async () => {
  app = await startApp({ assembly: await assemblyOf('notes-api'), port: 0, log: () => undefined });
});
afterAll(() => app.close());

/** Its two addresses, by the names of their outputs. */
const base = (output: string) => String(app.outputs.NotesApi[output]).replace(/\/$/, '');

async function send(url: string, method: string, path: string, body?: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${url}${path}`, { method, body, headers });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text };
}

describe.each(['HttpUrl', 'RestUrl'])('at %s', (output) => {
  const ask = (...args: [method: string, path: string, body?: string, headers?: Record<string, string>]) =>
    send(base(output), ...args);
  const json = (text: string) => JSON.parse(text) as Record<string, unknown>;

  test('a note that is written is read again', async () => {
    const written = await ask('POST', '/notes', JSON.stringify({ text: 'Feed the dragon' }));
    expect(written.status).toBe(201);
    const note = json(written.text);
    expect(note).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      text: 'Feed the dragon',
      createdAt: expect.stringMatching(/Z$/) as string,
    });
    const read = await ask('GET', `/notes/${String(note.id)}`);
    expect([read.status, json(read.text)]).toEqual([200, note]);
  });

  test.each([
    ['{', 'body is not JSON'],
    ['{}', 'text Invalid input'],
    ['{"text":" "}', 'text must not be blank'],
    [JSON.stringify({ text: 'x'.repeat(1001) }), 'text is longer than 1000 characters'],
  ])('the body %.20s is refused in the shape of this API, and nothing is written', async (body, message) => {
    app.clearCalls();
    const answer = await ask('POST', '/notes', body);
    expect([answer.status, json(answer.text)]).toEqual([400, { message }]);
    expect(app.calls().filter(({ operation }) => operation === 'PutItem')).toEqual([]);
  });

  test('what is not there, and what no route takes, is told in the shape of this API', async () => {
    const note = await ask('GET', '/notes/none');
    expect([note.status, json(note.text)]).toEqual([404, { message: 'note is not there' }]);
    const path = await ask('GET', '/nothing');
    expect([path.status, json(path.text)]).toEqual([404, { message: 'path is not known' }]);
    const method = await ask('DELETE', '/notes/none');
    expect([method.status, json(method.text)]).toEqual([405, { message: 'method is not allowed here' }]);
  });

  test('its documents name its operations', async () => {
    const document = json((await ask('GET', '/docs/spec.json')).text) as {
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(ids.sort()).toEqual(['CreateNote', 'GetNote']);
    const page = await ask('GET', '/docs');
    expect(page.text).toContain('<title>Notes API</title>');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  });

  test('pages of other origins may call it', async () => {
    const origin = { origin: 'https://pages.example' };
    const preflight = await ask('OPTIONS', '/notes', undefined, { ...origin, 'access-control-request-method': 'POST' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    for (const path of ['/notes/none', '/nothing']) {
      const answer = await ask('GET', path, undefined, origin);
      expect([path, answer.headers.get('access-control-allow-origin')]).toEqual([path, '*']);
    }
  });
});

test('what is written through one gateway is read through the other', async () => {
  const written = await send(base('RestUrl'), 'POST', '/notes', JSON.stringify({ text: 'x' }));
  const { id } = JSON.parse(written.text) as { id: string };
  expect((await send(base('HttpUrl'), 'GET', `/notes/${id}`)).text).toBe(written.text);
});
