import { BEST, filtered, NEWEST, numbers, type Query } from './query';
import { idOf } from '../documents';

export const EXACT: Query[] = [
  {
    name: 'match_all finds all, in pages of ten',
    body: filtered({ match_all: {} }, { size: undefined }),
    hits: numbers(1, 10),
    total: 60,
  },
  { name: 'no query at all is match_all', body: { sort: NEWEST, size: 3 }, hits: [60, 59, 58], total: 60 },
  { name: 'match_none finds nothing', body: filtered({ match_none: {} }), hits: [], total: 0 },
  { name: 'term is exact', body: filtered({ term: { tagList: 'islands' } }), hits: [13], total: 1 },
  { name: 'term with value in an object', body: filtered({ term: { tagList: { value: 'Islands' } } }), hits: [17] },
  { name: 'term of a tag beside others', body: filtered({ term: { tagList: 'fourth' } }), hits: [44] },
  { name: 'term with an accent', body: filtered({ term: { tagList: 'café' } }), hits: [25] },
  { name: 'term of an emoji', body: filtered({ term: { tagList: '🚀' } }), hits: [30] },
  { name: 'term of a part of a keyword', body: filtered({ term: { tagList: 'mail' } }), hits: [] },
  { name: 'term on text is one word as analyzed', body: filtered({ term: { title: 'quasar' } }), hits: [1] },
  { name: 'term on text is not analyzed itself', body: filtered({ term: { title: 'Quasar' } }), hits: [] },
  { name: 'term on a field that is not mapped', body: filtered({ term: { nothing: 'x' } }), hits: [], total: 0 },
  {
    name: 'terms is any of them',
    body: filtered({ terms: { authorId: ['chen', 'nobody'] } }),
    hits: [5, 6, 16, 17, 25, 26, 35, 36, 45],
  },
  { name: 'terms of none', body: filtered({ terms: { authorId: [] } }), hits: [], total: 0 },
  {
    name: 'ids, of which one is not there',
    body: filtered({ ids: { values: [idOf(3), idOf(1), idOf(99)] } }),
    hits: [1, 3],
    total: 2,
  },
  {
    name: 'exists is false of an empty list',
    body: filtered({ bool: { must_not: { exists: { field: 'tagList' } } } }),
    hits: [40],
  },
  {
    name: 'exists is false of what is left out',
    body: filtered({ bool: { must_not: [{ exists: { field: 'description' } }] } }),
    hits: [12],
  },
  { name: 'exists of a text', body: filtered({ exists: { field: 'body' } }, { size: 0 }), hits: [], total: 60 },
  {
    name: 'range with both ends, one of them left out',
    body: filtered({ range: { articleId: { gte: idOf(10), lt: idOf(13) } } }),
    hits: [10, 11, 12],
  },
  { name: 'range without an upper end', body: filtered({ range: { articleId: { gt: idOf(58) } } }), hits: [59, 60] },
  {
    name: 'range on a keyword goes by its bytes: capitals before small letters',
    body: filtered({ range: { tagList: { gte: 'A', lte: 'Z' } } }),
    hits: [17],
  },
  { name: 'range past ASCII goes by UTF-8', body: filtered({ range: { tagList: { gte: '🚀' } } }), hits: [30] },
  { name: 'prefix of a keyword', body: filtered({ prefix: { tagList: 'isl' } }), hits: [13] },
];

export const BOOL: Query[] = [
  { name: 'bool of nothing finds all', body: filtered({ bool: {} }, { size: 0 }), total: 60 },
  {
    name: 'must and filter are both asked',
    body: filtered({ bool: { must: [{ term: { authorId: 'dora' } }], filter: [{ term: { tagList: 'food' } }] } }),
    hits: [7, 8, 11, 18],
  },
  {
    name: 'filter may be one clause',
    body: filtered({ bool: { filter: { term: { tagList: 'tea' } } } }),
    hits: [7, 9],
  },
  {
    name: 'must_not takes out',
    body: filtered({
      bool: {
        must: { term: { tagList: 'food' } },
        must_not: [{ term: { authorId: 'emil' } }, { term: { tagList: 'tea' } }],
      },
    }),
    hits: [8, 11, 18],
  },
  {
    name: 'should alone asks for one of them',
    body: filtered({ bool: { should: [{ term: { tagList: 'tea' } }, { term: { tagList: 'greek' } }] } }),
    hits: [7, 9, 31],
  },
  {
    name: 'should beside filter asks for nothing',
    body: filtered({ bool: { filter: [{ term: { tagList: 'tea' } }], should: [{ term: { authorId: 'dora' } }] } }),
    hits: [7, 9],
  },
  {
    name: 'minimum_should_match beside filter',
    body: filtered({
      bool: {
        filter: [{ term: { tagList: 'tea' } }],
        should: [{ term: { authorId: 'dora' } }],
        minimum_should_match: 1,
      },
    }),
    hits: [7],
  },
  {
    name: 'minimum_should_match of two',
    body: filtered({
      bool: {
        should: [{ term: { tagList: 'code' } }, { term: { tagList: 'aws' } }, { term: { authorId: 'ada' } }],
        minimum_should_match: 2,
      },
    }),
    hits: [20, 21, 22],
  },
  {
    name: 'minimum_should_match of more than there are',
    body: filtered({ bool: { should: [{ term: { tagList: 'code' } }], minimum_should_match: 2 } }),
    hits: [],
  },
  {
    name: 'bool in bool',
    body: filtered({
      bool: {
        filter: [{ bool: { should: [{ term: { authorId: 'ada' } }, { term: { authorId: 'bela' } }] } }],
        must_not: {
          bool: {
            filter: [{ exists: { field: 'tagList' } }, { terms: { tagList: ['code', 'unicode', 'words', 'long'] } }],
          },
        },
      },
    }),
    hits: [1, 2, 3, 4, 13, 14, 15, 44],
  },
  {
    name: 'should raises the score',
    body: {
      query: {
        bool: {
          must: [{ term: { tagList: { value: 'tea', boost: 0 } } }],
          should: [{ term: { authorId: { value: 'dora', boost: 5 } } }],
        },
      },
      sort: BEST,
      _source: false,
    },
    hits: [7, 9],
  },
  {
    name: 'constant_score has no rank, so that the tie is broken',
    body: { query: { constant_score: { filter: { match: { body: 'glacier' } } } }, sort: BEST, _source: false },
    hits: [5, 4],
  },
];
