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
import { App, type Stack } from 'aws-cdk-lib';
import { startApp, type StartOptions } from '../../local/runner';
import type { RunningApp } from '../../local/running-app';

type Item = Record<string, unknown>;
type Write = NonNullable<BatchWriteCommandInput['RequestItems']>[string][number];

export interface MigrationStatus {
  readonly phase: string;
  readonly scanned: number;
  readonly converted: number;
  readonly skipped: number;
  readonly failed: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly failures: Readonly<Record<string, { readonly count: number }>>;
  readonly lastError?: { readonly name: string; readonly reason?: string };
  readonly kinds: Readonly<Record<string, { readonly count: number }>>;
}

/** A table and the function that migrates it, as they are synthesized. */
export class Migrating {
  /** @param make makes a stack with a SocialTable `Table` and its `Migration` */
  public static async start(
    make: (app: App, folder: string) => Stack,
    options: Omit<StartOptions, 'assembly'> = {},
  ): Promise<Migrating> {
    const folder = mkdtempSync(join(tmpdir(), 'migration-'));
    const app = new App({ outdir: join(folder, 'cdk.out') });
    const stack = make(app, folder);
    const running = await startApp({ assembly: app.synth().directory, port: 0, ...options });
    return new Migrating(running, folder, stack.node.path);
  }

  private readonly db: DynamoDBDocumentClient;
  private readonly table: string;

  private constructor(
    public readonly app: RunningApp,
    private readonly folder: string,
    stack: string,
  ) {
    this.db = DynamoDBDocumentClient.from(new DynamoDBClient({ ...app.aws, maxAttempts: 10 }));
    this.table = app.physicalId(`${stack}/Table/Table`);
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
  public async command(command: object): Promise<MigrationStatus> {
    const { payload, functionError } = await this.app.invoke('Migration/Handler', command);
    if (functionError !== undefined) throw new Error(JSON.stringify(payload));
    return payload as MigrationStatus;
  }

  /** Starts a migration, and waits for its end. */
  public async run(options: object = {}): Promise<MigrationStatus> {
    await this.command({ command: 'start', ...options });
    await this.app.idle();
    return this.command({ command: 'status' });
  }
}
