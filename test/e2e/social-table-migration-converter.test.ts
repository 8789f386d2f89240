import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import { Notes } from '../snippets/notes-migration';
import { Migrating } from '../support/migrating';

/** Items of whoever uses a table, migrated by a function of theirs: the documented one, and ones that go wrong. */

type Item = Record<string, unknown>;

const POLL_MS = 50;

const note = (n: number, more: Item = {}): Item => ({ PK: `NOTE#${n}`, SK: 'NOTE', title: `Title ${n}`, ...more });
const others: Item[] = [
  { PK: 'MINE#1', SK: 'NOTE', text: 'not a note' },
  { PK: 'USER#1', SK: 'NOTE', text: 'not a note' },
];

describe('the converter of the docs', () => {
  let migrating: Migrating;

  beforeAll(async () => {
    migrating = await Migrating.start((app, folder) => {
      const converterCode = join(folder, 'converter');
      buildSync({
        entryPoints: [join(__dirname, '../snippets/convert-notes.ts')],
        bundle: true,
        platform: 'node',
        outfile: join(converterCode, 'index.js'),
      });
      return new Notes(app, 'Notes', { converterCode });
    });
  });
  afterAll(() => migrating.close());

  test('converts what is old, once, says what it could not, and is asked for nothing else', async () => {
    const old = Array.from({ length: 30 }, (_, n) => note(n, { text: `Text ${n}` }));
    const bad = note(99);
    await migrating.put([...old, bad, ...others]);
    const failures = { 'Note has no text': { count: 1, examples: [{ PK: 'NOTE#99', SK: 'NOTE' }] } };
    const dry = await migrating.run({ dryRun: true });
    expect(dry).toMatchObject({ phase: 'done', scanned: 33, converted: 30, failed: 1, writeUnits: 0, failures });
    expect(dry.kinds).toMatchObject({ 'Note 1 to 2': { count: 30 } });
    const done = await migrating.run();
    expect(done).toMatchObject({ phase: 'done', converted: 30, failed: 1, failures });
    const wanted = [
      ...old.flatMap(({ text, ...rest }) => [
        { ...rest, schemaVersion: 2 },
        { PK: rest.PK, SK: 'TEXT', text },
      ]),
      bad,
      ...others,
    ];
    const items = await migrating.items();
    expect(items).toHaveLength(wanted.length);
    expect(items).toEqual(expect.arrayContaining(wanted));
    expect(await migrating.run()).toMatchObject({ phase: 'done', converted: 0, failed: 1, writeUnits: 0 });
    expect(migrating.app.unusedActions().filter(({ action }) => action.startsWith('lambda:'))).toEqual([]);
  });
});

/** What the first item says that it is to do. */
const WRONG = `exports.handler = async ({ items: [{ PK, SK, does, secret }] }) => {
  const one = (more) => ({ answers: [{ PK: PK.S, SK: SK.S, ...more }] });
  switch (does.S) {
    case 'throws': throw new RangeError(secret.S);
    case 'is late': return new Promise((resolve) => setTimeout(resolve, 60000));
    case 'says too much': return { answers: [], padding: secret.S.repeat(1024 * 1024) };
    case 'answers for others': return { answers: [{ PK: 'NOTE#2', SK: 'NOTE', action: 'keep' }] };
    case 'writes to others': return one({ action: 'replace', items: [{ PK: { S: 'USER#1' }, SK: { S: 'x' } }] });
    default: return secret.S;
  }
};`;

/** The state as soon as it has an error. */
async function failed(migrating: Migrating) {
  for (;;) {
    const status = await migrating.command({ command: 'status' });
    if (status.lastError !== undefined) return status;
    await setTimeout(POLL_MS);
  }
}

test('a converter that goes wrong fails its segment, which says where and not what, and nothing is written', async () => {
  const migrating = await Migrating.start((app, folder) => {
    const converterCode = join(folder, 'converter');
    mkdirSync(converterCode);
    writeFileSync(join(converterCode, 'index.js'), WRONG);
    const stack = new Notes(app, 'Notes', { converterCode });
    (stack.node.findChild('ConvertNotes').node.defaultChild as CfnFunction).timeout = 3;
    return stack;
  });
  try {
    for (const [does, reason] of [
      ['throws', 'The converter failed with RangeError'],
      ['is late', 'The converter timed out'],
      ['says too much', 'The converter answered with more than Lambda takes'],
      ['answers for others', 'The converter answered for other keys than it was given, or not for each once'],
      ['writes to others', 'The converter answered with an item beyond converterKeys'],
      ['answers at random', 'The converter answered with something else than answers (at the top)'],
    ]) {
      const items = [note(1, { does, secret: 'hunter2' }), ...others];
      await migrating.put(items);
      await migrating.command({ command: 'start', dryRun: false });
      const status = await failed(migrating);
      expect(status.lastError).toMatchObject({ name: 'ConverterFailed', reason: `${reason}, given NOTE#1 / NOTE` });
      expect(status).toMatchObject({ phase: 'running', converted: 0, failed: 0, written: 0, writeUnits: 0 });
      await migrating.command({ command: 'cancel' });
      expect(await migrating.items()).toEqual(expect.arrayContaining(items));
      expect(await migrating.items()).toHaveLength(items.length);
    }
    const logged = migrating.app.logs('Migration/Handler').map(({ text }) => text);
    expect(
      logged.filter((text) => text.includes('The converter timed out, given NOTE#1 / NOTE')).length,
    ).toBeGreaterThan(0);
    expect(logged.join('\n')).not.toContain('hunter2');
  } finally {
    await migrating.close();
  }
});
