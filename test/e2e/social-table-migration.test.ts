import { Stack } from 'aws-cdk-lib';
import { upConvert } from '../../lambda/core/dynamodb';
import { VERSIONED_KINDS } from '../../lambda/social-table/post-converters';
import { SocialTable, TableMigration } from '../../src';
import { firstPost, firstTag } from '../support/first-posts';
import { Migrating } from '../support/migrating';

/** A table of posts as they were first laid out, migrated by the function as it is synthesized. */

jest.setTimeout(60_000);

type Item = Record<string, unknown>;

const textOf = ({ PK, SK }: Item) => `${String(PK)} ${String(SK)}`;
const id = (n: number) => `01890000-0000-7000-8000-${String(n).padStart(12, '0')}`;

const start = (options?: Parameters<typeof Migrating.start>[1]) =>
  Migrating.start((app) => {
    const stack = new Stack(app, 'Posts');
    const table = new SocialTable(stack, 'Table');
    new TableMigration(stack, 'Migration', {
      table,
      maxReadUnitsPerSecond: 100_000,
      maxWriteUnitsPerSecond: 100_000,
      alarms: false,
    });
    return stack;
  }, options);

/** A hundred posts with all that belongs to them, among items of others. */
const POSTS = Array.from({ length: 100 }, (_, n) =>
  firstPost({
    id: id(n),
    owner: `user-${n % 10}`,
    access: (['public', 'private', 'allowed_user'] as const)[n % 3],
    content: `Content ${n}`,
    tags: [`tag-0${n % 4}`, `tag-1${n % 4}`],
    allowed: n % 3 === 2 ? [`user-${(n + 1) % 10}`] : [],
  }),
);
const TAGS = Array.from({ length: 8 }, (_, n) =>
  firstTag(`tag-${Math.floor(n / 4)}${n % 4}`, 'user-1', n % 2 ? 'public' : 'private'),
);
const OTHERS = Array.from({ length: 1500 }, (_, n): Item => ({
  PK: `MINE#${n}`,
  SK: 'MINE',
  text: `of somebody ${n}`,
}));
const OLD = [...POSTS.flat(), ...TAGS];

/** What the items of before are to be: with the tags of each post, each key once. */
function wanted(): Item[] {
  const now = new Map<string, Item>();
  for (const post of POSTS) {
    const tags = post.filter(({ PK, SK }) => PK === post[0].PK && String(SK).startsWith('TAG#'));
    for (const item of post) {
      upConvert(VERSIONED_KINDS, item, tags)!.items.forEach((made) => now.set(textOf(made), made));
    }
  }
  TAGS.flatMap((tag) => upConvert(VERSIONED_KINDS, tag)!.items).forEach((made) => now.set(textOf(made), made));
  return [...now.values(), ...OTHERS];
}

const byKey = (items: readonly Item[]) => [...items].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));

describe.each([
  ['', {}],
  [' with calls throttled, failed and answered twice', { faultSeed: 7 }],
])('items of the first layout%s', (_, options) => {
  let migrating: Migrating;

  beforeAll(async () => {
    migrating = await start(options);
    await migrating.put([...OLD, ...OTHERS]);
  });
  afterAll(() => migrating.close());

  test('a dry run says what would be changed, and changes nothing', async () => {
    const status = await migrating.run({ dryRun: true });
    expect(status).toMatchObject({ phase: 'done', failed: 0, writeUnits: 0 });
    expect([status.scanned, status.converted]).toEqual([OLD.length + OTHERS.length, OLD.length]);
    expect(status.kinds['Post 1 to 2']).toMatchObject({ count: 100, examples: expect.any(Array) as unknown });
    expect(byKey(await migrating.items())).toEqual(byKey([...OLD, ...OTHERS]));
  });

  test('the migration makes of each what it is to be, and a second one changes nothing', async () => {
    expect(await migrating.run()).toMatchObject({ phase: 'done', failed: 0 });
    expect(byKey(await migrating.items())).toEqual(byKey(wanted()));
    const again = await migrating.run();
    expect(again).toMatchObject({ phase: 'done', converted: 0, failed: 0, writeUnits: 0 });
    expect(again.skipped).toBe(wanted().length);
    expect(byKey(await migrating.items())).toEqual(byKey(wanted()));
  });
});

test('commands that make no sense are refused, and say which there are', async () => {
  const migrating = await start();
  try {
    await expect(migrating.command({ command: 'explode' })).rejects.toThrow('C is status, resume or cancel');
    await expect(migrating.command({ command: 'rate', maxReadUnitsPerSecond: 0 })).rejects.toThrow('at least 1');
    await expect(migrating.command({ command: 'resume' })).rejects.toThrow('there was no migration');
    expect(await migrating.command({ command: 'status' })).toEqual({});
  } finally {
    await migrating.close();
  }
});
