import { folded } from './folds';
import type { ClaimsWorld } from './world';

/** Views as they are in their table. */

/** What a view has in its table, by the id of the claim. */
export async function rowsOf(world: ClaimsWorld, view: string): Promise<Map<string, Record<string, unknown>>> {
  const items = await world.readModelItems();
  const rows = items.filter(({ PK, SK }) => String(PK).startsWith(`${view}#`) && SK === 'ROW');
  return new Map(rows.map(({ id, data }) => [String(id), data as Record<string, unknown>]));
}

/** That each row of a view is what its events make, and each list shows just that, told apart from the code that is tested. */
export async function expectFolded(
  world: ClaimsWorld,
  view: string,
  title: (given: unknown) => string,
  without: readonly string[] = [],
): Promise<void> {
  await world.settled();
  const byClaim = new Map<string, Record<string, unknown>[]>();
  for (const item of await world.eventItems()) {
    if (item.kind !== 'event') continue;
    const id = String(item.aggregateId);
    byClaim.set(id, [...(byClaim.get(id) ?? []), { ...item, id, data: JSON.stringify(upcast(item)) }]);
  }
  const rows = await rowsOf(world, view);
  const ids = [...byClaim.keys()].filter((id) => !without.includes(id));
  expect([...rows.keys()].filter((id) => !without.includes(id)).sort()).toEqual([...ids].sort());
  const items = await world.readModelItems();
  for (const id of ids) {
    const events = (byClaim.get(id) ?? []).sort((a, b) => Number(a.version) - Number(b.version));
    expect(events.map(({ version }) => version)).toEqual(events.map((_, index) => index + 1));
    const wanted = folded(events as unknown as Parameters<typeof folded>[0]);
    const shown = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== null));
    expect(rows.get(id)).toEqual({ ...shown, title: title(wanted.title) });
    const listed = items.filter(({ PK, SK }) => String(PK).startsWith(`${view}#by`) && String(SK).endsWith(`#${id}`));
    expect(listed.map(({ PK }) => PK).sort()).toEqual([
      `${view}#byOwner#${String(wanted.owner)}`,
      `${view}#byStatus#${String(wanted.status)}`,
    ]);
    listed.forEach(({ data }) => expect(data).toEqual(rows.get(id)));
  }
}

/** The first version of `ClaimOpened` had whole units of one currency. */
function upcast({ type, schemaVersion, data }: Readonly<Record<string, unknown>>): unknown {
  const { limit, ...rest } = data as { limit?: number };
  return type === 'ClaimOpened' && schemaVersion === 1
    ? { ...rest, limitCents: Number(limit) * 100, currency: 'EUR' }
    : data;
}
