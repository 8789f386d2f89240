import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import type { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SearchIndexPipeline, SearchIngestion } from '../../src';

/** The page of the construct: what it reckons is right, and what it says of defaults is so. */

const page = readFileSync(join(__dirname, '..', '..', 'src', 'search-index-pipeline', 'README.md'), 'utf8');
const make = (ingestion?: SearchIngestion) =>
  new SearchIndexPipeline(new Stack(new App(), 'Stack'), 'Search', { ingestion });

/** Rows of the table of costs: what it is, how it is reckoned, and the sum. */
const costs = page
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .slice(2, 14)
  .map(([, what, reckoned, sum]) => ({ what, reckoned, sum: Number(sum.replaceAll('*', '')) }));

test.each(costs.filter(({ reckoned }) => /[x+]/.test(reckoned)))('$what costs $sum: $reckoned', ({ reckoned, sum }) => {
  const terms = reckoned.replace(/`[^`]*`|hours?|GB of gp3|compute units?|million requests/g, '').split('+');
  const reckon = (term: string) => term.split('x').reduce((product, factor) => product * Number(factor), 1);
  expect(terms.map(reckon).reduce((all, one) => all + one, 0)).toBeCloseTo(sum, 2);
});

test('all that is reckoned was reckoned', () => {
  expect(costs.filter(({ reckoned }) => /[x+]/.test(reckoned))).toHaveLength(8);
});

test('the windows that readers overlay are those without other props', () => {
  expect(page).toContain(`${make().overlayWindow.toSeconds()} s with zero-ETL`);
  expect(page).toContain(`${make(SearchIngestion.lambda()).overlayWindow.toSeconds()} s with Lambda`);
});

test('each alarm is named, with its threshold', () => {
  const alarms = { ...make().alarms, ...make(SearchIngestion.lambda()).alarms };
  const rows = new Map([...page.matchAll(/^\| `(\w+Alarm)` +\| (.*) \|$/gm)].map(([, name, when]) => [name, when]));
  expect([...rows.keys()].sort()).toEqual(Object.keys(alarms).sort());
  const thresholds = Object.entries(alarms).map(([name, alarm]): [string, number] => [
    name,
    (alarm.node.defaultChild as CfnAlarm).threshold ?? NaN,
  ]);
  const number = new Intl.NumberFormat('en-US');
  const unsaid = thresholds.filter(
    ([name, threshold]) => threshold > 0 && name !== 'LagAlarm' && !rows.get(name)?.includes(number.format(threshold)),
  );
  expect(unsaid).toEqual([]);
});
