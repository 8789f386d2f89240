import * as blobs from './blobs';
import type { Context } from './context';
import { deleteProfile } from './erasure';
import { isThere, toRecord, toSegment } from './items';
import * as reads from './reads';
import { upsertProfile } from './upsert';
import { readUser } from './user';
import type { Category, Expected, NewProfile, Position, TimeRange } from '../domain/model';
import type { ProfilesRepo } from '../domain/ports';

/** Profiles in one table of DynamoDB, by both designs side by side. */
export class DynamoProfilesRepo implements ProfilesRepo {
  public constructor(private readonly context: Context) {}

  public upsertProfile(profile: NewProfile, expected?: Expected) {
    return upsertProfile(this.context, profile, expected);
  }

  public getProfileByID(id: string) {
    return reads.getProfile(this.context, id);
  }

  public getRecord(id: string) {
    return reads.getRecord(this.context, id);
  }

  public async getSegment(profileId: string, segmentType: string, range?: TimeRange) {
    const item = await reads.latestItem(this.context, profileId, segmentType, range);
    return item && toSegment(item);
  }

  public async getCategories(profileId: string, segmentType: string): Promise<readonly Category[] | undefined> {
    const item = await reads.latestItem(this.context, profileId, segmentType, {}, ['categories']);
    return (item?.categories as readonly Category[] | undefined)?.map(({ id, score }) => ({ id, score }));
  }

  public async getTopCategories(profileId: string, segmentType: string): Promise<readonly string[] | undefined> {
    const item = await reads.latestItem(this.context, profileId, segmentType, {}, ['topCategories']);
    return item?.topCategories as readonly string[] | undefined;
  }

  public async getUserTags(profileId: string, segmentType?: string): Promise<readonly string[] | undefined> {
    const item = await readUser(this.context, profileId);
    if (!item || !isThere(item, this.context.now())) {
      return undefined;
    }
    const { tags, latest } = toRecord(item, this.context.now());
    return segmentType === undefined || latest.has(segmentType) ? tags : undefined;
  }

  public getVersions(profileId: string, page: { limit: number; after?: Position }, segmentType?: string) {
    return reads.getVersions(this.context, profileId, page, segmentType);
  }

  public deleteProfile(id: string, expected?: Expected) {
    return deleteProfile(this.context, id, expected);
  }

  public upsertBlob(profileId: string, data: object, expected?: Expected) {
    return blobs.upsertBlob(this.context, profileId, data, expected);
  }

  public getBlob(profileId: string) {
    return blobs.getBlob(this.context, profileId);
  }

  public getRawSegmentsFromBlob(profileId: string) {
    return blobs.getRawSegments(this.context, profileId);
  }

  public deleteBlob(id: string, expected?: Expected) {
    return blobs.deleteBlob(this.context, id, expected);
  }
}
