import { blobKey, segmentKey, userKey } from './keys';
import type { Item } from '../../core/dynamodb';
import { LIFETIMES } from '../domain/limits';
import type { Latest, ProfileRecord, Segment } from '../domain/model';
import { expiryOf, isLive, liveOf, segmentExpiry } from '../domain/versions';

/** From items to the domain and back. `typ` says what an item is, `expiresAt` is the second after which it is not there. */

interface UserItem {
  readonly id: string;
  readonly tags: readonly string[];
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly version: string;
  /** By type: version, bytes of the item, bytes of JSON. Short, because it is read and written with every profile. */
  readonly latest: object;
  readonly storedBytes: number;
  readonly expiresAt: number;
  /** It is being deleted, and no longer there for anybody who reads. */
  readonly deleting?: true;
}

export const isDeleting = (item: Item): boolean => item.deleting === true;
export const versionOf = (item: Item): string => String(item.version);
/** Whether an item is there in this moment: DynamoDB takes days to delete what has expired. */
export const isThere = (item: Item, now: number): boolean => !isDeleting(item) && isLive(Number(item.expiresAt), now);

type Packed = readonly [at: number, itemBytes: number, jsonBytes: number];

export function userItem(record: ProfileRecord): Item {
  const { id, tags, createdAt, updatedAt, version, latest, storedBytes } = record;
  const attributes: UserItem = {
    id,
    tags,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
    version,
    // A map to the client too: a type may be called `constructor`, by which it would tell what an object is.
    latest: new Map([...latest].map(([type, { at, itemBytes, jsonBytes }]) => [type, [at, itemBytes, jsonBytes]])),
    storedBytes,
    expiresAt: expiryOf(updatedAt, LIFETIMES.user),
  };
  return { ...userKey(id), typ: 'USER', ...attributes };
}

export function toRecord(item: Item, now: number): ProfileRecord {
  const { id, tags, createdAt, updatedAt, version, latest, storedBytes } = item as unknown as UserItem;
  const all = Object.entries<Packed>(latest as Record<string, Packed>).map(
    ([type, [at, itemBytes, jsonBytes]]): [string, Latest] => [type, { at, itemBytes, jsonBytes }],
  );
  return {
    id,
    tags,
    createdAt: Date.parse(createdAt),
    updatedAt: Date.parse(updatedAt),
    version,
    latest: liveOf(new Map(all), now),
    storedBytes,
  };
}

export const segmentItem = (id: string, { type, categories, topCategories, at }: Segment): Item => ({
  ...segmentKey(id, type, at),
  typ: 'SEG',
  type,
  categories,
  topCategories,
  createdAt: new Date(at).toISOString(),
  expiresAt: segmentExpiry(at),
});

export function toSegment(item: Item): Segment {
  const { type, categories, topCategories } = item as unknown as Segment;
  // Names in the order in which the API shows them: maps of DynamoDB have none.
  const ordered = categories.map(({ id, score }) => ({ id, score }));
  return { type, categories: ordered, topCategories, at: Date.parse(String(item.createdAt)) };
}

export const blobItem = (id: string, data: object, version: string, now: number): Item => ({
  ...blobKey(id),
  typ: 'BLOB',
  version,
  updatedAt: new Date(now).toISOString(),
  expiresAt: expiryOf(now, LIFETIMES.user),
  data,
});
