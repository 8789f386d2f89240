import type { PersonalisationWorld } from './personalisation-world';
import {
  getProfile,
  getSegment,
  getSegmentVersions,
  putProfile,
} from '../../lambda/personalisation-api/domain/profiles';

/** The profile that tests of one profile are about, and two segments that it may have. */
export const ID = '473b82fb-8717-4e69-894c-1844a2f183bf';
export const MORNING = {
  type: 'morning_categories',
  categories: [
    { id: 'politics', score: 0.95 },
    { id: 'sports', score: 0.45 },
  ],
  top_categories: ['politics', 'sports'],
};
export const EVENING = {
  type: 'evening_categories',
  categories: [{ id: 'films', score: 1 }],
  top_categories: ['films'],
};
/** In milliseconds. */
export const DAY = 24 * 60 * 60 * 1000;

/** What is done with that profile, and read of it. */
export function profileSteps(world: PersonalisationWorld) {
  const of = (type: string) => ({ id: ID, type });
  return {
    of,
    put: (body: object, expected?: { any: boolean; versions: string[] }) =>
      putProfile(world.ports, { id: ID, ...body }, expected),
    get: async (id = ID) => (await getProfile(world.ports, id)).view,
    segment: (type = MORNING.type, query: { createdAt?: string; asOf?: string } = {}) =>
      getSegment(world.ports, of(type), query),
    versionsOf: async (type = MORNING.type) =>
      (await getSegmentVersions(world.ports, of(type), { limit: 100 })).segments.map((one) => one.created_at),
    /** Each with its value as it is stored, unread by the API. */
    items: () => world.tables.items(world.tables.social),
  };
}
