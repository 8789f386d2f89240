import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { Stack } from 'aws-cdk-lib';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Browser, Page } from 'playwright-core';
import { launch, leaving, openPage, picture, WatchedPage } from './browser';
import { isDark, unreadable } from './contrast';
import { synthesize, TestAssembly } from '../../local/assembly/test-assembly';
import { startApp } from '../../local/runner';
import { RunningApp } from '../../local/running-app';

/** The page on which a person looks through the items of the tables. */

const SCRIPT = '<img src=x onerror=alert(1)>';

/** Least contrast of text, WCAG 2 level AA. */
const READABLE = 4.5;

let assembly: TestAssembly;
let app: RunningApp;
let root: string;
let browser: Browser;
let watched: WatchedPage;

const fact = (name: string): string => app.facts.find((one) => one.name === name)?.value ?? `no ${name}`;

beforeAll(async () => {
  assembly = synthesize((cdk) => {
    const stack = new Stack(cdk, 'App');
    const table = new Table(stack, 'Profiles', {
      tableName: 'user_profiles',
      partitionKey: { name: 'PK', type: AttributeType.STRING },
      sortKey: { name: 'SK', type: AttributeType.STRING },
    });
    table.addGlobalSecondaryIndex({
      indexName: 'ByCategory',
      partitionKey: { name: 'category', type: AttributeType.STRING },
    });
    new Table(stack, 'Empty', {
      tableName: SCRIPT.replace(/\W/g, '.'),
      partitionKey: { name: 'id', type: AttributeType.STRING },
    });
  });
  app = await startApp({ assembly: assembly.directory, port: 0, ports: { 'dynamodb-port': 0 }, adminPort: 0 });
  root = fact('tables');
  const client = new DynamoDBClient({
    endpoint: fact('DynamoDB'),
    region: app.aws.region,
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
  const put = async (PK: string, SK: string, category: string): Promise<unknown> =>
    client.send(
      new PutItemCommand({
        TableName: 'user_profiles',
        Item: {
          PK: { S: PK },
          SK: { S: SK },
          category: { S: category },
          score: { N: '0.75' },
          tags: { L: [{ S: SCRIPT }, { BOOL: true }, { NULL: true }] },
        },
      }),
    );
  for (let number = 0; number < 30; number += 1) {
    await put('USER#ann', `SEGMENT#${String(number).padStart(2, '0')}`, number % 2 === 0 ? 'sports' : 'news');
  }
  await put(`USER#${SCRIPT}`, SCRIPT, SCRIPT);
  client.destroy();
  browser = await launch();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await app?.close();
  assembly?.remove();
});
afterEach(() => watched?.close());

async function open(path = '/', colorScheme: 'light' | 'dark' = 'light', width = 1280): Promise<Page> {
  watched = await openPage(browser, { colorScheme, viewport: { width, height: 900 } });
  await watched.page.goto(root + path);
  await watched.page.getByText('All tables').waitFor();
  return watched.page;
}

const rows = (page: Page): ReturnType<Page['locator']> => page.locator('#items tbody tr');
const shown = (page: Page): ReturnType<Page['locator']> => page.locator('#page');

test('lists the tables, and leads through the items of one', async () => {
  const page = await open();
  const listed = page.locator('#list tbody tr', { hasText: 'user_profiles' });
  expect(await listed.innerText()).toMatch(/user_profiles\s+PK, SK\s+ByCategory: category\s+31/);
  await page.getByRole('link', { name: 'user_profiles' }).click();
  await page.getByText('page 1, 25 items').waitFor();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText('page 2, 6 items').waitFor();
  expect(await page.getByRole('button', { name: 'Next' }).isVisible()).toBe(false);
  await page.getByRole('button', { name: 'Previous' }).click();
  await page.getByText('page 1, 25 items').waitFor();
  expect(leaving(root, watched.requests)).toEqual([]);
  expect(watched.problems).toEqual([]);
});

test('finds items of a partition, by a part of the sort key and by an index, and shows one as it is', async () => {
  const page = await open('/#table=user_profiles');
  await page.getByLabel('PK (S)').fill('USER#ann');
  await page.getByLabel('comparison').selectOption('begins_with');
  await page.getByLabel('value of the sort key').fill('SEGMENT#1');
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByText('page 1, 10 items').waitFor();
  await rows(page).first().locator('summary').click();
  const item = JSON.parse(await rows(page).first().locator('pre').innerText()) as unknown;
  expect(item).toEqual({
    PK: { S: 'USER#ann' },
    SK: { S: 'SEGMENT#10' },
    category: { S: 'sports' },
    score: { N: '0.75' },
    tags: { L: [{ S: SCRIPT }, { BOOL: true }, { NULL: true }] },
  });
  await picture(page, 'tables');
  // What was found is in the address.
  await page.reload();
  await page.getByText('page 1, 10 items').waitFor();
  await page.getByLabel('Index').selectOption('ByCategory');
  await page.getByLabel('category (S)').fill('news');
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByText('page 1, 15 items').waitFor();
  expect(watched.problems).toEqual([]);
});

test('what is stored is text and never a part of the page', async () => {
  const page = await open(`/#${new URLSearchParams({ table: 'user_profiles', partition: `USER#${SCRIPT}` })}`);
  await page.getByText('page 1, 1 items').waitFor();
  await rows(page).locator('summary').click();
  expect(await rows(page).innerText()).toContain(SCRIPT);
  expect(await page.locator('img').count()).toBe(0);
  expect(watched.problems).toEqual([]);
});

test('says what cannot be found', async () => {
  const page = await open(`/#${new URLSearchParams({ table: 'user_profiles', index: SCRIPT })}`);
  await page.locator('#state', { hasText: `user_profiles has no index ${SCRIPT}` }).waitFor();
  expect(await page.locator('img').count()).toBe(0);
  expect(await shown(page).innerText()).toBe('');
});

test.each(['light', 'dark'] as const)('can be read in %s', async (scheme) => {
  const page = await open('/#table=user_profiles', scheme);
  await page.getByText('page 1, 25 items').waitFor();
  await rows(page).first().locator('summary').click();
  await picture(page, `tables-${scheme}`);
  expect(await isDark(page)).toBe(scheme === 'dark');
  expect(await unreadable(page, READABLE)).toEqual([]);
});

test('fits a narrow window', async () => {
  const page = await open('/#table=user_profiles', 'light', 390);
  await page.getByText('page 1, 25 items').waitFor();
  await picture(page, 'tables-narrow');
  const sides = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth] as const);
  expect(sides[0]).toBeLessThanOrEqual(sides[1]);
});
