import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { startApp } from '../../local/runner';
import type { RunningApp } from '../../local/running-app';
import { assemblyOf } from '../support/assemblies';

/**
 * docs/posts.md, "Try it": its lines, run by a shell as they stand, against the example as `npm start` runs it. `aws` is the
 * AWS CLI that `AWS_CLI` names, or a stand-in that sends the same by the SDK.
 */

const ROOT = join(__dirname, '..', '..');
const page = readFileSync(join(ROOT, 'docs', 'posts.md'), 'utf8');
const [, setup, ...blocks] = [...page.matchAll(/^```(?:sh|ts)\n([^]*?)^```$/gm)].map(([, text]) => text);
const answers = [...page.matchAll(/^```json\n([^]*?)^```$/gm)].map(([, text]) => JSON.parse(text) as unknown);
const run = promisify(execFile);

jest.setTimeout(120_000);

describe('docs/posts.md', () => {
  const lines: string[] = [];
  let app: RunningApp;
  let folder: string;

  beforeAll(async () => {
    app = await startApp({ assembly: await assemblyOf('posts'), port: 0, log: (line) => lines.push(line) });
    folder = mkdtempSync(join(tmpdir(), 'posts-page-'));
    const cli =
      process.env.AWS_CLI ?? `${process.execPath} --import tsx ${join(ROOT, 'test', 'support', 'aws-cli.ts')}`;
    writeFileSync(join(folder, 'aws'), `#!/bin/sh\nexec ${cli} "$@"\n`);
    chmodSync(join(folder, 'aws'), 0o755);
  });
  afterAll(async () => {
    await app?.close();
    rmSync(folder, { recursive: true });
  });

  /** The variables that the page asks for: what `npm start` prints. */
  function variables(): Record<string, string> {
    const { ApiUrl, UserPoolId, UserPoolClientId } = app.outputs.Posts as Record<string, string>;
    return { API: ApiUrl, POOL: UserPoolId, CLIENT: UserPoolClientId };
  }

  async function shell(text: string, more: Readonly<Record<string, string>> = {}): Promise<string[]> {
    const { endpoint, region, credentials } = app.aws;
    const env = {
      ...process.env,
      PATH: `${folder}${delimiter}${process.env.PATH}`,
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      ...variables(),
      ...more,
    };
    const { stdout } = await run('bash', ['-ec', text], { cwd: ROOT, env });
    return stdout.split('\n').filter((line) => line !== '');
  }

  test('asks for what npm start prints', () => {
    expect(setup.match(/^\w+(?==)/gm)).toEqual(Object.keys(variables()));
    for (const name of setup.match(/(?<=# )\S+/g) ?? []) {
      expect(app.outputs.Posts).toHaveProperty(name.replace('Posts.', ''));
    }
    const printed = [...app.urls.map(({ url }) => url), ...app.facts.map(({ value }) => value)];
    expect(printed).toEqual(expect.arrayContaining(Object.values(variables())));
  });

  test('its lines sign up and in, make a tag, a post and an access token, and read them back', async () => {
    expect(blocks).toHaveLength(3);
    const [signUp, ...others] = blocks;
    await shell(signUp);
    const code = /code (\d{6}) for jane@example\.com/.exec(lines.join('\n'))?.[1];
    expect(code).toBeDefined();

    const printed = await shell(others.join('\n'), { CODE: code ?? '' });
    // What the AWS CLI says of a confirmed sign-up is no part of the page.
    const json = printed.filter((line) => /^\{"(post_id|posts|error)"/.test(line));
    const [post, all, mine, refused] = json.map((line) => JSON.parse(line) as object);
    expect(post).toMatchObject({ name: 'Release notes', tags: [{ name: 'releases' }], content: 'Everything is new.' });
    const { content: _, ...summary } = post as { content: unknown };
    expect(all).toEqual({ posts: [summary], next_cursor: null });
    expect(mine).toEqual(all);
    expect([refused]).toEqual(answers);

    const { user_id: principal } = post as { user_id: string };
    expect(JSON.parse(app.accessLogs().at(-1) ?? '{}')).toMatchObject({ principal, route: '/v1/me', status: '403' });
  });
});
