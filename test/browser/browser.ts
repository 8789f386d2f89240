import { accessSync, constants, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, BrowserContextOptions, chromium, Page } from 'playwright-core';

const DEFAULT_CHROME = '/usr/bin/chromium';

/** Where Chromium is. @throws an Error that says what to set */
function chromePath(): string {
  const path = process.env.CHROME_PATH || DEFAULT_CHROME;
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw new Error(`no Chromium at ${path}: install chromium, or set CHROME_PATH to the program of a Chrome`);
  }
  return path;
}

/** Starts Chromium with an empty profile of its own, without what it does in the background. */
export async function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromePath(),
    headless: true,
    // Root has no sandbox in Chromium.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A page, and what went on in it. */
export interface WatchedPage {
  readonly page: Page;
  /** Address of every request. */
  readonly requests: string[];
  /** Errors on the console, uncaught ones, violations of the page's policy, dialogs. */
  readonly problems: string[];
  close(): Promise<void>;
}

/** Opens a page in a session of its own. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(20_000);
  const requests: string[] = [];
  const problems: string[] = [];
  context.on('request', (request) => requests.push(request.url()));
  context.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  context.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()}`);
  });
  context.on('weberror', (error) => problems.push(`uncaught: ${error.error().message}`));
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) =>
      console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI}`),
    );
  });
  return { page: await context.newPage(), requests, problems, close: () => context.close() };
}

/** Those of the addresses that lead elsewhere; what the page carries in itself leads nowhere. */
export function leaving(origin: string, addresses: readonly string[]): string[] {
  return addresses.filter((address) => !/^(data|blob):/.test(address) && new URL(address).origin !== origin);
}

let folder: string | undefined;

/** As much of a page as a person can still read in one picture. */
const MAX_HEIGHT = 2000;

/** Keeps a picture of the page from its top, for a person to look at; where, is printed once. */
export async function picture(page: Page, name: string): Promise<void> {
  if (folder === undefined) {
    folder = mkdtempSync(join(tmpdir(), 'realworld-browser-'));
    process.stdout.write(`pictures of the pages in ${folder}\n`);
  }
  const [width, height] = await page.evaluate(() => [innerWidth, document.documentElement.scrollHeight] as const);
  const clip = { x: 0, y: 0, width, height: Math.min(height, MAX_HEIGHT) };
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true, clip });
}
