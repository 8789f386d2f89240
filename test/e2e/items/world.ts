import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { startApp, type StartOptions } from '../../../local/runner';
import type { RunningApp } from '../../../local/running-app';
import { assemblyOf } from '../../support/assemblies';
import { type Answer, client, type Client, type RequestOptions } from '../client';
import { expectStatus } from '../shapes';

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;
const TEXT = expect.any(String) as string;

export interface ItemContent {
  readonly name: string;
  readonly description?: string;
  readonly category?: string;
}
export interface ItemBody extends ItemContent {
  readonly id: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}
export interface ItemList {
  readonly items: readonly ItemBody[];
  readonly nextCursor: string | null;
}
export interface UserBody {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: string;
}

/** An item, and the header by which its version is known. */
export interface Versioned {
  readonly item: ItemBody;
  readonly etag: string;
}

/** The shape of every error; nothing else is in it. */
export function expectError(answer: Answer, status: number, message?: RegExp | string): void {
  expectStatus(answer, status);
  expect(answer.json).toEqual({ error: TEXT, timestamp: TIME, requestId: TEXT });
  const { error } = answer.json as { error: string };
  // What was wrong is told, not repeated.
  expect(error.length).toBeLessThanOrEqual(1001);
  if (message !== undefined) expect(error).toMatch(message);
}

/** examples/items, running alone, and what tests do with it. */
export class ItemsWorld {
  private app?: RunningApp;
  private http?: Client;

  public async start(options: Partial<StartOptions> = {}): Promise<void> {
    // Each process is a cold start; more of them are no faster where cores are few.
    this.app = await startApp({
      assembly: await assemblyOf('items'),
      port: 0,
      maxProcesses: 2,
      log: () => undefined,
      ...options,
    });
    this.http = client(String(this.app.outputs.Items.ApiUrl), 'Bearer');
  }

  public async stop(): Promise<void> {
    await this.app?.close();
  }

  public get running(): { readonly app: RunningApp } {
    if (!this.app) throw new Error('The API is started in beforeAll: use it in tests and hooks only');
    return { app: this.app };
  }

  public async settled(): Promise<void> {
    await this.running.app.idle();
  }

  public async request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    if (!this.http) throw new Error('The API is started in beforeAll: use it in tests and hooks only');
    return this.http.request(method, path, options);
  }

  public async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.request('GET', path, { headers });
  }

  public async create(content: ItemContent): Promise<Versioned> {
    return versionedOf(await this.request('POST', '/items', { body: content }), 201);
  }

  public async read(id: string): Promise<Versioned> {
    return versionedOf(await this.get(`/items/${id}`));
  }

  public async update(id: string, content: ItemContent, match?: string): Promise<Answer> {
    return this.request('PUT', `/items/${id}`, {
      body: content,
      headers: match === undefined ? {} : { 'if-match': match },
    });
  }

  public async list(query = ''): Promise<ItemList> {
    const answer = await this.get(`/items${query}`);
    expectStatus(answer, 200);
    const list = answer.json as ItemList;
    expect(Object.keys(list).sort()).toEqual(['items', 'nextCursor']);
    list.items.forEach(expectItem);
    return list;
  }

  /** Every item of the table as JSON text, sorted: what a refused request may not have changed. */
  public async stored(): Promise<readonly string[]> {
    const { aws, resources } = this.running.app;
    const [{ ref: TableName }] = resources.filter(({ type }) => type === 'AWS::DynamoDB::Table');
    const db = new DynamoDBClient({ ...aws });
    try {
      const items: string[] = [];
      for await (const { Items: page = [] } of paginateScan({ client: db }, { TableName, ConsistentRead: true })) {
        items.push(...page.map((item) => JSON.stringify(Object.entries(item).sort())));
      }
      return items.sort();
    } finally {
      db.destroy();
    }
  }

  /** Nothing is written by these requests. */
  public async unchanged(requests: () => Promise<void>): Promise<void> {
    const before = await this.stored();
    expect(before.length).toBeGreaterThan(0);
    await requests();
    expect(await this.stored()).toEqual(before);
  }
}

function expectItem(item: ItemBody): void {
  const { description, category, ...always } = item;
  expect(always).toEqual({ id: TEXT, name: TEXT, createdAt: TIME, updatedAt: TIME });
  for (const text of [description, category]) expect(['string', 'undefined']).toContain(typeof text);
}

export function versionedOf(answer: Answer, status = 200): Versioned {
  expectStatus(answer, status);
  const item = answer.json as ItemBody;
  expectItem(item);
  expect(answer.headers.etag).toMatch(/^"\d+"$/);
  return { item, etag: String(answer.headers.etag) };
}

/** One running API for the tests of a file. */
export function useItemsApi(options: Partial<StartOptions> = {}): ItemsWorld {
  const world = new ItemsWorld();
  beforeAll(() => world.start(options), 120_000);
  afterAll(() => world.stop(), 60_000);
  return world;
}
