import { pairChart, ratioChart, verdict } from './chart';
import { LEVERS, savedBy } from './levers';
import { REASONS } from './reasons';
import {
  FEED_PARTS,
  type Figure,
  isMet,
  MEASURED,
  type Part,
  PARTS,
  type PartName,
  type Results,
  type Row,
  wasIdle,
} from './results';
import { table } from '../test/e2e/costs-page';

/** `docs/benchmarks.md` and its pictures, made from `bench/results.json` and nothing else. */

/** What is said of a part, whatever came out. */
interface Section {
  readonly title: string;
  readonly text: string;
  /** What bars of ratios are ratios of; none where there are no ratios to show. */
  readonly ratios?: string;
}

const SECTIONS: Readonly<Record<PartName, Section>> = {
  mix: {
    title: 'What a site costs',
    text: `DynamoDB's units of 1,000 requests of a site: articles of 6 KB with two tags, lists of 20 rows by 20 authors (one
where they are asked for by author), a viewer who follows 77 authors and whose feed has 924 rows, authors with 77 followers,
comments of ten users. Ours is counted on the running example (\`examples/full-system\` without a search index): in the
request, and on the stream after it. The original, an implementation in Go, is a model of its calls
(\`bench/mix/original.ts\`): it reads and writes whole articles, and each has two indexes with all attributes. Its global list
and its list by tag come from OpenSearch, whose domain is paid by the hour, and not by the request; one figure has them
charged as its feed is. At 0.125 USD a million read units and 0.625 a million write units. Below, what costs most
comes first; USD are of a million mixes.

Functions keep articles, authors and what changed lately in memory, so that a request costs less the more there are, until
there are so many changes that keeping up with them costs more. The figures by rate put a number on that: the shipped
repositories read for so many requests a second of the mix in sandboxes of their own, on a table in memory
(\`bench/mix/traffic.ts\`), with 2,000 authors and 500 tags, of which the n-th is as popular as one n-th of the first,
77 followed authors of each reader, every reader another, and half of the favorites on the first page; what is read of
cards and changes there replaces what a request reads alone. One request a second is 2,600 mixes a month.`,
    ratios: 'USD of a million mixes, by the original',
  },
  'cold-start': {
    title: 'First request',
    text: `Processor time of a function from an empty process to its first answer, by that of a plain handler with
\`@aws-sdk/client-dynamodb\` and \`@aws-sdk/lib-dynamodb\` built alike, which reads one item. Who asks is signed in, but
where it is said, and the tables have what is asked for, unchanged in the last 15 seconds: for so long after a change on
their pages, lists and feeds make a call or two more. Where the time goes was measured apart from the table, on a slower
run. Loading is half of a first request: compiling took 0.05 ms a kB, and built-in modules 10 ms. Of a feed's 70 ms there a
bare client with one call took 40, seven more calls 11 (a list makes five more), and 19 were the token, the schemas, the HTTP
layer and the feed itself, in code that runs for the first time. An engine's compile cache would save much of it, but cannot
be shipped, because it holds for one build of V8 alone, and what Lambda lets functions write, \`/tmp\`, is empty in a new
sandbox. Calls are made without TLS: on AWS each connection has a handshake besides.`,
    ratios: "processor time by the plain handler's",
  },
  warm: {
    title: 'A warm list',
    text: `Processor time of a list of 20 articles by 20 authors in a process that has answered before, and so remembers them, by that
of one plain call of the same SDK to the same engine: a Query of 20 rows and a BatchGetItem of 20 articles, in turn.`,
    ratios: "processor time by one plain call's",
  },
  synth: {
    title: 'Synthesis',
    text: `Processor time of a process that synthesizes the full example, with the CloudFormation validator off, and of its
children.`,
    ratios: 'processor time by that of the baseline in the table',
  },
  indexing: {
    title: 'Indexing',
    text: `Processor time from records of a stream to the bodies of bulk requests, and how long after its answer a write
is found, with the Lambda ingestion.`,
  },
  feed: {
    title: 'Fan-out',
    text: `A worker that delivers articles to 10,000 followers beside a bare loop of BatchWriteItem that writes as many rows, on
DynamoDB Local: processor time of the client for each batch of 25 rows, reads and messages of the worker included.`,
    ratios: "by the bare loop's",
  },
  'feed-delivery': {
    title: 'Fan-out to 100,000 followers',
    text: `An article of an author with 100,000 followers, of whom a thousand go and a thousand others come, until it is
deleted: after each step whose feed has it is compared with who follows. All are pushed to.`,
  },
  'feed-memory': {
    title: 'Memory of fan-out',
    text: `The function that plans and delivers, as it is shipped, in a process of its own: the most memory in use after garbage is
collected, and the most of the process, while an article goes to so many followers; beside it a bare loop of
BatchWriteItem with the SDK alone. From some thousand followers on a worker has its hands full: how little more it
has in use for ten times as many is the last row.`,
    ratios: 'by that of the baseline in the table',
  },
};

const amount = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 });

function figureTable(figures: readonly Figure[]): string {
  const row = (figure: Figure) => {
    const { name, unit, value, baseline, ratio, spread } = figure;
    const missed = isMet(figure) === false;
    return [
      name,
      `${amount.format(value)} ${unit}`.trim(),
      baseline ? `${amount.format(baseline.value)}, ${baseline.name}` : '',
      ratio === undefined ? '' : String(ratio),
      spread ? `${spread[0]} to ${spread[1]}` : '',
      missed ? `**${verdict(figure)}**` : verdict(figure),
    ];
  };
  return table(['What', 'Value', 'Baseline', 'Ratio', 'Middle half', 'Budget'], figures.map(row), [3]);
}

