import { feedCursor, idOfCursor } from './cursor';

/** An item in a feed: load the rest of it from where it is. */
export interface FeedItem {
  readonly id: string;
  readonly authorId: string;
}

/** Items, newest first, and the id below which the next begin; undefined after the last. */
export interface ItemPage {
  readonly items: readonly FeedItem[];
  readonly next?: string;
}

/** What reading a feed needs of storage. Ids sort by time. */
export interface ReadingPorts {
  /** Rows of a user's feed below an id. */
  rows(userId: string, before: string | undefined, max: number): Promise<ItemPage>;
  /** Items of an author below an id. */
  authored(authorId: string, before: string | undefined, max: number): Promise<ItemPage>;
  /** Authors whose items may be in nobody's feed. */
  pulled(): Promise<ReadonlySet<string>>;
}

/** Which page of whose feed. */
export interface FeedQuery {
  /** Whose feed. */
  readonly userId: string;
  /** Whom the user follows now: items of others are left out. */
  readonly follows: Iterable<string>;
  /** Items of a page (1 to 100). @default 20 */
  readonly limit?: number;
  /** Where an earlier page said that the next begins. @default - the newest items */
  readonly cursor?: string;
}

/** A query of which the items are loaded, so that those that are gone leave no gaps. */
export interface LoadingFeedQuery<Loaded> extends FeedQuery {
  /** The items as they are, in the same order; undefined for each that is gone. May be called more than once. */
  readonly load: (items: readonly FeedItem[]) => Promise<readonly (Loaded | undefined)[]>;
}

/** Items, newest first. */
export interface FeedPage<Item> {
  readonly items: readonly Item[];
  /** Where the next page begins; undefined after the last. */
  readonly cursor?: string;
}

/** Thrown where a cursor is none of this user's feed. */
export class InvalidCursor extends Error {
  public constructor() {
    super('The cursor is none of this feed');
    this.name = 'InvalidCursor';
  }
}

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;
/** Rows passed over at most for a page: what unfollows and deletions leave until the stream removes it. */
const STALE_ROWS_LIMIT = 10_000;
/** Authors whose own lists are read concurrently. */
const CONCURRENCY = 32;
/** Rows read at a time at most. */
const MAX_READ = 1000;

/** One of the lists that make a feed, read on as it is used up. */
class List {
  private items: readonly FeedItem[] = [];
  private index = 0;
  private ended = false;

  public constructor(
    private readonly read: (before: string | undefined, max: number) => Promise<ItemPage>,
    private before: string | undefined,
    private size: number,
  ) {}

  public get head(): FeedItem | undefined {
    return this.items[this.index];
  }

  public drop(): void {
    this.index++;
  }

  public needsMore(): boolean {
    return this.head === undefined && !this.ended;
  }

  public async readOn(): Promise<void> {
    const { items, next } = await this.read(this.before, this.size);
    this.items = items;
    this.index = 0;
    this.before = next;
    this.ended = next === undefined;
    // Whoever reads on has passed over many rows, or asks for a large page.
    this.size = Math.min(MAX_READ, 2 * this.size);
  }
}

/** Lists that sort by the same ids as one, newest first, each item once. */
class Merged {
  public constructor(private readonly lists: readonly List[]) {}

  /** The newest item that is left. */
  public async head(): Promise<FeedItem | undefined> {
    for (let short = this.short(); short.length > 0; short = this.short()) {
      const waiting = short.values();
      const consume = async () => {
        for (const list of waiting) await list.readOn();
      };
      await Promise.all(Array.from({ length: Math.min(CONCURRENCY, short.length) }, consume));
    }
    return this.lists.reduce<FeedItem | undefined>(
      (newest, { head }) => (head && (!newest || head.id > newest.id) ? head : newest),
      undefined,
    );
  }

  public drop({ id }: FeedItem): void {
    this.lists.filter(({ head }) => head?.id === id).forEach((list) => list.drop());
  }

  private short(): List[] {
    return this.lists.filter((list) => list.needsMore());
  }
}

function limitOf({ limit = DEFAULT_LIMIT }: FeedQuery): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new RangeError(`limit must be an integer from 1 to ${MAX_LIMIT}, got: ${limit}`);
  }
  return limit;
}

function startOf({ userId, cursor }: FeedQuery): string | undefined {
  const id = cursor === undefined ? undefined : idOfCursor(userId, cursor);
  if (cursor !== undefined && id === undefined) {
    throw new InvalidCursor();
  }
  return id;
}

/**
 * A page of a feed: its rows, and the own lists of those followees whose items are not put into feeds, as one list.
 * Pages are full while there is more, but where ten thousand rows are passed over first, of nobody whom the user follows
 * or of what is gone.
 *
 * @throws RangeError for a limit out of bounds; InvalidCursor
 */
export async function readFeed<Loaded>(
  ports: ReadingPorts,
  query: LoadingFeedQuery<Loaded>,
): Promise<FeedPage<Loaded>> {
  const { userId, load } = query;
  const limit = limitOf(query);
  const start = startOf(query);
  const follows = new Set(query.follows);
  // One more than is shown tells whether there is more.
  const size = limit + 1;
  const rows = new List((before, max) => ports.rows(userId, before, max), start, size);
  const [pulled] = await Promise.all([ports.pulled(), rows.readOn()]);
  const lists = [...follows]
    .filter((authorId) => pulled.has(authorId))
    .map((authorId) => new List((before, max) => ports.authored(authorId, before, max), start, size));
  const merged = new Merged([rows, ...lists]);

  let passed = 0;
  let last: string | undefined;
  const isOver = () => passed > STALE_ROWS_LIMIT;
  /** The newest item of a followee that is left, where one is found in time. */
  const nextLive = async (): Promise<FeedItem | undefined> => {
    for (let head = await merged.head(); head && !isOver(); head = await merged.head()) {
      if (follows.has(head.authorId)) {
        return head;
      }
      passed++;
      last = head.id;
      merged.drop(head);
    }
    return undefined;
  };

  const items: Loaded[] = [];
  for (;;) {
    const wanted: FeedItem[] = [];
    for (let item = await nextLive(); item; item = await nextLive()) {
      if (wanted.length === limit - items.length) {
        break;
      }
      wanted.push(item);
      last = item.id;
      merged.drop(item);
    }
    const loaded = wanted.length > 0 ? await load(wanted) : [];
    if (loaded.length !== wanted.length) {
      throw new TypeError(`load must answer ${wanted.length} items or undefined, got: ${loaded.length}`);
    }
    const there = loaded.filter((item) => item !== undefined);
    items.push(...there);
    passed += wanted.length - there.length;
    const more = (await nextLive()) !== undefined || isOver();
    if (!more || items.length === limit || isOver()) {
      return more && last !== undefined ? { items, cursor: feedCursor(userId, last) } : { items };
    }
  }
}
