import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { assemblyOf } from './assemblies';
import { seeded } from './seeded';
import { WakeSignal } from '../../local/mapping';
import { startApp, type StartOptions } from '../../local/runner';
import type { RunningApp } from '../../local/running-app';

interface Found {
  readonly books: readonly { readonly isbn: string; readonly title: string }[];
  readonly total: number;
  readonly next?: string;
}

interface Scan {
  readonly segments: { readonly done: number; readonly of: number };
  readonly scanned: number;
  readonly documents: number;
  readonly checksums: { readonly table: string; readonly index: string };
}

/** What the reindexer answers. */
export interface ReindexStatus {
  readonly index: string;
  readonly written: readonly string[];
  readonly complete: boolean;
  readonly job?: {
    readonly kind: string;
    readonly phase: string;
    readonly copied?: Scan;
    readonly compared?: Scan;
    readonly counts?: object;
  };
}

/** The example `search`, running, with the commands of its reindexer. */
export class BookSearch {
  public static async start(options: Omit<StartOptions, 'assembly' | 'onFunctionLog'>): Promise<BookSearch> {
    const told = new WakeSignal();
    const app = await startApp({
      assembly: await assemblyOf('search'),
      port: 0,
      ...options,
      onFunctionLog: (name) => name.includes('Reindexer') && told.wake(),
    });
    return new BookSearch(app, told, String(app.outputs.BookSearch.Url).replace(/\/$/, ''));
  }

  private constructor(
    public readonly app: RunningApp,
    /** Wakes whenever the reindexer writes a line: it does after each step of a job, and where one fails. */
    private readonly told: WakeSignal,
    private readonly url: string,
  ) {}

  public close(): Promise<void> {
    return this.app.close();
  }

  public put(isbn: string, title: string, subject: string): Promise<number> {
    return this.status('PUT', `/books/${isbn}`, { title, author: 'Somebody', subjects: [subject], year: 2000 });
  }

  public delete(isbn: string): Promise<number> {
    return this.status('DELETE', `/books/${isbn}`);
  }

  /** @throws Error where it is not answered */
  public async find(query: string): Promise<Found> {
    const answer = await fetch(`${this.url}/books?${query}`);
    if (!answer.ok) throw new Error(`searching for ${query} is ${answer.status}`);
    return (await answer.json()) as Found;
  }

  /** @throws Error with what the reindexer refused */
  public async command(command: string): Promise<ReindexStatus> {
    const { payload, functionError } = await this.app.invoke('Search/Reindexer/Handler', { command });
    if (functionError !== undefined) throw new Error(JSON.stringify(payload));
    return payload as ReindexStatus;
  }

  /** @throws Error where the job differs or is cancelled */
  public async untilDone(): Promise<ReindexStatus> {
    for (;;) {
      const toldMore = this.told.wait();
      // Where OpenSearch is away, the state cannot be told.
      const status = await this.command('status').catch(() => undefined);
      if (status?.job?.phase === 'done') return status;
      if (status?.job && ['differs', 'cancelled'].includes(status.job.phase)) throw new Error(JSON.stringify(status));
      await toldMore;
    }
  }

  /** Puts and deletes thirty books until it is told to stop; how often. */
  public async writeUntil(stopped: () => boolean, seed: number): Promise<number> {
    const random = seeded(seed);
    let writes = 0;
    for (; !stopped(); writes++) {
      const isbn = `new-${Math.floor(random() * 30)}`;
      const status = random() < 0.3 ? await this.delete(isbn) : await this.put(isbn, `New ${writes}`, 'new');
      if (![200, 204, 404, 409].includes(status)) throw new Error(`a write is answered ${status}`);
    }
    return writes;
  }

  /** Titles by ISBN, as the table has them. */
  public async inTable(): Promise<Record<string, string>> {
    const db = DynamoDBDocumentClient.from(new DynamoDBClient(this.app.aws));
    const TableName = this.app.physicalId('Books');
    const { Items = [] } = await db.send(new ScanCommand({ TableName, ConsistentRead: true }));
    db.destroy();
    return Object.fromEntries(Items.map(({ isbn, title }) => [isbn, title]));
  }

  /** The same, as readers find them. */
  public async inIndex(): Promise<Record<string, string>> {
    const books: [string, string][] = [];
    let after = '';
    do {
      const page = await this.find(`limit=100${after}`);
      books.push(...page.books.map(({ isbn, title }): [string, string] => [isbn, title]));
      after = page.next === undefined ? '' : `&after=${page.next}`;
    } while (after !== '');
    return Object.fromEntries(books);
  }

  private async status(method: string, route: string, body?: object): Promise<number> {
    const answer = await fetch(`${this.url}${route}`, { method, body: body && JSON.stringify(body) });
    await answer.arrayBuffer();
    return answer.status;
  }
}
