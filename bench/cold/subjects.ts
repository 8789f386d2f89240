import * as path from 'node:path';

/** Requests that each endpoint of RealWorldApi is measured by, on a site with a few articles. */

const ASSETS = path.join(__dirname, '..', '..', 'assets');
export const fileOf = (bundle: string): string => path.join(ASSETS, bundle, 'index.js');

/** A request, as a client says it. */
interface Call {
  readonly method?: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly token?: string;
}

export interface Subject {
  readonly name: string;
  /** Its bundle, below `assets`. */
  readonly bundle: string;
  /** What it has to answer. */
  readonly status: number;
  /** What its body has to have. @default - anything */
  readonly shows?: string;
  /** Of its ratio. @default - told, not held against anything: it hashes passwords */
  readonly most?: number;
  /** The event of a round. */
  event(round: number): object | Promise<object>;
}

/** An event of an HTTP API. */
function eventOf({ method = 'GET', path: pathParameters, query, body, token }: Call): object {
  return {
    version: '2.0',
    routeKey: `${method} /`,
    rawPath: '/',
    headers: { ...(token ? { authorization: `Token ${token}` } : {}), 'content-type': 'application/json' },
    queryStringParameters: query,
    pathParameters,
    requestContext: {
      ...{ requestId: 'r', routeKey: `${method} /`, domainName: 'api.example' },
      http: { method, path: '/', sourceIp: '192.0.2.1' },
    },
    body: body && JSON.stringify(body),
    isBase64Encoded: false,
  };
}

interface Answer {
  readonly statusCode: number;
  readonly body?: string;
}

/** Sends a request to a bundle in this process, as a test does: what is measured has a process of its own. */
async function send<T>(endpoint: string, call: Call): Promise<T> {
  const { handler } = (await import(fileOf(`realworld-api/${endpoint}`))) as {
    handler(event: object, context: object): Promise<Answer>;
  };
  const answer = await handler(eventOf(call), { awsRequestId: 'r', getRemainingTimeInMillis: () => 9000 });
  if (answer.statusCode >= 300) {
    throw new Error(`${endpoint} answered with ${answer.statusCode}: ${answer.body}`);
  }
  return JSON.parse(answer.body || '{}') as T;
}

const PASSWORD = 'correct horse battery staple';
const user = (username: string) => ({ user: { username, email: `${username}@example.com`, password: PASSWORD } });
const comment = { comment: { body: 'Thank you so much!' } };
const article = (title: string) => ({
  article: { title, description: 'About it', body: 'word '.repeat(250), tagList: ['dragons', 'training'] },
});

async function register(username: string): Promise<string> {
  const call = { method: 'POST', body: user(username) };
  return (await send<{ user: { token: string } }>('create-user', call)).user.token;
}

async function write(token: string, title: string): Promise<string> {
  const call = { method: 'POST', token, body: article(title) };
  return (await send<{ article: { slug: string } }>('create-article', call)).article.slug;
}

async function comments(token: string, slug: string): Promise<string> {
  const call = { method: 'POST', token, path: { slug }, body: comment };
  return String((await send<{ comment: { id: number } }>('create-article-comment', call)).comment.id);
}

/** What is measured of an endpoint: without search, at most 1.15 of the plain handler. */
function subject(
  endpoint: string,
  event: (round: number) => Call | Promise<Call>,
  more: Partial<Pick<Subject, 'name' | 'status' | 'most' | 'shows'>> = {},
): Subject {
  const bundle = `realworld-api/${endpoint}`;
  const given = { name: endpoint, bundle, status: 200, most: 1.15, ...more };
  return { ...given, event: async (round) => eventOf(await event(round)) };
}

const HASHES = { most: undefined };
const SEARCHES = { most: 1.5 };

/**
 * Makes the site, and says what is asked of it; `process.env` is that of the functions. It stays as it is, round by round.
 *
 * @returns those that read and those that write: what was changed a moment ago takes readers a call more
 * @param articles on its pages
 * @param filled does what the stream does of follows
 */
