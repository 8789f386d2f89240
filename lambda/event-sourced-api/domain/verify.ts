import { type CatchUpPorts, readOn } from './catch-up';
import type { StoredEvent } from './events';
import { isSettled } from './missing-version';
import type { ListedViewStore, ViewRow } from './ports';
import { canonicalJson } from './storable';
import { fold, isSame, type NamedView } from './views';

/** A row that is written while it is looked at is looked at again. */
const ATTEMPTS = 5;

/** What a row is beside the fold of the events of its aggregate. */
export type Verdict =
  | { readonly outcome: 'equal' }
  /** Equal as far as it is; further events are still to come, and have not been for long. */
  | { readonly outcome: 'behind' }
  | { readonly outcome: 'wrong'; readonly reason: string }
  /** The view cannot take an event; equal before it. */
  | { readonly outcome: 'stuck'; readonly reason: string };

export interface VerifyPorts extends CatchUpPorts {
  readonly views: ListedViewStore;
}

/** Whether every list that a row stands in shows what the row does. */
export async function showsInLists(views: ListedViewStore, view: string, row: ViewRow): Promise<boolean> {
  const shown = canonicalJson(row.data);
  return (await views.listed(view, row)).every((data) => canonicalJson(data) === shown);
}

/** Compares a row, and what lists show of it, with the fold of the events of its aggregate. */
export async function verify(ports: VerifyPorts, view: NamedView, id: string): Promise<Verdict> {
  for (let attempt = 1; ; attempt++) {
    const [row] = await ports.views.rows([{ view: view.name, id }]);
    const verdict = await compare(ports, view, id, row);
    if (verdict.outcome !== 'wrong' || attempt >= ATTEMPTS) {
      return verdict;
    }
    const [now] = await ports.views.rows([{ view: view.name, id }]);
    if (now?.revision === row?.revision) {
      return verdict;
    }
  }
}

async function compare(ports: VerifyPorts, view: NamedView, id: string, row: ViewRow | undefined): Promise<Verdict> {
  const { folded, next } = await readOn(ports, { view, id, upTo: row?.position ?? 0 }, undefined);
  const { row: wanted, stuck } = folded;
  if (row && !(wanted && isSame(row, wanted))) {
    return { outcome: 'wrong', reason: differenceOf(view, row, wanted) };
  }
  if (row && !(await showsInLists(ports.views, view.name, row))) {
    return { outcome: 'wrong', reason: 'a list does not show what the row does' };
  }
  if (stuck) {
    return { outcome: 'stuck', reason: stuck.reason };
  }
  return next ? ahead(ports, view, row, next) : { outcome: 'equal' };
}

/** What it is that a row has not taken the next event. */
function ahead({ now }: VerifyPorts, view: NamedView, row: ViewRow | undefined, next: StoredEvent): Verdict {
  const { stuck, missing } = fold(view, row, [next]);
  if (stuck) {
    return { outcome: 'stuck', reason: stuck.reason };
  }
  if (!isSettled(next, now())) {
    return { outcome: 'behind' };
  }
  // No stream is as late as that, or nothing would bring it: a row is missing as much as one that shows something else.
  return missing
    ? { outcome: 'stuck', reason: missing.message }
    : { outcome: 'wrong', reason: `lacks version ${next.version} of ${next.occurredAt}` };
}

function differenceOf({ view }: NamedView, row: ViewRow, wanted: ViewRow | undefined): string {
  if (row.projectionVersion !== view.version) {
    return `made by version ${row.projectionVersion} of the view, which is of version ${view.version}`;
  }
  return wanted?.position === row.position
    ? 'shows something else than its events make'
    : `is of version ${row.position}, its events make version ${wanted?.position ?? 0}`;
}
