import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { Browser } from 'playwright-core';
import { launch, openPage, WatchedPage } from './browser';
import { uniqueName, useWorld } from '../e2e/world';

/** What a page can tell of an answer. */
interface PageAnswer {
  readonly status: number;
  readonly json: unknown;
  readonly retryAfter: string | null;
}

interface Preflight {
  readonly url: string;
  readonly status: number;
}

const world = useWorld();
let browser: Browser;
let watched: WatchedPage;
let elsewhere: Server;
let origin: string;
const preflights: Preflight[] = [];

beforeAll(async () => {
  elsewhere = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Front end</title>');
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  await new Promise((resolve) => elsewhere.close(resolve));
});

beforeEach(async () => {
  watched = await openPage(browser);
  const session = await watched.page.context().newCDPSession(watched.page);
  preflights.length = 0;
  session.on('Network.responseReceived', ({ type, response }) => {
    if (type === 'Preflight') preflights.push({ url: response.url, status: response.status });
  });
  await session.send('Network.enable');
  await watched.page.goto(origin);
});
afterEach(() => watched?.close());

/** A request by the page's own script, as a front end makes it. */
async function call(method: string, path: string, token?: string, body?: object): Promise<PageAnswer> {
  return watched.page.evaluate(
    async ({ url, init }) => {
      const response = await fetch(url, init);
      const text = await response.text();
      return {
        status: response.status,
        json: text === '' ? undefined : (JSON.parse(text) as unknown),
        retryAfter: response.headers.get('retry-after'),
      };
    },
    {
      url: `${world.running.api}${path}`,
      init: {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(token === undefined ? {} : { authorization: `Token ${token}` }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      },
    },
  );
}

async function register(username = uniqueName()): Promise<{ username: string; email: string; token: string }> {
  const email = `${username}@example.com`;
  const answer = await call('POST', '/users', undefined, { user: { username, email, password: 'a-password' } });
  expect(answer).toMatchObject({ status: 201, json: { user: { username, email } } });
  return (answer.json as { user: { username: string; email: string; token: string } }).user;
}

async function write(token: string, title: string): Promise<string> {
  const article = { title, description: 'd', body: 'b', tagList: [] };
  const answer = await call('POST', '/articles', token, { article });
  expect(answer).toMatchObject({ status: 201, json: { article: { title } } });
  return (answer.json as { article: { slug: string } }).article.slug;
}

test('a page of another origin registers, writes, lists, favorites and deletes', async () => {
  expect(new URL(world.running.api).origin).not.toBe(origin);
  const { token, username } = await register();
  const title = uniqueName('Title ');
  const slug = await write(token, title);

  const mine = { articles: [{ slug, title, author: { username } }], articlesCount: 1 };
  expect(await call('GET', `/articles?author=${username}`)).toMatchObject({ status: 200, json: mine });
  expect(await call('POST', `/articles/${slug}/favorite`, token)).toMatchObject({
    status: 200,
    json: { article: { favorited: true, favoritesCount: 1 } },
  });
  expect(await call('GET', `/articles/${slug}`, token)).toMatchObject({ json: { article: { favorited: true } } });
  expect(await call('PUT', '/user', token, { user: { bio: 'b' } })).toMatchObject({ json: { user: { bio: 'b' } } });
  expect(await call('DELETE', `/articles/${slug}`, token)).toMatchObject({ status: 204 });

  const asked = preflights.map(({ url }) => url.slice(world.running.api.length));
  expect(asked).toEqual(
    expect.arrayContaining(['/users', '/articles', `/articles/${slug}/favorite`, '/user', `/articles/${slug}`]),
  );
  expect(preflights.filter(({ status }) => status < 200 || status > 299)).toEqual([]);
  expect(watched.problems).toEqual([]);
});

test('the page can read what went wrong', async () => {
  const [owner, other] = [await register(), await register()];
  const slug = await write(owner.token, uniqueName('Title '));
  const { username, email } = owner;
  const taken = { username, email, password: 'a-password' };
  const answers: [number, PageAnswer][] = [
    [401, await call('GET', '/user')],
    [401, await call('GET', '/user', 'not.a.token')],
    [401, await call('POST', '/users/login', undefined, { user: { email, password: 'not-the-password' } })],
    [403, await call('DELETE', `/articles/${slug}`, other.token)],
    [404, await call('GET', `/articles/${uniqueName()}`)],
    [404, await call('GET', `/profiles/${uniqueName()}`, other.token)],
    [409, await call('POST', '/users', undefined, { user: taken })],
    [422, await call('POST', '/articles', owner.token, { article: { title: '' } })],
    [422, await call('GET', '/articles?limit=abc')],
  ];
  for (const [status, answer] of answers) {
    expect(answer).toMatchObject({ status, json: { errors: expect.any(Object) as unknown } });
  }
});

test('the page can read for how long it is kept from signing in', async () => {
  const { email } = await register();
  const seen: PageAnswer[] = [];
  while (seen.length < 30 && seen.at(-1)?.status !== 429) {
    seen.push(await call('POST', '/users/login', undefined, { user: { email, password: 'not-the-password' } }));
  }
  expect(seen.at(-1)).toMatchObject({ status: 429, retryAfter: expect.stringMatching(/^[1-9]\d*$/) as unknown });
});

test('the browser refuses what the API does not allow', async () => {
  const send = async (
    init: Pick<RequestInit, 'credentials'> & { readonly headers?: Record<string, string> },
  ): Promise<string> =>
    watched.page.evaluate(
      ([address, options]) =>
        fetch(address, options).then(
          ({ status }) => `${status}`,
          () => 'refused',
        ),
      [`${world.running.api}/tags`, init] as const,
    );
  expect(await send({})).toBe('200');
  expect(await send({ headers: { 'x-unknown': '1' } })).toBe('refused');
  // Nothing of the API goes by cookies: an answer with any origin may not be read with them.
  expect(await send({ credentials: 'include' })).toBe('refused');
});
