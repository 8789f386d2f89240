import { LIFETIMES } from './limits';
import type { Expected, Latest, NewSegment, Position, ProfileRecord, Segment } from './model';

/** Rules of versions: which one a segment gets, which is the latest, and until when it is there. */

/** Second in which something expires, as DynamoDB's TTL takes it. @param from milliseconds since 1970 */
export const expiryOf = (from: number, lifetime: number): number => Math.ceil((from + lifetime) / 1000);

/** Whether it is still there in this moment. @param expiresAt in seconds @param now in milliseconds */
export const isLive = (expiresAt: number, now: number): boolean => expiresAt * 1000 > now;

/** Until when a version is there: the latest expires last, whenever which was sent. */
export const segmentExpiry = (at: number): number => expiryOf(at, LIFETIMES.segment);

/** The time of the oldest version that may still be there: expiry is in seconds, rounded up. */
export const oldestLive = (now: number): number => Math.floor(now / 1000) * 1000 - LIFETIMES.segment + 1;

/** Those of the latest versions that have not expired. */
export const liveOf = (latest: ReadonlyMap<string, Latest>, now: number): ReadonlyMap<string, Latest> =>
  new Map([...latest].filter(([, { at }]) => isLive(segmentExpiry(at), now)));

/** Later than what was before, by a millisecond where the clock has not moved on, or has been set back. */
export const later = (now: number, before: number | undefined): number => Math.max(now, (before ?? -1) + 1);

/**
 * Segments with their versions. One without a time gets that of the request, or the millisecond after the latest version
 * where that is not later: two writes within a millisecond are two versions.
 */
export const withVersions = (
  segments: readonly NewSegment[],
  latest: ReadonlyMap<string, Latest>,
  now: number,
): Segment[] =>
  segments.map(({ at, ...segment }) => ({ ...segment, at: at ?? later(now, latest.get(segment.type)?.at) }));

/** The latest version of each type, once these are written. */
export function latestOf(
  before: ReadonlyMap<string, Latest>,
  written: readonly (Latest & Position)[],
): ReadonlyMap<string, Latest> {
  const latest = new Map(before);
  for (const { type, ...version } of written) {
    const other = latest.get(type);
    if (!other || other.at < version.at) {
      latest.set(type, version);
    }
  }
  return latest;
}

/**
 * The entity tag of a profile. Its segments expire without a write, so that how many there are is a part of it.
 */
export const tagOf = ({ version, latest }: Pick<ProfileRecord, 'version' | 'latest'>): string =>
  `${version}-${latest.size}`;

/** Whether a write that depends on versions may go on. @param tag of what is there; undefined where nothing is */
export const isExpected = (expected: Expected | undefined, tag: string | undefined): boolean =>
  !expected || (tag !== undefined && (expected.any || expected.versions.includes(tag)));

/** What DynamoDB reads for a read unit, and for one page of a query. */
const READ_UNIT = 4096;
const PAGE = 1024 * 1024;
const units = (bytes: number) => Math.ceil(bytes / READ_UNIT);

/**
 * Whether reading all versions costs no more than asking for the latest one by one: a query sums up what it reads, a batch
 * rounds each item up.
 */
export function isHistoryCheaper({ latest, storedBytes }: Pick<ProfileRecord, 'latest' | 'storedBytes'>): boolean {
  const single = [...latest.values()].reduce((sum, { itemBytes }) => sum + units(itemBytes), 0);
  return storedBytes <= PAGE && units(storedBytes) <= single;
}
