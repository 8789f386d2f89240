import type { Page } from './model';
import { type CursorBinding, decodeCursor, encodeCursor } from '../../core/cursor';
import { invalid } from '../errors';

/** Which page of a list is asked for. */
export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string;
}

/** Where a page begins: after this id; undefined for the first. @throws HttpError 400 where it is no cursor of this list */
export function startOf(binding: CursorBinding, { cursor }: PageRequest): string | undefined {
  const position = cursor === undefined ? undefined : decodeCursor(binding, cursor);
  if (cursor !== undefined && position === undefined) {
    throw invalid('cursor', 'is not a cursor of this list');
  }
  return position;
}

/** What the caller gets to ask for the next page with. */
export const nextCursorOf = (binding: CursorBinding, { next }: Page<unknown>): string | null =>
  next === undefined ? null : encodeCursor(binding, next);

/** Rows of a list that lead to things, newest first. */
export interface Ids {
  readonly ids: readonly string[];
  /** Whether there may be others below the last. */
  readonly more: boolean;
}

/** A list whose rows may lead to what is gone, or may not be shown. */
export interface Listing<T> {
  /** Rows below an id. */
  newest(before: string | undefined, max: number): Promise<Ids>;
  /** What rows lead to and can be shown, in their order. */
  load(ids: readonly string[]): Promise<readonly T[]>;
  /** Of that what is shown, where it takes a further look. */
  confirm?(candidates: readonly T[]): Promise<readonly T[]>;
  idOf(item: T): string;
}

/** Rows read at once where those of the first read were not enough: a batch of items. */
const REFILL = 100;

/**
 * Reads of rows for one page, so that a list of what the caller may not see ends: a page looks at `limit + 1` rows, and
 * then at 500 more at the most.
 */
const READS = 6;

/**
 * A page of a list. It is full while there is more to show, and `next` is undefined exactly where nothing more is: one
 * more than fits is looked for. The only exception is a list that shows nothing in more rows than one page looks at:
 * that page may be short, or empty, and has a `next` from which it goes on.
 */
export async function pageOf<T>(list: Listing<T>, limit: number, after: string | undefined): Promise<Page<T>> {
  const shown: T[] = [];
  let position = after;
  let more = true;
  for (let reads = 0; shown.length <= limit && more && reads < READS;) {
    const candidates: T[] = [];
    while (shown.length + candidates.length <= limit && more && reads < READS) {
      const rows = await list.newest(position, reads === 0 ? limit + 1 : REFILL);
      candidates.push(...(await list.load(rows.ids)));
      ({ more } = rows);
      position = rows.ids[rows.ids.length - 1] ?? position;
      reads++;
    }
    shown.push(...(list.confirm ? await list.confirm(candidates) : candidates));
  }
  const items = shown.slice(0, limit);
  if (shown.length > limit) {
    return { items, next: list.idOf(items[limit - 1]) };
  }
  return { items, next: more ? position : undefined };
}
