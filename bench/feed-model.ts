/**
 * `npm run model:feed`: what feeds of a hundred million users would take, by arithmetic and a seeded queue, written into
 * docs/feed.md with its chart; a test compares. Nothing of it is measured but what docs/feed.md names.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { seeded } from '../test/support/seeded';

const USERS = 100e6;
const MEAN = 77;
const SHAPE = 1.35;
const POSTS = 0.2;
const ACTIVE = 0.3;
/** Pages of a feed that an active user opens a day. */
const VIEWS = 8;
/** Of those not active, who come back on a day; as many leave. */
const RETURNS = 0.001;
/** Days between two marks of one who reads every day: a quarter of `activeWithin`. */
const MARK_DAYS = 28 / 4;
const TTL_DAYS = 60;
/** Posts in the busiest hour, beside the mean. */
const PEAK = 2;
const ROWS_A_SECOND = 40_000;
const PULL_ABOVE = 10_000;
/** Fewest followers of an author, by the mean. */
const LEAST = (MEAN * (SHAPE - 1)) / SHAPE;
/** Most followers, of so many authors, as is to be expected. */
const MOST = LEAST * USERS ** (1 / SHAPE);

const PRICE = { wru: 0.625e-6, rru: 0.125e-6, sqs: 0.4e-6, invocation: 0.2e-6, gbSecond: 0.0000133334 };
/** Of a worker: memory in GB, rows a second, and seconds of a message beside its rows; messages of one run. */
const WORKER = { memory: 0.5, rows: 1_000, message: 0.02, batch: 5 };
const SHARDS = 4;
const CHUNK = 500;
/** Bytes of an edge to a follower, and of a row of a feed. */
const EDGE = 160;
const ROW = 140;
const UNIT = 4_096;

/** How it is known to whom to push: what marks, edges and the worker's reads take a day, in USD, beside the rows. */
interface Knowing {
  readonly name: string;
  /** For each page of a feed, active user, pushed edge (of an article and a follower), and user who leaves or returns. */
  readonly usd: (a: { pages: number; active: number; edges: number; moving: number }) => number;
}

const markRead = 0.5 * PRICE.rru;
const marks = ({ pages, active, moving }: { pages: number; active: number; moving: number }) =>
  pages * markRead + (active / MARK_DAYS) * PRICE.wru + moving * (PRICE.wru + 2 * PRICE.rru);
/**
 * FeedFanout's: a transaction over both edges of each follow as its reader leaves, and an update of each as they return.
 * On return the worker reads the feed, and of each author who is followed the row in the list of the pulled, the edges of
 * the newest articles, once more of those that it has, and whether rows are on their way out.
 */
const BY_EDGES: Knowing = {
  name: 'a state of each follow, changed as its reader leaves and returns',
  usd: (a) =>
    marks(a) +
    (a.moving / 2) * MEAN * (4 + 2) * PRICE.wru +
    (a.moving / 2) * (MEAN * 4 + (POSTS * TTL_DAYS * MEAN * ROW) / UNIT) * PRICE.rru,
};
const KNOWING: readonly Knowing[] = [
  BY_EDGES,
  {
    name: 'the worker reads a mark of each follower, eventually consistent',
    usd: (a) => marks(a) + a.edges * markRead,
  },
  {
    name: 'the same, consistently, as a return and a post close together ask for',
    usd: (a) => marks(a) + a.edges * 2 * markRead,
  },
  {
    name: 'the time of the last visit on each follow, written once a week',
    usd: ({ active }) => ((active * MEAN) / MARK_DAYS) * PRICE.wru,
  },
  {
    name: 'the same, written once a day',
    usd: ({ active }) => active * MEAN * PRICE.wru,
  },
];

/**
 * What it takes once, as it is switched on: nobody has a mark, and each active user's first one is told of. The worker looks
 * for the mark and at all of their follows, and finds none dormant.
 */
const FIRST: readonly (readonly [string, number])[] = [
  ['mark', PRICE.wru],
  ['message, to and fro', 2 * PRICE.sqs],
  ['reads of mark and follows', (1 + Math.ceil((MEAN * EDGE) / UNIT)) * PRICE.rru],
  ['Lambda', WORKER.message * WORKER.memory * PRICE.gbSecond + PRICE.invocation / WORKER.batch],
];

