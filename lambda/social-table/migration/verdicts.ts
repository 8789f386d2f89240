import type { Converter, MigratedTable, Verdict } from './ports';
import { SOCIAL_KEY_PREFIXES } from '../../../src/social-table/key-prefixes';
import { type Item, relatedOf, Unconvertible, upConvert, type VersionedKind } from '../../core/dynamodb';
import { keyText, toPlain, toWire, type WireItem } from '../../core/dynamodb/wire';

/** What one transaction takes. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html */
const MAX_ITEMS = 100;
/**
 * What an item may have so that a condition compares each of its attributes: an expression takes 300 operators.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
const MAX_ATTRIBUTES = 140;

/** Items whose related ones are read side by side. */
const SIDE_BY_SIDE = 8;

/** Is it of a migration itself? */
export const isOwn = ({ PK }: WireItem): boolean => PK.S?.startsWith(SOCIAL_KEY_PREFIXES.migration) ?? false;

const fail = (reason: string): Verdict => ({ outcome: 'fail', reason });

/** Refuses what could not be written, before anything is. */
function checked(before: WireItem, verdict: Verdict): Verdict {
  if (verdict.outcome !== 'convert') {
    return verdict;
  }
  const { items } = verdict;
  const hasKey = ({ PK, SK }: WireItem) => Boolean(PK?.S) && Boolean(SK?.S);
  if (!items.every(hasKey)) {
    return fail('becomes an item without PK and SK');
  }
  if (items.some(isOwn)) {
    return fail('becomes an item of a migration');
  }
  if (new Set(items.map(({ PK, SK }) => keyText({ PK, SK }))).size < items.length) {
    return fail('becomes two items with one key');
  }
  if (items.length >= MAX_ITEMS) {
    return fail(`becomes ${MAX_ITEMS} items or more`);
  }
  return Object.keys(before).length > MAX_ATTRIBUTES ? fail(`has more than ${MAX_ATTRIBUTES} attributes`) : verdict;
}

/** A converter whose answers can be written. */
const guarded =
  (convert: Converter): Converter =>
  async (items) =>
    (await convert(items)).map((verdict, n) => checked(items[n], verdict));

/** A converter of somebody else, for the items of some partitions. */
export interface FurtherConverter {
  readonly convert: Converter;
  isFor(item: WireItem): boolean;
}

/** Brings items of these kinds to their schema versions of now; those of nobody here are left to a further converter. */
export const converterOf = (
  kinds: readonly VersionedKind[],
  query: MigratedTable['query'],
  further?: FurtherConverter,
): Converter =>
  guarded(async (items) => {
    const verdicts: Verdict[] = [];
    for (let n = 0; n < items.length; n += SIDE_BY_SIDE) {
      const some = items.slice(n, n + SIDE_BY_SIDE);
      verdicts.push(...(await Promise.all(some.map(async (item) => verdictOn(kinds, toPlain(item), query)))));
    }
    const left = items.flatMap((item, n) =>
      verdicts[n].outcome === 'current' && further?.isFor(item) ? [{ item, n }] : [],
    );
    const found = left.length > 0 ? await further?.convert(left.map(({ item }) => item)) : undefined;
    left.forEach(({ n }, place) => (verdicts[n] = found?.[place] ?? verdicts[n]));
    return verdicts;
  });

async function verdictOn(kinds: readonly VersionedKind[], item: Item, query: MigratedTable['query']): Promise<Verdict> {
  const wanted = relatedOf(kinds, item);
  const related = wanted && (await query(wanted.pk, wanted.prefix));
  try {
    const conversion = upConvert(kinds, item, related?.items.map(toPlain));
    if (!conversion) {
      return { outcome: 'current' };
    }
    const { type, from, to, items } = conversion;
    return { outcome: 'convert', sort: `${type} ${from} to ${to}`, items: items.map(toWire), units: related?.units };
  } catch (error) {
    // Messages of others may hold what the item holds.
    return fail(error instanceof Unconvertible ? error.message : error instanceof Error ? error.name : typeof error);
  }
}
