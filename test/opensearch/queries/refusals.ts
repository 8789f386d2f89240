import { BEST, NEWEST, numbers, type Query, tags, text } from './query';
import { idOf } from '../documents';

export const REFUSALS: Query[] = [
  { name: 'an unknown clause', body: { query: { sounds_like: { title: 'x' } } }, refused: [400, 'parsing_exception'] },
  { name: 'an unknown key of a search', body: { querry: { match_all: {} } }, refused: [400, 'parsing_exception'] },
  {
    name: 'an unknown key of bool',
    body: { query: { bool: { musst: [] } } },
    refused: [400, 'x_content_parse_exception'],
  },
  {
    name: 'an unknown key of match',
    body: { query: { match: { title: { query: 'x', colour: 'red' } } } },
    refused: [400, 'parsing_exception'],
  },
  {
    name: 'an unknown operator',
    body: { query: { match: { title: { query: 'x', operator: 'xor' } } } },
    refused: [400, 'illegal_argument_exception'],
  },
  {
    name: 'two clauses where one may be',
    body: { query: { match_all: {}, term: { tagList: 'x' } } },
    refused: [400, 'parsing_exception'],
  },
  { name: 'a clause of no clause', body: { query: {} }, refused: [400, 'illegal_argument_exception'] },
  { name: 'a clause that is a text', body: { query: 'quasar' }, refused: [400, 'parsing_exception'] },
  { name: 'a body that is no JSON', body: '{"query" nonsense}', refused: [400, 'json_parse_exception'] },
  { name: 'terms that are no list', body: { query: { terms: { tagList: 'x' } } }, refused: [400, 'parsing_exception'] },
  {
    name: 'a range with an unknown end',
    body: { query: { range: { articleId: { above: 'x' } } } },
    refused: [400, 'parsing_exception'],
  },
  {
    name: 'a page that ends behind ten thousand',
    body: { from: 9_990, size: 11 },
    refused: [400, 'search_phase_execution_exception'],
  },
  {
    name: 'a page of more than ten thousand',
    body: { size: 10_001 },
    refused: [400, 'search_phase_execution_exception'],
  },
  { name: 'a size below zero', body: { size: -1 }, refused: [400, 'illegal_argument_exception'] },
  { name: 'from below zero', body: { from: -1 }, refused: [400, 'illegal_argument_exception'] },
  { name: 'a size that is no number', body: { size: 'many' }, refused: [400, 'number_format_exception'] },
  { name: 'a sort by text', body: { sort: [{ title: 'asc' }] }, refused: [400, 'search_phase_execution_exception'] },
  {
    name: 'a sort by a field that is not mapped',
    body: { sort: [{ nothing: 'asc' }] },
    refused: [400, 'search_phase_execution_exception'],
  },
  {
    name: 'a sort in an unknown direction',
    body: { sort: [{ articleId: 'sideways' }] },
    refused: [400, 'illegal_argument_exception'],
  },
  {
    name: 'facets of text',
    body: { size: 0, aggs: { words: { terms: { field: 'title' } } } },
    refused: [400, 'search_phase_execution_exception'],
  },
  {
    name: 'an unknown aggregation',
    body: { size: 0, aggs: { tags: { words: { field: 'title' } } } },
    refused: [400, 'parsing_exception'],
  },
  {
    name: 'facets of a size of zero',
    body: { size: 0, aggs: tags({ size: 0 }) },
    refused: [400, 'x_content_parse_exception'],
  },
  {
    name: 'search_after with too few keys',
    body: { sort: BEST, search_after: [1] },
    refused: [400, 'search_phase_execution_exception'],
  },
  {
    name: 'search_after without a sort',
    body: { search_after: [1] },
    refused: [400, 'search_phase_execution_exception'],
  },
  {
    name: 'search_after that is a text',
    body: { sort: NEWEST, search_after: idOf(1) },
    refused: [400, 'parsing_exception'],
  },
  {
    name: 'search_after of no key',
    body: { sort: NEWEST, search_after: [] },
    refused: [400, 'illegal_argument_exception'],
  },
  { name: 'search_after an object', body: { sort: NEWEST, search_after: [{}] }, refused: [400, 'parsing_exception'] },
  {
    name: 'search_after from a number',
    body: { sort: NEWEST, from: 5, search_after: [idOf(1)] },
    refused: [500, 'search_phase_execution_exception'],
  },
  {
    name: 'a score that is no number',
    body: { sort: BEST, search_after: ['high', idOf(1)] },
    refused: [400, 'search_phase_execution_exception'],
  },
  {
    name: 'an unknown type of highlighter',
    body: { query: { match: { body: 'tea' } }, highlight: { fields: { body: { type: 'neon' } } } },
    refused: [400, 'search_phase_execution_exception'],
  },
  {
    name: 'a text of more words than may be asked',
    body: text(numbers(1, 2_000).join(' ')),
    refused: [400, 'search_phase_execution_exception'],
  },
];
