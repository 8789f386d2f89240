import { Browser, Locator, Page } from 'playwright-core';
import { launch, leaving, openPage, picture, WatchedPage } from './browser';
import { startApp } from '../../local/runner';
import { RunningApp } from '../../local/running-app';
import { uniqueName } from '../e2e/world';
import { assemblyOf } from '../support/assemblies';

/** The explorer of the posts API: a stranger signs up on the page, makes a post, and reads it back. */

const lines: string[] = [];
let app: RunningApp;
let docs: string;
let browser: Browser;
let watched: WatchedPage;

beforeAll(async () => {
  app = await startApp({ assembly: await assemblyOf('posts'), port: 0, log: (line) => lines.push(line) });
  docs = String(app.outputs.Posts?.DocsUrl);
  browser = await launch();
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await app?.close();
});
beforeEach(async () => {
  watched = await openPage(browser);
  await watched.page.goto(docs);
  await watched.page.locator('.opblock').first().waitFor();
});
afterEach(() => watched?.close());

const form = (page: Page): Locator => page.locator('#sign-in');
const says = (page: Page, text: RegExp): Promise<void> =>
  form(page).getByRole('status').filter({ hasText: text }).waitFor();
const press = (page: Page, name: string): Promise<void> =>
  form(page).getByRole('button', { name, exact: true }).click();

async function fill(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) await form(page).locator(`input[name=${name}]`).fill(value);
}

/** The code that was last sent to an address: nothing is mailed here, the runner prints it. */
const codeFor = (email: string): string => {
  const codes = lines.flatMap((line) => new RegExp(`^code (\\d+) for ${email} `).exec(line)?.[1] ?? []);
  return codes[codes.length - 1] ?? 'none';
};

/** Unfolds an operation and makes it ready to be tried. */
async function tryOut(page: Page, operationId: string): Promise<Locator> {
  const operation = page.locator(`.opblock[id$="-${operationId}"]`);
  await operation.locator('.opblock-summary-control').click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  return operation;
}

/** Sends it, and reads the answer off the page. */
async function execute(operation: Locator): Promise<{ status: string; body: unknown }> {
  await operation.getByRole('button', { name: 'Execute' }).click();
  const answer = operation.locator('.live-responses-table .response').first();
  const status = (await answer.locator('.response-col_status').innerText()).trim().split(/\s/)[0] ?? '';
  return { status, body: JSON.parse(await answer.locator('.highlight-code code').first().innerText()) as unknown };
}

test('a stranger signs up on the page, makes a post and reads it back', async () => {
  const { page, requests, problems } = watched;
  const email = `${uniqueName()}@example.com`;

  const list = await tryOut(page, 'GetPosts');
  expect(await execute(list)).toMatchObject({ status: '401', body: { error: { code: 'unauthorized' } } });
  expect(problems.splice(0)).toEqual([expect.stringContaining('401')]);
  // Anew: the answer that is waited for next is not this one.
  await list.getByRole('button', { name: 'Clear' }).click();

  await fill(page, { email, password: 'Correct1!horse' });
  await press(page, 'Sign up');
  await says(page, /A code was sent to/);
  await picture(page, 'posts-code');
  await fill(page, { code: codeFor(email) });
  await press(page, 'Confirm');
  await says(page, new RegExp(`Signed in as ${email}`));
  await picture(page, 'posts-signed-in');

  const create = await tryOut(page, 'CreatePost');
  const post = { name: uniqueName('Post '), content: 'Read me back.', access_type: 'private' };
  await create.locator('textarea.body-param__text').fill(JSON.stringify(post));
  const created = await execute(create);
  expect(created).toMatchObject({ status: '201', body: { ...post, tags: [] } });
  await picture(page, 'posts-created');

  const { content: _, ...summary } = created.body as { content: string };
  await list.locator('tr[data-param-name=scope] select').selectOption('mine');
  expect(await execute(list)).toEqual({ status: '200', body: { posts: [summary], next_cursor: null } });
  await picture(page, 'posts-listed');

  await press(page, 'Sign out');
  await says(page, /Signed out/);
  await list.getByRole('button', { name: 'Clear' }).click();
  expect(await execute(list)).toMatchObject({ status: '401' });
  expect(problems.splice(0)).toEqual([expect.stringContaining('401')]);

  const cognito = app.facts.find(({ name }) => name === 'Cognito')?.value ?? '';
  const elsewhere = leaving(new URL(docs).origin, requests);
  expect(elsewhere.length).toBeGreaterThan(0);
  expect(elsewhere.filter((address) => new URL(address).origin !== new URL(cognito).origin)).toEqual([]);
});

test('who has a wrong password is told so, and nothing more', async () => {
  const { page, problems } = watched;
  await fill(page, { email: `${uniqueName()}@example.com`, password: 'Wrong1!password' });
  await press(page, 'Sign in');
  await says(page, /Incorrect username or password/);
  expect(problems.every((problem) => problem.includes('400'))).toBe(true);
});
