import { conflict, invalid, notFound, preconditionFailed, tooLarge } from '../errors';
import { CLOCK_SKEW, LIFETIMES, LIMITS } from './limits';
import type {
  Deleted,
  Expected,
  NewProfile,
  NewSegment,
  Position,
  Profile,
  ProfileRecord,
  Segment,
  TimeRange,
} from './model';
import type { ProfilesRepo } from './ports';
import { decodePosition, encodePosition } from './positions';
import { tagOf } from './versions';

/** Profiles as items of their own: one for the user, one for each version of a segment. */

export interface ProfilePorts {
  readonly profiles: ProfilesRepo;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly newId: () => string;
}

/** A profile as it is sent. */
export interface ProfileBody {
  readonly id?: string;
  readonly tags?: readonly string[] | null;
  readonly segments?: readonly SegmentBody[] | null;
}
interface SegmentBody {
  readonly type: string;
  readonly categories?: NewSegment['categories'] | null;
  readonly top_categories?: readonly string[] | null;
  readonly created_at?: string;
}

const timeText = (at: number): string => new Date(at).toISOString();

const segmentView = ({ type, categories, topCategories, at }: Segment) => ({
  type,
  categories,
  top_categories: topCategories,
  created_at: timeText(at),
});

/** Bytes that a segment takes of what Lambda answers the gateway: JSON whose body is a text of JSON. */
export const jsonBytes = (segment: Segment): number =>
  Buffer.byteLength(JSON.stringify(JSON.stringify(segmentView(segment)))) - 1;

const profileView = ({ id, tags, createdAt, updatedAt }: ProfileRecord, segments: readonly Segment[]) => ({
  id,
  tags,
  created_at: timeText(createdAt),
  updated_at: timeText(updatedAt),
  segments: segments.map(segmentView),
});

/** @throws HttpError 400 where it is of another time than segments are kept */
function versionTime(place: number, given: string, now: number): number {
  const at = Date.parse(given);
  if (at > now + CLOCK_SKEW) {
    throw invalid(`segments.${place}.created_at`, 'must not be in the future');
  }
  if (at <= now - LIFETIMES.segment) {
    throw invalid(`segments.${place}.created_at`, 'is longer ago than segments are kept (183 days)');
  }
  return at;
}

const newSegment = (segment: SegmentBody, place: number, now: number): NewSegment => ({
  type: segment.type,
  categories: segment.categories ?? [],
  topCategories: segment.top_categories ?? [],
  at: segment.created_at === undefined ? undefined : versionTime(place, segment.created_at, now),
});

/**
 * Makes a profile, or adds to it: tags that are sent take the place of those before, a segment that is sent becomes a new
 * version, all else stays. Written as a whole or not at all.
 *
 * @throws HttpError 400, 409, 412, 413
 */
export async function putProfile({ profiles, now, newId }: ProfilePorts, body: ProfileBody, expected?: Expected) {
  const moment = now();
  const profile: NewProfile = {
    id: body.id ?? newId(),
    tags: body.tags ?? undefined,
    segments: (body.segments ?? []).map((segment, place) => newSegment(segment, place, moment)),
  };
  const outcome = await profiles.upsertProfile(profile, expected);
  switch (outcome.kind) {
    case 'other version':
      throw preconditionFailed();
    case 'taken':
      throw conflict(
        `There is another segment ${outcome.position.type} of ${timeText(outcome.position.at)}: versions never change`,
      );
    case 'too large':
      throw tooLarge(outcome.what, outcome.bytes, outcome.limit);
    case 'too many types':
      throw invalid('segments', `would be of too many types (maximum is ${LIMITS.segmentTypes}, got ${outcome.types})`);
    case 'written': {
      const { record, versions, created } = outcome;
      const view = {
        id: record.id,
        created_at: timeText(record.createdAt),
        updated_at: timeText(record.updatedAt),
        segments: versions.map(({ type, at }) => ({ type, created_at: timeText(at) })),
      };
      return { view, created, tag: tagOf(record) };
    }
  }
}

/** @throws HttpError 404 */
export function found<T>(what: string, value: T | undefined): T {
  if (value === undefined) {
    throw notFound(what);
  }
  return value;
}

