import { JobWorld, through, type Waiting } from './job-world';
import { Unconvertible, upConvert, type VersionedKind } from '../../lambda/core/dynamodb';
import { keyText, toPlain, toWire, type WireItem } from '../../lambda/core/dynamodb/wire';
import { type Job, NOTHING, type Segment, type SegmentKey } from '../../lambda/social-table/migration/job';
import type { SegmentMessage } from '../../lambda/social-table/migration/messages';
import type {
  CommandPorts,
  JobStore,
  MigratedTable,
  WorkPorts,
  Written,
} from '../../lambda/social-table/migration/ports';
import { converterOf } from '../../lambda/social-table/migration/verdicts';
import { handleMessage } from '../../lambda/social-table/migration/work';

/** At first a note had its text in itself; then that became an item of its own, with an edge; then titles shouted. */
const NOTE: VersionedKind = {
  type: 'Note',
  schemaVersion: 3,
  upConverters: {
    1: ({ text, ...rest }) => {
      if (rest.title === 'bad') throw new Unconvertible('Note has a bad title');
      const id = String(rest.PK).slice('NOTE#'.length);
      return [
        { ...rest, schemaVersion: 2 },
        { PK: rest.PK, SK: 'TEXT', text },
        { PK: 'NOTES', SK: id },
      ];
    },
    2: (item) => [{ ...item, title: String(item.title).toUpperCase(), schemaVersion: 3 }],
  },
  isKind: ({ SK }) => SK === 'NOTE',
};

/** Drafts are given up. */
const DRAFT: VersionedKind = {
  type: 'Draft',
  schemaVersion: 2,
  upConverters: { 1: () => [] },
  isKind: ({ SK }) => SK === 'DRAFT',
};

const KINDS = [NOTE, DRAFT];

/** The state of migrations in memory, as `JobRepository` has it of DynamoDB. */
class MemoryMigrations implements JobStore {
  public job: Job | undefined;
  public readonly all = new Map<string, Segment>();

  public async current() {
    return this.job;
  }

  public async begin(job: Job) {
    if (this.job && this.job.id !== job.id && this.job.phase === 'running') return false;
    this.job = job;
    return true;
  }

  public async change({ id, turn }: Pick<Job, 'id' | 'turn'>, changes: Partial<Job>) {
    if (this.job?.id !== id || this.job.turn !== turn) return undefined;
    this.job = { ...this.job, ...changes, turn: turn + 1 };
    return this.job;
  }

  public async noteError() {
    return undefined;
  }

  public async makeSegments(keys: readonly SegmentKey[]) {
    for (const key of keys.filter((one) => !this.all.has(textOf(one)))) {
      this.all.set(textOf(key), { ...key, turn: 0, by: 'none', attempt: 'none', done: false, tally: NOTHING });
    }
  }

  public async segment(key: SegmentKey) {
    return this.all.get(textOf(key));
  }

  public async segments(jobId: string) {
    return [...this.all.values()].filter((one) => one.jobId === jobId);
  }

  public async advance(segment: Segment, progress: Parameters<JobStore['advance']>[1]) {
    const now = this.all.get(textOf(segment));
    if (now?.turn !== segment.turn) return undefined;
    const next = { ...now, ...progress, turn: segment.turn + 1 };
    this.all.set(textOf(segment), next);
    return next;
  }
}

const textOf = ({ jobId, segment }: SegmentKey) => `${jobId} ${segment}`;

interface Note {
  readonly title: string;
  readonly text: string;
}

type Plain = Record<string, unknown>;

/** A table whose items are of several versions, those who write it, the function that migrates it, and what goes wrong. */
export class MigrationWorld extends JobWorld<SegmentMessage> {
  public readonly jobs = new MemoryMigrations();
  /** By their keys, as the table has them. */
  public readonly items = new Map<string, WireItem>();
  /** What each note is to say in the end, whoever wrote it last. */
  public readonly notes = new Map<string, Note>();
  public readonly buried: string[] = [];
  /** Writes of migrations. */
  public writes = 0;
  /** Write units of migrations, by the second in which they were consumed. */
  public readonly consumed: { readonly at: number; readonly units: number }[] = [];
  private made = 0;

  /** Items of all versions. */
  public fill(count: number): void {
    for (let n = 0; n < count; n++) this.create(1 + this.below(3));
    this.put({ PK: 'OTHER#1', SK: 'OTHER', of: 'nobody', precise: 1 });
  }

  public create(version: number): string {
    const id = `n${++this.made}`;
    const note = { title: `title ${id}`, text: `text ${id}` };
    this.notes.set(id, note);
    const old = { PK: `NOTE#${id}`, SK: 'NOTE', ...note };
    if (version === 1) {
      this.put(old);
      if (this.random() < 0.3) this.put({ PK: `NOTE#${id}`, SK: 'DRAFT', text: 'never mind' });
    } else {
      const { text, ...rest } = old;
      this.put({ ...rest, title: version === 3 ? rest.title.toUpperCase() : rest.title, schemaVersion: version });
      this.put({ PK: rest.PK, SK: 'TEXT', text });
      this.put({ PK: 'NOTES', SK: id });
    }
    return id;
  }

  public put(item: Plain): void {
    const wire = toWire(item);
    this.items.set(keyText({ PK: wire.PK, SK: wire.SK }), wire);
  }

