import { PERSONALISATION_KEY_PREFIXES } from '../../../src/personalisation-api/contract';
import type { Key } from '../../core/dynamodb';

/**
 * All that is kept of a user is in one partition: the profile, each version of each segment, the blob. A type has no `#`
 * and no character above `~` (see schemas/input.ts), and times are all of one length, so that keys sort by type and time.
 */

const PREFIX = PERSONALISATION_KEY_PREFIXES.user;
/** What sort keys of segments begin with. */
const SEGMENT = 'SEG#';

export const partitionOf = (id: string): string => `${PREFIX}${id}`;
export const userKey = (id: string): Key => ({ PK: partitionOf(id), SK: `${PREFIX}${id}` });
export const blobKey = (id: string): Key => ({ PK: partitionOf(id), SK: `BLOB#${id}` });
export const segmentKey = (id: string, type: string, at: number): Key => ({
  PK: partitionOf(id),
  SK: `${SEGMENT}${type}#${new Date(at).toISOString()}`,
});

/** All segments, or those of a type within a range of time: sort keys from and to, both included. */
export function segmentRange(type?: string, from?: number, to?: number): readonly [string, string] {
  if (type === undefined) {
    return [SEGMENT, `${SEGMENT}~`];
  }
  const bound = (at: number | undefined, open: string) => (at === undefined ? open : new Date(at).toISOString());
  return [`${SEGMENT}${type}#${bound(from, '')}`, `${SEGMENT}${type}#${bound(to, '~')}`];
}
