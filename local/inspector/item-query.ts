import { Comparison, COMPARISONS, ItemQuery, ItemQueryRefused } from '../item-browser';

/** Items of a page. */
const LIMITS = { least: 1, most: 100, usual: 25 };

/** Reads what the page of tables asks for. @throws ItemQueryRefused */
export function readItemQuery(query: URLSearchParams): ItemQuery {
  const optional = (name: string): string | undefined => query.get(name) ?? undefined;
  const table = optional('table');
  if (table === undefined) throw new ItemQueryRefused('a table must be named');
  const limit = Number(optional('limit') ?? LIMITS.usual);
  if (!Number.isInteger(limit) || limit < LIMITS.least || limit > LIMITS.most) {
    throw new ItemQueryRefused(`limit must be a whole number from ${LIMITS.least} to ${LIMITS.most}`);
  }
  const value = optional('sort');
  return {
    table,
    index: optional('index'),
    partition: optional('partition'),
    sort: value === undefined ? undefined : { comparison: readComparison(optional('comparison') ?? '='), value },
    descending: query.has('descending'),
    start: optional('start'),
    limit,
  };
}

function readComparison(text: string): Comparison {
  const found = COMPARISONS.find((comparison) => comparison === text);
  if (found === undefined) throw new ItemQueryRefused(`comparison must be one of ${COMPARISONS.join(', ')}`);
  return found;
}
