/** What the suite of OpenSearch asks of its documents, in the words that the embedded subset knows. */
import { FACETS, HIGHLIGHTS } from './found';
import { ORDER, SOURCE } from './order';
import { type Query } from './query';
import { REFUSALS } from './refusals';
import { BOOL, EXACT } from './values';
import { ANALYSIS, WORDS } from './words';

export { PAGED } from './order';
export { type Query } from './query';

/** All of them; names are unique. */
export const QUERIES: Readonly<Record<string, readonly Query[]>> = {
  'exact values': EXACT,
  bool: BOOL,
  words: WORDS,
  'the standard analyzer': ANALYSIS,
  'order and pages': ORDER,
  sources: SOURCE,
  facets: FACETS,
  highlights: HIGHLIGHTS,
  refusals: REFUSALS,
};