/** The latest version of each segment. @throws HttpError 404 */
export async function getProfile({ profiles }: ProfilePorts, id: string | undefined) {
  const profile: Profile = found('profile', id === undefined ? undefined : await profiles.getProfileByID(id));
  return { view: profileView(profile, profile.segments), tag: tagOf(profile) };
}

/** How much of a list, and after what. */
export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
}

/** @throws HttpError 400 where the cursor is none of this list */
function pageOf({ limit, cursor }: PageQuery, binding: readonly string[], type?: string) {
  const after = cursor === undefined ? undefined : decodePosition(binding, cursor, type);
  if (cursor !== undefined && !after) {
    throw invalid('cursor', 'is not one of this list');
  }
  return { limit, after };
}

const nextOf = (binding: readonly string[], next: Position | undefined, type?: string) =>
  next === undefined ? null : encodePosition(binding, next, type);

/** A page of all versions of all segments. @throws HttpError 400, 404 */
export async function getAllVersions({ profiles }: ProfilePorts, id: string | undefined, query: PageQuery) {
  const profileId = found('profile', id);
  const binding = ['GetProfile', profileId];
  const page = pageOf(query, binding);
  const [record, { segments, next }] = await Promise.all([
    profiles.getRecord(profileId),
    profiles.getVersions(profileId, page),
  ]);
  return { ...profileView(found('profile', record), segments), next_cursor: nextOf(binding, next) };
}

/** Versions of one segment. @throws HttpError 400, 404 */
export async function getSegmentVersions({ profiles }: ProfilePorts, { id, type }: SegmentOf, query: PageQuery) {
  const [profileId, segmentType] = [found('segment', id), found('segment', type)];
  const binding = ['GetSegmentVersions', profileId, segmentType];
  const page = pageOf(query, binding, segmentType);
  const { segments, next } = await profiles.getVersions(profileId, page, segmentType);
  if (segments.length === 0 && !page.after) {
    throw notFound('segment');
  }
  return { segments: segments.map(segmentView), next_cursor: nextOf(binding, next, segmentType) };
}

/** A segment of a profile; undefined is what cannot be one. */
export interface SegmentOf {
  readonly id?: string;
  readonly type?: string;
}

/** To the second where no fraction is given: then any version within it will do. */
function within(given: string): TimeRange {
  const from = Date.parse(given);
  return { from, to: given.includes('.') ? from : from + 999 };
}

/** @throws HttpError 404 */
export async function getSegment(
  { profiles }: ProfilePorts,
  { id, type }: SegmentOf,
  { createdAt, asOf }: { readonly createdAt?: string; readonly asOf?: string } = {},
) {
  const range = createdAt === undefined ? { to: asOf === undefined ? undefined : Date.parse(asOf) } : within(createdAt);
  const segment = await profiles.getSegment(found('segment', id), found('segment', type), range);
  return segmentView(found('segment', segment));
}

/** @throws HttpError 404 */
export async function getCategories({ profiles }: ProfilePorts, { id, type }: SegmentOf) {
  return found('segment', await profiles.getCategories(found('segment', id), found('segment', type)));
}

/** @throws HttpError 404 */
export async function getTopCategories({ profiles }: ProfilePorts, { id, type }: SegmentOf) {
  return found('segment', await profiles.getTopCategories(found('segment', id), found('segment', type)));
}

/** @throws HttpError 404 */
export async function getTags({ profiles }: ProfilePorts, id: string | undefined) {
  return found('profile', await profiles.getUserTags(found('profile', id)));
}

/** Those of the profile, which must have such a segment. @throws HttpError 404 */
export async function getSegmentTags({ profiles }: ProfilePorts, { id, type }: SegmentOf) {
  return found('segment', await profiles.getUserTags(found('segment', id), found('segment', type)));
}

/** @throws HttpError 404, 412 */
export function afterDeletion(what: string, outcome: Deleted): void {
  if (outcome === 'other version') {
    throw preconditionFailed();
  }
  if (outcome === 'not there') {
    throw notFound(what);
  }
}

/** @throws HttpError 404, 412 */
export async function deleteProfile({ profiles }: ProfilePorts, id: string | undefined, expected?: Expected) {
  afterDeletion('profile', await profiles.deleteProfile(found('profile', id), expected));
}
