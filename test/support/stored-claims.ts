import type { TestTables } from './engine';
import { append } from './event-append';
import type { StoredEvent } from '../../lambda/event-sourced-api/domain/events';
import type { CommandRecord } from '../../lambda/event-sourced-api/domain/handle-command';
import { domain as claims } from '../../lambda/event-sourced-api/expense-claims/domain';
import type { ClaimView } from '../../lambda/event-sourced-api/expense-claims/model';
import { appendedItems } from '../../lambda/event-sourced-api/repository/event-items';

/** Long enough that the stream has brought it everywhere. */
export const LONG_AGO = '2026-01-01T12:00:00.000Z';

/**
 * The built-in domain with a second version of its view beside the first: what a new one is before queries read it.
 *
 * @param isBroken whether the second cannot take events of the command `poison`
 */
export function withSecondView(isBroken: () => boolean) {
  const { claims: first } = claims.views;
  const shout = (view: ClaimView | undefined, event: Parameters<typeof first.apply>[1]) => {
    if (event.commandId === 'poison' && isBroken()) throw new RangeError('hidden words');
    const next = first.apply(view, event);
    return next && { ...next, title: next.title.toUpperCase() };
  };
  return { ...claims, views: { ...claims.views, 'claims-v2': { ...first, version: 2, apply: shout } } };
}

/** Stores so many claims of two events each: `c0`, `c1` and so on. */
export async function storeClaims(
  tables: TestTables,
  count: number,
  more: Partial<StoredEvent> = {},
  name = 'c',
): Promise<void> {
  for (const id of Array.from({ length: count }, (_, n) => `${name}${n}`)) {
    const event = (version: number, type: string, data: object): StoredEvent => ({
      ...{ eventId: `e-${id}-${version}`, aggregateType: 'ExpenseClaim', id, version, type, data, schemaVersion: 1 },
      ...{ occurredAt: LONG_AGO, actor: 'ann', commandId: `k${version}` },
      correlationId: `k${version}`,
      ...more,
    });
    const events = [event(1, 'ClaimOpened', { title: `trip ${id}`, limit: 500 }), event(2, 'ClaimWithdrawn', {})];
    const record: CommandRecord = {
      ...{ status: 'ACCEPTED', command: 'x', commandId: `k-${id}`, aggregateType: 'ExpenseClaim', aggregateId: id },
      ...{ requestHash: 'h', fromVersion: 0, toVersion: 2, events: [], actor: 'ann', occurredAt: 'now' },
      correlationId: 'k',
    };
    expect(await append(tables.db, tables.social, appendedItems(record, events))).toEqual({ outcome: 'written' });
  }
}