interface Scheme {
  readonly name: string;
  readonly short: string;
  readonly pullAbove: number;
  /** Share of followers who are pushed to. */
  readonly pushedTo: number;
}
const SCHEMES: readonly Scheme[] = [
  { name: 'push to all', short: 'push to all', pullAbove: Infinity, pushedTo: 1 },
  { name: 'pull above 10,000 (FeedFanout)', short: 'pull above 10,000', pullAbove: PULL_ABOVE, pushedTo: 1 },
  {
    name: 'the same, pushed to the active alone (activeWithin)',
    short: 'and only to the active',
    pullAbove: PULL_ABOVE,
    pushedTo: ACTIVE,
  },
];

/** Followers of the author at this place among all, from 0 to 1. */
const followersAt = (place: number) => Math.min(MOST, LEAST / (1 - place) ** (1 / SHAPE));

/** The mean of something over all authors, in steps that halve towards the very followed. */
function overAuthors(value: (followers: number) => number): number {
  let sum = 0;
  let rest = 1;
  while (rest > 1e-9) {
    const steps = 64;
    for (let step = 0; step < steps; step++) {
      const place = 1 - rest + (rest / 2) * ((step + 0.5) / steps);
      sum += value(followersAt(place)) * (rest / 2 / steps);
    }
    rest /= 2;
  }
  return sum;
}

interface Costs {
  readonly rows: number;
  readonly lines: readonly (readonly [string, number])[];
  readonly writes: number;
  readonly total: number;
}

function costsOf({ pullAbove, pushedTo }: Scheme): Costs {
  const posts = USERS * POSTS;
  const isPushed = (followers: number) => followers <= pullAbove;
  const pushed = (value: (followers: number) => number) =>
    posts * overAuthors((followers) => (isPushed(followers) ? value(followers) : 0));
  const rows = pushed((followers) => followers * pushedTo);
  const chunks = (followers: number) => SHARDS * Math.ceil(followers / SHARDS / CHUNK);
  const messages = posts + pushed(chunks);
  // The planner reads the article and its followers, each message to the worker both once more.
  const edges = (followers: number) => Math.max(chunks(followers), (followers * EDGE) / UNIT);
  const reads = posts + pushed((followers) => 2 * edges(followers) + chunks(followers));
  const pulledFollowees = overAuthors((followers) => (isPushed(followers) ? 0 : followers));
  const pulls = USERS * ACTIVE * VIEWS * pulledFollowees * 0.5;
  const back = pushedTo < 1 ? USERS * (1 - ACTIVE) * RETURNS : 0;
  const rebuilt = back * MEAN * POSTS * TTL_DAYS;
  const known = pushedTo < 1 ? BY_EDGES.usd(scaleOf(pullAbove)) : 0;
  const seconds = rows / WORKER.rows + messages * WORKER.message;
  const writes = (rows + posts + rebuilt) * PRICE.wru + (pushedTo < 1 ? writesOfEdges() : 0);
  const lines: [string, number][] = [
    ['rows of feeds', rows * PRICE.wru],
    ['rows of authors', posts * PRICE.wru],
    ['feeds of those who come back', rebuilt * PRICE.wru],
    ['who is active', known],
    ['reads of planner and worker', reads * PRICE.rru],
    ['lists of pulled authors, at each page', pulls * PRICE.rru],
    ['SQS', 2 * messages * PRICE.sqs],
    ['Lambda', (messages / WORKER.batch) * PRICE.invocation + seconds * WORKER.memory * PRICE.gbSecond],
  ];
  return { rows, lines, writes, total: lines.reduce((sum, [, usd]) => sum + usd, 0) };
}

/** What knowing is paid by. */
function scaleOf(pullAbove: number) {
  const moving = 2 * USERS * (1 - ACTIVE) * RETURNS;
  const edges = USERS * POSTS * overAuthors((followers) => (followers <= pullAbove ? followers : 0));
  return { pages: USERS * ACTIVE * VIEWS, active: USERS * ACTIVE, edges, moving };
}

/** Writes among that. */
function writesOfEdges(): number {
  const { active, moving } = scaleOf(PULL_ABOVE);
  return (active / MARK_DAYS + moving / 2 + (moving / 2) * MEAN * (4 + 2)) * PRICE.wru;
}

const BUCKETS = [100, 1_000, 10_000, 100_000, 1_000_000, Infinity];

/** Delays in seconds of one bucket of authors, until the last follower has the row: p50, p99 and the longest. */
type Delays = readonly (readonly [number, number, number] | undefined)[];

