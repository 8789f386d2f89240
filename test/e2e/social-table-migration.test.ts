import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchWriteCommand,
  type BatchWriteCommandInput,
  DynamoDBDocumentClient,
  paginateScan,
} from '@aws-sdk/lib-dynamodb';
import { App, Stack } from 'aws-cdk-lib';
import { upConvert } from '../../lambda/core/dynamodb';
import { VERSIONED_KINDS } from '../../lambda/social-table/post-converters';
import { startApp, type StartOptions } from '../../local/runner';
import type { RunningApp } from '../../local/running-app';
import { SocialTable, TableMigration } from '../../src';
import { firstPost, firstTag } from '../support/first-posts';

/** A table of posts as they were first laid out, migrated by the function as it is synthesized. */

jest.setTimeout(60_000);

type Item = Record<string, unknown>;
type Write = NonNullable<BatchWriteCommandInput['RequestItems']>[string][number];

interface Status {
  readonly phase: string;
  readonly scanned: number;
  readonly converted: number;
  readonly skipped: number;
  readonly failed: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly kinds: Readonly<Record<string, { readonly count: number }>>;
}

const textOf = ({ PK, SK }: Item) => `${String(PK)} ${String(SK)}`;
const id = (n: number) => `01890000-0000-7000-8000-${String(n).padStart(12, '0')}`;

class Migrating {
  public static async start(options: Omit<StartOptions, 'assembly'> = {}): Promise<Migrating> {
    const folder = mkdtempSync(join(tmpdir(), 'migration-'));
    const app = new App({ outdir: join(folder, 'cdk.out') });
    const stack = new Stack(app, 'Posts');
    const table = new SocialTable(stack, 'Table');
    new TableMigration(stack, 'Migration', {
      table,
      maxReadUnitsPerSecond: 100_000,
      maxWriteUnitsPerSecond: 100_000,
      alarms: false,
    });
    const running = await startApp({ assembly: app.synth().directory, port: 0, ...options });
    return new Migrating(running, folder);
  }

  private readonly db: DynamoDBDocumentClient;
  private readonly table: string;

  private constructor(
    public readonly app: RunningApp,
    private readonly folder: string,
  ) {
    this.db = DynamoDBDocumentClient.from(new DynamoDBClient({ ...app.aws, maxAttempts: 10 }));
    this.table = app.physicalId('Posts/Table/Table');
  }

  public async close(): Promise<void> {
    this.db.destroy();
    await this.app.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  public async put(items: readonly Item[]): Promise<void> {
    for (let n = 0; n < items.length; n += 25) {
      let left: readonly Write[] = items.slice(n, n + 25).map((Item): Write => ({ PutRequest: { Item } }));
      while (left.length > 0) {
        const answer = await this.db.send(new BatchWriteCommand({ RequestItems: { [this.table]: [...left] } }));
        left = answer.UnprocessedItems?.[this.table] ?? [];
      }
    }
  }

  /** All but the state of migrations. */
  public async items(): Promise<Item[]> {
    const items: Item[] = [];
    for await (const page of paginateScan({ client: this.db }, { TableName: this.table, ConsistentRead: true })) {
      items.push(...(page.Items ?? []));
    }
    const text = ({ PK, SK }: Item) => `${String(PK)} ${String(SK)}`;
    return items.filter(({ PK }) => !String(PK).startsWith('MIGRATION#')).sort((a, b) => (text(a) < text(b) ? -1 : 1));
  }

  /** @throws Error with what was refused */
  public async command(command: object): Promise<Status> {
    const { payload, functionError } = await this.app.invoke('Migration/Handler', command);
    if (functionError !== undefined) throw new Error(JSON.stringify(payload));
    return payload as Status;
  }

  /** Starts a migration, and waits for its end. */
  public async run(options: object = {}): Promise<Status> {
    await this.command({ command: 'start', ...options });
    await this.app.idle();
    return this.command({ command: 'status' });
  }
}

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
    migrating = await Migrating.start(options);
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
  const migrating = await Migrating.start();
  try {
    await expect(migrating.command({ command: 'explode' })).rejects.toThrow('C is status, resume or cancel');
    await expect(migrating.command({ command: 'rate', maxReadUnitsPerSecond: 0 })).rejects.toThrow('at least 1');
    await expect(migrating.command({ command: 'resume' })).rejects.toThrow('there was no migration');
    expect(await migrating.command({ command: 'status' })).toEqual({});
  } finally {
    await migrating.close();
  }
});
