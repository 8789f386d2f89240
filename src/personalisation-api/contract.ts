import type { EndpointFacts, ItemRights } from '../core/endpoint';

/**
 * What partition keys begin with: all that is kept of a user is in one partition.
 *
 * @internal
 */
export const PERSONALISATION_KEY_PREFIXES = { user: 'USER#' } as const;

/**
 * Facts about an endpoint of the personalisation API.
 *
 * @internal
 */
export interface PersonalisationEndpoint extends EndpointFacts {
  readonly items: ItemRights<keyof typeof PERSONALISATION_KEY_PREFIXES>;
  /** Seconds that it may take. @default - as all */
  readonly timeout?: number;
}

const PROFILE = 'Profile: an item for each segment and version';
const BLOB = 'Blob: one item for all';

const USER = ['user'] as const;

/** @internal */
export const PutProfile = {
  method: 'PUT',
  path: '/profile',
  summary: 'Make a profile, or add to it: its tags, and a new version of each segment that is sent',
  tag: PROFILE,
  auth: 'deployment',
  input: ['body'],
  success: 200,
  created: 201,
  etag: true,
  errors: [409, 413],
  items: {
    GetItem: USER,
    PutItem: USER,
    ConditionCheckItem: USER,
    Query: USER,
    BatchWriteItem: USER,
    DeleteItem: USER,
  },
} as const satisfies PersonalisationEndpoint;

/** @internal */
export const GetProfile = {
  method: 'GET',
  path: '/profile/{id}',
  summary: 'Get a profile with the latest version of each segment, or with all versions',
  tag: PROFILE,
  auth: 'deployment',
  input: ['query'],
  success: 200,
  etag: true,
  errors: [404],
  items: { GetItem: USER, BatchGetItem: USER, Query: USER },
} as const satisfies PersonalisationEndpoint;

/** @internal */
export const DeleteProfile = {
  method: 'DELETE',
  path: '/profile/{id}',
  summary: 'Delete a profile with all versions of its segments',
  tag: PROFILE,
  auth: 'deployment',
  success: 204,
  etag: true,
  errors: [404],
  items: { GetItem: USER, UpdateItem: USER, Query: USER, BatchWriteItem: USER, DeleteItem: USER },
  timeout: 29,
} as const satisfies PersonalisationEndpoint;

/** @internal */
export const GetTags = {
  method: 'GET',
  path: '/profile/{id}/tags',
  summary: 'Get the tags of a profile',
  tag: PROFILE,
  auth: 'deployment',
  success: 200,
  errors: [404],
  items: { GetItem: USER },
} as const satisfies PersonalisationEndpoint;

/** @internal */
export const GetSegment = {
  method: 'GET',
  path: '/profile/{id}/segment/{type}',
  summary: 'Get a segment: its latest version, that of a time, or the one that was latest at a time',
  tag: PROFILE,
  auth: 'deployment',
  input: ['query'],
  success: 200,
  errors: [404],
  items: { GetItem: USER, Query: USER },
} as const satisfies PersonalisationEndpoint;

/** @internal */
export const GetSegmentVersions = {
  method: 'GET',
  path: '/profile/{id}/segment/{type}/versions',
  summary: 'Get the versions of a segment, newest first',
  tag: PROFILE,
  auth: 'deployment',
  input: ['query'],
  success: 200,
  errors: [404],
  items: { Query: USER },
} as const satisfies PersonalisationEndpoint;

/** @internal */
export const GetCategories = {
  method: 'GET',
  path: '/profile/{id}/segment/{type}/categories',
  summary: 'Get the categories of a segment with their scores',
  tag: PROFILE,
  auth: 'deployment',
  success: 200,
  errors: [404],
  items: { Query: USER },
} as const satisfies PersonalisationEndpoint;

/** @internal */
export const GetTopCategories = {
  method: 'GET',
  path: '/profile/{id}/segment/{type}/topcategories',
  summary: 'Get the top categories of a segment in their order',
  tag: PROFILE,
  auth: 'deployment',
  success: 200,
  errors: [404],
  items: { Query: USER },
} as const satisfies PersonalisationEndpoint;

/** @internal */
export const GetSegmentTags = {
  method: 'GET',
  path: '/profile/{id}/segment/{type}/tags',
  summary: 'Get the tags of a profile that has such a segment',
  tag: PROFILE,
  auth: 'deployment',
  success: 200,
  errors: [404],
  items: { GetItem: USER },
} as const satisfies PersonalisationEndpoint;

/** @internal */
export const PutBlob = {
  method: 'PUT',
  path: '/blob',
  summary: 'Store a profile as one map, in place of the one before',
  tag: BLOB,
  auth: 'deployment',
  input: ['body'],
  success: 200,
  created: 201,
  etag: true,
  errors: [413],
  items: { PutItem: USER },
} as const satisfies PersonalisationEndpoint;

/** @internal */
export const GetBlob = {
  method: 'GET',
  path: '/blob/{id}',
  summary: 'Get a profile as it was stored',
  tag: BLOB,
  auth: 'deployment',
  success: 200,
  etag: true,
  errors: [404],
  items: { GetItem: USER },
} as const satisfies PersonalisationEndpoint;

/** @internal */
export const DeleteBlob = {
  method: 'DELETE',
  path: '/blob/{id}',
  summary: 'Delete a profile that was stored as one map',
  tag: BLOB,
  auth: 'deployment',
  success: 204,
  etag: true,
  errors: [404],
  items: { DeleteItem: USER },
} as const satisfies PersonalisationEndpoint;

/** @internal */
export const GetBlobSegments = {
  method: 'GET',
  path: '/blob/{id}/segments',
  summary: 'Get the segments of a stored profile, and nothing else of it',
  tag: BLOB,
  auth: 'deployment',
  success: 200,
  errors: [404],
  items: { GetItem: USER },
} as const satisfies PersonalisationEndpoint;

/**
 * Every endpoint of the personalisation API.
 *
 * @internal
 */
export const PERSONALISATION_ENDPOINTS = {
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
} as const satisfies Readonly<Record<string, PersonalisationEndpoint>>;
