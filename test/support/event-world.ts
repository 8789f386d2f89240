import { isDeepStrictEqual } from 'node:util';
import { seeded } from './seeded';
import { type Domain, domainOf } from '../../lambda/event-sourced-api/domain/domain';
import type { StoredEvent } from '../../lambda/event-sourced-api/domain/events';
import { type Command, type Decision, handleCommand } from '../../lambda/event-sourced-api/domain/handle-command';
import type {
  EventStore,
  ListedViewStore,
  Parked,
  RowKey,
  Snapshot,
  ViewChange,
  ViewRow,
} from '../../lambda/event-sourced-api/domain/ports';
import { projectEvents, type ProjectPorts } from '../../lambda/event-sourced-api/domain/project-events';
import { domain as claims } from '../../lambda/event-sourced-api/expense-claims/domain';

/** The rules of the built-in domain, with snapshots often, and a second version of its view beside the first. */
export const DEFINITION = {
  ...claims,
  snapshot: { every: 4, schemaVersion: 1 },
  views: { claims: claims.views.claims, 'claims-v2': { ...claims.views.claims, version: 2 } },
};

/** When worlds begin. */
export const NOON = Date.UTC(2026, 10, 22, 12);

/** What a world writes to: in memory, or in tables. */
export interface Stores {
  readonly events: EventStore;
  readonly views: ListedViewStore;
  /** Milliseconds since 1970: about when its events occur. */
  readonly now: () => number;
  /** All of a command or nothing; each only if it is not there. */
  append(decision: Extract<Decision, { record: unknown }>): Promise<Appended>;
  /** Every event that there is, in whatever order. */
  allEvents(): Promise<readonly StoredEvent[]>;
  allSnapshots(): Promise<readonly (Snapshot & { readonly id: string })[]>;
  rows(view: string): Promise<readonly ViewRow[]>;
  /** What lists show: `claims byOwner ann <sort> c1` to its data. */
  listed(): Promise<ReadonlyMap<string, unknown>>;
}

export type Appended =
  { readonly outcome: 'written' } | { readonly outcome: 'refused'; readonly before?: Record<string, unknown> };

/** Copies, as storing and reading does. */
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** As DynamoDB would have them: whatever is read and written is a copy. */
export function memoryStores(): Stores {
  const events = new Map<string, StoredEvent[]>();
  const snapshots = new Map<string, Snapshot & { readonly id: string }>();
  const guards = new Map<string, Record<string, unknown>>();
  const rows = new Map<string, ViewRow>();
  const lists = new Map<string, unknown>();
  const of = (id: string) => events.get(id) ?? [];
  const placesOf = (view: string, row: ViewRow | undefined) =>
    Object.entries(row?.lists ?? {}).map(([list, { value, sort }]) => [view, list, value, sort, row?.id].join(' '));
  return {
    now: () => NOON,
    events: {
      history: async (id, { upTo = Infinity, isUsable }) => {
        const usable = [...snapshots.values()]
          .filter((one) => one.id === id && one.version <= upTo && isUsable(one))
          .sort((one, other) => other.version - one.version)
          .at(0);
        const after = usable?.version ?? 0;
        const later = of(id).filter(({ version }) => version > after && version <= upTo);
        return copy({ events: later, ...(usable ? { snapshot: usable } : {}) });
      },
      // As one read that takes no more than three.
      events: async (id, { after, limit }) => {
        const later = of(id).filter(({ version }) => version > after);
        const page = later.slice(0, Math.min(limit, 3));
        return { events: copy(page), more: page.length < later.length };
      },
      putSnapshot: async (id, snapshot) => {
        const key = `${id} ${snapshot.version}`;
        if (snapshots.get(key)?.schemaVersion !== snapshot.schemaVersion) snapshots.set(key, { id, ...copy(snapshot) });
      },
    },
    views: {
      rows: async (keys: readonly RowKey[]) => keys.map(({ view, id }) => copyOf(rows.get(`${view} ${id}`))),
      put: async (view, row, before) => {
        const key = `${view} ${row.id}`;
        if (rows.get(key)?.revision !== before?.revision) return false;
        rows.set(key, copy(row));
        placesOf(view, before).forEach((place) => lists.delete(place));
        placesOf(view, row).forEach((place) => lists.set(place, copyOf(row.data)));
        return true;
      },
      listed: async (view, row) => placesOf(view, row).map((place) => copyOf(lists.get(place)) as ViewRow['data']),
    },
    append: async ({ record, events: fresh }) => {
      const guard = `${record.actor} ${record.commandId}`;
      const before = guards.get(guard);
      const versions = new Set(of(record.aggregateId).map(({ version }) => version));
      if (before || fresh.some(({ version }) => versions.has(version))) return { outcome: 'refused', before };
      guards.set(guard, { ...record });
      if (fresh.length > 0) events.set(record.aggregateId, [...of(record.aggregateId), ...copy(fresh)]);
      return { outcome: 'written' };
    },
    allEvents: async () => [...events.values()].flat(),
    allSnapshots: async () => [...snapshots.values()],
    rows: async (view) => [...rows].flatMap(([key, row]) => (key.startsWith(`${view} `) ? [row] : [])),
    listed: async () => lists,
  };
}