/** Columns that hold numbers alone, or `8/6`, are set to the right. */
function rowTable(head: Row, rows: readonly Row[]): string {
  const numbers = head.flatMap((_, column) =>
    rows.every((row) => /^[\d./]*$/.test(String(row[column]))) ? [column] : [],
  );
  return table(head.map(String), rows, numbers);
}

const duration = (seconds: number) => (seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} minutes`);

function where({ rounds, machine, versions, seconds }: Part): string {
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const times = rounds > 1 ? `Medians of ${rounds} rounds, interleaved. ` : '';
  const took = seconds === undefined ? '' : `Took ${duration(seconds)}. `;
  const load = machine.load === undefined ? ', load not noted' : `, load ${machine.load} before`;
  return `${times}${took}${machine.count} x ${machine.cpu}, ${machine.platform}${load}; ${packages.join(', ')}.`;
}

/** What is counted is the same on a busy machine; what is measured is not. */
function warning({ rounds, machine }: Part): string[] {
  if (rounds === 1 || wasIdle(machine) !== false) return [];
  return [
    `> **The machine was not idle**: its load was ${machine.load} on ${machine.count} processors before anything was measured.
> Ratios are of rounds one after the other, and still wider than on a quiet machine.`,
  ];
}

/** Why budgets are missed, where any are. */
function reasons(name: PartName, figures: readonly Figure[]): string[] {
  const missed = figures.filter((figure) => isMet(figure) === false);
  const told = missed.map(
    (figure) => `- ${figure.name}: ${REASONS[name]?.[figure.name] ?? 'why has not been measured.'}`,
  );
  return told.length > 0 ? [`What is missed, and why:`, told.join('\n')] : [];
}

/** What would make the mix cheaper. */
function levers({ figures: [mix] }: Part): string[] {
  const ratio = (saved: number) => (mix.baseline ? ((mix.value - saved) / mix.baseline.value).toFixed(2) : '');
  const rows = LEVERS.map((lever): Row => {
    const saved = Math.round(savedBy(lever));
    return [lever.name, amount.format(saved), ratio(saved), lever.givesUp.replaceAll('\n', ' ')];
  });
  return [
    `What each further lever would save, by the model of the mix, the ratio with it alone, and what it would give up:`,
    table(['Lever', 'USD less', 'Ratio', 'Gives up'], rows, [1, 2]),
  ];
}

const commandOf = (name: PartName) =>
  MEASURED.some((measured) => measured === name) ? `npm run bench -- ${name}` : `npm run bench:feed -- ${name}`;

const fileOf = (name: PartName, what = '') => `benchmarks-${name}${what}.svg`;

/** Pictures of a part, by their files, each with what it is for those who do not see it. */
function picturesOf(name: PartName, { figures, table: rows }: Part): { file: string; alt: string; svg: string }[] {
  const { title, ratios } = SECTIONS[name];
  const made = [];
  if (ratios) {
    made.push({ file: fileOf(name), alt: `${title}: ${ratios}`, svg: ratioChart(title, ratios, figures) });
  }
  if (name === 'mix' && rows) {
    const column = (row: Row, head: string) => row[rows.head.indexOf(head)];
    const pairs = rows.rows.map((row): Row => [row[0], column(row, 'USD'), column(row, "original's USD")]);
    const note = 'USD of a million mixes, what costs most first';
    const svg = pairChart('What costs most', note, ['ours', 'original'], pairs);
    made.push({ file: fileOf(name, '-requests'), alt: note, svg });
  }
  return made;
}

function section(name: PartName, part: Part | undefined): string {
  const { title, text } = SECTIONS[name];
  const content = part
    ? [
        ...warning(part),
        ...picturesOf(name, part).map(({ file, alt }) => `![${alt}](${file})`),
        figureTable(part.figures),
        ...reasons(name, part.figures),
        ...(part.table ? [rowTable(part.table.head, part.table.rows)] : []),
        ...(name === 'mix' ? levers(part) : []),
        where(part),
      ]
    : [`**Not measured yet**: \`${commandOf(name)}\` measures it.`];
  return [`## ${title}`, text, ...content].join('\n\n');
}

const namesOf = (names: readonly PartName[]) => names.map((name) => `\`${name}\``).join(', ');

const HEAD = `# Benchmarks

\`npm run bench\` and \`npm run bench:feed\` measure all of this and write the page. \`npm run bench -- mix\` measures one part
(${namesOf(MEASURED)}), \`npm run bench:feed -- feed\` one of the others
(${namesOf(FEED_PARTS)}), which need Java 17. What a part gives takes the place of what it gave before;
below it is said how long it took. \`ROUNDS\` says how many rounds, \`npm run bench -- page\` writes the page alone.

What is counted is the same everywhere. Processor time is compared with a baseline in the same run, one after the other
and again, because seconds differ by machine and by what else it does; budgets are of these ratios, but for indexing, whose
budgets are milliseconds. A ratio is the median of those of its rounds, and so not quite the value, a median, by that of its
baseline. A budget that is missed is shown as missed.`;

/** The page and its pictures, by their files below `docs/`. */
export function pagesOf(results: Results): Readonly<Record<string, string>> {
  const parts = PARTS.flatMap((name) => {
    const part = results[name];
    return part ? [{ name, part }] : [];
  });
  const page = [HEAD, ...PARTS.map((name) => section(name, results[name]))].join('\n\n');
  const pictures = parts.flatMap(({ name, part }) => picturesOf(name, part).map(({ file, svg }) => [file, svg]));
  return { 'benchmarks.md': `${page}\n`, ...(Object.fromEntries(pictures) as Record<string, string>) };
}
