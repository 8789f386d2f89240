import { readConfig } from './config';
import { PipelineEvent } from './events';
import { Pipeline, Position } from './pipeline';
import { pipelineYaml } from './testing';
import { inScope } from '../../test/support/scope';
import { seeded } from '../../test/support/seeded';
import { FaultSchedule } from '../aws/faults';
import { Json } from '../aws/protocol';
import { FollowedRecord } from '../storage';

const SECOND = 1_700_000_000;
const NO_FAULTS = {
  throttle: 0,
  internalError: 0,
  dropAnswer: 0,
  conflict: 0,
  coldStart: 0,
  partialBatch: 0,
  duplicate: 0,
  reorder: 0,
};

/** A table with its stream, and an index that keeps the versions of what was deleted. */
class World {
  public readonly table = new Map<string, Json>();
  public readonly index = new Map<string, { readonly version: number; readonly title?: unknown }>();
  public second = 0;
  /** Called where something else may happen at the same time. */
  public meanwhile?: () => void;
  private readonly records: FollowedRecord[] = [];
  private readonly listeners = new Set<() => void>();
  private position: Position = { startedAt: SECOND * 1000, exported: false };
  private pipeline: Pipeline | undefined;

  public put(isbn: string, title: string, kind = 'Book'): void {
    const item = { isbn: { S: isbn }, title: { S: title }, kind: { S: kind } };
    const oldImage = this.table.get(isbn);
    this.table.set(isbn, item);
    this.record({
      eventName: oldImage === undefined ? 'INSERT' : 'MODIFY',
      keys: { isbn: item.isbn },
      newImage: item,
      oldImage,
    });
  }

  public remove(isbn: string): void {
    const oldImage = this.table.get(isbn);
    if (!this.table.delete(isbn)) return;
    this.record({ eventName: 'REMOVE', keys: { isbn: { S: isbn } }, oldImage });
  }

  /** A pipeline, or the next one, which goes on where that one was. */
  public start(faults = new FaultSchedule(undefined)): void {
    const { sequenceNumber } = this.position;
    let at = sequenceNumber === undefined ? 0 : Number(sequenceNumber) - 1;
    const rest = () => this.records.slice(at);
    this.pipeline = new Pipeline({
      ...{ name: 'books', position: this.position, faults, collectMs: 0 },
      config: readConfig(pipelineYaml(), 'us-east-1', (message) => {
        throw new Error(message);
      }),
      table: {
        ...{ arn: 'arn:table/Books', partitionKey: 'isbn', pointInTimeRecovery: true },
        pages: () => this.pages(),
        follow: () => Promise.reject(new Error('is followed already')),
      },
      follower: {
        get waiting() {
          return rest().length;
        },
        // Few at a time, so that batches end anywhere.
        next: () => rest().slice(0, 7),
        advance: (count) => void (at += count),
        onRecords: (listener) => void this.listeners.add(listener),
        settle: async () => undefined,
      },
      sink: { write: async (events) => this.write(events) },
      stats: { indexed: 0, deleted: 0, outdated: 0, refused: 0 },
      save: (moved) => void (this.position = moved),
      log: () => undefined,
    });
    this.pipeline.start();
  }

  public async end(): Promise<void> {
    await this.pipeline?.settle();
    await this.pipeline?.close();
    this.listeners.clear();
  }

  /** Titles by id: what the index has, and what it should have. */
  public titles(): readonly [found: unknown, wanted: unknown] {
    const found = [...this.index].flatMap(([isbn, { title }]) => (title === undefined ? [] : [[isbn, title]]));
    const books = [...this.table].filter(([, { kind }]) => (kind as { S: string }).S === 'Book');
    const wanted = books.map(([isbn, { title }]) => [isbn, (title as { S: string }).S]);
    return [found.sort(), wanted.sort()];
  }

  private record(record: Pick<FollowedRecord, 'eventName' | 'keys' | 'newImage' | 'oldImage'>): void {
    const sequenceNumber = `${this.records.length + 1}`;
    this.records.push({ ...record, shardId: 's', sequenceNumber, due: 0, writtenAt: SECOND + this.second });
    for (const listener of this.listeners) listener();
  }

  private async *pages(): AsyncIterable<readonly Json[]> {
    for (const isbn of [...this.table.keys()].sort()) {
      this.meanwhile?.();
      const item = this.table.get(isbn);
      if (item !== undefined) yield [item];
    }
  }

  private async write(events: readonly PipelineEvent[]): Promise<void> {
    this.meanwhile?.();
    for (const { data, metadata } of events) {
      const [isbn, version] = [String(data.isbn), Number(metadata.document_version)];
      if (version <= (this.index.get(isbn)?.version ?? -1)) continue;
      const isDelete = metadata.opensearch_action === 'delete';
      this.index.set(isbn, { version, ...(isDelete ? {} : { title: data.title }) });
    }
  }
}

test.each([
  ['one worker', NO_FAULTS],
  ['workers that overtake each other', { ...NO_FAULTS, reorder: 0.5 }],
])('%s: whatever is written before, during and after the export, the index ends as the table', async (_, rates) => {
  for (let seed = 1; seed <= inScope(25, 100); seed += 1) {
    const random = seeded(seed);
    const pick = (count: number) => Math.floor(random() * count);
    const world = new World();
    let left = 60;
    const change = (): void => {
      if (left === 0) return;
      left -= 1;
      if (pick(8) === 0) world.second += 1;
      const isbn = `${pick(4)}`;
      if (pick(3) === 0) world.remove(isbn);
      // The kind of an item stays what it was.
      else world.put(isbn, `title ${left}`, isbn === '3' ? 'Film' : 'Book');
    };
    for (let n = 0; n < 15; n += 1) change();
    world.meanwhile = () => {
      for (let n = pick(4); n > 0; n -= 1) change();
    };
    world.start(new FaultSchedule(seed, rates, () => undefined));
    await world.end();
    // The next one takes over in another second.
    world.second += 1;
    world.start(new FaultSchedule(seed + 1000, rates, () => undefined));
    while (left > 0) change();
    await world.end();
    const [found, wanted] = world.titles();
    expect([seed, found]).toEqual([seed, wanted]);
  }
});

test('of two changes within a second the later is lost where another reader takes over between, until the next', async () => {
  const world = new World();
  world.start();
  world.put('1', 'first');
  world.put('1', 'second');
  await world.end();
  world.start();
  world.put('1', 'third');
  await world.end();
  expect(world.titles()[0]).toEqual([['1', 'second']]);
  world.second += 1;
  world.start();
  world.put('1', 'fourth');
  await world.end();
  expect(world.titles()[0]).toEqual([['1', 'fourth']]);
});
