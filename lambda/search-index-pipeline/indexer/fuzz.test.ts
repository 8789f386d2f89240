import type { DynamoDBRecord } from 'aws-lambda';
import { indexRecords } from './use-case';
import { ARTICLES, type Attributes, recordOf, textAt } from '../../../test/support/search-records';
import { seeded } from '../../../test/support/seeded';
import { VersionedIndex } from '../../../test/support/versioned-index';
import { documentOf } from '../source';

/** `npm run fuzz:search` asks for all of them. A run that failed is run alone by its seed. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 300);
const ONLY = process.env.FUZZ_SEED === undefined ? undefined : Number(process.env.FUZZ_SEED);

/** A table, and records of its stream. */
class Table {
  public readonly items = new Map<string, Attributes>();
  public readonly records: DynamoDBRecord[] = [];
  private made = 0;

  public constructor(private readonly random: () => number) {}

  public act(): void {
    const ids = [...this.items.keys()];
    const draw = this.random();
    if (ids.length === 0 || draw < 0.3) return this.write(`item-${++this.made}`);
    const id = ids[Math.floor(this.random() * ids.length)];
    return draw < 0.8 ? this.write(id) : this.remove(id);
  }

  /** What an index must hold. */
  public documents(): Record<string, unknown> {
    const all = [...this.items].map(([id, item]): [string, unknown] => [id, documentOf(item, ARTICLES)]);
    return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  private write(id: string): void {
    const old = this.items.get(id);
    const now = textAt(id, Number(old?.version.N ?? 0) + 1);
    this.items.set(id, now);
    this.records.push(recordOf(this.records.length, old, now));
  }

  private remove(id: string): void {
    const old = this.items.get(id);
    this.items.delete(id);
    this.records.push(recordOf(this.records.length, old, undefined));
  }
}

/**
 * Items change while batches of their records come out of order, more than once, at once, with answers that are lost
 * and lines that are refused for now, and while a scan of the table is written as well.
 */
async function run(seed: number): Promise<{ wanted: unknown; got: unknown }> {
  const random = seeded(seed);
  const below = (bound: number) => Math.floor(random() * bound);
  const table = new Table(random);
  const index = new VersionedIndex();
  let calm = false;
  const ports = {
    targets: async () => [{ index: 'articles-000001', source: ARTICLES }],
    bulk: async (_: string, body: string) => {
      // Others come in between a request and its effect.
      for (let ticks = below(4); ticks > 0; ticks--) await Promise.resolve();
      if (!calm && random() < 0.05) throw new Error('not reached');
      const answer = index.bulk(body, () => (!calm && random() < 0.1 ? [429, 503, 404][below(3)] : undefined));
      if (!calm && random() < 0.05) throw new Error('answer lost');
      return answer;
    },
    bury: async (bodies: readonly string[]) => {
      throw new Error(`Seed ${seed}: buried ${bodies.join()}`);
    },
    rejected: async () => undefined,
    delayed: async () => undefined,
  };
  /** Records that wait, in batches as shards give them out. */
  const waiting: DynamoDBRecord[][] = [];
  const deliver = async (batch: DynamoDBRecord[]) => {
    const failed = await indexRecords(batch, ports);
    if (failed !== undefined) {
      waiting.push(batch.filter(({ dynamodb }) => BigInt(dynamodb!.SequenceNumber!) >= BigInt(failed)));
    }
  };
  /** A reader of the table writes what it saw, as a backfill does. */
  const scanned: DynamoDBRecord[] = [];
  let read = 0;
  const take = () => {
    const batch = table.records.slice(read, read + 1 + below(12));
    read += batch.length;
    if (batch.length > 0) waiting.push(batch);
  };
  const anyBatch = () => waiting.splice(below(waiting.length), 1)[0];

  for (let step = 0; step < 60; step++) {
    const draw = random();
    if (draw < 0.5) {
      table.act();
    } else if (draw < 0.6) {
      scanned.push(...[...table.items.values()].map((item) => recordOf(0, undefined, item)));
    } else if (draw < 0.65 && scanned.length > 0) {
      await deliver(scanned.splice(0, 1 + below(10)));
    } else if (draw < 0.8) {
      take();
    } else if (waiting.length > 0) {
      const batch = anyBatch();
      if (random() < 0.2) waiting.push(batch);
      await Promise.all([deliver(batch), ...(waiting.length > 0 && random() < 0.3 ? [deliver(anyBatch())] : [])]);
    }
  }
  calm = true;
  while (read < table.records.length) take();
  if (scanned.length > 0) waiting.push(scanned);
  for (let left = 1000; waiting.length > 0; left--) {
    if (left === 0) throw new Error(`Seed ${seed}: a batch fails for ever`);
    await deliver(anyBatch());
  }
  return { wanted: table.documents(), got: index.documents() };
}

test(`${ONLY === undefined ? `${RUNS} runs` : `run ${ONLY}`} with faults end with the index equal to the table`, async () => {
  let documents = 0;
  for (let seed = ONLY ?? 1; seed <= (ONLY ?? RUNS); seed++) {
    const { wanted, got } = await run(seed);
    expect({ seed, documents: got }).toEqual({ seed, documents: wanted });
    documents += Object.keys(wanted as object).length;
  }
  expect(documents).toBeGreaterThan(ONLY === undefined ? RUNS : -1);
});
