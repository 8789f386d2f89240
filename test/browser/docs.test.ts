import { Browser, Locator, Page } from 'playwright-core';
import { launch, leaving, openPage, picture, WatchedPage } from './browser';
import { uniqueName, useWorld } from '../e2e/world';

const world = useWorld();
let browser: Browser;
let watched: WatchedPage;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

beforeEach(async () => {
  watched = await openPage(browser);
  await watched.page.goto(`${world.running.root}/docs`);
  await watched.page.locator('.opblock').first().waitFor();
});
afterEach(() => watched?.close());

/** Every operation of the document that the page shows. */
async function documented(): Promise<string[]> {
  const { json } = await world.rootRequest('GET', '/docs/spec.json');
  const { paths } = json as { paths: Record<string, Record<string, unknown>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

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
  const text = await answer.locator('.highlight-code code').first().innerText();
  return { status, body: JSON.parse(text) as unknown };
}

async function authorize(page: Page, value: string): Promise<void> {
  await page.locator('.auth-wrapper .btn.authorize').first().click();
  const dialog = page.locator('.modal-ux');
  await dialog.locator('input').fill(value);
  await dialog.getByRole('button', { name: 'Apply credentials' }).click();
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  await dialog.waitFor({ state: 'detached' });
}

test('the page shows every operation and asks nobody else for anything', async () => {
  const { page, requests, problems } = watched;
  expect(await page.locator('.info .title').innerText()).toContain('RealWorld API');
  const shown = await page.locator('.opblock-summary').evaluateAll((rows) =>
    rows.map((row) => {
      const text = (selector: string) => row.querySelector(selector)?.textContent?.replace(/\u200b/g, '') ?? '';
      return `${text('.opblock-summary-method')} ${text('.opblock-summary-path')}`;
    }),
  );
  expect(shown.sort()).toEqual((await documented()).sort());
  await page.waitForLoadState('networkidle');
  await picture(page, 'docs');
  expect(requests).toContain(`${world.running.root}/docs/spec.json`);
  expect(leaving(world.running.root, requests)).toEqual([]);
  expect(problems).toEqual([]);
});

test('a user registers on the page, authorizes, and sees who they are', async () => {
  const { page, requests, problems } = watched;
  const username = uniqueName();
  const email = `${username}@example.com`;

  const register = await tryOut(page, 'CreateUser');
  const user = { username, email, password: uniqueName('password-') };
  await register.locator('textarea.body-param__text').fill(JSON.stringify({ user }));
  const registered = await execute(register);
  expect(registered).toMatchObject({ status: '201', body: { user: { email, username } } });
  await picture(page, 'docs-registered');
  const { token } = (registered.body as { user: { token: string } }).user;
  expect(problems).toEqual([]);

  const current = await tryOut(page, 'GetCurrentUser');
  expect(await execute(current)).toMatchObject({ status: '401', body: { errors: expect.anything() as unknown } });
  expect(problems.splice(0)).toEqual([expect.stringContaining('401')]);
  // Anew: the answer that is waited for next is not this one.
  await current.getByRole('button', { name: 'Clear' }).click();

  await authorize(page, `Token ${token}`);
  expect(await execute(current)).toMatchObject({ status: '200', body: { user: { email, username } } });
  await picture(page, 'docs-authorized');
  expect(leaving(world.running.root, requests)).toEqual([]);
  expect(problems).toEqual([]);
});
