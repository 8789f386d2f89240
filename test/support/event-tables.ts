import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { TestTables } from './engine';
import { append } from './event-append';
import { NOON, type Stores } from './event-world';
import type { ViewRow } from '../../lambda/event-sourced-api/domain/ports';
import { appendedItems, eventOf, snapshotOf } from '../../lambda/event-sourced-api/repository/event-items';
import { DynamoEventStore } from '../../lambda/event-sourced-api/repository/event-store';
import { DynamoViewStore } from '../../lambda/event-sourced-api/repository/view-store';

/** The repositories as they are shipped, on the tables of a test: `social` has the events, `feed` the read model. */
export function tableStores(tables: TestTables): Stores {
  const { db, social, feed } = tables;
  const events = new DynamoEventStore({ db, table: social, aggregateType: 'ExpenseClaim' });
  const views = new DynamoViewStore({ db, table: feed });
  const ofKind = async (kind: string) => (await tables.items(social)).filter((item) => item.kind === kind);
  return {
    now: () => NOON,
    events,
    views,
    append: async ({ record, events: fresh }) => {
      const appended = await append(db, social, appendedItems(record, fresh));
      return appended.outcome === 'written'
        ? appended
        : { outcome: 'refused', before: appended.guard && unmarshall(appended.guard) };
    },
    allEvents: async () => (await ofKind('event')).map(eventOf),
    allSnapshots: async () =>
      (await ofKind('snapshot')).flatMap((item) => {
        const snapshot = snapshotOf(item);
        return snapshot ? [{ ...snapshot, id: String(item.PK).slice('ExpenseClaim#'.length) }] : [];
      }),
    rows: async (view) =>
      (await tables.items(feed)).filter(
        ({ PK, SK }) => SK === 'ROW' && String(PK).startsWith(`${view}#`),
      ) as unknown as ViewRow[],
    listed: async () =>
      new Map(
        (await tables.items(feed))
          .filter(({ SK }) => SK !== 'ROW')
          .map(({ PK, SK, data }) => [`${String(PK)}#${String(SK)}`.replaceAll('#', ' '), data]),
      ),
  };
}
