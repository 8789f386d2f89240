import type { Tables } from './tables';
import { batchGetEventually, type Item, type ItemRef } from '../../core/dynamodb';
import type { Changes } from '../domain/settling';

/** An article or a profile that something leads to. */
export interface CachedRef extends ItemRef {
  readonly id: string;
}

/** Articles and profiles in the order of the refs, eventually consistent but for what changed lately, from memory where that has them. */
export async function readCached(
  { db, cache }: Tables,
  refs: readonly CachedRef[],
  changed: Changes | undefined,
): Promise<(Item | undefined)[]> {
  const kept = new Map(
    refs.flatMap(({ id }) => {
      const item = changed && cache?.get(id, changed);
      return item ? [[id, item] as const] : [];
    }),
  );
  const isConsistent = (id: string) => !changed || changed.has(id);
  const wanted = refs.filter(({ id }) => !kept.has(id));
  const moment = cache?.moment();
  const read = await batchGetEventually(
    db,
    wanted.map(({ table, key, id }) => ({ table, key, changedLately: isConsistent(id) })),
  );
  const found = new Map(kept);
  read.forEach((item, index) => {
    if (item) {
      const { id } = wanted[index];
      found.set(id, item);
      if (moment) cache?.keep(id, item, isConsistent(id), moment);
    }
  });
  return refs.map(({ id }) => found.get(id));
}
