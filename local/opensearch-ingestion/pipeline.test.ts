import { readConfig } from './config';
import { PipelineEvent } from './events';
import { Pipeline, Position } from './pipeline';
import { Changes, pipelineYaml } from './testing';
import { FaultSchedule } from '../aws/faults';
import { Json } from '../aws/protocol';
import { FollowedRecord } from '../storage';

const SECOND = 1_700_000_000;

/** A table, an index in memory and a pipeline between them. */
class World {
  public readonly records: FollowedRecord[] = [];
  public readonly written: string[] = [];
  public readonly saved: Position[] = [];
  public readonly logs: string[] = [];
  public readonly items: Json[] = [];
  public failing = 0;
  public readonly pipeline: Pipeline;
  public position = 0;
  private readonly listeners = new Set<() => void>();

  public constructor({
    position = { startedAt: SECOND * 1000, exported: false },
    changes,
    faults = new FaultSchedule(undefined),
    collectMs = 0,
  }: { position?: Position; changes?: Changes; faults?: FaultSchedule; collectMs?: number } = {}) {
    this.pipeline = new Pipeline({
      ...{ name: 'books', position, faults, collectMs },
      config: readConfig(pipelineYaml({}, changes), 'us-east-1', (message) => {
        throw new Error(message);
      }),
      table: {
        ...{ arn: 'arn:aws:dynamodb:us-east-1:000000000000:table/Books', partitionKey: 'isbn' },
        pointInTimeRecovery: true,
        pages: () => this.pages(),
        follow: () => Promise.reject(new Error('is followed already')),
      },
      follower: this.follower(),
      sink: { write: async (events) => this.write(events) },
      stats: { indexed: 0, deleted: 0, outdated: 0, refused: 0 },
      save: (moved) => void this.saved.push(moved),
      log: (line) => void this.logs.push(line),
    });
  }

  public put(isbn: string, second: number, more: Partial<FollowedRecord> = {}): void {
    this.records.push({
      ...{ shardId: 'shard', sequenceNumber: `${this.records.length + 1}`, due: 0, writtenAt: SECOND + second },
      ...{ eventName: 'INSERT', keys: { isbn: { S: isbn } }, newImage: book(isbn), ...more },
    });
    for (const listener of this.listeners) listener();
  }

  /** Starts it, and waits until it has nothing to do. */
  public async through(): Promise<void> {
    this.pipeline.start();
    await this.pipeline.settle();
    await this.pipeline.close();
  }

  private async *pages(): AsyncIterable<readonly Json[]> {
    for (const item of this.items) yield [item];
  }

  private follower() {
    const rest = () => this.records.slice(this.position);
    return {
      get waiting() {
        return rest().length;
      },
      next: (limit: number) => rest().slice(0, limit),
      advance: (count: number) => void (this.position += count),
      onRecords: (listener: () => void) => void this.listeners.add(listener),
      settle: async () => undefined,
    };
  }

  private async write(events: readonly PipelineEvent[]): Promise<void> {
    if (this.failing > 0) {
      this.failing -= 1;
      throw new Error('dead letters cannot be written');
    }
    for (const { data, metadata } of events) {
      const version = Number(metadata.document_version);
      const shown = version === 0 ? 'export' : String(version - SECOND * 1_000_000);
      this.written.push(`${metadata.opensearch_action} ${String(data.isbn)} ${shown}`);
    }
  }
}

const book = (isbn: string, kind = 'Book'): Json => ({ isbn: { S: isbn }, kind: { S: kind } });

test('the table is exported first, then its changes follow, and what is no document is dropped', async () => {
  const world = new World();
  world.items.push(book('1'), book('f', 'Film'), book('2'));
  world.put('2', 1);
  world.put('f', 1, { newImage: book('f', 'Film') });
  world.put('1', 2, { eventName: 'REMOVE', newImage: undefined, oldImage: book('1') });
  await world.through();
  expect(world.written).toEqual(['index 1 export', 'index 2 export', 'index 2 1000000', 'delete 1 2000000']);
  expect(world.pipeline.progress()).toMatchObject({
    ...{ name: 'books', source: 'Books', index: 'books', state: 'following', lastError: '' },
    ...{ exported: 3, changes: 3, dropped: 2, waiting: 0, behindMs: 0 },
  });
  expect(world.saved.map(({ exported, sequenceNumber }) => [exported, sequenceNumber])).toEqual([
    [true, undefined],
    [true, '3'],
  ]);
});

test('a deletion that comes with keys alone is dropped, since nothing says what kind of item it was', async () => {
  const world = new World({ changes: { 'view_on_remove: "OLD_IMAGE"': 'view_on_remove: "NEW_IMAGE"' } });
  world.put('1', 2, { eventName: 'REMOVE', newImage: undefined, oldImage: book('1') });
  await world.through();
  expect(world.written).toEqual([]);
  expect(world.pipeline.progress()).toMatchObject({ changes: 1, dropped: 1 });
});