  /** What the table is to hold when all is done, but for what failed. */
  public wanted(): Plain[] {
    const notes = [...this.notes].flatMap(([id, { title, text }]): Plain[] =>
      title === 'bad'
        ? [{ PK: `NOTE#${id}`, SK: 'NOTE', title, text }]
        : [
            { PK: `NOTE#${id}`, SK: 'NOTE', title: title.toUpperCase(), schemaVersion: 3 },
            { PK: `NOTE#${id}`, SK: 'TEXT', text },
            { PK: 'NOTES', SK: id },
          ],
    );
    return sorted([...notes, { PK: 'OTHER#1', SK: 'OTHER', of: 'nobody', precise: 1 }]);
  }

  public table(): Plain[] {
    return sorted([...this.items.values()].map((item) => toPlain(item)));
  }

  /** Somebody writes: in the old shape where the item has it, or as code of now does, or removes a note. */
  public write(): void {
    const ids = [...this.notes.keys()];
    const draw = this.random();
    if (ids.length === 0 || draw < 0.2) {
      this.create(this.random() < 0.8 ? 3 : 2);
      return;
    }
    const id = ids[this.below(ids.length)];
    const key = { PK: `NOTE#${id}`, SK: 'NOTE' };
    const item = toPlain(this.items.get(keyText(toWire(key)))!);
    if (draw < 0.35) {
      for (const one of [key, { ...key, SK: 'TEXT' }, { PK: 'NOTES', SK: id }]) this.items.delete(keyText(toWire(one)));
      this.notes.delete(id);
      return;
    }
    const title = draw < 0.4 && item.schemaVersion === undefined ? 'bad' : `title ${++this.made}`;
    const note = { title, text: `text ${this.made}` };
    if (draw < 0.6 && item.schemaVersion === undefined) {
      this.put({ ...item, ...note });
    } else if (item.title === 'bad' && item.schemaVersion === undefined) {
      return;
    } else {
      for (const one of upConvert(KINDS, item)?.items ?? [item]) this.put(one);
      this.put({ ...key, title: note.title.toUpperCase(), schemaVersion: 3 });
      this.put({ ...key, SK: 'TEXT', text: note.text });
    }
    this.notes.set(id, note);
  }

  public commands(): CommandPorts {
    return {
      jobs: this.jobs,
      table: { count: async () => this.items.size },
      send: (messages, delay) => this.send(messages, delay),
      now: () => this.now,
    };
  }

  protected async attempt({ id, message }: Waiting<SegmentMessage>): Promise<boolean> {
    const { alive, stopped } = this.life();
    const endsAt = this.now + 60_000;
    let pages = 0;
    const table: MigratedTable = {
      count: async () => this.items.size,
      scan: (part) => {
        pages++;
        return alive(async () => this.scan(part));
      },
      read: (item) => alive(async () => ({ item: this.items.get(keyText({ PK: item.PK, SK: item.SK })), units: 0.5 })),
      query: (pk, prefix) =>
        alive(async () => {
          const found = [...this.items.values()].filter(({ PK, SK }) => PK.S === pk && SK.S?.startsWith(prefix));
          return { items: found, units: 0.5 };
        }),
      replace: (before, after) => alive(async () => this.replace(before, after)),
    };
    const ports: WorkPorts = {
      jobs: through(this.jobs, alive),
      table,
      convert: converterOf(KINDS, (pk, prefix) => table.query(pk, prefix)),
      send: (messages, delay) => alive(() => this.send(messages, delay)),
      now: () => this.now,
      messageId: id,
      attemptId: `a${++this.sequence}`,
      bury: (bodies) => alive(async () => void this.buried.push(...bodies)),
      pause: async (ms) => {
        this.now += ms;
      },
      timeIsShort: () => this.now >= endsAt || pages >= 4,
      tell: async () => undefined,
    };
    const worked = handleMessage(ports, message).then(
      () => true,
      (error: Error) => {
        if (!/not reached|answer lost/.test(error.message)) throw error;
        return false;
      },
    );
    return Promise.race([worked, stopped]);
  }

  /** As DynamoDB: by keys, and a limit of three, as its 1 MB may be lower than what is asked for. */
  private scan({ segment, segments, position, limit }: Parameters<MigratedTable['scan']>[0]) {
    const all = [...this.items.keys()].filter((key) => hash(key) % segments === segment).sort();
    // As an engine that finds nothing after an item that is gone.
    const isGone = this.calm && position !== undefined && !this.items.has(position);
    const rest = isGone ? [] : all.filter((key) => position === undefined || key > position);
    const page = rest.slice(0, Math.min(limit, 5));
    return {
      items: page.map((key) => this.items.get(key)!),
      next: rest.length > page.length ? page[page.length - 1] : undefined,
      units: page.length / 2,
    };
  }

  private replace(before: WireItem, after: readonly WireItem[]): Written {
    const own = keyText({ PK: before.PK, SK: before.SK });
    const keyed = after.map((item): [string, WireItem] => [keyText({ PK: item.PK, SK: item.SK }), item]);
    const now = this.items.get(own);
    if (now === undefined || JSON.stringify(now) !== JSON.stringify(before)) {
      return { outcome: 'changed', kept: 0, units: 2 };
    }
    this.writes++;
    const units = after.length <= 1 ? 1 : 2 * after.length;
    this.consumed.push({ at: this.now, units });
    this.items.delete(own);
    const absent = keyed.filter(([key]) => !this.items.has(key));
    absent.forEach(([key, item]) => this.items.set(key, item));
    return { outcome: 'done', kept: keyed.length - absent.length, units };
  }

  protected async other(): Promise<void> {
    this.now += this.below(2000);
    this.write();
  }
}

function sorted(items: readonly Plain[]): Plain[] {
  const text = ({ PK, SK }: Plain) => `${String(PK)} ${String(SK)}`;
  return [...items].sort((a, b) => (text(a) < text(b) ? -1 : 1));
}

const hash = (text: string) => [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 65_521, 7);
