import { NEWEST, type Query, tags, text } from './query';
import { idOf } from '../documents';

export const FACETS: Query[] = [
  {
    name: 'tags by how many, ties by name',
    body: { size: 0, aggs: tags() },
    facets: {
      tags: [
        ['garden', 15],
        ['unicode', 9],
        ['even', 8],
        ['code', 7],
        ['food', 7],
        ['odd', 7],
        ['travel', 7],
        ['words', 6],
        ['science', 4],
        ['harvest', 3],
      ],
    },
  },
  {
    name: 'some of the tags',
    body: { size: 0, aggs: tags({ size: 2 }) },
    facets: {
      tags: [
        ['garden', 15],
        ['unicode', 9],
      ],
    },
  },
  { name: 'all tags', body: { size: 0, aggs: tags({ size: 100 }) } },
  {
    name: 'tags of what is found alone',
    body: { query: { term: { tagList: 'tea' } }, sort: NEWEST, aggs: tags(), _source: false },
    hits: [9, 7],
    facets: {
      tags: [
        ['food', 2],
        ['tea', 2],
      ],
    },
  },
  {
    name: 'tags by name',
    body: { size: 0, query: { term: { authorId: 'ada' } }, aggs: tags({ order: { _key: 'asc' }, size: 4 }) },
    facets: {
      tags: [
        ['aws', 1],
        ['code', 2],
        ['greek', 1],
        ['islands', 1],
      ],
    },
  },
  {
    name: 'two aggregations',
    body: {
      size: 0,
      query: { term: { tagList: 'garden' } },
      aggregations: { ...tags(), authors: { terms: { field: 'authorId' } } },
    },
    facets: {
      tags: [
        ['garden', 15],
        ['even', 8],
        ['odd', 7],
        ['harvest', 3],
      ],
      authors: [
        ['emil', 10],
        ['dora', 5],
      ],
    },
  },
  {
    name: 'tags of nothing',
    body: { size: 0, query: { term: { authorId: 'nobody' } }, aggs: tags() },
    facets: { tags: [] },
    total: 0,
  },
  {
    name: 'tags with full text',
    body: { ...text('table'), aggs: tags() },
    facets: {
      tags: [
        ['aws', 2],
        ['code', 2],
        ['search', 1],
      ],
    },
    hits: [20, 21],
  },
];

/** As the API of articles asks: titles whole, some of the body. */
const HIGHLIGHT = {
  fields: {
    title: { number_of_fragments: 0 },
    description: { number_of_fragments: 0 },
    body: { type: 'plain', fragmenter: 'simple', fragment_size: 100, number_of_fragments: 3 },
  },
};
const highlighted = (query: string, more: object = {}) => ({ ...text(query), highlight: { ...HIGHLIGHT, ...more } });
const bodies = (query: string, field: object) => ({
  ...text(query),
  highlight: { fields: { body: { type: 'plain', fragmenter: 'simple', ...field } } },
});

export const HIGHLIGHTS: Query[] = [
  {
    name: 'a title whole, the fields with the word alone',
    body: highlighted('quasar'),
    hits: [1, 2, 3],
    highlights: {
      1: { title: ['<em>Quasar</em> spotting for beginners'] },
      2: { description: ['We saw a <em>quasar</em> through the large telescope'] },
      3: {
        body: [
          'Surveys came first, radio dishes later. Each <em>quasar</em> in the catalogue has a number and nothing else.',
        ],
      },
    },
  },
  { name: 'each of several words', body: highlighted('green tea') },
  { name: 'words that operator and has found in one field are marked in all', body: highlighted('the table') },
  { name: 'the word again and again', body: highlighted('glacier') },
  { name: 'fragments of a long text', body: bodies('harbour', { fragment_size: 100, number_of_fragments: 3 }) },
  {
    name: 'fragments in the order of their score',
    body: bodies('harbour', { fragment_size: 100, number_of_fragments: 3, order: 'score' }),
  },
  { name: 'one fragment', body: bodies('harbour', { fragment_size: 60, number_of_fragments: 1 }) },
  { name: 'fragments by the numbers of who names none', body: bodies('harbour', {}) },
  {
    name: 'a fragment that is shorter than a word',
    body: bodies('harbour', { fragment_size: 5, number_of_fragments: 2 }),
  },
  { name: 'the body whole', body: bodies('glacier', { number_of_fragments: 0 }) },
  {
    name: 'marks of another name',
    body: highlighted('observatory', { pre_tags: ['<mark>'], post_tags: ['</mark>'] }),
    highlights: { 2: { title: ['A night at the <mark>observatory</mark>'] } },
  },
  { name: 'markup as it is', body: highlighted('bold') },
  { name: 'markup made harmless', body: highlighted('bold', { encoder: 'html' }) },
  { name: 'markup in the body made harmless', body: highlighted('lead example', { encoder: 'html' }) },
  { name: 'a script made harmless', body: highlighted('alert', { encoder: 'html' }) },
  { name: 'ideographs', body: highlighted('京') },
  { name: 'katakana', body: highlighted('コーヒー') },
  { name: 'an emoji', body: highlighted('🚀') },
  { name: 'an accent', body: highlighted('café') },
  { name: 'a dotted I', body: highlighted('istanbul') },
  { name: 'words with apostrophes', body: highlighted("o'reilly's") },
  { name: 'lines', body: highlighted('line') },
  { name: 'the end of a long text', body: highlighted('finally') },
  {
    name: 'nothing where no field has the word',
    body: { query: { term: { tagList: 'tea' } }, sort: NEWEST, _source: false, highlight: HIGHLIGHT },
    hits: [9, 7],
  },
  {
    name: 'not the words of a filter on another field',
    body: {
      ...highlighted('black'),
      query: { bool: { must: text('black').query, filter: [{ term: { tagList: 'tea' } }] } },
    },
    hits: [9],
  },
  {
    name: 'no match, and its beginning all the same',
    body: {
      query: { ids: { values: [idOf(42)] } },
      _source: false,
      highlight: { fields: { body: { type: 'plain', fragmenter: 'simple', fragment_size: 60, no_match_size: 60 } } },
    },
  },
  {
    name: 'words of a field that is not asked',
    body: {
      query: { match: { title: 'garden' } },
      sort: NEWEST,
      size: 1,
      _source: false,
      highlight: { fields: { body: { type: 'plain', fragmenter: 'simple' } } },
    },
  },
  {
    name: 'words of any field where it is said so',
    body: {
      query: { match: { title: 'garden' } },
      sort: NEWEST,
      size: 1,
      _source: false,
      highlight: { require_field_match: false, fields: { body: { type: 'plain', fragmenter: 'simple' } } },
    },
  },
];
