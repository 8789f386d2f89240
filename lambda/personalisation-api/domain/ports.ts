import type {
  Category,
  Deleted,
  Expected,
  NewProfile,
  Position,
  Profile,
  ProfileRecord,
  Segment,
  TimeRange,
  Upserted,
  UpsertedBlob,
  Versions,
  Blob,
} from './model';

/**
 * Where profiles are kept. What has expired is not there, whether it is deleted yet or not.
 *
 * The first nine are the methods that both designs are compared by.
 */
export interface ProfilesRepo {
  /** Writes all of it or nothing. @param expected a write that depends on none takes any version, and none */
  upsertProfile(profile: NewProfile, expected?: Expected): Promise<Upserted>;
  getProfileByID(id: string): Promise<Profile | undefined>;
  /** The latest version in a range of time. @default - of all */
  getSegment(profileId: string, segmentType: string, range?: TimeRange): Promise<Segment | undefined>;
  getCategories(profileId: string, segmentType: string): Promise<readonly Category[] | undefined>;
  /** @param segmentType that the profile must have @default - any profile will do */
  getUserTags(profileId: string, segmentType?: string): Promise<readonly string[] | undefined>;
  getTopCategories(profileId: string, segmentType: string): Promise<readonly string[] | undefined>;
  upsertBlob(profileId: string, data: object, expected?: Expected): Promise<UpsertedBlob>;
  getBlob(profileId: string): Promise<Blob | undefined>;
  /** The part of a blob that is named `segments`, and nothing else of it. */
  getRawSegmentsFromBlob(profileId: string): Promise<unknown>;

  /** What is kept of a profile beside its segments. */
  getRecord(id: string): Promise<ProfileRecord | undefined>;
  /** A page of versions, newest first. @param segmentType @default - those of all types, the last type first */
  getVersions(profileId: string, page: { limit: number; after?: Position }, segmentType?: string): Promise<Versions>;
  /** @throws Busy where there is more than one call deletes: the next one goes on */
  deleteProfile(id: string, expected?: Expected): Promise<Deleted>;
  deleteBlob(id: string, expected?: Expected): Promise<Deleted>;
}