const copyOf = <T>(value: T | undefined): T | undefined => (value === undefined ? undefined : copy(value));

/** An invocation that ends without a word, as of a function that Lambda stops. */
const ended = new Promise<never>(() => undefined);

const ACTORS = [
  { sub: 'ann', username: 'ann', groups: [] },
  { sub: 'bob', username: 'bob', groups: ['approvers'] },
  { sub: 'fay', username: 'fay', groups: ['finance'] },
];

/** Events, those who send commands, the stream, functions that project it side by side, and what goes wrong. */
export class EventWorld {
  public readonly random: () => number;
  public readonly domain: Domain;
  /** Nothing goes wrong any more. */
  public calm = false;
  public now = NOON;
  /** Records that the stream still has to deliver. */
  public stream: StoredEvent[] = [];
  public readonly parked: Parked[] = [];
  /** What was taken for done, and is not. */
  public readonly undone: string[] = [];
  public readonly published: ViewChange[] = [];
  /** What clients were told, and what went wrong. */
  public readonly seen = {
    accepted: 0,
    rejected: 0,
    conflicts: 0,
    crashes: 0,
    missing: 0,
    again: 0,
    lost: 0,
    split: 0,
  };
  private made = 0;

  public constructor(
    public readonly seed: number,
    public readonly stores: Stores,
    definition: unknown = DEFINITION,
  ) {
    this.random = seeded(seed);
    this.domain = domainOf(definition);
  }

