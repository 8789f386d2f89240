import type { Context } from './context';
import { erase } from './erasure';
import { isDeleting, isThere, segmentItem, toRecord, toSegment, userItem, versionOf } from './items';
import { readUser } from './user';
import { Busy } from '../../core/busy';
import {
  type Condition,
  type Item,
  type NamedWrites,
  NOT_THERE,
  transactWrite,
  TransactionRefused,
  writesOn,
} from '../../core/dynamodb';
import { ITEM_BYTES, itemSize, TRANSACTION_BYTES } from '../../core/dynamodb/item-size';
import { CONTENTION, pause } from '../../core/retry';
import { LIMITS } from '../domain/limits';
import type { Expected, Latest, NewProfile, Position, ProfileRecord, Segment, Upserted } from '../domain/model';
import { jsonBytes } from '../domain/profiles';
import { isExpected, latestOf, later, tagOf, withVersions } from '../domain/versions';

/** A version that is about to be written. */
interface Written extends Latest, Position {
  readonly segment: Segment;
  readonly item: Item;
}

const writtenOf = (id: string, segment: Segment): Written => {
  const item = segmentItem(id, segment);
  return {
    segment,
    item,
    type: segment.type,
    at: segment.at,
    itemBytes: itemSize(item),
    jsonBytes: jsonBytes(segment),
  };
};

/** What the profile is after the write. */
function recordAfter(
  context: Context,
  profile: NewProfile,
  before: ProfileRecord | undefined,
  written: readonly Written[],
  now: number,
): ProfileRecord {
  return {
    id: profile.id,
    tags: profile.tags ?? before?.tags ?? [],
    createdAt: before?.createdAt ?? now,
    updatedAt: later(now, before?.updatedAt),
    version: context.newVersion(),
    latest: latestOf(
      before?.latest ?? new Map<string, Latest>(),
      written.map(({ type, at, itemBytes, jsonBytes: json }) => ({ type, at, itemBytes, jsonBytes: json })),
    ),
    storedBytes: written.reduce((sum, { itemBytes }) => sum + itemBytes, before?.storedBytes ?? 0),
  };
}

/** What does not fit: into an item, a transaction, or later into an answer. */
function tooLarge(record: ProfileRecord, written: readonly Written[]): Upserted | undefined {
  const user = itemSize(userItem(record));
  const largest = Math.max(user, ...written.map(({ itemBytes }) => itemBytes));
  const all = written.reduce((sum, { itemBytes }) => sum + itemBytes, user);
  const answer = [...record.latest.values()].reduce((sum, { jsonBytes: bytes }) => sum + bytes, 0);
  const bounds: [what: string, bytes: number, limit: number][] = [
    ['An item', largest, ITEM_BYTES],
    ['The profile', all, TRANSACTION_BYTES],
    ['The latest segments', answer, LIMITS.answerBytes],
  ];
  const [over] = bounds.filter(([, bytes, limit]) => bytes > limit);
  return over && { kind: 'too large', what: over[0], bytes: over[1], limit: over[2] };
}

/** What has expired is not there, though DynamoDB may have it yet. */
const notThereAt = (now: number): Condition => ({
  expression: `${NOT_THERE.expression} OR expiresAt <= :now`,
  values: { ':now': Math.floor(now / 1000) },
});

const nameOf = ({ type, at }: Position) => `${type}#${at}`;

function writesOf(
  context: Context,
  record: ProfileRecord,
  before: Item | undefined,
  written: readonly Written[],
): NamedWrites {
  const { put } = writesOn(context.table);
  const unchanged = before && { expression: 'version = :before', values: { ':before': versionOf(before) } };
  const free = notThereAt(context.now());
  return {
    user: put(userItem(record), unchanged ?? NOT_THERE),
    ...Object.fromEntries(written.map((one) => [nameOf(one), put(one.item, free)])),
  };
}

const sameSegment = (one: Segment, other: Segment) =>
  JSON.stringify([one.categories, one.topCategories]) === JSON.stringify([other.categories, other.topCategories]);

/** One try: undefined where others have written the profile meanwhile. @param there versions that are there as they were sent */
async function tryOnce(
  context: Context,
  profile: NewProfile,
  expected: Expected | undefined,
  there: Set<string>,
): Promise<Upserted | undefined> {
  const item = await readUser(context, profile.id);
  if (item && isDeleting(item)) {
    await erase(context, profile.id);
    return undefined;
  }
  const now = context.now();
  const before = item && isThere(item, now) ? toRecord(item, now) : undefined;
  if (!isExpected(expected, before && tagOf(before))) {
    return { kind: 'other version' };
  }
  const all = withVersions(profile.segments, before?.latest ?? new Map<string, Latest>(), now).map((segment) =>
    writtenOf(profile.id, segment),
  );
  const written = all.filter((one) => !there.has(nameOf(one)));
  const record = recordAfter(context, profile, before, written, now);
  if (record.latest.size > LIMITS.segmentTypes) {
    return { kind: 'too many types', types: record.latest.size };
  }
  const refused = tooLarge(record, written);
  if (refused) {
    return refused;
  }
  try {
    await transactWrite(context.db, writesOf(context, record, item, written));
    return { kind: 'written', created: !before, record, versions: all.map(({ type, at }) => ({ type, at })) };
  } catch (error) {
    return refusal(error, written, there);
  }
}

/** Versions never change: one that is there as it was sent needs no write, and any other is in the way. */
function refusal(error: unknown, written: readonly Written[], there: Set<string>): Upserted | undefined {
  if (!(error instanceof TransactionRefused)) {
    throw error;
  }
  if (error.failed('user')) {
    // Somebody else has written it, with the same versions maybe: which those are is looked at anew.
    return undefined;
  }
  for (const one of written.filter((each) => error.failed(nameOf(each)))) {
    const found = error.item(nameOf(one));
    if (!found || !sameSegment(toSegment(found), one.segment)) {
      return { kind: 'taken', position: { type: one.type, at: one.at } };
    }
    there.add(nameOf(one));
  }
  return undefined;
}

/**
 * Writes the profile and the new versions in one transaction, on condition that the profile is as it was read.
 *
 * @throws Busy where others were first at every attempt
 */
export async function upsertProfile(context: Context, profile: NewProfile, expected?: Expected): Promise<Upserted> {
  const there = new Set<string>();
  for (let attempt = 0; attempt < CONTENTION.attempts; attempt++) {
    const outcome = await tryOnce(context, profile, expected, there);
    if (outcome) {
      return outcome;
    }
    await pause(attempt);
  }
  throw new Busy('A profile was written by others at every attempt');
}
