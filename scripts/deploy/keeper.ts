/**
 * What must outlive a stack, over HTTP: `keeper.ts make <url>` makes it and prints it as JSON, `keeper.ts find <url>`
 * finds it again behind another API on the same data, told by the variable KEPT.
 */
import { deepEqual, ok } from 'node:assert/strict';

interface Kept {
  readonly password: string;
  readonly authorToken: string;
  readonly readerToken: string;
  readonly slug: string;
}

const AUTHOR = { username: 'keeper', email: 'keeper@example.com' };
const READER = { username: 'keepers-reader', email: 'keepers-reader@example.com' };
const TAG = 'kept';

const [verb, url] = process.argv.slice(2);

async function call(method: string, path: string, token?: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Token ${token}` } : {}) },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  ok(answer.ok, `${method} ${path} is ${answer.status}: ${text}`);
  return JSON.parse(text);
}

const register = async (user: object, password: string) =>
  ((await call('POST', '/users', undefined, { user: { ...user, password } })) as { user: { token: string } }).user
    .token;

async function publish(token: string, title: string): Promise<string> {
  const article = { title, description: 'Outlives its stack', body: 'Kept.', tagList: [TAG] };
  return ((await call('POST', '/articles', token, { article })) as { article: { slug: string } }).article.slug;
}

async function slugs(path: string, token?: string): Promise<string[]> {
  const { articles } = (await call('GET', path, token)) as { articles: { slug: string }[] };
  return articles.map(({ slug }) => slug);
}

async function make(): Promise<Kept> {
  const password = `of this run: ${Math.random()}`;
  const [authorToken, readerToken] = [await register(AUTHOR, password), await register(READER, password)];
  await call('POST', `/profiles/${AUTHOR.username}/follow`, readerToken);
  return { password, authorToken, readerToken, slug: await publish(authorToken, 'Before') };
}

async function find({ password, authorToken, readerToken, slug }: Kept): Promise<void> {
  const { user } = (await call('GET', '/user', authorToken)) as { user: object };
  const { username, email } = user as typeof AUTHOR;
  deepEqual({ username, email }, AUTHOR);
  await call('POST', '/users/login', undefined, { user: { email, password } });
  deepEqual(await slugs('/articles/feed', readerToken), [slug]);
  const next = await publish(authorToken, 'After');
  deepEqual(await slugs('/articles/feed', readerToken), [next, slug]);
  for (const filter of [`author=${username}`, `tag=${TAG}`, `author=${username}&tag=${TAG}`]) {
    deepEqual(await slugs(`/articles?${filter}`), [next, slug]);
  }
}

(verb === 'make' ? make() : find(JSON.parse(process.env.KEPT ?? '') as Kept)).then(
  (kept) => process.stdout.write(`${JSON.stringify(kept ?? 'found')}\n`),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
