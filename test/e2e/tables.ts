import { expectStatus } from './shapes';
import { World } from './world';

/** An item as JSON text, whatever form the runner shows it in. */
export type ItemText = string;

/** How many items of a table the runner shows. */
const SHOWN_ITEMS = 200;

/** Meant to outlive their article until they expire: rows that tell of a deletion or a change, and what finds favorites. */
const outlives = (item: ItemText) =>
  /"entityType":(?:\{"S":)?"(?:Tombstone|RecentUpdate|Changed)"/.test(item) ||
  (/"entityType":(?:\{"S":)?"FavoritedBy"/.test(item) && item.includes('"expiresAt"'));

/** Every item of every table of the running app, but for rows that are meant to outlive their article. */
export async function tableItems(world: World): Promise<readonly ItemText[]> {
  const answer = await world.rootRequest('GET', '/_local/api');
  expectStatus(answer, 200);
  const { tables } = answer.json as {
    tables: readonly { readonly name: string; readonly items: readonly unknown[] }[];
  };
  expect(Array.isArray(tables)).toBe(true);
  // A view that is cut off would make "nothing is left" true of whatever it does not show.
  const full = tables.filter(({ items }) => items.length >= SHOWN_ITEMS).map(({ name }) => name);
  if (full.length > 0) throw new Error(`The runner may not show all items of ${full.join(', ')}`);
  return tables.flatMap(({ items }) => items.map((item) => JSON.stringify(item))).filter((item) => !outlives(item));
}

/** The id behind a slug: the API does not show it. */
export function articleIdOf(items: readonly ItemText[], slug: string): string {
  const ids = items.filter(mentions(slug)).flatMap((item) => {
    const [, id] = /"articleId":(?:\{"S":)?"([0-9a-f-]{36})"/.exec(item) ?? [];
    return id ? [id] : [];
  });
  if (new Set(ids).size !== 1) {
    throw new Error(`${ids.length} items (of ${items.length}) name the article of slug ${slug}, not one or more alike`);
  }
  return ids[0];
}

export function mentions(text: string): (item: ItemText) => boolean {
  return (item) => item.includes(text);
}

/** Public keys (JWK) anywhere in the tables, also within strings. */
export function publicKeysIn(items: readonly ItemText[]): Record<string, string>[] {
  const found: Record<string, string>[] = [];
  const visit = (value: unknown): void => {
    if (typeof value === 'string' && value.includes('"kty"')) visit(parsed(value));
    if (typeof value !== 'object' || value === null) return;
    const plain = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, untyped(inner)]));
    if (typeof plain.kty === 'string') found.push(plain as Record<string, string>);
    else Object.values(value).forEach(visit);
  };
  items.forEach((item) => visit(parsed(item)));
  return found;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `{"S":"x"}` as `x`. */
function untyped(value: unknown): unknown {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  return keys.length === 1 && keys[0] === 'S' ? (value as { S: unknown }).S : value;
}
