import { randomBytes } from 'node:crypto';
import { SearchError } from './errors';
import { Mapping, readDocument } from './mapping';
import { IndexSettings } from './settings';
import { StoredDocument, View } from './view';
import { Json } from '../aws/protocol';

/** How a write says which version it is. */
export interface WriteVersion {
  readonly type: 'internal' | 'external' | 'external_gte';
  readonly version?: number;
}

/** A write that was done, or was not needed. */
export interface Written {
  readonly result: 'created' | 'updated' | 'deleted' | 'not_found';
  readonly version: number;
  readonly seqNo: number;
}

/** The version of a document that is gone, which late writes of older versions must not undo. */
export interface Tombstone {
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly time: number;
}

interface Change {
  readonly id: string;
  readonly document: StoredDocument | undefined;
  /** When it was written, in ms of `performance.now()`. */
  readonly at: number;
}

/** What an index is made with. */
export interface IndexOptions {
  readonly name: string;
  readonly uuid?: string;
  readonly created: number;
  readonly settings: IndexSettings;
  readonly mapping: Mapping;
  /** How long after a write searches see it, in ms. */
  readonly lagMs: number;
}

/** One index: its documents as they are, and as searches see them. */
export class SearchIndex {
  public readonly name: string;
  public readonly uuid: string;
  public readonly created: number;
  public settings: IndexSettings;
  public mapping: Mapping;
  public readonly tombstones = new Map<string, Tombstone>();
  private readonly documents = new Map<string, StoredDocument>();
  private readonly seen: View;
  private changes: Change[] = [];
  private nextSeqNo = 0;
  private readonly lagMs: number;

  public constructor(options: IndexOptions) {
    this.name = options.name;
    this.uuid = options.uuid ?? randomBytes(16).toString('base64url');
    this.created = options.created;
    this.settings = options.settings;
    this.mapping = options.mapping;
    this.lagMs = options.lagMs;
    this.seen = new View(options.name, () => this.mapping);
  }

  /** All documents as they are, which reads by id give. */
  public all(): Iterable<StoredDocument> {
    return this.documents.values();
  }

  public get(id: string): StoredDocument | undefined {
    return this.documents.get(id);
  }

  public get count(): number {
    return this.documents.size;
  }

  /** Writes that searches do not see yet. */
  public get unseen(): number {
    this.advance();
    return this.changes.length;
  }

  /** How long the oldest write that searches do not see yet has waited, in ms. */
  public get behindMs(): number {
    this.advance();
    return this.changes.length === 0 ? 0 : Math.round(performance.now() - this.changes[0].at);
  }

  /** What searches see now. */
  public view(): View {
    this.advance();
    return this.seen;
  }

  /** Makes every write visible to searches. */
  public refresh(): void {
    this.apply(Infinity);
  }

  /** Milliseconds until searches see what was written so far; undefined where only a refresh does it. */
  public wait(): number | undefined {
    this.advance();
    const last = this.changes.at(-1);
    if (last === undefined) return 0;
    return this.settings.refreshMs === -1 ? undefined : Math.max(0, last.at + this.lagMs - performance.now());
  }

  /** @throws SearchError for a document that the mapping refuses and for a version that is too old */
  public put(id: string, source: Json, version: WriteVersion, create: boolean): Written {
    const before = this.documents.get(id);
    if (create && before !== undefined) {
      throw this.conflict(id, `document already exists (current version [${before.version}])`);
    }
    const next = this.nextVersion(id, version);
    const values = readDocument(this.mapping, id, source);
    const document = { id, version: next, seqNo: this.nextSeqNo, source, values };
    this.restore(document);
    return { result: before === undefined ? 'created' : 'updated', version: next, seqNo: document.seqNo };
  }

  /** Removes a document; its version is kept for `gc_deletes`, also where there was none. */
  public remove(id: string, version: WriteVersion): Written {
    const before = this.documents.get(id);
    const next = this.nextVersion(id, version);
    const seqNo = this.nextSeqNo;
    this.restoreTombstone(id, { version: next, time: Date.now() }, seqNo);
    return { result: before === undefined ? 'not_found' : 'deleted', version: next, seqNo };
  }

  /** Puts in what was stored, without a check. */
  public restore(document: StoredDocument): void {
    this.nextSeqNo = Math.max(this.nextSeqNo, document.seqNo + 1);
    this.tombstones.delete(document.id);
    this.documents.set(document.id, document);
    this.changes.push({ id: document.id, document, at: performance.now() });
  }

  /** The same of what a file has, which has no values of fields. */
  public restoreSource({ id, version, seqNo, source }: Omit<StoredDocument, 'values'>): void {
    this.restore({ id, version, seqNo, source, values: readDocument(this.mapping, id, source) });
  }

  public restoreTombstone(id: string, tombstone: Tombstone, seqNo: number): void {
    this.nextSeqNo = Math.max(this.nextSeqNo, seqNo + 1);
    this.dropTombstones();
    this.tombstones.set(id, tombstone);
    if (!this.documents.delete(id)) return;
    this.changes.push({ id, document: undefined, at: performance.now() });
  }

  /** @throws SearchError for a read that asks for another version */
  public checkRead(document: StoredDocument, { version }: WriteVersion): void {
    if (version === undefined || version === document.version) return;
    throw this.conflict(
      document.id,
      `current version [${document.version}] is different than the one provided [${version}]`,
    );
  }

  private nextVersion(id: string, { type, version }: WriteVersion): number {
    const current = this.documents.get(id)?.version ?? this.tombstone(id)?.version;
    if (type === 'internal' || version === undefined) return (current ?? 0) + 1;
    if (current !== undefined && type === 'external' && current >= version) {
      throw this.conflict(id, `current version [${current}] is higher or equal to the one provided [${version}]`);
    }
    if (current !== undefined && current > version) {
      throw this.conflict(id, `current version [${current}] is higher than the one provided [${version}]`);
    }
    return version;
  }

  private tombstone(id: string): Tombstone | undefined {
    const found = this.tombstones.get(id);
    return found === undefined || found.time + this.settings.gcDeletesMs < Date.now() ? undefined : found;
  }

  private dropTombstones(): void {
    // In the order of their deletion, so that the first one to be kept ends the search.
    for (const [id, { time }] of this.tombstones) {
      if (time + this.settings.gcDeletesMs >= Date.now()) return;
      this.tombstones.delete(id);
    }
  }

  private conflict(id: string, reason: string): SearchError {
    return new SearchError(409, 'version_conflict_engine_exception', `[${id}]: version conflict, ${reason}`, {
      index: this.name,
      shard: '0',
      index_uuid: this.uuid,
    });
  }

  private advance(): void {
    if (this.settings.refreshMs !== -1) this.apply(performance.now() - this.lagMs);
  }

  private apply(until: number): void {
    const rest = this.changes.findIndex(({ at }) => at > until);
    const due = rest === -1 ? this.changes : this.changes.slice(0, rest);
    this.changes = rest === -1 ? [] : this.changes.slice(rest);
    for (const { id, document } of due) this.seen.set(id, document);
  }
}
