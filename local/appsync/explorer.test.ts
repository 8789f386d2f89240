import { startTestApi, TestApi } from './test-app';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
}, 60_000);

afterAll(async () => api?.close());

const get = (path: string): Promise<Response> => fetch(new URL(path, api.url));

test('its address is told, and the page loads nothing from elsewhere', async () => {
  expect(api.lines).toContain(`explorer notes listens on ${new URL(api.url).origin}`);
  const page = await get('/');
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'; /);
  const loaded = [...(await page.text()).matchAll(/(?:src|href)="(?!data:)([^"]+)"/g)].map(([, file]) => file);
  expect(loaded).toContain('explorer/explorer.js');
  for (const file of loaded) {
    const { status, headers } = await get(`/${file}`);
    expect([file, status, headers.get('x-content-type-options')]).toEqual([file, 200, 'nosniff']);
  }
});

test('it is told the APIs, and how users of the pool sign in', async () => {
  const settings: unknown = await (await get('/explorer/explorer.json')).json();
  const fact = (name: string) => api.app.facts.find((one) => one.name.startsWith(name))?.value;
  expect(settings).toEqual({
    apis: [{ name: 'notes', url: api.url, realtimeUrl: `${api.url.replace('http', 'ws')}/realtime` }],
    signIn: { endpoint: fact('Cognito'), userPoolId: fact('user pool'), clientId: fact('client') },
  });
});

test.each([
  '/explorer/index.html/',
  '/explorer/graphiql.LICENSE',
  '/explorer/..%2f..%2fpackage.json',
  '/explorer/constructor',
  '/other',
])('there is nothing else: %s', async (path) => {
  const answer = await get(path);
  expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([404, 'NotFoundException']);
});
