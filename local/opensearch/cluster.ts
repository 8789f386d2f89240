import {
  Aliases,
  AliasOptions,
  applyActions,
  checkAliases,
  checkName,
  readIndexAliases,
  withoutIndexes,
} from './aliases';
import { illegalArgument, indexNotFound, NOT_HERE, SearchError } from './errors';
import { Journal, JournalEntry } from './journal';
import { readMapping, showMapping } from './mapping';
import { SearchIndex, WriteVersion, Written } from './search-index';
import { changeSettings, readSettings } from './settings';
import { Reader } from './strict';
import { Json } from '../aws/protocol';

/** The indexes and aliases of a domain. */
export class Cluster {
  private readonly indexes = new Map<string, SearchIndex>();
  private aliases: Aliases = {};
  private readonly journal: Journal;

  /**
   * @param lagMs how long after a write searches see it
   * @param file where it lasts; undefined where it does not
   */
  public constructor(
    private readonly lagMs: number,
    file: string | undefined,
  ) {
    this.journal = new Journal(file, (entry) => this.replay(entry));
    for (const index of this.indexes.values()) index.refresh();
    this.journal.rewrite(this.entries());
  }

  public all(): readonly SearchIndex[] {
    return [...this.indexes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  public allAliases(): Aliases {
    return this.aliases;
  }

  /** The aliases of an index. */
  public aliasesOf(index: string): Readonly<Record<string, AliasOptions>> {
    return Object.fromEntries(
      Object.entries(this.aliases).flatMap(([alias, targets]) =>
        targets[index] === undefined ? [] : [[alias, targets[index]]],
      ),
    );
  }

  /** The indexes of a name, which may be an alias. @throws SearchError where there is none */
  public resolve(name: string): readonly SearchIndex[] {
    if (/[*,]/.test(name) || name === '_all') throw illegalArgument(`index pattern [${name}] is ${NOT_HERE}`);
    const index = this.indexes.get(name);
    if (index !== undefined) return [index];
    const targets = Object.keys(this.aliases[name] ?? {});
    if (targets.length === 0) throw indexNotFound(name);
    return this.all().filter((candidate) => targets.includes(candidate.name));
  }

  /** The one index of a name. */
  public single(name: string): SearchIndex {
    const found = this.resolve(name);
    if (found.length === 1) return found[0];
    const names = found.map((index) => index.name).join(', ');
    throw illegalArgument(
      `alias [${name}] has more than one index associated with it [${names}], can't execute a single index op`,
    );
  }

  /** The index that writes to a name go to. */
  public writable(name: string): SearchIndex {
    const found = this.resolve(name);
    if (this.indexes.has(name)) return found[0];
    const targets = this.aliases[name] ?? {};
    const write = found.find((index) => targets[index.name]?.is_write_index === true);
    const only = found.length === 1 && targets[found[0].name]?.is_write_index !== false ? found[0] : undefined;
    return (
      write ??
      only ??
      raise(
        illegalArgument(
          `no write index is defined for alias [${name}]. The write index may be explicitly disabled using is_write_index=false or the alias points to multiple indices without one being designated as a write index`,
        ),
      )
    );
  }

  public create(name: string, body: Json): void {
    checkName('index', name);
    const reader = new Reader(body, 'create index', (reason) => new SearchError(400, 'parse_exception', reason));
    reader.only('settings', 'mappings', 'aliases');
    if (this.indexes.has(name)) {
      throw new SearchError(400, 'resource_already_exists_exception', `index [${name}] already exists`, {
        index: name,
      });
    }
    if (this.aliases[name] !== undefined) {
      throw new SearchError(
        400,
        'invalid_index_name_exception',
        `Invalid index name [${name}], already exists as alias`,
      );
    }
    const settings = readSettings(reader.optionalObject('settings') ?? {});
    const mapping = readMapping(reader.optionalObject('mappings') ?? {});
    let aliases = this.aliases;
    for (const [alias, options] of Object.entries(readIndexAliases(reader.optionalObject('aliases') ?? {}))) {
      aliases = { ...aliases, [alias]: { ...aliases[alias], [name]: options } };
    }
    checkAliases(aliases, new Set([...this.indexes.keys(), name]));
    const index = new SearchIndex({ name, created: Date.now(), settings, mapping, lagMs: this.lagMs });
    this.indexes.set(name, index);
    this.aliases = aliases;
    this.journal.append(this.created(index), { op: 'aliases', aliases });
  }

  /** @param name of an index, in which `*` stands for anything; never of an alias */
  public drop(name: string): void {
    if (this.aliases[name] !== undefined) {
      throw illegalArgument(
        `The provided expression [${name}] matches an alias, specify the corresponding concrete indices instead.`,
      );
    }
    if (name.includes('*')) {
      const parts = name.split('*').map((part) => part.replace(/[.+^${}()|[\]\\]/g, '\\$&'));
      const pattern = new RegExp(`^${parts.join('.*')}$`);
      this.forget([...this.indexes.keys()].filter((index) => pattern.test(index)));
      return;
    }
    const [index] = this.resolve(name);
    this.forget([index.name]);
  }

  public changeMapping(name: string, body: Json): void {
    const changes = this.resolve(name).map((index) => ({ index, mapping: readMapping(body, index.mapping) }));
    for (const { index, mapping } of changes) {
      index.mapping = mapping;
      this.journal.append({ op: 'mapping', index: index.name, mapping: showMapping(mapping) });
    }
  }

  public changeSettings(name: string, body: Json): void {
    const changes = this.resolve(name).map((index) => ({
      index,
      settings: changeSettings(index.settings, body, `${index.name}/${index.uuid}`),
    }));
    for (const { index, settings } of changes) {
      index.settings = settings;
      this.journal.append({ op: 'settings', index: index.name, settings: settings.given });
    }
  }

  public changeAliases(actions: unknown): void {
    const resolve = (name: string): string => this.indexes.get(name)?.name ?? raise(indexNotFound(name));
    const { aliases, removedIndexes } = applyActions(this.aliases, actions, resolve);
    checkAliases(aliases, new Set([...this.indexes.keys()].filter((name) => !removedIndexes.includes(name))));
    this.aliases = aliases;
    this.forget(removedIndexes);
  }

  public put(index: SearchIndex, id: string, source: Json, version: WriteVersion, create: boolean): Written {
    const written = index.put(id, source, version, create);
    this.journal.append({ op: 'put', index: index.name, id, version: written.version, seqNo: written.seqNo, source });
    return written;
  }

  public remove(index: SearchIndex, id: string, version: WriteVersion): Written {
    const written = index.remove(id, version);
    const { version: removed, seqNo } = written;
    this.journal.append({ op: 'remove', index: index.name, id, version: removed, seqNo, time: Date.now() });
    return written;
  }

  /** Writes what was done so far to the file. */
  public flush(): void {
    this.journal.flush();
  }

  private forget(names: readonly string[]): void {
    for (const name of names) {
      this.indexes.delete(name);
      this.journal.append({ op: 'drop', index: name });
    }
    this.aliases = withoutIndexes(this.aliases, names);
    this.journal.append({ op: 'aliases', aliases: this.aliases });
  }

  private created({ name, uuid, created, settings, mapping }: SearchIndex): JournalEntry {
    return { op: 'create', index: name, uuid, created, settings: settings.given, mapping: showMapping(mapping) };
  }

  private *entries(): Iterable<JournalEntry> {
    for (const index of this.indexes.values()) {
      yield this.created(index);
      for (const { id, version, seqNo, source } of index.all()) {
        yield { op: 'put', index: index.name, id, version, seqNo, source };
      }
      for (const [id, { version, time }] of index.tombstones) {
        yield { op: 'remove', index: index.name, id, version, seqNo: 0, time };
      }
    }
    yield { op: 'aliases', aliases: this.aliases };
  }

  private replay(entry: JournalEntry): void {
    if (entry.op === 'aliases') {
      this.aliases = entry.aliases;
      return;
    }
    if (entry.op === 'create') {
      const { index: name, uuid, created } = entry;
      const settings = readSettings(entry.settings);
      this.indexes.set(
        name,
        new SearchIndex({ name, uuid, created, settings, mapping: readMapping(entry.mapping), lagMs: this.lagMs }),
      );
      return;
    }
    const index = this.indexes.get(entry.index);
    if (index === undefined) return;
    switch (entry.op) {
      case 'drop':
        this.indexes.delete(entry.index);
        break;
      case 'mapping':
        index.mapping = readMapping(entry.mapping);
        break;
      case 'settings':
        index.settings = readSettings(entry.settings);
        break;
      case 'put':
        index.restoreSource(entry);
        break;
      default:
        index.restoreTombstone(entry.id, { version: entry.version, time: entry.time }, entry.seqNo);
        break;
    }
  }
}

function raise(error: Error): never {
  throw error;
}
