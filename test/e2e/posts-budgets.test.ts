import { client } from './client';
import { callLatencyMs, type Cost, costOf } from './costs';
import { postsPage } from './costs-page';
import { times, uniqueName } from './world';
import { confirmSignUp, signIn, signUp } from '../../lambda/core/docs/cognito-sign-in';
import { startApp } from '../../local/runner';
import type { RunningApp } from '../../local/running-app';
import { POSTS_ENDPOINTS } from '../../src/posts-api/contract';
import { assemblyOf } from '../support/assemblies';

/**
 * What each endpoint of the posts API costs, counted on the running system: calls, their depth (the longest chain of
 * calls that wait for one another), read and write units; what the authorizer asks is apart. Posts have 1.6 KB and two
 * tags that are no other post's, lists 20 rows by ten users. The numbers are exact: what changes them changes what users pay.
 */

interface Row extends Cost {
  readonly name: string;
}

const PASSWORD = 'Correct1!horse';
const CONTENT = 'c'.repeat(1300);

const lines: string[] = [];
const rows: Row[] = [];
let app: RunningApp;
let http: ReturnType<typeof client>;

interface User {
  readonly token: string;
  readonly userId: string;
}
interface Answered {
  readonly post_id: string;
  readonly tag_id: string;
  readonly token_id: string;
  readonly token: string;
}
let jane: User;
let others: readonly User[];

async function register(): Promise<User> {
  const email = `${uniqueName()}@example.com`;
  const fact = (name: RegExp) => app.facts.find((one) => name.test(one.name))?.value ?? '';
  const pool = { endpoint: fact(/^Cognito/), userPoolId: fact(/^user pool/), clientId: fact(/^client/) };
  await signUp(pool, email, PASSWORD);
  const codes = lines.flatMap((line) => new RegExp(`^code (\\d+) for ${email} `).exec(line)?.[1] ?? []);
  await confirmSignUp(pool, email, codes[0]);
  const step = await signIn(pool, email, PASSWORD);
  if (step.kind !== 'signed in') throw new Error(`signing in asks for ${step.kind}`);
  const claims = JSON.parse(Buffer.from(step.tokens.accessToken.split('.')[1], 'base64url').toString()) as {
    sub: string;
  };
  return { token: step.tokens.accessToken, userId: claims.sub };
}

/** A request that succeeds. */
async function send(user: { readonly token: string }, method: string, path: string, body?: object): Promise<Answered> {
  const { status, json, text } = await http.request(method, path, {
    headers: { authorization: `Bearer ${user.token}` },
    body,
  });
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
  return json as Answered;
}

const tag = (user: User) => send(user, 'POST', '/tags', { name: uniqueName('tag'), access_type: 'public' });
const tagsOf = async (user: User) => (await Promise.all([tag(user), tag(user)])).map(({ tag_id: id }) => id);
const post = async (user: User, fields: object = {}) => {
  const tags = 'tags' in fields ? [] : await tagsOf(user);
  return send(user, 'POST', '/posts', {
    name: uniqueName('Post '),
    content: CONTENT,
    access_type: 'public',
    tags,
    ...fields,
  });
};
const token = () => send(jane, 'POST', '/me/tokens', { name: 'Reader', scopes: ['read:posts'] });
const world = {
  settled: () => app.idle(),
  get running() {
    return { app };
  },
};

beforeAll(async () => {
  const assembly = await assemblyOf('posts');
  app = await startApp({ assembly, port: 0, callLatencyMs, maxProcesses: 1, log: (line) => lines.push(line) });
  http = client(String(app.outputs.Posts?.ApiUrl));
  jane = await register();
  others = await times(10, register, 4);
  const shared = { access_type: 'allowed_user', allowed_users: [jane.userId] };
  await times(
    60,
    (at) => (at < 20 ? post(jane, { access_type: 'private' }) : post(others[at % 10], at < 40 ? shared : {})),
    12,
  );
}, 240_000);
afterAll(() => app?.close(), 60_000);

/** The endpoints that rows are about. */
const counted = new Set<string>();

function row(
  operation: keyof typeof POSTS_ENDPOINTS,
  name: string,
  limits: Pick<Cost, 'depth'>,
  prepare: () => Promise<() => Promise<unknown>>,
): void {
  counted.add(operation);
  test(`${name}: depth at most ${limits.depth}`, async () => {
    const [before, measured] = await Promise.all([prepare(), prepare()]);
    // Once before, so that processes and connections are there.
    await before();
    const cost = await costOf(world, measured);
    rows.push({ name, ...cost });
    expect(cost.depth).toBeLessThanOrEqual(limits.depth);
    expect(cost).toMatchSnapshot(name);
  });
}

const asked =
  (path: string, user: () => { readonly token: string } = () => jane) =>
  async () =>
  () =>
    send(user(), 'GET', path);

