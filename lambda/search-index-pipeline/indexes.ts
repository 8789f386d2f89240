import * as z from 'zod/mini';
import type { BulkItem } from './bulk';
import { type SearchClient, statusOf } from './client';
import { type IndexBody, InvalidIndex, type Mappings } from './index-body';
import { type IndexAliases, sourceOf, writeAliasOf, writersOf } from './names';
import type { DocumentSource } from './source';

/** Of one call, in ms. */
const TIMEOUT = 20_000;

const segment = (name: string) => encodeURIComponent(name);

/** Answers with undefined instead of a 404. */
export async function ifThere<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (statusOf(error) === 404) {
      return undefined;
    }
    throw error;
  }
}

/** An index that takes writes, or is announced to, and what its documents are made of. */
export interface Target {
  readonly index: string;
  readonly isOpen: boolean;
  readonly source: DocumentSource;
}

type Aliases = Readonly<Record<string, { readonly aliases: IndexAliases }>>;
type Described = Readonly<
  Record<
    string,
    {
      readonly aliases?: Readonly<Record<string, unknown>>;
      readonly settings?: { readonly index?: Record<string, unknown> };
      readonly mappings?: Mappings;
    }
  >
>;

const ERROR = z.object({ body: z.object({ error: z.object({ type: z.string() }) }) });

/** The type of OpenSearch's error. Its reason holds values. */
function typeOf(error: unknown): string {
  const read = z.safeParse(ERROR, error);
  return read.success ? read.data.body.error.type : 'unknown';
}

/** Indexes and aliases of a domain or a collection. */
export class Indexes {
  public constructor(protected readonly client: Pick<SearchClient, 'request'>) {}

  /** The index that is read, and written, by the alias; undefined where the alias is not there. */
  public async writtenBy(alias: string): Promise<string | undefined> {
    const found = Object.entries(
      (await ifThere(this.client.request<Aliases>('GET', `/${segment(alias)}/_alias`, undefined, TIMEOUT))) ?? {},
    );
    return (found.find(([, { aliases }]) => aliases[alias]?.is_write_index) ?? found[0])?.[0];
  }

  /** As it is there, settings as texts by their names below `index.`; undefined where the index is not there. */
  public async read(index: string): Promise<Required<IndexBody> | undefined> {
    const found = await ifThere(this.client.request<Described>('GET', `/${segment(index)}`, undefined, TIMEOUT));
    return found && { settings: found[index]?.settings?.index ?? {}, mappings: found[index]?.mappings ?? {} };
  }

  /** The indexes that take the writes of an alias, or will. @throws Error where one does not say what its documents are made of */
  public async targets(alias: string): Promise<readonly Target[]> {
    const found = await ifThere(
      this.client.request<Described>('GET', `/${segment(writersOf(alias))}`, undefined, TIMEOUT),
    );
    return Object.entries(found ?? {}).map(([index, { aliases, mappings }]) => {
      const source = sourceOf(mappings?._meta);
      if (!source) {
        throw new Error(`${index} does not say what its documents are made of`);
      }
      return { index, source, isOpen: writeAliasOf(index) in (aliases ?? {}) };
    });
  }

  /**
   * Makes an index; one of this name that is there stays as it is.
   *
   * @throws InvalidIndex where OpenSearch will never take the body
   */
  public async create(index: string, body: IndexBody, aliases: IndexAliases): Promise<void> {
    try {
      await this.put(`/${segment(index)}`, { ...body, aliases });
    } catch (error) {
      const type = typeOf(error);
      if (statusOf(error) !== 400) {
        throw error;
      }
      if (type !== 'resource_already_exists_exception') {
        throw new InvalidIndex(type);
      }
    }
  }

  public async putAliases(index: string, aliases: IndexAliases): Promise<void> {
    await this.change(Object.entries(aliases).map(([alias, options]) => ({ add: { index, alias, ...options } })));
  }

  public async putSettings(index: string, settings: Readonly<Record<string, unknown>>): Promise<void> {
    await this.put(`/${segment(index)}/_settings`, { index: settings });
  }

  public async putMappings(index: string, mappings: Mappings): Promise<void> {
    await this.put(`/${segment(index)}/_mapping`, mappings);
  }

  /** The bulk API by the index's own write alias: without it there is no index, and none is made. */
  public async bulk(index: string, body: string): Promise<readonly BulkItem[]> {
    const path = `/${segment(writeAliasOf(index))}/_bulk?require_alias=true`;
    const { items } = await this.client.request<{ items: readonly Readonly<Record<string, BulkItem>>[] }>(
      'POST',
      path,
      body,
      TIMEOUT,
    );
    return items.flatMap((item) => Object.values(item));
  }

  /** Versions of documents as they are now, without waiting for a refresh, by id. */
  public async versions(index: string, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { docs } = await this.client.request<{
      docs: readonly { readonly _id: string; readonly found?: boolean; readonly _version?: number; error?: unknown }[];
    }>('POST', `/${segment(index)}/_mget?_source=false`, { ids }, TIMEOUT);
    if (docs.length !== ids.length || docs.some(({ error }) => error !== undefined)) {
      throw new Error('OpenSearch did not answer for all documents');
    }
    return new Map(docs.flatMap(({ _id: id, found, _version: version }) => (found ? [[id, version ?? 0]] : [])));
  }

  /** Documents of each index, with all that is written by now. */
  public async count(indexes: readonly string[]): Promise<number[]> {
    await Promise.all(
      indexes.map((index) => this.client.request('POST', `/${segment(index)}/_refresh`, undefined, TIMEOUT)),
    );
    return Promise.all(
      indexes.map(async (index) => {
        const path = `/${segment(index)}/_count`;
        return (await this.client.request<{ count: number }>('GET', path, undefined, TIMEOUT)).count;
      }),
    );
  }

  /** Turns the alias to an index, away from whichever it led to, at one moment. Done twice it is done once. */
  public async lead(alias: string, index: string): Promise<void> {
    const path = `/${segment(alias)}/_alias`;
    const found = (await ifThere(this.client.request<Aliases>('GET', path, undefined, TIMEOUT))) ?? {};
    const others = Object.keys(found).filter((other) => other !== index);
    if (others.length === 0 && index in found) {
      return;
    }
    await this.change([
      ...others.map((other) => ({ remove: { index: other, alias } })),
      { add: { index, alias, is_write_index: true } },
    ]);
  }

  /** Takes an index out of the writes of an alias, and removes it. Done twice it is done once. */
  public async drop(index: string, alias: string): Promise<void> {
    const remove = [writeAliasOf(index), writersOf(alias)].map((name) => ({
      remove: { index, alias: name, must_exist: false },
    }));
    await ifThere(this.change(remove));
    await ifThere(this.client.request('DELETE', `/${segment(index)}`, undefined, TIMEOUT));
  }

  protected async put(path: string, body: object): Promise<void> {
    await this.client.request('PUT', path, body, TIMEOUT);
  }

  private async change(actions: readonly object[]): Promise<void> {
    await this.client.request('POST', '/_aliases', { actions }, TIMEOUT);
  }
}
