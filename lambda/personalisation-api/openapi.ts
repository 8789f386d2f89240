import type * as z from 'zod/mini';
import { CONTRACTS } from './contracts';
import { LIMITS } from './domain/limits';
import * as answers from './schemas/answers';
import * as input from './schemas/input';
import { PERSONALISATION_ENDPOINTS } from '../../src/personalisation-api/contract';
import { openApiDocument } from '../core/openapi/document';

type Schema = z.ZodMiniType;

const ID = '473b82fb-8717-4e69-894c-1844a2f183bf';
const TIME = '2026-11-22T12:00:00.000Z';
const SEGMENT = {
  type: 'morning_categories',
  categories: [
    { id: 'politics', score: 0.95 },
    { id: 'sports', score: 0.45 },
  ],
  top_categories: ['politics', 'sports'],
};
const PROFILE = { id: ID, tags: ['politics_nerd', 'binge_watcher'], segments: [SEGMENT] };

/** What the explorer says of a parameter that is text in a query. */
const parameter = (description: string, more: object = {}) => ({ type: 'string', description, ...more });
const moment = (description: string) => parameter(description, { format: 'date-time', examples: [TIME] });

/** The API documents of the personalisation API: OpenAPI 3.1. */
export const document = openApiDocument(PERSONALISATION_ENDPOINTS, CONTRACTS, {
  title: 'Personalisation API',
  version: '1.0.0',
  description:
    'What users are interested in, stored in two ways in one table: as an item for each segment and version, and as one map.',
  basePath: '/api/v1',
  errors: answers.errorAnswer,
  invalidStatus: 400,
  statuses: {
    400: 'The request is not valid; the error says why',
    404: 'There is no such thing, or it has expired',
    409: 'There is another segment of this type and time: versions never change',
    412: 'It has another version by now',
    413: 'It does not fit into an item, a transaction or an answer; the error says how large it is',
  },
  security: {},
  components: {
    NewProfile: input.newProfile,
    StoredProfile: answers.storedProfile,
    Profile: answers.profileAnswer,
    Segment: answers.segmentAnswer,
    Versions: answers.versionsAnswer,
    Categories: answers.categoriesAnswer,
    Names: answers.namesAnswer,
    NewBlob: input.newBlob,
    StoredBlob: answers.storedBlob,
    Blob: answers.blobAnswer,
    Error: answers.errorAnswer,
  },
  examples: { NewProfile: PROFILE, NewBlob: PROFILE, Blob: PROFILE },
  notes: {
    PutProfile:
      'Tags that are sent take the place of those before; each segment that is sent becomes a new version; all else stays. ' +
      `Written as a whole or not at all. At most ${LIMITS.segments} segments a request.`,
    GetProfile: 'With `versions=all` a page of all versions: by type, the newest first of each.',
    DeleteProfile: 'A profile with thousands of versions may take several requests: 503 until the last of them.',
    GetSegment: 'Without a parameter the latest version.',
    PutBlob:
      'Any JSON object, of at most 400 KB as DynamoDB counts; names of an object may come back in another order.',
  },
  overrides: new Map<Schema, Readonly<Record<string, unknown>>>([
    [
      input.limit,
      {
        type: 'integer',
        minimum: 1,
        maximum: LIMITS.pageSize,
        default: LIMITS.defaultPageSize,
        description: 'How many',
      },
    ],
    [input.cursor, parameter('The `next_cursor` of the page before')],
    [input.versions, parameter('Whether with all versions', { enum: ['all', 'latest'], default: 'latest' })],
    [input.createdAt, moment('The version of this time: of this millisecond, or the latest of this second')],
    [input.asOf, moment('The version that was the latest at this time')],
    [input.score, { type: 'number' }],
  ]),
});