/** The busiest hour, as one queue in front of the table: rows are written in the order of their posts. */
function delaysOf({ pullAbove, pushedTo }: Scheme): Delays {
  const random = seeded(1);
  const rate = (USERS * POSTS * PEAK) / 86_400;
  const found: number[][] = BUCKETS.map(() => []);
  let backlog = 0;
  let before = 0;
  for (let at = 0; at < 3_600;) {
    at += -Math.log(1 - random()) / rate;
    backlog = Math.max(0, backlog - (at - before) * ROWS_A_SECOND);
    before = at;
    const followers = followersAt(random());
    // A shard is looked at four times a second; then the router, two messages, and a write.
    const steps = 0.25 * random() + 0.05 + 2 * (0.02 + 0.08 * random()) + 0.03;
    if (followers <= pullAbove) backlog += followers * pushedTo;
    const waits = followers <= pullAbove ? backlog / ROWS_A_SECOND : 0;
    found[BUCKETS.findIndex((bound) => followers < bound)].push(steps + waits);
  }
  return found.map((delays) => {
    if (delays.length === 0) return undefined;
    delays.sort((a, b) => a - b);
    const share = (part: number) => delays[Math.min(delays.length - 1, Math.floor(delays.length * part))];
    return [share(0.5), share(0.99), delays[delays.length - 1]];
  });
}

