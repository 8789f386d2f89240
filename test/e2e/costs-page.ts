import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * The tables in `docs/costs.md` and in the pages of single APIs, made from what was counted on the running system. `npm run costs` writes them; any
 * other run of the budgets compares.
 */

const pathOf = (page: string) => join(resolve(__dirname, '..', '..'), 'docs', page);

/** List prices of us-east-1 in USD. @see https://aws.amazon.com/dynamodb/pricing/on-demand/ and the pages of docs/costs.md */
const PRICE = {
  readUnits: 0.125 / 1e6,
  writeUnits: 0.625 / 1e6,
  alarmMetric: 0.1,
  secret: 0.4,
  sqsRequests: 0.4 / 1e6,
};

/** Lambda keeps about 5 long polls of 20 s open on a queue without messages. */
const POLLS_A_MONTH = 5 * 3 * 60 * 24 * 30;

/** What one request was counted to take. */
export interface RequestCost {
  readonly name: string;
  readonly calls: number;
  readonly depth: number;
  readonly rcu: number;
  readonly wcu: number;
}

/** What is looked at of a resource of the app. */
export interface BilledResource {
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

const usd = (amount: number) => amount.toFixed(2);

/** A table in the form that Prettier gives it: numbers to the right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  numbers: readonly number[],
) {
  const cells = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column].length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => (numbers.includes(at) ? cell.padStart(widths[at]) : cell.padEnd(widths[at]))).join(' | ')} |`;
  const rule = widths.map((width, at) => (numbers.includes(at) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [line(cells[0]), `| ${rule.join(' | ')} |`, ...cells.slice(1).map(line)].join('\n');
}

/** What each request takes of DynamoDB, and the price of a million of them. */
function requestTable(rows: readonly RequestCost[]): string {
  const price = ({ rcu, wcu }: RequestCost) => usd((rcu * PRICE.readUnits + wcu * PRICE.writeUnits) * 1e6);
  return table(
    ['Request', 'Calls', 'Depth', 'RCU', 'WCU', 'USD a million'],
    rows.map((row) => [row.name, row.calls, row.depth, row.rcu, row.wcu, price(row)]),
    [1, 2, 3, 4, 5],
  );
}

/** CloudWatch charges an alarm by the metrics that it looks at. */
function metricsOf({ properties }: BilledResource): number {
  const metrics = properties.Metrics as readonly { readonly MetricStat?: unknown }[] | undefined;
  return metrics ? metrics.filter(({ MetricStat }) => MetricStat !== undefined).length : 1;
}

const number = new Intl.NumberFormat('en-US');

/** What the app costs a month while nobody uses it, without free tiers. */
function idleTable(resources: readonly BilledResource[]): string {
  const all = (type: string) => resources.filter((resource) => resource.type === type);
  const alarms = all('AWS::CloudWatch::Alarm');
  const metrics = alarms.reduce((sum, alarm) => sum + metricsOf(alarm), 0);
  const polled = all('AWS::Lambda::EventSourceMapping').filter(({ properties }) =>
    String(properties.EventSourceArn).includes(':sqs:'),
  ).length;
  const secrets = all('AWS::SecretsManager::Secret').length;
  const rows: readonly (readonly [string, number, string, number])[] = [
    ['DynamoDB tables, on demand', all('AWS::DynamoDB::Table').length, '0.25 a GB of items', 0],
    ['point-in-time recovery', all('AWS::DynamoDB::Table').length, '0.20 a GB of table', 0],
    ['HTTP API', all('AWS::ApiGatewayV2::Api').length, 'by the request', 0],
    ['REST API', all('AWS::ApiGateway::RestApi').length, 'by the request', 0],
    ['user pool of Cognito', all('AWS::Cognito::UserPool').length, 'by the user who is active in the month', 0],
    ['Lambda functions', all('AWS::Lambda::Function').length, 'by the request', 0],
    ['log groups', all('AWS::Logs::LogGroup').length, '0.50 a GB written, 0.03 a GB kept', 0],
    ['SQS queues', all('AWS::SQS::Queue').length, 'by the request', 0],
    [
      'queues that Lambda polls',
      polled,
      `${number.format(polled * POLLS_A_MONTH)} requests, 0.40 a million`,
      polled * POLLS_A_MONTH * PRICE.sqsRequests,
    ],
    ['secrets', secrets, '0.40 each', secrets * PRICE.secret],
    ['CloudWatch alarms', alarms.length, `${metrics} metrics, 0.10 each`, metrics * PRICE.alarmMetric],
  ];
  const sum = rows.reduce((total, [, , , price]) => total + price, 0);
  return table(
    ['Resource', 'Number', 'Charged', 'USD a month'],
    [
      ...rows.map(([name, count, how, price]) => [name, count, how, usd(price)]),
      ['**sum**', '', '', `**${usd(sum)}**`],
    ],
    [1, 3],
  );
}

/** The page with these tables in their places. @throws Error where the page has no such place */
function withTables(page: string, tables: Readonly<Record<string, string>>): string {
  return Object.entries(tables).reduce((text, [name, content]) => {
    const place = new RegExp(`(<!-- counted: ${name} -->\n)[^]*?(<!-- end -->)`);
    if (!place.test(text)) {
      throw new Error(`the page has no place for the table of ${name}`);
    }
    return text.replace(place, (_, before: string, after: string) => `${before}\n${content}\n\n${after}`);
  }, page);
}

/** A page as it is and as it should be. It is written where `COSTS` says so. */
function pageWith(page: string, tables: Readonly<Record<string, string>>) {
  const committed = readFileSync(pathOf(page), 'utf8');
  const current = withTables(committed, tables);
  if (process.env.COSTS === 'write') {
    writeFileSync(pathOf(page), current);
    return { committed: current, current };
  }
  return { committed, current };
}

/** `docs/costs.md`, as it is and as it should be. */
export const costsPage = (rows: readonly RequestCost[], resources: readonly BilledResource[]) =>
  pageWith('costs.md', { requests: requestTable(rows), idle: idleTable(resources) });

/** `docs/posts.md`, as it is and as it should be. */
export const postsPage = (rows: readonly RequestCost[]) => pageWith('posts.md', { requests: requestTable(rows) });

/** What one thing takes by both designs of the personalisation API. */
export interface DesignRow {
  readonly segments: number;
  readonly what: string;
  readonly items: DesignCost;
  readonly map: DesignCost;
}
type DesignCost = Omit<RequestCost, 'name'> | { readonly bytes: number } | undefined;

const NOTHING = '-';
const capacity = (cost: DesignCost) =>
  cost === undefined
    ? [NOTHING, NOTHING, NOTHING, NOTHING]
    : 'bytes' in cost
      ? [NOTHING, NOTHING, NOTHING, number.format(cost.bytes)]
      : [`${cost.calls} / ${cost.depth}`, cost.rcu, cost.wcu, NOTHING];

const DESIGN_HEAD = ['calls / depth', 'RCU', 'WCU', 'bytes'];

function designTable(rows: readonly DesignRow[]): string {
  const heads = ['items', 'map'].flatMap((design) => DESIGN_HEAD.map((head) => `${design}: ${head}`));
  return table(
    ['Segments', 'What', ...heads],
    rows.map(({ segments, what, items, map }) => [segments, what, ...capacity(items), ...capacity(map)]),
    [0, 2, 3, 4, 5, 6, 7, 8, 9],
  );
}

/** `docs/personalisation.md`, as it is and as it should be. */
export const personalisationPage = (rows: readonly RequestCost[], designs: readonly DesignRow[]) =>
  pageWith('personalisation.md', { requests: requestTable(rows), designs: designTable(designs) });

/** `docs/items.md`, as it is and as it should be. */
export const itemsPage = (rows: readonly RequestCost[]) => pageWith('items.md', { requests: requestTable(rows) });

/** `docs/event-sourcing.md`, as it is and as it should be. */
export const eventSourcingPage = (rows: readonly RequestCost[]) =>
  pageWith('event-sourcing.md', { 'event-sourcing': requestTable(rows) });
