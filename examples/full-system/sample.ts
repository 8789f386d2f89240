/**
 * Sample users and articles for the local runner: `npm start -- --sample`, or `--sample` with this file, built, in an app
 * of your own. They are written through the API.
 */

/** What is used of the running app. */
interface RunningApp {
  readonly resources: readonly {
    readonly type: string;
    readonly ref: string;
    readonly properties: Readonly<Record<string, unknown>>;
    readonly attributes: Readonly<Record<string, unknown>>;
  }[];
}

/** Every sample user signs in with it. */
const PASSWORD = 'sample-password';

const USERS = ['ada', 'grace', 'linus', 'margaret'] as const;
type User = (typeof USERS)[number];

const ARTICLES: readonly { author: User; title: string; description: string; tagList: readonly string[] }[] = [
  {
    author: 'ada',
    title: 'Notes on the Analytical Engine',
    description: 'What it could do',
    tagList: ['history', 'computing'],
  },
  { author: 'ada', title: 'Poetical science', description: 'On imagination', tagList: ['essay'] },
  {
    author: 'grace',
    title: 'The first compiler',
    description: 'Nobody believed it',
    tagList: ['computing', 'compilers'],
  },
  { author: 'grace', title: 'How long is a nanosecond', description: 'About 30 cm of wire', tagList: ['teaching'] },
  { author: 'linus', title: 'Just a hobby', description: 'It will not be big', tagList: ['computing', 'kernels'] },
  {
    author: 'linus',
    title: 'Good taste in code',
    description: 'Special cases that vanish',
    tagList: ['essay', 'code'],
  },
  {
    author: 'margaret',
    title: 'Software engineering',
    description: 'Where the name comes from',
    tagList: ['history', 'code'],
  },
  {
    author: 'margaret',
    title: 'Priority displays',
    description: 'An alarm minutes before landing',
    tagList: ['spaceflight'],
  },
];

const FOLLOWS: readonly [User, User][] = [
  ['ada', 'grace'],
  ['ada', 'margaret'],
  ['grace', 'ada'],
  ['linus', 'grace'],
  ['margaret', 'ada'],
];

/** Base address of a RealWorld API of the app, by its routes; undefined where it has none. */
function findApi(app: RunningApp): string | undefined {
  const routes = app.resources.filter(({ type }) => type === 'AWS::ApiGatewayV2::Route');
  const has = (apiId: unknown, key: string): boolean =>
    routes.some(({ properties }) => properties.ApiId === apiId && properties.RouteKey === key);
  for (const { properties } of routes) {
    const prefix = /^POST (\/.*)\/users$/.exec(String(properties.RouteKey))?.[1];
    if (prefix === undefined || !has(properties.ApiId, `POST ${prefix}/articles`)) continue;
    const api = app.resources.find(({ type, ref }) => type === 'AWS::ApiGatewayV2::Api' && ref === properties.ApiId);
    if (api !== undefined) return `${String(api.attributes.ApiEndpoint)}${prefix}`;
  }
  return undefined;
}

/** A client of the RealWorld API. */
class Client {
  public constructor(private readonly base: string) {}

  /** The answer; undefined for a conflict. */
  public async send(method: string, path: string, token?: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.base}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Token ${token}` }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (response.status === 409) return undefined;
    if (!response.ok) throw new Error(`sample data: ${method} ${path} gave ${response.status} ${text}`);
    return text === '' ? {} : (JSON.parse(text) as unknown);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function pick(value: unknown, ...keys: readonly string[]): string {
  let current = value;
  for (const key of keys) current = isObject(current) ? current[key] : undefined;
  if (typeof current !== 'string' && typeof current !== 'number') {
    throw new Error(`sample data: the answer holds no ${keys.join('.')}`);
  }
  return String(current);
}

/** Registers the users; undefined where they exist already. */
async function register(client: Client): Promise<Map<User, string> | undefined> {
  const tokens = new Map<User, string>();
  for (const username of USERS) {
    const user = { username, email: `${username}@example.com`, password: PASSWORD };
    const answer = await client.send('POST', '/users', undefined, { user });
    if (answer === undefined) return undefined;
    tokens.set(username, pick(answer, 'user', 'token'));
  }
  return tokens;
}

async function write(client: Client, tokens: ReadonlyMap<User, string>): Promise<void> {
  for (const [follower, followee] of FOLLOWS) {
    await client.send('POST', `/profiles/${followee}/follow`, tokens.get(follower));
  }
  for (const [index, { author, ...article }] of ARTICLES.entries()) {
    const body = `${article.description}.\n\nThis is sample text about "${article.title}".`;
    const made = await client.send('POST', '/articles', tokens.get(author), { article: { ...article, body } });
    const slug = encodeURIComponent(pick(made, 'article', 'slug'));
    const readers = USERS.filter((user) => user !== author);
    for (const reader of readers.slice(0, index % 4)) {
      await client.send('POST', `/articles/${slug}/favorite`, tokens.get(reader));
    }
    const reader = readers[index % readers.length];
    const comment = { body: `I liked "${article.title}".` };
    await client.send('POST', `/articles/${slug}/comments`, reader === undefined ? undefined : tokens.get(reader), {
      comment,
    });
  }
}

/** Fills a RealWorld API of the app through HTTP, and says how to sign in. */
export default async function addSample(app: RunningApp, log: (line: string) => void): Promise<void> {
  const base = findApi(app);
  if (base === undefined) {
    log('--sample: this app serves no RealWorld API (POST .../users and POST .../articles), nothing to fill');
    return;
  }
  const client = new Client(base);
  const tokens = await register(client);
  if (tokens === undefined) log('--sample: the sample users exist already, nothing added');
  else await write(client, tokens);
  for (const user of USERS) log(`sample user ${user}@example.com, password ${PASSWORD}`);
}
