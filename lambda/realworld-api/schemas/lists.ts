import * as z from 'zod/mini';
import { authorFilter, favoritedFilter, limit, notBlank, offset, tagFilter, text, withinWindow } from './input';
import { toPlace } from './search-cursor';
import { atMost, noControl, wellFormed } from '../../core/text-checks';
import { LIMITS } from '../domain/limits';
import { wordsOf } from '../domain/words';

/** What is searched for: plain text, of whose words all are wanted. */
const searched = () =>
  text().check(
    atMost(LIMITS.search),
    notBlank,
    wellFormed,
    noControl,
    z.refine((words) => wordsOf(words).length > 0, { abort: true, error: 'must have at least one word' }),
    z.refine((words) => wordsOf(words).length <= LIMITS.searchWords, {
      error: ({ input }) =>
        `has too many words (maximum is ${LIMITS.searchWords}, got ${wordsOf(input as string).length})`,
    }),
  );
export const searchFilter = searched();
export const searchText = searched();
export const searchCursor = z.string();

export const listQuery = z
  .object({
    tag: z.optional(tagFilter),
    author: z.optional(authorFilter),
    favorited: z.optional(favoritedFilter),
    search: z.optional(searchFilter),
    limit: z.optional(limit),
    offset: z.optional(offset),
  })
  .check(
    withinWindow,
    z.refine(({ search, favorited }) => search === undefined || favorited === undefined, {
      path: ['favorited'],
      error: 'cannot be combined with search',
    }),
  );
/** Where there is no search index. */
export const listQueryWithoutSearch = listQuery.check(
  z.refine(({ search }) => search === undefined, {
    path: ['search'],
    error: 'is not available: this API has no search index',
  }),
);

/** What is not known is refused: a filter with a typing error would find far too much. */
export const searchQuery = z
  .strictObject({
    q: searchText,
    tag: z.optional(tagFilter),
    author: z.optional(authorFilter),
    limit: z.optional(limit),
    after: z.optional(searchCursor),
  })
  .check(
    z.refine((query) => query.after === undefined || toPlace(query.after, query) !== undefined, {
      path: ['after'],
      error: 'is not a cursor of this search',
    }),
  );
