import { VersionedIndex } from './versioned-index';
import type { BulkItem } from '../../lambda/search-index-pipeline/bulk';
import { type IndexBody, InvalidIndex, type Mappings } from '../../lambda/search-index-pipeline/index-body';
import { type IndexAliases, sourceOf, writeAliasOf, writersOf } from '../../lambda/search-index-pipeline/names';
import type { DocumentSource } from '../../lambda/search-index-pipeline/source';

interface ClusterIndex {
  body: Required<IndexBody>;
  readonly aliases: Map<string, { readonly is_write_index?: boolean }>;
  readonly documents: VersionedIndex;
}

/** Indexes and aliases of a domain in memory, as `Indexes` has them of OpenSearch. */
export class SearchCluster {
  public readonly indexes = new Map<string, ClusterIndex>();
  /** Called when readers are turned to an index. */
  public onLead: (index: string) => void = () => undefined;

  public of(index: string): ClusterIndex {
    const found = this.indexes.get(index);
    if (!found) throw new Error(`index_not_found ${index}`);
    return found;
  }

  /** What readers have. */
  public documentsOf(alias: string): Record<string, unknown> {
    return [...this.indexes.values()].find(({ aliases }) => aliases.has(alias))?.documents.documents() ?? {};
  }

  public restart(): void {
    this.indexes.forEach(({ documents }) => documents.restart());
  }

  public async writtenBy(alias: string): Promise<string | undefined> {
    return [...this.indexes].find(([, { aliases }]) => aliases.has(alias))?.[0];
  }

  public async read(index: string): Promise<Required<IndexBody> | undefined> {
    return this.indexes.get(index)?.body;
  }

  public async targets(alias: string): Promise<{ index: string; source: DocumentSource; isOpen: boolean }[]> {
    return [...this.indexes]
      .filter(([, { aliases }]) => aliases.has(writersOf(alias)))
      .map(([index, { body, aliases }]) => ({
        index,
        source: sourceOf(body.mappings._meta)!,
        isOpen: aliases.has(writeAliasOf(index)),
      }));
  }

  /** A mapping that is `invalid` is refused. */
  public async create(
    index: string,
    { settings = {}, mappings = {} }: IndexBody,
    aliases: IndexAliases,
  ): Promise<void> {
    if (mappings.dynamic === 'invalid') throw new InvalidIndex('mapper_parsing_exception');
    if (this.indexes.has(index)) return;
    const texts = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
    this.indexes.set(index, {
      body: { settings: texts, mappings },
      aliases: new Map(Object.entries(aliases)),
      documents: new VersionedIndex(),
    });
  }

  public async putAliases(index: string, aliases: IndexAliases): Promise<void> {
    Object.entries(aliases).forEach(([alias, options]) => this.of(index).aliases.set(alias, options));
  }

  public async putSettings(index: string, settings: Readonly<Record<string, unknown>>): Promise<void> {
    const { body } = this.of(index);
    const texts = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
    this.of(index).body = { ...body, settings: { ...body.settings, ...texts } };
  }

  public async putMappings(index: string, mappings: Mappings): Promise<void> {
    const { body } = this.of(index);
    const properties = { ...body.mappings.properties, ...mappings.properties };
    this.of(index).body = { ...body, mappings: { ...body.mappings, ...mappings, properties } };
  }

  /** @param fault as `VersionedIndex.bulk` has it */
  public async bulk(index: string, body: string, fault?: () => number | undefined): Promise<BulkItem[]> {
    const found = this.indexes.get(index);
    if (!found?.aliases.has(writeAliasOf(index))) {
      // As many as there are lines, which is more than enough.
      return body.split('\n').map(() => ({ status: 404, error: { type: 'index_not_found_exception' } }));
    }
    return found.documents.bulk(body, fault);
  }

  public async versions(index: string, ids: readonly string[]): Promise<Map<string, number>> {
    return this.of(index).documents.versions(ids);
  }

  public async count(indexes: readonly string[]): Promise<number[]> {
    return indexes.map((index) => Object.keys(this.of(index).documents.documents()).length);
  }

  public async lead(alias: string, index: string): Promise<void> {
    const to = this.of(index);
    if (to.aliases.has(alias)) return;
    this.onLead(index);
    this.indexes.forEach(({ aliases }) => aliases.delete(alias));
    to.aliases.set(alias, { is_write_index: true });
  }

  public async drop(index: string): Promise<void> {
    this.indexes.delete(index);
  }
}
