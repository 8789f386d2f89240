import { illegalArgument, NOT_HERE, parsingError, SearchError } from './errors';
import { boosted, constant, intersect, Matches, MOST_CLAUSES, Query, read, scored } from './matches';
import { isJson, Reader } from './strict';
import { parseMatch, parseMultiMatch } from './text-queries';
import { parseExists, parseIds, parsePrefix, parseRange, parseTerm, parseTerms } from './value-queries';
import { Json } from '../aws/protocol';

type Parser = (body: Json) => Query;

const PARSERS: Readonly<Record<string, Parser>> = {
  match_all: (body) => constant(body, 'match_all', [], (view) => view.documents()),
  match_none: (body) => constant(body, 'match_none', [], () => []),
  constant_score: parseConstantScore,
  term: parseTerm,
  terms: parseTerms,
  ids: parseIds,
  exists: parseExists,
  range: parseRange,
  prefix: parsePrefix,
  bool: parseBool,
  match: parseMatch,
  multi_match: parseMultiMatch,
};

/** Reads a query. @throws SearchError naming a clause or parameter that is not known or not here */
export function parseQuery(given: unknown): Query {
  if (!isJson(given)) throw parsingError('[_na] query malformed, must start with start_object');
  const [name, ...others] = Object.keys(given);
  if (name === undefined) throw illegalArgument('query malformed, empty clause found');
  const parser = Object.hasOwn(PARSERS, name) ? PARSERS[name] : undefined;
  if (parser === undefined) throw parsingError(`unknown query [${name}], or ${NOT_HERE}`);
  if (others.length > 0) throw parsingError(`[${name}] malformed query, expected [END_OBJECT] but found [FIELD_NAME]`);
  const body = given[name];
  if (!isJson(body)) throw parsingError(`[${name}] query malformed, no start_object after query name`);
  return parser(body);
}

function parseConstantScore(body: Json): Query {
  const reader = read(body, 'constant_score', 'filter');
  const filter = parseQuery(reader.value('filter'));
  const boost = reader.number('boost', 1);
  return scored(
    (view) => new Map([...filter.run(view).keys()].map((document) => [document, boost])),
    (view, into) => filter.words(view, into),
  );
}

function clauses(body: Json, name: string): readonly Query[] {
  const given = body[name];
  if (given === undefined) return [];
  return (Array.isArray(given) ? (given as readonly unknown[]) : [given]).map(parseQuery);
}

function parseBool(body: Json): Query {
  const refuse = (reason: string): SearchError => new SearchError(400, 'x_content_parse_exception', reason);
  const reader = new Reader(body, 'bool', refuse);
  reader.only('must', 'filter', 'should', 'must_not', 'minimum_should_match', 'boost');
  const [must, filter, should, mustNot] = ['must', 'filter', 'should', 'must_not'].map((name) => clauses(body, name));
  if (must.length + filter.length + should.length + mustNot.length > MOST_CLAUSES) {
    throw new SearchError(400, 'too_many_clauses', `maxClauseCount is set to ${MOST_CLAUSES}`);
  }
  const boost = reader.number('boost', 1);
  const required = must.length + filter.length > 0;
  const wanted = reader.integer('minimum_should_match', required ? 0 : 1);
  const least = should.length === 0 ? 0 : wanted;
  const positive = [...must, ...filter, ...should];
  return scored(
    (view) => {
      // Without any clause it is match_all; with must_not alone all the others match, and score nothing.
      const start: Matches = new Map([...view.documents()].map((document) => [document, 0]));
      if (positive.length + mustNot.length === 0) for (const document of start.keys()) start.set(document, 1);
      let matches = start;
      for (const query of must) matches = intersect(matches, query.run(view), true);
      for (const query of filter) matches = intersect(matches, query.run(view), false);
      matches = withShould(
        matches,
        should.map((query) => query.run(view)),
        least,
      );
      for (const query of mustNot) for (const document of query.run(view).keys()) matches.delete(document);
      return boosted(matches, boost);
    },
    (view, into) => positive.forEach((query) => query.words(view, into)),
  );
}

function withShould(matches: Matches, should: readonly Matches[], least: number): Matches {
  const result: Matches = new Map();
  for (const [document, score] of matches) {
    const scores = should.flatMap((one) => one.get(document) ?? []);
    if (scores.length >= least) {
      result.set(
        document,
        scores.reduce((sum, one) => sum + one, score),
      );
    }
  }
  return result;
}
