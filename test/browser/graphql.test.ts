import { Browser, Locator, Page } from 'playwright-core';
import { launch, openPage, picture, WatchedPage } from './browser';
import { startApp } from '../../local/runner';
import { RunningApp } from '../../local/running-app';
import { uniqueName } from '../e2e/world';
import { assemblyOf } from '../support/assemblies';

/**
 * The explorer of GraphQL APIs: a stranger signs up on the page, watches, sends a command, and sees the change that it
 * makes and the view.
 */

const lines: string[] = [];
let app: RunningApp;
let browser: Browser;
let watched: WatchedPage;

beforeAll(async () => {
  app = await startApp({ assembly: await assemblyOf('event-sourcing'), port: 0, log: (line) => lines.push(line) });
  browser = await launch();
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await app?.close();
});
beforeEach(async () => {
  watched = await openPage(browser);
  await watched.page.goto(new URL(String(app.outputs.EventSourcing?.CommandsUrl)).origin);
});
afterEach(() => watched?.close());

const form = (page: Page): Locator => page.locator('#sign-in');
const says = (page: Page, text: RegExp): Promise<void> =>
  form(page).getByRole('status').filter({ hasText: text }).waitFor();
const press = (page: Page, name: string): Promise<void> =>
  form(page).getByRole('button', { name, exact: true }).click();
const codeFor = (email: string): string =>
  lines.flatMap((line) => new RegExp(`^code (\\d+) for ${email} `).exec(line)?.[1] ?? []).at(-1) ?? 'none';

async function fill(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) await form(page).locator(`input[name=${name}]`).fill(value);
}

async function signUp(page: Page): Promise<string> {
  const email = `${uniqueName()}@example.com`;
  await fill(page, { email, password: 'Correct1!horse' });
  await press(page, 'Sign up');
  await says(page, /A code was sent to/);
  await fill(page, { code: codeFor(email) });
  await press(page, 'Confirm');
  await says(page, new RegExp(`Signed in as ${email}`));
  return email;
}

/** Chooses the API whose name ends so, and waits for its schema. */
async function explore(page: Page, api: 'CommandApi' | 'QueryApi'): Promise<void> {
  const choice = page.getByLabel('API');
  const name = (await choice.locator('option').allInnerTexts()).find((option) => option.endsWith(api));
  await choice.selectOption(name ?? '');
  await page.getByRole('button', { name: /^Execute query/ }).waitFor();
}

/** Sends an operation from the editor, and reads the answer off the page. */
async function send(page: Page, operation: string): Promise<string> {
  await page.locator('.graphiql-query-editor .CodeMirror').click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.insertText(operation);
  const answered = page.locator('.graphiql-response .CodeMirror-code');
  const before = (await answered.count()) === 0 ? '' : await answered.innerText();
  await page.getByRole('button', { name: /^Execute query/ }).click();
  await page.waitForFunction(
    (old) => {
      const text = document.querySelector<HTMLElement>('.graphiql-response .CodeMirror-code')?.innerText ?? '';
      return text !== '' && text !== old;
    },
    before,
    { timeout: 15_000 },
  );
  return answered.innerText();
}

test('a command from the page changes the view, and fires the subscription', async () => {
  const { page, problems } = watched;
  await signUp(page);
  await explore(page, 'QueryApi');
  const id = uniqueName('claim').replace(/\W/g, '-');
  expect(await send(page, '{ myClaims { items { id } } }')).toContain('"items": []');
  await picture(page, 'graphql-query');

  await explore(page, 'CommandApi');
  const accepted = await send(
    page,
    `mutation { openClaim(id: "${id}", commandId: "open", title: "Trip", currency: "NOK", limitCents: 5000) { status version events } }`,
  );
  expect(accepted).toContain('"ACCEPTED"');
  await app.idle();

  await explore(page, 'QueryApi');
  const view = await send(page, `{ claim(id: "${id}") { title status version owner } }`);
  expect(view).toContain('"status": "OPEN"');
  const owner = /"owner": "([^"]+)"/.exec(view)?.[1] ?? '';
  await send(page, `subscription { onMyChanges(owner: "${owner}") { view id version } }`);
  const changes = page.getByRole('region', { name: 'Subscriptions' });
  await changes.getByText('subscribed', { exact: true }).waitFor();

  await explore(page, 'CommandApi');
  expect(
    await send(
      page,
      `mutation { addExpense(id: "${id}", commandId: "taxi", expectedVersion: 1, expenseId: "taxi", description: "Taxi", category: TRAVEL, amountCents: 1200, spentOn: "2026-11-20") { status version } }`,
    ),
  ).toContain('"version": 2');
  await changes.getByText(`{"data":{"onMyChanges":{"view":"claims","id":"${id}","version":2}}}`).waitFor();
  await picture(page, 'graphql-change');

  await explore(page, 'QueryApi');
  expect(await send(page, `{ claim(id: "${id}") { totalCents expenses { description } } }`)).toContain('1200');
  expect(problems).toEqual([]);
});

test('what is refused is told, and after signing out nothing is sent with the token', async () => {
  const { page, problems } = watched;
  await signUp(page);
  await explore(page, 'CommandApi');
  const rejected = await send(page, 'mutation { submitClaim(id: "nowhere", commandId: "submit") { status } }');
  expect(rejected).toContain('"CommandRejected"');
  expect(problems).toEqual([]);
  await press(page, 'Sign out');
  await says(page, /Signed out/);
  expect(await send(page, '{ command(commandId: "submit") { status } }')).toContain('UnauthorizedException');
  expect(problems).toEqual([expect.stringContaining('401')]);
});
