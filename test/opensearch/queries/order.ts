import { BEST, NEWEST, numbers, OLDEST, type Query, text } from './query';
import { idOf } from '../documents';

export const ORDER: Query[] = [
  { name: 'newest first', body: { sort: NEWEST, size: 4, _source: false }, hits: [60, 59, 58, 57] },
  { name: 'from skips', body: { sort: NEWEST, from: 2, size: 3 }, hits: [58, 57, 56], total: 60 },
  { name: 'from past the end', body: { sort: NEWEST, from: 60, size: 3 }, hits: [], total: 60 },
  { name: 'a size of zero counts alone', body: { size: 0, track_total_hits: true }, hits: [], total: 60 },
  {
    name: 'by author and then newest',
    body: { sort: [{ authorId: { order: 'asc' } }, { articleId: { order: 'desc' } }], size: 5, _source: false },
    hits: [42, 41, 32, 31, 22],
  },
  {
    name: 'by a name alone is up',
    body: { sort: ['authorId', 'articleId'], size: 3, _source: false },
    hits: [1, 2, 13],
  },
  {
    name: 'by a list of keywords, the least of them first',
    body: { query: { term: { tagList: 'code' } }, sort: [{ tagList: 'asc' }, { articleId: 'asc' }], _source: false },
    hits: [20, 21, 19, 22, 23, 24, 38],
  },
  {
    name: 'by a list of keywords, the greatest of them first',
    body: { query: { term: { tagList: 'code' } }, sort: [{ tagList: 'desc' }, { articleId: 'asc' }], _source: false },
  },
  {
    name: 'what has none of the keywords is last',
    body: { query: { ids: { values: [idOf(39), idOf(40), idOf(41)] } }, sort: [{ tagList: 'asc' }], _source: false },
    hits: [41, 39, 40],
  },
  {
    name: 'and last when sorted down',
    body: { query: { ids: { values: [idOf(39), idOf(40), idOf(41)] } }, sort: [{ tagList: 'desc' }], _source: false },
    hits: [39, 41, 40],
  },
  { name: 'by the id', body: { sort: [{ _id: 'desc' }], size: 3 }, hits: [60, 59, 58], total: 60 },
  { name: 'by the id alone is up', body: { sort: ['_id'], size: 3, _source: false }, hits: [1, 2, 3] },
  {
    name: 'by the id, with a place for what has none',
    body: { sort: [{ _id: { order: 'asc', missing: '_first' } }], size: 2, _source: false },
    hits: [1, 2],
  },
  {
    name: 'search_after an id',
    body: { sort: [{ authorId: 'asc' }, { _id: 'desc' }], size: 3, search_after: ['ada', idOf(2)], _source: false },
    hits: [1, 44, 43],
  },
  {
    name: 'search_after an id that is not there',
    body: { sort: '_id', size: 2, search_after: ['0193a5c0-0050-7abc'], _source: false },
    hits: [50, 51],
  },
  { name: 'search_after no id', body: { sort: [{ _id: 'desc' }], search_after: [null] }, hits: [], total: 60 },
  {
    name: 'search_after a number in the place of an id is its digits',
    body: { sort: [{ _id: 'desc' }], size: 2, search_after: [7], _source: false },
    hits: [60, 59],
  },
  {
    name: 'search_after goes on behind',
    body: { sort: NEWEST, size: 2, search_after: [idOf(50)] },
    hits: [49, 48],
    total: 60,
  },
  {
    name: 'search_after what is not there',
    body: { sort: NEWEST, size: 2, search_after: ['0193a5c0-0050-7abc'] },
    hits: [49, 48],
  },
  {
    name: 'search_after two keys',
    body: {
      sort: [{ authorId: 'asc' }, { articleId: 'desc' }],
      size: 3,
      search_after: ['ada', idOf(2)],
      _source: false,
    },
    hits: [1, 44, 43],
  },
  { name: 'search_after the end', body: { sort: NEWEST, search_after: [idOf(1)] }, hits: [], total: 60 },
  { name: 'track_total_hits up to a number', body: { sort: NEWEST, size: 1, track_total_hits: 10 }, hits: [60] },
  {
    name: 'track_total_hits up to a number that is not reached',
    body: { query: { term: { tagList: 'tea' } }, sort: NEWEST, size: 1, track_total_hits: 10 },
    hits: [9],
    total: 2,
  },
  { name: 'track_total_hits off', body: { sort: NEWEST, size: 1, track_total_hits: false }, hits: [60] },
  { name: 'versions with the hits', body: { sort: NEWEST, size: 2, version: true, _source: false }, hits: [60, 59] },
];

export const SOURCE: Query[] = [
  { name: '_source whole', body: { query: { ids: { values: [idOf(12)] } }, _source: true }, hits: [12] },
  { name: '_source of one field', body: { query: { ids: { values: [idOf(1)] } }, _source: 'title' }, hits: [1] },
  {
    name: '_source of some fields',
    body: { query: { ids: { values: [idOf(12)] } }, _source: ['title', 'tagList', 'description'] },
    hits: [12],
  },
  {
    name: '_source with includes and excludes',
    body: { query: { ids: { values: [idOf(1)] } }, _source: { includes: ['*'], excludes: ['body', 'd*'] } },
    hits: [1],
  },
  { name: '_source of no fields', body: { query: { ids: { values: [idOf(1)] } }, _source: [] }, hits: [1] },
];

/** Sorted searches whose pages are read to the end. */
export const PAGED: readonly { readonly name: string; readonly body: object; readonly all: readonly number[] }[] = [
  { name: 'newest first', body: { sort: NEWEST, size: 7, _source: false }, all: numbers(60, 1) },
  {
    name: 'by score and then the id',
    body: { ...text('garden'), sort: [{ _score: 'desc' }, { _id: 'asc' }], size: 4 },
    all: numbers(46, 60),
  },
  {
    name: 'oldest first, in pages that end evenly',
    body: { sort: OLDEST, size: 20, _source: false },
    all: numbers(1, 60),
  },
  {
    name: 'by score, where all are alike',
    body: { query: { bool: { filter: { term: { tagList: 'garden' } } } }, sort: BEST, size: 4, _source: false },
    all: numbers(60, 46),
  },
  {
    name: 'by score, where some are alike',
    body: { ...text('garden'), size: 4 },
    all: numbers(60, 46),
  },
  {
    name: 'by author and then newest',
    body: {
      query: { term: { tagList: 'travel' } },
      sort: [{ authorId: 'asc' }, { articleId: 'desc' }],
      size: 2,
      _source: false,
    },
    all: [14, 13, 15, 17, 16, 5, 18],
  },
];
