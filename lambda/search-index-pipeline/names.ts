import * as z from 'zod/mini';
import { DOCUMENT_SOURCE, type DocumentSource } from './source';

/** The versioned indexes of one kind have this in common: `articles` of `articles-000001`. */
export const kindOf = (index: string) => index.replace(/-\d{6}$/, '');

/** The alias by which one index alone is written: an index that is gone is not made again by a write that comes late. */
export const writeAliasOf = (index: string) => `${index}-writes`;

/**
 * The alias of all indexes that are written or will be, by which they are found. Nothing is written by it. An index that
 * has this one alone is announced: whoever writes asks for its write alias every time. So from one moment on all of them
 * write to it, and none misses a deletion of what another has written.
 */
export const writersOf = (alias: string) => `${alias}-writes`;

/** Aliases of one index. */
export type IndexAliases = Readonly<Record<string, { readonly is_write_index?: boolean }>>;

/** By which an index is read, and written by those who know no better. */
export const readBy = (alias: string): IndexAliases => ({ [alias]: { is_write_index: true } });

/** By which an index is announced to those who write. */
export const announcedTo = (alias: string): IndexAliases => ({ [writersOf(alias)]: { is_write_index: false } });

/** By which an index that is announced takes writes. */
export const open = (index: string): IndexAliases => ({ [writeAliasOf(index)]: {} });

/** By which an index takes the writes of an alias, where there is no other. */
export const openTo = (alias: string, index: string): IndexAliases => ({ ...announcedTo(alias), ...open(index) });

/** What is known of indexes is asked for again after this time, in ms. One that is announced is opened after twice of it. */
export const TARGETS_MS = 5_000;

/** `articles-000002` of `articles-000001`. */
export function nextIndex(index: string): string {
  const number = Number(/-(\d{6})$/.exec(index)?.[1] ?? 0) + 1;
  return `${kindOf(index)}-${String(number).padStart(6, '0')}`;
}

/** Where an index keeps what its documents are made of: in `_meta` of its mapping, which OpenSearch leaves alone. */
const META = z.object({ documentSource: DOCUMENT_SOURCE });

/** `_meta` of an index whose documents are made so, beside what is there of others. */
export const metaOf = (source: DocumentSource, others: unknown): Record<string, unknown> => ({
  ...(others as object | undefined),
  documentSource: source,
});

/** What the documents of an index are made of; undefined where it does not say. */
export function sourceOf(meta: unknown): DocumentSource | undefined {
  const read = z.safeParse(META, meta);
  return read.success ? read.data.documentSource : undefined;
}