const whole = (value: number) => Math.round(value).toLocaleString('en-US');
const secondsText = (value: number) => (value < 10 ? value.toFixed(1) : whole(value));

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows];
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column].length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join(' | ')} |`;
  const rule = widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

const bucketNames = BUCKETS.map((bound, index) => {
  const from = index === 0 ? Math.round(LEAST) : BUCKETS[index - 1];
  return bound === Infinity ? `${whole(from)} and more` : `${whole(from)} to ${whole(bound)}`;
});

const COSTS = SCHEMES.map(costsOf);
const DELAYS = SCHEMES.map(delaysOf);

/** What docs/feed.md has between its marks. */
function tables(): Readonly<Record<'cost' | 'delay' | 'knowing' | 'first', string>> {
  const names = SCHEMES.map(({ short }) => short);
  const usd = (value: number) => whole(value);
  const cost = table(
    ['A day', ...names],
    [
      ['rows written a second, mean', ...COSTS.map(({ rows }) => whole(rows / 86_400))],
      ['rows written a second, busiest hour', ...COSTS.map(({ rows }) => whole((PEAK * rows) / 86_400))],
      ...COSTS[0].lines.map(([name], at) => [`${name}, USD`, ...COSTS.map(({ lines }) => usd(lines[at][1]))]),
      ['**all, USD**', ...COSTS.map(({ total }) => `**${usd(total)}**`)],
      ['of which writes of DynamoDB, USD', ...COSTS.map(({ writes }) => usd(writes))],
      ['beside push to all', ...COSTS.map(({ total }) => (total / COSTS[0].total).toFixed(2))],
    ],
  );
  const text = (found: Delays[number]) => (found ? found.map(secondsText).join(' / ') : '-');
  const delay = table(
    ['Followers', ...names],
    bucketNames.map((name, bucket) => [name, ...DELAYS.map((found) => text(found[bucket]))]),
  );
  const [, pulled, active] = COSTS;
  const without = active.total - BY_EDGES.usd(scaleOf(PULL_ABOVE));
  const knowing = table(
    ['How it is known who is active', 'USD a day', 'all, USD', 'saved'],
    KNOWING.map((how) => {
      const usdOf = how.usd(scaleOf(PULL_ABOVE));
      const all = without + usdOf;
      return [how.name, usd(usdOf), usd(all), `${Math.round(100 * (1 - all / pulled.total))} %`];
    }),
  );
  const readers = USERS * ACTIVE;
  const sum = FIRST.reduce((all, [, price]) => all + price, 0);
  const first = table(
    ['Once, as it is switched on', 'for all'],
    [
      ...FIRST.map(([name, price]) => [`${name}, USD`, usd(readers * price)]),
      ['**all, USD**', `**${usd(readers * sum)}**`],
      ['messages a second, where all come within a day, busiest hour', whole((PEAK * readers) / 86_400)],
    ],
  );
  return { cost, delay, knowing, first };
}

const COLOURS = ['#bc4c00', '#0969da', '#1a7f37'];

/** Delays by followers, both by powers of ten. */
export function chart(): string {
  const [left, top, width, height] = [70, 90, 560, 280];
  const y = (seconds: number) => top + height - ((Math.log10(seconds) + 1) / 3) * height;
  const x = (bucket: number) => left + ((bucket + 0.5) / BUCKETS.length) * width;
  const parts: string[] = [];
  for (let power = -1; power <= 2; power++) {
    const at = y(10 ** power).toFixed(1);
    const label = power < 0 ? '0.1 s' : `${whole(10 ** power)} s`;
    parts.push(
      `<path class="grid" d="M${left} ${at}H${left + width}"/><text class="axis" x="${left - 8}" y="${Number(at) + 4}">${label}</text>`,
    );
  }
  bucketNames.forEach((_, bucket) => {
    const from = bucket === 0 ? Math.round(LEAST) : BUCKETS[bucket - 1];
    parts.push(
      `<text class="note middle" x="${x(bucket).toFixed(1)}" y="${top + height + 20}">from ${whole(from)}</text>`,
    );
  });
  parts.push(
    `<text class="note middle" x="${left + width / 2}" y="${top + height + 42}">followers of the author</text>`,
  );
  DELAYS.forEach((found, scheme) => {
    const line = (of: number) =>
      found.flatMap((delay, bucket) => (delay ? [`${x(bucket).toFixed(1)} ${y(delay[of]).toFixed(1)}`] : [])).join('L');
    const dash = scheme === 2 ? ' stroke-dasharray="9 3"' : '';
    parts.push(`<path class="line" stroke="${COLOURS[scheme]}"${dash} d="M${line(1)}"/>`);
    parts.push(`<path class="line thin" stroke="${COLOURS[scheme]}" d="M${line(0)}"/>`);
  });
  const most = Math.max(...COSTS.map(({ total }) => total));
  COSTS.forEach(({ total }, scheme) => {
    const at = top + 30 + scheme * 84;
    const long = (total / most) * 240;
    parts.push(
      `<text x="680" y="${at}">${SCHEMES[scheme].short}</text>` +
        `<rect x="680" y="${at + 8}" width="${long.toFixed(1)}" height="22" fill="${COLOURS[scheme]}"/>` +
        `<text class="note" x="680" y="${at + 47}">${whole(total)} USD a day</text>`,
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 980 440" role="img" aria-labelledby="title desc">
  <title id="title">Feeds of 100 million users, by model</title>
  <desc id="desc">How long it takes in the busiest hour until the last follower has an article, by the number of followers: half of the articles below the thin line, 99 of 100 below the thick one. Beside it, what a day costs.</desc>
  <style>
    text { font: 14px -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; }
    .head { font-weight: 600; font-size: 16px; }
    .note { font-size: 12px; fill: #57606a; }
    .axis { font-size: 12px; fill: #57606a; text-anchor: end; }
    .middle { text-anchor: middle; }
    .grid { stroke: #d0d7de; }
    .line { fill: none; stroke-width: 3; }
    .thin { stroke-width: 1.5; stroke-dasharray: 2 3; }
  </style>
  <rect width="980" height="440" fill="#ffffff"/>
  <text class="head" x="${left}" y="36">Delay until the last follower has an article</text>
  <text class="note" x="${left}" y="58">busiest hour of 100 million users; solid: p99, dotted: p50</text>
  <text class="head" x="680" y="36">Cost</text>
  <text class="note" x="680" y="58">AWS list prices, us-east-1</text>
  ${parts.join('\n  ')}
</svg>
`;
}

const docs = path.join(__dirname, '..', 'docs');
export const PAGE = path.join(docs, 'feed.md');
export const PICTURE = path.join(docs, 'feed.svg');

/** The page with the model's tables in their places. @throws Error where it has no such place */
export function pageWith(page: string): string {
  return Object.entries(tables()).reduce((text, [name, made]) => {
    const place = new RegExp(`(<!-- modelled: ${name} -->\n\n)[^]*?(\n\n<!-- end -->)`);
    if (!place.test(text)) throw new Error(`docs/feed.md has no place for ${name}`);
    return text.replace(place, (_, before: string, after: string) => before + made + after);
  }, page);
}

if (require.main === module) {
  writeFileSync(PAGE, pageWith(readFileSync(PAGE, 'utf8')));
  writeFileSync(PICTURE, chart());
  process.stdout.write(`${Object.values(tables()).join('\n\n')}\n`);
}
