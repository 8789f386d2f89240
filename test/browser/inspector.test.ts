import { Browser, Locator, Page } from 'playwright-core';
import { launch, leaving, openPage, picture, WatchedPage } from './browser';
import { isDark, unreadable } from './contrast';
import { remote } from '../e2e/harness';
import { ArticleBody } from '../e2e/shapes';
import { TestUser, uniqueName, useWorld } from '../e2e/world';

const SCRIPT = '<img src=x onerror=alert(1)>';
/** The same without a space, so that it goes in an address as it is. */
const SCRIPT_PATH = `/articles?tag=${SCRIPT.replaceAll(' ', '/')}`;

/** Least contrast of text, WCAG 2 level AA. */
const READABLE = 4.5;

const world = useWorld();
// An API that runs in AWS has no such page.
const describeLocal = remote ? describe.skip : describe;

describeLocal('the page of the local runner (not with REALWORLD_URL: it has no such page)', () => {
  let browser: Browser;
  let watched: WatchedPage;
  let author: TestUser;
  let article: ArticleBody;

  beforeAll(async () => {
    browser = await launch();
    author = await world.register();
    const title = `${SCRIPT} ${uniqueName()}`;
    article = await world.createArticle(author, { title, description: SCRIPT, body: SCRIPT, tagList: [SCRIPT] });
    await world.updateUser(author, { bio: SCRIPT });
    await world.get(SCRIPT_PATH);
    await world.get('/user');
    await world.settled();
  });
  afterAll(() => browser?.close());
  afterEach(() => watched?.close());

  async function open(colorScheme: 'light' | 'dark' = 'light', width = 1280): Promise<Page> {
    watched = await openPage(browser, { colorScheme, viewport: { width, height: 900 } });
    await watched.page.goto(`${world.running.root}/_local`);
    await watched.page.locator('section').first().waitFor();
    return watched.page;
  }

  /** The part of the page below a heading. */
  const section = (page: Page, title: string): Locator =>
    page.locator('section').filter({ has: page.getByRole('heading', { name: title, exact: true }) });

  /** Unfolds all of a part: what a click unfolds is no longer among the folded ones. */
  async function unfold(part: Locator): Promise<void> {
    const folded = part.locator('details:not([open]) > summary');
    while ((await folded.count()) > 0) await folded.first().click();
  }

  test('shows resources, items and requests with their AWS calls', async () => {
    const page = await open();
    const { requests, problems } = watched;
    expect(await section(page, 'Addresses').innerText()).toContain(new URL(world.running.root).port);

    const resources = section(page, 'Resources');
    for (const stack of ['SocialData', 'SocialFeed', 'RealWorld']) {
      expect(await resources.locator('summary', { hasText: stack }).count()).toBe(1);
    }
    await resources.locator('summary', { hasText: 'SocialData' }).click();
    await resources
      .getByRole('cell', { name: /^AWS::DynamoDB::(Global)?Table$/ })
      .first()
      .waitFor();

    const created = section(page, 'Last requests').locator(
      'tr:has(> td:nth-child(2) code:text-is("POST /api/articles"))',
    );
    expect(await created.locator('> td:nth-child(3)').innerText()).toBe('201');
    await created.locator('summary').click();
    await created.getByText('dynamodb:TransactWriteItems').first().waitFor();

    await unfold(section(page, 'Tables'));
    await section(page, 'Tables').locator('pre', { hasText: article.slug }).first().waitFor();
    await picture(page, 'inspector');
    expect(leaving(world.running.root, requests)).toEqual([]);
    expect(problems).toEqual([]);
  });

  test('what is stored is text and never a part of the page', async () => {
    const page = await open();
    await unfold(page.locator('main'));
    await section(page, 'Tables').locator('pre', { hasText: article.title }).first().waitFor();
    await section(page, 'Last requests').getByText(`GET /api${SCRIPT_PATH}`).first().waitFor();
    expect(await page.locator('img').count()).toBe(0);
    expect(watched.problems).toEqual([]);
  });

  test('new requests come up, and what was unfolded stays so', async () => {
    const page = await open();
    await unfold(section(page, 'Tables'));
    const path = `/articles?tag=${uniqueName()}`;
    await world.get(path);
    await section(page, 'Last requests').getByText(`GET /api${path}`).waitFor();
    expect(await page.locator('#state').innerText()).toBe('live');
    expect(await section(page, 'Tables').locator('details:not([open])').count()).toBe(0);
  });

  test.each(['light', 'dark'] as const)('can be read in %s', async (scheme) => {
    const page = await open(scheme);
    await unfold(page.locator('main'));
    await picture(page, `inspector-${scheme}`);
    expect(await isDark(page)).toBe(scheme === 'dark');
    expect(await unreadable(page, READABLE)).toEqual([]);
  });

  test('fits a narrow window', async () => {
    const page = await open('light', 390);
    await unfold(page.locator('main'));
    await picture(page, 'inspector-narrow');
    const sides = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth] as const);
    expect(sides[0]).toBeLessThanOrEqual(sides[1]);
  });
});