export async function subjectsOn(
  articles: number,
  filled: () => Promise<void>,
): Promise<readonly (readonly Subject[])[]> {
  const [token, author] = [await register('viewer'), await register('author')];
  await register('other');
  const own = await write(token, 'Of the viewer');
  await send('follow-user-by-username', { method: 'POST', token, path: { username: 'author' } });
  await filled();
  let slug = '';
  for (let n = 0; n < articles; n++) slug = await write(author, `How to train your dragon ${n}`);
  await comments(author, slug);
  await send('create-article-favorite', { method: 'POST', token, path: { slug: own } });

  const one = { token, path: { slug } };
  const other = { token, path: { username: 'other' } };
  const shows = `"slug":"${slug}"`;
  const reading = [
    subject('get-health', () => ({})),
    subject('get-tags', () => ({}), { shows: 'dragons' }),
    subject('get-article', () => ({ path: { slug } }), { name: 'get-article, a visitor', shows }),
    subject('get-article', () => one, { shows }),
    subject('get-article-comments', () => one, { shows: comment.comment.body }),
    subject('get-articles', () => ({}), { name: 'get-articles, a visitor', shows }),
    subject('get-articles', () => ({ token }), { shows }),
    subject('get-articles', () => ({ token, query: { tag: 'dragons' } }), { name: 'get-articles by tag', shows }),
    subject('get-articles', () => ({ token, query: { author: 'author' } }), { name: 'get-articles by author', shows }),
    subject('get-articles', () => ({ token, query: { favorited: 'viewer' } }), {
      name: 'get-articles favorited',
      shows: `"slug":"${own}"`,
    }),
    subject('get-articles-feed', () => ({ token }), { shows }),
    subject('get-current-user', () => ({ token }), { shows: '"viewer"' }),
    subject('get-profile-by-username', () => ({ token, path: { username: 'author' } }), { shows: '"author"' }),
    subject('get-tags-by-search', () => ({}), { ...SEARCHES, shows: 'dragons' }),
    subject('get-articles-by-search', () => ({ token }), { ...SEARCHES, shows }),
    subject('search-articles', () => ({ token, query: { q: 'dragon' } }), { ...SEARCHES, shows }),
  ];
  const writing = [
    subject(
      'create-article',
      async (round) => {
        const before = { slug: `of-round-${round - 1}` };
        if (round > 0) await send('delete-article', { method: 'DELETE', token, path: before });
        return { method: 'POST', token, body: article(`Of round ${round}`) };
      },
      { status: 201 },
    ),
    subject('update-article', (round) => ({
      ...{ method: 'PUT', token, path: { slug: own }, body: { article: { description: `changed in ${round}` } } },
    })),
    subject(
      'delete-article',
      async () => ({
        ...{ method: 'DELETE', token, path: { slug: await write(token, 'To be deleted') } },
      }),
      { status: 204 },
    ),
    subject('create-article-comment', () => ({ ...one, method: 'POST', body: comment }), { status: 201 }),
    subject(
      'delete-article-comment',
      async () => ({
        ...{ method: 'DELETE', token, path: { slug, id: await comments(token, slug) } },
      }),
      { status: 204 },
    ),
    subject('create-article-favorite', () => ({ ...one, method: 'POST' }), { shows: '"favorited":true' }),
    subject('delete-article-favorite', () => ({ ...one, method: 'DELETE' }), { shows: '"favorited":false' }),
    subject('follow-user-by-username', () => ({ ...other, method: 'POST' }), { shows: '"following":true' }),
    subject('unfollow-user-by-username', () => ({ ...other, method: 'DELETE' }), { shows: '"following":false' }),
    subject('update-current-user', (round) => ({ method: 'PUT', token, body: { user: { bio: `${round}` } } }), HASHES),
    subject('create-user', (round) => ({ method: 'POST', body: user(`user${round}`) }), { ...HASHES, status: 201 }),
    subject('login', () => ({ method: 'POST', body: user('viewer') }), HASHES),
  ];
  return [reading, writing];
}
