import type { DynamoDBRecord } from 'aws-lambda';
import { type DocumentSource, documentOf, idOf, type Image, isDocument, UnreadableItem, versionOf } from './source';

/**
 * A change of one document. Versions order the changes of a document however they arrive: a write of the item at version
 * v is 2v, its removal 2v + 1, later than the write that it removes and earlier than any that follows.
 */
export type Change = WriteChange | { readonly kind: 'delete'; readonly id: string; readonly version: number };

/** A write of an item. */
export interface WriteChange {
  readonly kind: 'index';
  readonly id: string;
  readonly version: number;
  readonly document: Readonly<Record<string, unknown>>;
}

/** What an item is in the index. @throws UnreadableItem where it lacks what a document must have */
export const writeOf = (item: Image, source: DocumentSource): WriteChange => ({
  kind: 'index',
  id: idOf(item, source),
  version: 2 * versionOf(item, source),
  document: documentOf(item, source),
});

/**
 * What a record of the stream means for the index: nothing, one change, or two where an item changes its id.
 *
 * @throws UnreadableItem where an item lacks what a document must have
 */
export function changesOf(record: DynamoDBRecord, source: DocumentSource): Change[] {
  const change = record.dynamodb;
  const old = change?.OldImage;
  const now = change?.NewImage;
  if (record.eventName === 'REMOVE' ? !old : !now) {
    throw new UnreadableItem('the stream must have new and old images');
  }
  const changes: Change[] = [];
  if (isDocument(now, source)) {
    changes.push(writeOf(now, source));
  }
  if (isDocument(old, source)) {
    const id = idOf(old, source);
    if (changes[0]?.id !== id) {
      changes.push({ kind: 'delete', id, version: 2 * versionOf(old, source) + 1 });
    }
  }
  return changes;
}

/** The latest change of each document: those before it would be refused as older. */
export function latest<T extends { readonly change: Change }>(all: readonly T[]): T[] {
  const byId = new Map<string, T>();
  for (const one of all) {
    const other = byId.get(one.change.id);
    if (!other || other.change.version <= one.change.version) {
      byId.set(one.change.id, one);
    }
  }
  return [...byId.values()];
}
