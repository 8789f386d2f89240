import * as z from 'zod/mini';
import { eventKey, guardKey, snapshotKey } from './keys';
import type { Item } from '../../core/dynamodb/items';
import { toWire, type WireItem } from '../../core/dynamodb/wire';
import type { StoredEvent } from '../domain/events';
import type { CommandRecord } from '../domain/handle-command';
import type { Snapshot } from '../domain/ports';

const count = z.number().check(z.int(), z.minimum(1));
const text = z.string().check(z.minLength(1));

const EVENT = z.object({
  kind: z.literal('event'),
  eventId: text,
  aggregateType: text,
  aggregateId: text,
  version: count,
  type: text,
  schemaVersion: count,
  data: z.record(z.string(), z.unknown()),
  occurredAt: text,
  actor: text,
  commandId: text,
  correlationId: text,
  causationId: z.optional(z.string()),
});

const SNAPSHOT = z.object({ kind: z.literal('snapshot'), version: count, schemaVersion: count, state: z.unknown() });

/** @throws Error for what is no event */
export function eventOf(item: Item): StoredEvent {
  const { kind: _, aggregateId: id, ...event } = EVENT.parse(item);
  return { id, ...event };
}

/** undefined for what is no snapshot. */
export function snapshotOf(item: Item): Snapshot | undefined {
  const { success, data } = SNAPSHOT.safeParse(item);
  return success ? { version: data.version, schemaVersion: data.schemaVersion, state: data.state } : undefined;
}

const eventItem = ({ id, ...event }: StoredEvent): Item => ({
  ...eventKey(event.aggregateType, id, event.version),
  kind: 'event',
  aggregateId: id,
  ...event,
});

export const snapshotItem = (type: string, id: string, snapshot: Snapshot): Item => ({
  ...snapshotKey(type, id, snapshot.version),
  kind: 'snapshot',
  ...snapshot,
});

const guardItem = (record: CommandRecord): Item => ({
  ...guardKey(record.actor, record.commandId),
  kind: 'command',
  ...record,
});

/** An item that AppSync puts, as its templates take it. */
export interface AppendedItem {
  readonly key: WireItem;
  /** Without the key. */
  readonly attributeValues: WireItem;
}

/** What a command writes, each only if it is not there: its guard, then its events in their order. */
export const appendedItems = (record: CommandRecord, events: readonly StoredEvent[]): AppendedItem[] =>
  [guardItem(record), ...events.map(eventItem)].map(({ PK, SK, ...attributes }) => ({
    key: toWire({ PK, SK }),
    attributeValues: toWire(attributes),
  }));

/** The key of the guard of a command, as templates take it. */
export const guardKeyValues = (sub: string, commandId: string): WireItem => toWire({ ...guardKey(sub, commandId) });
