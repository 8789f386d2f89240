import type { Position } from './model';
import { isType } from './segment-type';
import { type CursorBinding, decodeCursor, encodeCursor } from '../../core/cursor';
import { lowestIdAt } from '../../core/ids';

/** Where the next page of versions begins. A cursor holds an id: that of the moment of the last version. */

const timeOf = (id: string) => parseInt(id.replace('-', '').slice(0, 12), 16);

/** @param of the type that the list is of @default - the list is of all types, and the cursor names the last one's */
export function encodePosition(binding: CursorBinding, { type, at }: Position, of?: string): string {
  const cursor = encodeCursor([...binding, type], lowestIdAt(at));
  return of === undefined ? `${cursor}.${type}` : cursor;
}

/** Undefined where the text is no cursor of this list. */
export function decodePosition(binding: CursorBinding, text: string, of?: string): Position | undefined {
  const [cursor, ...rest] = text.split('.');
  const type = of ?? rest.join('.');
  // Whoever makes a cursor names any type: one that is none makes a key that DynamoDB refuses.
  if (!isType(type) || (of !== undefined && rest.length > 0)) {
    return undefined;
  }
  const id = decodeCursor([...binding, type], cursor);
  return id === undefined ? undefined : { type, at: timeOf(id) };
}
