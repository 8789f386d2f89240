/**
 * `npm run bench -- indexing`: what bringing changes into an index takes. First the processor, for 1,000 records of a
 * stream to the bodies of bulk requests, beside `JSON.stringify` of the same documents alone in the same run, interleaved;
 * then how long it is from a write's answer until a search finds it, on the local runner with the example `search`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { compared, type Figure, type Outcome, quantile as at } from './results';
import { bulksOf } from '../lambda/search-index-pipeline/bulk';
import { changesOf, latest } from '../lambda/search-index-pipeline/changes';
import { documentOf, type Image } from '../lambda/search-index-pipeline/source';
import { startApp } from '../local/runner';
import { bundleAll } from '../scripts/bundle';
import { ARTICLES, recordOf, textAt } from '../test/support/search-records';

const ROUNDS = Number(process.env.ROUNDS ?? 21);
const RECORDS = 1_000;
const SOURCE = { ...ARTICLES, fields: [...ARTICLES.fields, 'body'] };

/** Writes whose way to the index is timed. */
const WRITES = 100;

/**
 * Lambda looks at an idle shard of a stream four times a second; a warm run of the indexer with its bulk request takes
 * about 100 ms; what is written is found after the next refresh, one a second.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html (polling)
 */
const MODEL = { poll: 250, run: 100, refresh: 1_000 };

function cpu(action: () => unknown): number {
  const before = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function conversions(size: number): Figure {
  const items = Array.from({ length: RECORDS }, (_, index) =>
    textAt(`01a20107-55af-710d-82cd-${String(index).padStart(12, '0')}`, index + 1, {
      body: { S: 'word '.repeat(size / 5) },
    }),
  );
  const records = items.map((item, index) => recordOf(index, undefined, item));
  const documents = items.map((item) => documentOf(item as Image, SOURCE));
  const whole: number[] = [];
  const json: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    whole.push(
      cpu(() =>
        bulksOf(latest(records.flatMap((record) => changesOf(record, SOURCE).map((change) => ({ record, change }))))),
      ),
    );
    json.push(cpu(() => documents.map((document) => JSON.stringify(document))));
  }
  return compared(
    `${RECORDS} records to bulk requests, texts of ${size} B`,
    'ms CPU',
    whole,
    { name: 'JSON.stringify alone', values: json },
    { of: 'value', most: 4 },
  );
}

/** Of draws in equal steps over what is waited for. */
function modelled(share: number): number {
  const times: number[] = [];
  for (let poll = 0; poll < 100; poll++) {
    for (let refresh = 0; refresh < 100; refresh++) {
      times.push((MODEL.poll * poll) / 99 + MODEL.run + (MODEL.refresh * refresh) / 99);
    }
  }
  return at(times, share);
}

async function visibility(): Promise<readonly number[]> {
  await bundleAll();
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-indexing-'));
  const example = path.join(__dirname, '..', 'examples', 'search');
  const outdir = path.join(folder, 'cdk.out');
  spawnSync(process.execPath, ['--import', 'tsx', 'app.ts'], {
    cwd: example,
    env: { ...process.env, CDK_OUTDIR: outdir },
  });
  if (!existsSync(outdir)) throw new Error('examples/search does not synthesize');
  const app = await startApp({ assembly: outdir, port: 0, log: () => undefined });
  try {
    const url = String(app.outputs.BookSearch.Url).replace(/\/$/, '');
    const times: number[] = [];
    for (let number = 0; number <= WRITES; number++) {
      const title = `visible${number}`;
      const body = JSON.stringify({ title, author: 'Somebody', subjects: [], year: 2000 });
      const put = await fetch(`${url}/books/isbn-${number}`, {
        method: 'PUT',
        body,
        headers: { 'content-type': 'application/json' },
      });
      if (!put.ok) throw new Error(`PUT is ${put.status}`);
      const began = performance.now();
      for (;;) {
        const found = (await (await fetch(`${url}/books?search=${title}`)).json()) as { total: number };
        if (found.total > 0) break;
      }
      // The first waits for cold functions.
      if (number > 0) times.push(performance.now() - began);
    }
    return times;
  } finally {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const FOUND = [
  { share: 0.5, most: 1000 },
  { share: 0.99, most: 2000 },
];

export async function indexing(tell: (what: string) => void): Promise<Outcome> {
  const converted = [200, 2_000].map(conversions);
  const byModel = FOUND.map(({ share, most }): Figure => ({
    name: `from a write to a search that finds it, p${share * 100}, by model of AWS`,
    unit: 'ms',
    value: Math.round(modelled(share)),
    budget: { of: 'value', most },
  }));
  tell(`${WRITES} writes, each until it is found`);
  const times = await visibility();
  const measured = FOUND.map(({ share }): Figure => ({
    name: `the same on the local runner, p${share * 100}, ${WRITES} writes`,
    unit: 'ms',
    value: Math.round(at(times, share)),
  }));
  return { rounds: ROUNDS, figures: [...converted, ...byModel, ...measured] };
}