describe('what an endpoint costs', () => {
  jest.setTimeout(120_000);
  row('GetMe', 'my profile', { depth: 1 }, asked('/me'));
  row('UpdateMe', 'change my profile', { depth: 1 }, async () => () => send(jane, 'PUT', '/me', { bio: uniqueName() }));
  row('CreateToken', 'make an access token', { depth: 2 }, async () => token);
  row('GetTokens', 'my access tokens', { depth: 1 }, asked('/me/tokens'));
  row('RotateToken', 'rotate a token', { depth: 2 }, async () => {
    const { token_id: id } = await token();
    return () => send(jane, 'POST', `/me/tokens/${id}/rotate`);
  });
  row('DeleteToken', 'revoke a token', { depth: 1 }, async () => {
    const { token_id: id } = await token();
    return () => send(jane, 'DELETE', `/me/tokens/${id}`);
  });

  row('CreatePost', 'make a public post', { depth: 2 }, async () => {
    const tags = await tagsOf(jane);
    const body = { name: 'Post', content: CONTENT, access_type: 'public', tags };
    return () => send(jane, 'POST', '/posts', body);
  });
  row('CreatePost', 'make one for 10 users', { depth: 2 }, async () => {
    const tags = await tagsOf(jane);
    const users = others.map(({ userId }) => userId);
    const body = { name: 'Post', content: CONTENT, access_type: 'allowed_user', allowed_users: users, tags };
    return () => send(jane, 'POST', '/posts', body);
  });
  row('GetPost', 'a public post', { depth: 2 }, async () => {
    const { post_id: id } = await post(others[0]);
    return () => send(jane, 'GET', `/posts/${id}`);
  });
  row('GetPost', 'one that is shared with me', { depth: 2 }, async () => {
    const { post_id: id } = await post(others[0], { access_type: 'allowed_user', allowed_users: [jane.userId] });
    return () => send(jane, 'GET', `/posts/${id}`);
  });
  row('UpdatePost', 'change its content', { depth: 3 }, async () => {
    const { post_id: id } = await post(jane);
    return () => send(jane, 'PUT', `/posts/${id}`, { content: `${CONTENT}!` });
  });
  row('UpdatePost', 'make it private', { depth: 3 }, async () => {
    const { post_id: id } = await post(jane);
    return () => send(jane, 'PUT', `/posts/${id}`, { access_type: 'private' });
  });
  row('DeletePost', 'delete it', { depth: 2 }, async () => {
    const { post_id: id } = await post(jane);
    return () => send(jane, 'DELETE', `/posts/${id}`);
  });
  row('GetPostTags', 'its tags', { depth: 2 }, async () => {
    const { post_id: id } = await post(others[0]);
    return () => send(jane, 'GET', `/posts/${id}/tags`);
  });
  row('GetAllowedUsers', 'who may see it', { depth: 2 }, async () => {
    const { post_id: id } = await post(jane, {
      access_type: 'allowed_user',
      allowed_users: others.map((u) => u.userId),
    });
    return () => send(jane, 'GET', `/posts/${id}/allowed-users`);
  });
  row('UpdateAllowedUsers', 'let 10 users see it', { depth: 3 }, async () => {
    const { post_id: id } = await post(jane, { access_type: 'allowed_user', allowed_users: [] });
    return () => send(jane, 'PUT', `/posts/${id}/allowed-users`, { allowed_users: others.map((u) => u.userId) });
  });

  row('GetPosts', 'public posts', { depth: 3 }, asked('/posts'));
  row('GetPosts', 'my posts', { depth: 3 }, asked('/posts?scope=mine'));
  row('GetPosts', 'posts shared with me', { depth: 3 }, asked('/posts?scope=shared'));
  row('GetPosts', 'all that I may see', { depth: 3 }, asked('/posts?scope=all'));
  row(
    'GetUserPosts',
    'posts of a user',
    { depth: 3 },
    async () => () => send(jane, 'GET', `/users/${others[0].userId}/posts`),
  );
  row('GetTagPosts', 'posts of a tag', { depth: 3 }, async () => {
    const { tag_id: id } = await tag(others[0]);
    await times(20, (at) => post(others[at % 10], { tags: [id] }), 10);
    return () => send(jane, 'GET', `/tags/${id}/posts`);
  });

  row('CreateTag', 'make a public tag', { depth: 1 }, async () => () => tag(jane));
  row('GetTags', 'tags, own and public', { depth: 2 }, asked('/tags'));
  row('GetTag', 'a tag', { depth: 1 }, async () => {
    const { tag_id: id } = await tag(others[0]);
    return () => send(jane, 'GET', `/tags/${id}`);
  });
  row('UpdateTag', 'rename a tag', { depth: 2 }, async () => {
    const { tag_id: id } = await tag(jane);
    return () => send(jane, 'PUT', `/tags/${id}`, { name: uniqueName() });
  });
  row('DeleteTag', 'delete a tag', { depth: 2 }, async () => {
    const { tag_id: id } = await tag(jane);
    return () => send(jane, 'DELETE', `/tags/${id}`);
  });
  row('DeleteMe', 'delete me, with a token', { depth: 3 }, async () => {
    const user = await register();
    await send(user, 'POST', '/me/tokens', { name: 'Reader', scopes: ['read:posts'] });
    return () => send(user, 'DELETE', '/me');
  });

  test('every endpoint has a row', () => {
    expect([...counted].sort()).toEqual(Object.keys(POSTS_ENDPOINTS).sort());
  });

  test('docs/posts.md says so (npm run costs writes it)', () => {
    const { committed, current } = postsPage(rows);
    expect(committed).toBe(current);
  });
});
