import type { Item, ItemContent, ItemFilter } from './model';
import { Busy } from '../../core/busy';
import { type CursorBinding, decodeCursor, encodeCursor } from '../../core/cursor';
import { fold } from '../../core/folding';
import { isUuid, timeOfId } from '../../core/ids';
import { invalid, notFound, preconditionFailed } from '../errors';

/** What became of a write that depends on what is there. */
export type WriteOutcome =
  | { readonly kind: 'done'; readonly item: Item }
  /** There is none. */
  | { readonly kind: 'gone' }
  /** It has none of the versions that were asked for. */
  | { readonly kind: 'changed' }
  /** It was last changed by a clock that is ahead: at this time. */
  | { readonly kind: 'ahead'; readonly updatedAt: string };

/** Of which versions an item may be for a write: any where there are none. */
export type Versions = readonly number[] | undefined;

/** What the rules about items need of storage. */
export interface ItemPorts {
  readonly items: {
    create(item: Item): Promise<void>;
    get(id: string): Promise<Item | undefined>;
    /** All that is there of its content is replaced, unless it is not there, or was changed after `at`. */
    replace(id: string, content: ItemContent, at: string, versions: Versions): Promise<WriteOutcome>;
    delete(id: string, versions: Versions): Promise<'done' | 'gone' | 'changed'>;
  };
  /** A UUIDv7: its time is when the item is made. */
  newId(): string;
  /** Milliseconds since 1970. */
  now(): number;
}

/** What lists of items need of storage. */
export interface ItemListPorts {
  readonly items: {
    /** Newest first, below an id. */
    newest(filter: ItemFilter, before: string | undefined, max: number): Promise<readonly Item[]>;
  };
}

/** Tries of a change that clocks get in the way of. */
const ATTEMPTS = 5;

const iso = (time: number) => new Date(time).toISOString();

export async function createItem({ items, newId }: Pick<ItemPorts, 'newId'> & Items<'create'>, content: ItemContent) {
  const id = newId();
  // Lists are in the order of ids: what an item says of its time is that of its id.
  const at = iso(timeOfId(id));
  const item: Item = { id, ...content, createdAt: at, updatedAt: at, version: 1 };
  await items.create(item);
  return item;
}

type Items<Name extends keyof ItemPorts['items']> = { readonly items: Pick<ItemPorts['items'], Name> };

/** @throws HttpError 404; what is no id is no item's */
export async function getItem({ items }: Items<'get'>, id: string): Promise<Item> {
  const item = isUuid(id) ? await items.get(id) : undefined;
  if (!item) {
    throw notFound('item');
  }
  return item;
}

/** Replaces what is there, and makes nothing. @throws HttpError 404, 412 */
export async function updateItem(
  { items, now }: Pick<ItemPorts, 'now'> & Items<'replace'>,
  id: string,
  content: ItemContent,
  versions?: Versions,
): Promise<Item> {
  if (!isUuid(id)) {
    throw notFound('item');
  }
  let at = iso(now());
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const outcome = await items.replace(id, content, at, versions);
    switch (outcome.kind) {
      case 'done':
        return outcome.item;
      case 'gone':
        throw notFound('item');
      case 'changed':
        throw preconditionFailed();
      case 'ahead':
        // Clocks differ: a change is not before the one that it follows.
        at = outcome.updatedAt;
    }
  }
  throw new Busy(`An item was changed by clocks ahead of this one in ${ATTEMPTS} attempts to change it`);
}

/** @throws HttpError 404, 412 */
export async function deleteItem({ items }: Items<'delete'>, id: string, versions?: Versions): Promise<void> {
  const outcome = isUuid(id) ? await items.delete(id, versions) : 'gone';
  if (outcome === 'gone') {
    throw notFound('item');
  }
  if (outcome === 'changed') {
    throw preconditionFailed();
  }
}

/** Which page of which list. */
export interface ItemQuery extends ItemFilter {
  readonly limit: number;
  readonly cursor?: string;
}

/** Where a page begins: below this id; undefined for the first. @throws HttpError 400 */
function startOf(binding: CursorBinding, cursor: string | undefined): string | undefined {
  const position = cursor === undefined ? undefined : decodeCursor(binding, cursor);
  if (cursor !== undefined && position === undefined) {
    throw invalid('cursor', 'is not a cursor of this list');
  }
  return position;
}

/** Newest first. An item that is changed or made in between neither moves nor hides another from a later page. */
export async function listItems({ items }: ItemListPorts, { limit, cursor, category, since }: ItemQuery) {
  const filter: ItemFilter = { category, since };
  const binding = ['ListItems', category === undefined ? undefined : fold(category), since?.toString()];
  // One more than fits says whether there are others.
  const found = await items.newest(filter, startOf(binding, cursor), limit + 1);
  const shown = found.slice(0, limit);
  const next = found.length > limit ? encodeCursor(binding, shown[limit - 1].id) : null;
  return { items: shown, next };
}
