import { terms } from './analyzer';
import { illegalArgument, NOT_HERE, parsingError, SearchError } from './errors';
import { FieldValue } from './mapping';
import {
  addWord,
  boosted,
  fieldOf,
  intersect,
  Matches,
  MOST_CLAUSES,
  Query,
  raise,
  read,
  scalar,
  scored,
} from './matches';
import { Reader } from './strict';
import { termQuery } from './value-queries';
import { View } from './view';
import { Json } from '../aws/protocol';

type Operator = 'or' | 'and';

function operatorOf(reader: Reader): Operator {
  const given = reader.value('operator') ?? 'or';
  const operator = (['or', 'and'] as const).find((word) => word === String(given).toLowerCase());
  return operator ?? raise(illegalArgument(`No enum constant org.opensearch.index.query.Operator.${String(given)}`));
}

export function parseMatch(body: Json): Query {
  const { field, options } = fieldOf(body, 'match', 'query');
  const reader = read(options, 'match', 'query', 'operator', 'zero_terms_query');
  const none = reader.word('zero_terms_query', ['none', 'all'], 'none');
  const text = scalar(reader, 'query', 'match');
  return matchQuery(field, text, { operator: operatorOf(reader), none, boost: reader.number('boost', 1) });
}

interface MatchOptions {
  readonly operator: Operator;
  /** What a text without a word finds. */
  readonly none: 'none' | 'all';
  readonly boost: number;
}

/** The words of a text in one field; other fields than text are not taken apart. */
function matchQuery(field: string, text: FieldValue, { operator, none, boost }: MatchOptions): Query {
  const words = terms(String(text));
  const whole = termQuery(field, text, boost);
  const isText = (view: View): boolean => view.mapping().fields.get(field)?.type === 'text';
  return scored(
    (view) => {
      if (!isText(view)) return whole.run(view);
      if (words.length > MOST_CLAUSES) {
        const reason = `failed to create query: maxClauseCount is set to ${MOST_CLAUSES}`;
        throw new SearchError(400, 'query_shard_exception', reason, { index: view.index });
      }
      if (words.length === 0 && none === 'all') return new Map([...view.documents()].map((one) => [one, boost]));
      const found = words.map((word) => view.ofTerm(field, word));
      return boosted(operator === 'and' ? allOf(found) : anyOf(found), boost);
    },
    (view, into) => {
      if (!isText(view)) whole.words(view, into);
      else for (const word of words) addWord(into, field, word, boost);
    },
  );
}

function allOf([first, ...others]: readonly Matches[]): Matches {
  return others.reduce((left, right) => intersect(left, right, true), first ?? new Map());
}

function anyOf(found: readonly Matches[]): Matches {
  const any: Matches = new Map();
  for (const one of found) for (const [document, score] of one) any.set(document, (any.get(document) ?? 0) + score);
  return any;
}

export function parseMultiMatch(body: Json): Query {
  const reader = read(body, 'multi_match', 'query', 'fields', 'type', 'operator', 'tie_breaker');
  reader.word('type', ['best_fields'], 'best_fields');
  const text = scalar(reader, 'query', 'multi_match');
  const operator = operatorOf(reader);
  const boost = reader.number('boost', 1);
  const others = reader.number('tie_breaker', 0);
  if (!reader.has('fields')) throw parsingError(`[multi_match] without [fields] is ${NOT_HERE}`);
  const fields = reader.strings('fields').map((field) => {
    const [name, factor = '1', ...rest] = field.split('^');
    const weight = Number(factor);
    if (rest.length > 0 || !(weight >= 0) || name.includes('*')) {
      throw parsingError(`[multi_match] field [${field}] is ${NOT_HERE}`);
    }
    return matchQuery(name, text, { operator, none: 'none', boost: weight });
  });
  return scored(
    (view) =>
      boosted(
        bestOf(
          fields.map((field) => field.run(view)),
          others,
        ),
        boost,
      ),
    (view, into) => fields.forEach((field) => field.words(view, into)),
  );
}

/** The best field's score, and of those of the others a share. */
function bestOf(found: readonly Matches[], others: number): Matches {
  const best: Matches = new Map();
  const sums = anyOf(found);
  for (const one of found) {
    for (const [document, score] of one) best.set(document, Math.max(score, best.get(document) ?? 0));
  }
  if (others === 0) return best;
  for (const [document, score] of best) best.set(document, score + others * ((sums.get(document) ?? score) - score));
  return best;
}