test('where it has been already, nothing is exported, and versions count from 0 again', async () => {
  const world = new World({ position: { startedAt: SECOND * 1000, exported: true, sequenceNumber: '2' } });
  world.items.push(book('1'));
  // Records 1 and 2 are of the same second: the follower begins with 2, whose version was 1 before.
  world.put('1', 1);
  world.put('2', 1);
  world.position = 1;
  world.put('2', 1);
  await world.through();
  expect(world.written).toEqual(['index 2 1000000', 'index 2 1000001']);
});

test('changes from long before it began are left out, those of five minutes are taken', async () => {
  const world = new World({ position: { startedAt: (SECOND + 1000) * 1000, exported: true } });
  world.put('1', 699);
  world.put('2', 700);
  world.put('3', 701);
  await world.through();
  expect(world.written).toEqual(['index 3 701000000']);
  expect(world.pipeline.progress()).toMatchObject({ changes: 3, dropped: 0 });
});

test('versions of each shard are counted apart', async () => {
  const world = new World({ position: { startedAt: 0, exported: true } });
  world.put('1', 1, { shardId: 'a' });
  world.put('2', 1, { shardId: 'b' });
  world.put('3', 1, { shardId: 'a' });
  await world.through();
  expect(world.written).toEqual(['index 1 1000000', 'index 2 1000000', 'index 3 1000001']);
});

test('without an export, the stream alone is followed', async () => {
  const yaml = pipelineYaml();
  const world = new World({
    changes: { [yaml.slice(yaml.indexOf('          export:'), yaml.indexOf('          stream:'))]: '' },
  });
  world.items.push(book('1'));
  world.put('2', 1);
  await world.through();
  expect(world.written).toEqual(['index 2 1000000']);
});

test('what fails is read again from where it began, and is told once', async () => {
  const world = new World({ position: { startedAt: 0, exported: true } });
  world.put('1', 1);
  world.put('2', 1);
  world.failing = 2;
  await world.through();
  expect(world.written).toEqual(['index 1 1000000', 'index 2 1000001']);
  expect(world.logs).toEqual(['pipeline books: dead letters cannot be written']);
  expect(world.pipeline.progress()).toMatchObject({ changes: 2, lastError: '' });
});

test('an export that fails begins anew, and is counted once', async () => {
  const world = new World();
  world.items.push(book('1'), book('2'));
  world.failing = 1;
  await world.through();
  expect(world.pipeline.progress()).toMatchObject({ exported: 2 });
  expect(new Set(world.written)).toEqual(new Set(['index 1 export', 'index 2 export']));
});

test('a change is not taken before it is due, nor before the time to collect is over', async () => {
  const world = new World({ position: { startedAt: 0, exported: true }, collectMs: 60 });
  const due = performance.now() + 60;
  world.put('1', 1, { due });
  world.put('2', 1, { due: due + 30 });
  const { pipeline } = world;
  pipeline.start();
  await pipeline.settle();
  expect(performance.now()).toBeGreaterThanOrEqual(due + 60);
  await pipeline.close();
  expect(world.saved).toHaveLength(1);
});

test('how far it is behind is how long the oldest change has waited', () => {
  const world = new World({ position: { startedAt: 0, exported: true } });
  expect(world.pipeline.progress()).toMatchObject({ state: 'not started', waiting: 0, behindMs: 0 });
  world.put('1', 1, { due: performance.now() - 5000 });
  expect(world.pipeline.progress().waiting).toBe(1);
  expect(world.pipeline.progress().behindMs).toBeGreaterThanOrEqual(5000);
});

test('ends in the middle of what it cannot do, and has not passed over it', async () => {
  const world = new World({ position: { startedAt: 0, exported: true } });
  world.put('1', 1);
  world.failing = Infinity;
  world.pipeline.start();
  while (world.logs.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await world.pipeline.close();
  expect([world.position, world.saved]).toEqual([0, []]);
  await world.pipeline.settle();
});

describe('with faults', () => {
  const rates = {
    throttle: 0,
    internalError: 0,
    dropAnswer: 0,
    conflict: 0,
    coldStart: 0,
    partialBatch: 0,
    duplicate: 0,
    reorder: 0,
  };
  const faultsOf = (more: object) => new FaultSchedule(1, { ...rates, ...more }, () => undefined);
  const position = { startedAt: 0, exported: true };

  test('a batch that is read twice has the versions of a reader that knows nothing of the first', async () => {
    const world = new World({ position, faults: faultsOf({ duplicate: 1 }) });
    world.put('1', 1);
    world.put('2', 1);
    await world.through();
    expect(world.written).toEqual(['index 1 1000000', 'index 2 1000001', 'index 1 1000000', 'index 2 1000001']);
  });

  test('changes may be written in another order, with the versions of theirs', async () => {
    const world = new World({ position, faults: faultsOf({ reorder: 1 }) });
    for (let n = 0; n < 20; n += 1) world.put(`${n}`, 1);
    await world.through();
    const inOrder = Array.from({ length: 20 }, (_, n) => `index ${n} ${1_000_000 + n}`);
    expect(world.written).not.toEqual(inOrder);
    expect(new Set(world.written)).toEqual(new Set(inOrder));
  });
});
