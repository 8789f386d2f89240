import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { LIMITS, TAGS_SHOWN, TEXTS_LENGTH, TEXTS_READ } from '../lambda/realworld-api/domain/limits';
import { WEIGHTS } from '../lambda/realworld-api/domain/words';
import { SearchIndexPipeline, SearchIngestion } from '../src';
import { CLEAN_UP_TIMING } from '../src/realworld-api/clean-up';

/** docs/search.md: what it says in numbers is what the code has, and what was counted. */

const read = (...path: string[]) => readFileSync(join(__dirname, '..', ...path), 'utf8');
const page = read('docs', 'search.md');
const number = (value: number) => new Intl.NumberFormat('en-US').format(value);

/** A part of the page, from its heading to the next one of that level. */
function part(heading: string): string {
  const from = page.indexOf(`\n${heading}\n`);
  expect(from).toBeGreaterThan(0);
  const rest = page.slice(from + 1);
  const end = rest.slice(1).search(new RegExp(`^${heading.split(' ')[0]} `, 'm'));
  return end < 0 ? rest : rest.slice(0, end + 1);
}

const rows = (text: string) =>
  text
    .split('\n')
    .filter((line) => /^\| [^-]/.test(line))
    .slice(1)
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, ...cells]) => cells);

interface Cost {
  readonly calls: number;
  readonly depth: number;
  readonly rcu: number;
  readonly wcu: number;
}

/** What a test has counted, by the name of the request. */
function counted(snapshot: string): Map<string, Cost> {
  const text = read('test', 'e2e', '__snapshots__', snapshot);
  const found = text.matchAll(/^exports\[`.*: (.+) 1`\] = `\n(\{[^]*?\})\n`;$/gm);
  return new Map([...found].map(([, name, cost]) => [name, JSON.parse(cost.replace(/,\n\}/, '\n}')) as Cost]));
}

test('what requests take is what was counted, beside the same without an index', () => {
  const withIndex = counted('realworld-search-costs.test.ts.snap');
  const without = counted('realworld-budgets.test.ts.snap');
  const shown = (name: string, kind: keyof Cost) => {
    const plain = without.get(name)?.[kind];
    return `${withIndex.get(name)?.[kind]}${plain === undefined ? '' : ` (${plain})`}`;
  };
  const text = part('## What a request takes');
  const names = rows(text).map(([name]) => name);
  expect([...names].sort()).toEqual([...withIndex.keys()].sort());
  expect(rows(text).map((cells) => cells.slice(0, 5))).toEqual(
    names.map((name) => [name, ...(['calls', 'depth', 'rcu', 'wcu'] as const).map((kind) => shown(name, kind))]),
  );
  const units = withIndex.get('search')?.rcu ?? NaN;
  expect(text).toContain(`${units} units are ${(units * 0.125).toFixed(2)} USD a million`);
  expect(page).toContain(`a depth of ${withIndex.get('search')?.depth}`);
});

test('what it costs idle is the first that a reader sees, and as the construct reckons it', () => {
  const sums = [...read('src', 'search-index-pipeline', 'README.md').matchAll(/\| \*\*(\d+\.\d\d)\*\* +\|/g)];
  const [zeroEtl, lambda] = sums.map(([, sum]) => Math.round(Number(sum)));
  const first = page.slice(0, page.indexOf('## '));
  expect(first).toContain(`about ${lambda} USD a month while nothing happens**, with Lambda`);
  expect(first).toContain(`about ${zeroEtl} with zero-ETL`);
  expect(read('docs', 'costs.md')).toContain(`about ${lambda} or ${zeroEtl} a month idle`);
});

test('bounds are those of the code', () => {
  const limits = part('## Limits');
  expect(limits).toContain(`${LIMITS.search} characters and ${LIMITS.searchWords} different words`);
  expect(limits).toContain(`the ${TAGS_SHOWN} most frequent`);
  expect(limits).toContain(`\`offset + limit\` of ${number(LIMITS.window)}`);
  expect(limits).toContain(`${LIMITS.pageSize} articles a page`);
  const rules = part('## Right at once');
  expect(rules).toContain(`the texts of up to ${TEXTS_READ} recent articles, and up to ${number(TEXTS_LENGTH)} char`);
  expect(rules).toContain(`in the newest ${TEXTS_READ} articles`);
  const lists = read('docs', 'limits.md');
  expect(lists).toContain(`the texts of ${TEXTS_READ} are read, ${number(TEXTS_LENGTH)} characters`);
});

test('weights are those of the code', () => {
  const { title, tagList, description, body } = WEIGHTS;
  expect(part('### Order')).toContain(
    `counts ${title} in the title, ${tagList} as a tag, ${description} in the description and ${body} in the body`,
  );
});

test('windows are those of a pipeline with its defaults, and of the clean-up', () => {
  const window = (ingestion: SearchIngestion) =>
    15 + new SearchIndexPipeline(new Stack(new App(), 'Stack'), 'Search', { ingestion }).overlayWindow.toSeconds();
  const windows = [window(SearchIngestion.lambda()), window(SearchIngestion.zeroEtl())];
  const cells = (what: string, more: number) => [what, ...windows.map((seconds) => `${seconds + more} s`)];
  expect(rows(part('## Right at once')).map((row) => row.slice(0, 3))).toEqual([
    cells('new and changed', 0),
    cells('deleted', CLEAN_UP_TIMING.overlayWindow),
  ]);
});
