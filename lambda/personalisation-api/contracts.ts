import * as DeleteBlob from './delete-blob/contract';
import * as DeleteProfile from './delete-profile/contract';
import * as GetBlob from './get-blob/contract';
import * as GetBlobSegments from './get-blob-segments/contract';
import * as GetCategories from './get-categories/contract';
import * as GetProfile from './get-profile/contract';
import * as GetSegment from './get-segment/contract';
import * as GetSegmentTags from './get-segment-tags/contract';
import * as GetSegmentVersions from './get-segment-versions/contract';
import * as GetTags from './get-tags/contract';
import * as GetTopCategories from './get-top-categories/contract';
import * as PutBlob from './put-blob/contract';
import * as PutProfile from './put-profile/contract';
import { PERSONALISATION_ENDPOINTS } from '../../src/personalisation-api/contract';
import type { Contracts } from '../core/http/endpoint';

/** The schemas of every endpoint: one that is missing, or has too many or too few, does not compile. */
export const CONTRACTS = {
  PutProfile,
  GetProfile,
  DeleteProfile,
  GetTags,
  GetSegment,
  GetSegmentVersions,
  GetCategories,
  GetTopCategories,
  GetSegmentTags,
  PutBlob,
  GetBlob,
  DeleteBlob,
  GetBlobSegments,
} satisfies Contracts<typeof PERSONALISATION_ENDPOINTS>;
