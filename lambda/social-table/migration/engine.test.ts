import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { runCommand } from './commands';
import { JobRepository } from './job-repository';
import type { SegmentMessage } from './messages';
import type { CommandPorts, WorkPorts } from './ports';
import { TableRepository } from './table-repository';
import { converterOf } from './verdicts';
import { handleMessage } from './work';
import { startTestEngine, type TestEngine, type TestTables } from '../../../test/support/engine';
import { firstPost } from '../../../test/support/first-posts';
import { type Item, upConvert } from '../../core/dynamodb';
import { keyText, toPlain, toWire, type WireItem } from '../../core/dynamodb/wire';
import { VERSIONED_KINDS } from '../post-converters';

/** The repositories of a migration, and migrations of posts, on a real engine. */

let engine: TestEngine;
let tables: TestTables;
let table: TableRepository;

beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.close());
beforeEach(async () => {
  tables = await engine.tables();
  table = new TableRepository(tables.db, tables.social);
});

const id = (n: number) => `01890000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const posts = (count: number, bytes: number) =>
  Array.from({ length: count }, (_, n) =>
    firstPost({ id: id(n), owner: `u${n % 9}`, access: n % 2 ? 'private' : 'public', content: 'x'.repeat(bytes) }),
  ).flat();

/** A migration with its queue in memory; what a call consumed is added up by the engine. */
function migration(name = 'default') {
  const queue: SegmentMessage[] = [];
  let sent = 0;
  const ports: CommandPorts = {
    jobs: new JobRepository(tables.db, tables.social, name, () => Date.now()),
    table,
    send: async (messages) => void queue.push(...messages),
    now: () => Date.now(),
  };
  const settings = { segments: 2, maxReadUnitsPerSecond: 1e6, maxWriteUnitsPerSecond: 1e6 };
  return async (dryRun: boolean) => {
    await runCommand(ports, settings, { command: 'start', dryRun });
    for (let message = queue.shift(); message; message = queue.shift()) {
      const work: WorkPorts = {
        ...ports,
        table,
        convert: converterOf(VERSIONED_KINDS, (pk, prefix) => table.query(pk, prefix)),
        messageId: `m${++sent}`,
        attemptId: `a${sent}`,
        bury: async () => undefined,
        pause: async () => undefined,
        timeIsShort: () => false,
        tell: async () => undefined,
      };
      await handleMessage(work, message);
    }
    return (await runCommand(ports, settings, { command: 'status' })) as Readonly<Record<string, unknown>>;
  };
}

const others = async () => (await tables.items(tables.social)).filter(({ PK }) => !String(PK).startsWith('MIGRATION#'));

test('posts of 1 KB are migrated for the units that the docs say of a thousand', async () => {
  await tables.put(tables.social, posts(250, 700));
  const run = migration();
  const dry = await run(true);
  expect(dry).toMatchObject({ phase: 'done', progress: 1, scanned: 250, converted: 250, writeUnits: 0 });
  const done = await run(false);
  // Half of them are public, and have one edge more.
  expect(done).toMatchObject({ phase: 'done', converted: 250, written: 875, kept: 0, failed: 0, reread: 0 });
  const ofThousand = ({ readUnits, writeUnits }: typeof done) => [4 * Number(readUnits), 4 * Number(writeUnits)];
  expect([dry, done].map(ofThousand)).toEqual([
    [1252, 0],
    [1256, 9000],
  ]);
});

test('what is there already stays, and the item is replaced all the same', async () => {
  const [post] = posts(1, 10);
  const there = { PK: 'USER_POSTS#u0', SK: `POST#${id(0)}`, entityType: 'UserPost', note: 'of somebody' };
  await tables.put(tables.social, [post, there]);
  expect(await migration()(false)).toMatchObject({ converted: 1, written: 3, kept: 1 });
  expect(await others()).toContainEqual(there);
});

describe('an item is replaced', () => {
  const item: Item = { PK: 'A#1', SK: 'A', list: [1, { deep: new Set(['x']) }], flag: true, none: null, n: 1.5 };
  const readBack = async (key = item) => (await table.read(toWire(key))).item;
  let before: WireItem;

  beforeEach(async () => {
    await tables.put(tables.social, [item]);
    before = (await readBack())!;
  });

  test('by itself, by several, or by none', async () => {
    const next = { ...before, n: { N: '2' } };
    expect(await table.replace(before, [next])).toMatchObject({ outcome: 'done', kept: 0, units: 1 });
    const other = toWire({ PK: 'B#1', SK: 'B' });
    expect(await table.replace(next, [{ ...next, n: { N: '3' } }, other])).toMatchObject({ outcome: 'done', units: 4 });
    expect(await table.replace({ ...next, n: { N: '3' } }, [])).toMatchObject({ outcome: 'done' });
    expect(await others()).toEqual([{ PK: 'B#1', SK: 'B' }]);
  });

  test.each<[string, readonly Item[]]>([
    ['one', [{ ...item, n: 2 }]],
    [
      'several',
      [
        { ...item, n: 2 },
        { PK: 'B#1', SK: 'B' },
      ],
    ],
    ['none', []],
  ])('by %s only if each of its attributes is what was read', async (_, after) => {
    await tables.db.send(
      new UpdateCommand({
        TableName: tables.social,
        Key: { PK: 'A#1', SK: 'A' },
        UpdateExpression: 'SET flag = :false',
        ExpressionAttributeValues: { ':false': false },
      }),
    );
    expect(await table.replace(before, after.map(toWire))).toMatchObject({ outcome: 'changed' });
    expect(await others()).toEqual([{ ...item, flag: false }]);
  });

  test('and is refused, not tried for ever, where DynamoDB takes no such item', async () => {
    const large = { ...before, text: { S: 'x'.repeat(410 * 1024) } };
    expect(await table.replace(before, [large])).toMatchObject({ outcome: 'refused' });
    expect(await table.replace(before, [large, toWire({ PK: 'B#1', SK: 'B' })])).toMatchObject({ outcome: 'refused' });
    expect(await others()).toEqual([item]);
  });

  test('with numbers that no double holds, as they are', async () => {
    const precise: WireItem = { ...before, n: { N: '12345678901234567890123456789012345678' } };
    expect(await table.replace(before, [toWire(toPlain(precise))])).toMatchObject({ outcome: 'done' });
    expect((await readBack())?.n).toEqual(precise.n);
  });
});

test('a scan goes on after any item of its segment', async () => {
  await tables.put(tables.social, posts(20, 10));
  const all = (await table.scan({ segment: 1, segments: 2, limit: 100 })).items;
  const [first, second] = all;
  const rest = await table.scan({
    segment: 1,
    segments: 2,
    limit: 100,
    position: keyText({ PK: first.PK, SK: first.SK }),
  });
  expect(rest.items[0]).toEqual(second);
  expect(rest.items).toHaveLength(all.length - 1);
});

test('migrations of two names do not see each other, and neither converts the state of one', async () => {
  await tables.put(tables.social, posts(4, 10));
  expect(await migration('one')(true)).toMatchObject({ converted: 4 });
  expect(await migration('two')(false)).toMatchObject({ converted: 4, failed: 0 });
  expect(await migration('one')(false)).toMatchObject({ converted: 0, skipped: 14 });
  const state = (await tables.items(tables.social)).filter(({ PK }) => String(PK).startsWith('MIGRATION#'));
  expect(state.map(({ entityType }) => entityType)).toEqual(state.map(() => undefined));
  expect((await others()).map((item) => upConvert(VERSIONED_KINDS, item))).toEqual(Array(14).fill(undefined));
});