  public below(bound: number): number {
    return Math.floor(this.random() * bound);
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** A command that somebody might send. */
  public command(): Command {
    const [command, args] = this.pick<[string, object]>([
      ['openClaim', { title: `trip ${this.made}`, limitCents: 5_000, currency: 'EUR' }],
      ...Array.from({ length: 6 }, (): [string, object] => [
        'addExpense',
        {
          ...{ expenseId: `x${this.below(8)}`, description: 'taxi', category: 'TRAVEL', spentOn: '2026-11-01' },
          amountCents: 1 + this.below(900),
        },
      ]),
      ['removeExpense', { expenseId: `x${this.below(8)}` }],
      ['removeExpense', { expenseId: `x${this.below(8)}` }],
      ['submitClaim', {}],
      ['rejectClaim', { reason: 'no' }],
      ...(this.random() < 0.2 ? [['approveClaim', {}] as [string, object]] : []),
      ...(this.random() < 0.2 ? [['withdrawClaim', {}] as [string, object]] : []),
      ['payClaim', { reference: 'r' }],
    ]);
    const commandId = `k${++this.made}`;
    const actor = /^(approve|reject)/.test(command) ? ACTORS[1] : command === 'payClaim' ? ACTORS[2] : ACTORS[0];
    return {
      ...{ command, id: `c${this.below(4)}`, commandId, correlationId: commandId, arguments: { ...args }, actor },
      ...(this.random() < 0.2 ? { expectedVersion: this.below(6) } : {}),
    };
  }

  /** Sends a command, as the pipeline does. @returns what its sender is told */
  public async send(command: Command): Promise<'accepted' | 'rejected' | 'conflict' | 'invalid'> {
    const ports = { now: () => this.now++, newId: () => `e${++this.made}`, events: this.stores.events };
    const decision = await handleCommand(ports, this.domain, command);
    if (!('record' in decision)) {
      this.seen.conflicts++;
      return decision.outcome === 'CONFLICT' ? 'conflict' : 'invalid';
    }
    const appended = await this.stores.append(decision);
    if (appended.outcome === 'refused') {
      this.seen.conflicts++;
      return appended.before ? (appended.before.status === 'ACCEPTED' ? 'accepted' : 'rejected') : 'conflict';
    }
    this.stream.push(...decision.events);
    this.seen[decision.outcome === 'ACCEPTED' ? 'accepted' : 'rejected']++;
    return decision.outcome === 'ACCEPTED' ? 'accepted' : 'rejected';
  }

  /** Delivers a part of the stream to some functions side by side: in any order, some twice, some never. */
  public async deliver(): Promise<void> {
    const size = Math.min(this.stream.length, 1 + this.below(6));
    const batch = this.stream.splice(0, size).filter(() => {
      const isMissing = !this.calm && this.random() < 0.05;
      this.seen.missing += isMissing ? 1 : 0;
      return !isMissing;
    });
    if (!this.calm && this.random() < 0.4) batch.sort(() => this.random() - 0.5);
    // What was delivered before may come once more, much later.
    if (!this.calm && batch.length > 0 && this.random() < 0.1) this.stream.push(this.pick(batch));
    // Others have a part of it, and write the same rows.
    const others = Array.from({ length: this.calm ? 0 : this.below(3) }, () =>
      batch.slice(0, this.below(batch.length + 1)),
    );
    const shares = this.shares(batch);
    const failed = await Promise.all([...shares, ...others].map((part) => this.invoke(part)));
    const again = failed.slice(0, shares.length).flat();
    this.seen.again += again.length;
    this.stream.unshift(...again);
  }

  /**
   * A batch, as several invocations have it at once: where batches of a shard are concurrent, Lambda keeps the order of
   * each item, and each event is one.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html#dynamodb-polling-and-batching
   */
  private shares(batch: readonly StoredEvent[]): readonly (readonly StoredEvent[])[] {
    const shares = Array.from({ length: this.calm ? 1 : 1 + this.below(3) }, (): StoredEvent[] => []);
    batch.forEach((event) => this.pick(shares).push(event));
    const aggregates = shares.flatMap((share) => [...new Set(share.map(({ id }) => id))]);
    this.seen.split += aggregates.length > new Set(aggregates).size ? 1 : 0;
    return shares;
  }

  /** One invocation of the projector. @returns what must come again */
  public async invoke(batch: readonly StoredEvent[]): Promise<readonly StoredEvent[]> {
    const endsAfter = !this.calm && this.random() < 0.15 ? this.below(12) : Infinity;
    let calls = 0;
    let stop: () => void = () => undefined;
    const stopped = new Promise<readonly StoredEvent[]>((resolve) => {
      stop = () => {
        this.seen.crashes++;
        resolve(batch);
      };
    });
    const alive = async <T>(action: () => Promise<T>): Promise<T> => {
      if (++calls > endsAfter) {
        stop();
        return ended;
      }
      const result = await this.call(action);
      if (calls > endsAfter) return ended;
      return result;
    };
    const { events, views } = this.stores;
    const ports: ProjectPorts = {
      events: through(events, alive),
      views: through(views, alive),
      publisher: { publish: (changes) => alive(async () => void this.published.push(...changes)) },
      parking: { park: (parked) => alive(async () => void this.parked.push(...parked)) },
      now: () => this.now,
      publishedAs: (view) => [view],
      noteFailure: async () => undefined,
    };
    const done = projectEvents(ports, this.domain, copy(batch)).then(
      (failed) => batch.filter((event) => [...failed].some((one) => isDeepStrictEqual(one, copy(event)))),
      // Publishing never throws; here a call may.
      () => batch,
    );
    const again = await Promise.race([done, stopped]);
    await this.checkDone(batch.filter((event) => !again.includes(event)));
    return again;
  }

  /** What does not come again is in every view, and was told: nothing else would bring it there. */
  private async checkDone(done: readonly StoredEvent[]): Promise<void> {
    for (const { id, version, commandId } of done) {
      for (const view of this.domain.views.keys()) {
        const [row] = await this.stores.views.rows([{ view, id }]);
        const told = this.published.some((one) => one.view === view && one.id === id && one.commandId === commandId);
        if ((row?.position ?? 0) < version || !told) {
          this.undone.push(`${view} ${id} ${version}: at ${row?.position}, ${told ? 'told' : 'not told'}`);
        }
      }
    }
  }

  /** A call over the network: others come in between, it does not arrive, or its answer is lost. */
  private async call<T>(action: () => Promise<T>): Promise<T> {
    for (let ticks = this.below(4); ticks > 0; ticks--) await Promise.resolve();
    if (!this.calm && this.random() < 0.03) return this.lose('not reached');
    const result = await action();
    for (let ticks = this.below(4); ticks > 0; ticks--) await Promise.resolve();
    return !this.calm && this.random() < 0.03 ? this.lose('answer lost') : result;
  }

  private lose(what: string): never {
    this.seen.lost++;
    throw new Error(what);
  }

  /** What every row is to be: a fold of all events, as plain as it can be written. */
  public async wanted(): Promise<Map<string, unknown>> {
    const all = new Map<string, unknown>();
    const events = await this.stores.allEvents();
    for (const id of new Set(events.map((event) => event.id))) {
      const own = events.filter((event) => event.id === id).sort((one, other) => one.version - other.version);
      for (const [name, { apply, version }] of Object.entries(DEFINITION.views)) {
        const data = own.reduce<unknown>((view, event) => apply(view as never, { ...event, id } as never), undefined);
        all.set(`${name} ${id}`, copy({ data, position: own.length, projectionVersion: version }));
      }
    }
    return all;
  }

  /** What every row is. */
  public async shown(): Promise<Map<string, unknown>> {
    const all = new Map<string, unknown>();
    for (const name of Object.keys(DEFINITION.views)) {
      for (const { id, data, position, projectionVersion } of await this.stores.rows(name)) {
        all.set(`${name} ${id}`, { data, position, projectionVersion });
      }
    }
    return all;
  }
}

/** An object whose methods go through `alive`. */
function through<T extends object>(target: T, alive: <R>(action: () => Promise<R>) => Promise<R>): T {
  return new Proxy(target, {
    get: (object, name) => {
      const member = Reflect.get(object, name) as unknown;
      return typeof member === 'function'
        ? (...parameters: unknown[]) =>
            alive(() => (member as (...all: unknown[]) => Promise<unknown>).apply(object, parameters))
        : member;
    },
  });
}
