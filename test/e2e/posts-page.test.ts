import { blocksOf, codeFor, type ExampleShell, startExample } from './page-lines';

/**
 * docs/posts.md, "Try it": its lines, run by a shell as they stand, against the example as `npm start` runs it. `aws` is the
 * AWS CLI that `AWS_CLI` names, or a stand-in that sends the same by the SDK.
 */

const [setup, ...blocks] = blocksOf('posts.md', 'sh');
const answers = blocksOf('posts.md', 'json').map((text) => JSON.parse(text) as unknown);

jest.setTimeout(120_000);

/** The variables that the page asks for: what `npm start` prints. */
function variables({ outputs }: Pick<ExampleShell['app'], 'outputs'>): Record<string, string> {
  const { ApiUrl, UserPoolId, UserPoolClientId } = outputs.Posts as Record<string, string>;
  return { API: ApiUrl, POOL: UserPoolId, CLIENT: UserPoolClientId };
}

describe('docs/posts.md', () => {
  let example: ExampleShell;

  beforeAll(async () => (example = await startExample('posts', variables)));
  afterAll(async () => example?.close());

  test('asks for what npm start prints', () => {
    const { app } = example;
    expect(setup.match(/^\w+(?==)/gm)).toEqual(Object.keys(variables(app)));
    for (const name of setup.match(/(?<=# )\S+/g) ?? []) {
      expect(app.outputs.Posts).toHaveProperty(name.replace('Posts.', ''));
    }
    const printed = [...app.urls.map(({ url }) => url), ...app.facts.map(({ value }) => value)];
    expect(printed).toEqual(expect.arrayContaining(Object.values(variables(app))));
  });

  test('its lines sign up and in, make a tag, a post and an access token, and read them back', async () => {
    expect(blocks).toHaveLength(3);
    const [signUp, ...others] = blocks;
    await example.shell(signUp);
    const code = codeFor(example, 'jane@example.com');
    expect(code).toBeDefined();

    const printed = await example.shell(others.join('\n'), { CODE: code ?? '' });
    // What the AWS CLI says of a confirmed sign-up is no part of the page.
    const json = printed.filter((line) => /^\{"(post_id|posts|error)"/.test(line));
    const [post, all, mine, refused] = json.map((line) => JSON.parse(line) as object);
    expect(post).toMatchObject({ name: 'Release notes', tags: [{ name: 'releases' }], content: 'Everything is new.' });
    const { content: _, ...summary } = post as { content: unknown };
    expect(all).toEqual({ posts: [summary], next_cursor: null });
    expect(mine).toEqual(all);
    expect([refused]).toEqual(answers);

    const { user_id: principal } = post as { user_id: string };
    expect(JSON.parse(example.app.accessLogs().at(-1) ?? '{}')).toMatchObject({
      principal,
      route: '/v1/me',
      status: '403',
    });
  });
});
