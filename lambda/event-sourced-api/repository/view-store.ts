import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { listRowKey, rowKey } from './keys';
import { type Meter, Metered } from './metered';
import {
  batchGet,
  type Condition,
  type Item,
  isConditionFailure,
  NOT_THERE,
  putOf,
  transactWrite,
  TransactionRefused,
  type Write,
  writesOn,
} from '../../core/dynamodb';
import { itemSize } from '../../core/dynamodb/item-size';
import type { ListedViewStore, RowKey, ViewRow } from '../domain/ports';

const count = z.number().check(z.int(), z.minimum(0));

const ROW = z.object({
  id: z.string(),
  position: count,
  data: z.optional(z.record(z.string(), z.unknown())),
  owner: z.optional(z.string()),
  formerOwner: z.optional(z.object({ sub: z.string(), version: count })),
  lists: z.record(z.string(), z.object({ value: z.string(), sort: z.string() })),
  updatedAt: z.string(),
  projectionVersion: count,
  revision: count,
});

const LIST_ROW = z.object({ data: z.optional(z.record(z.string(), z.unknown())) });

/** @returns undefined where there is none */
const rowOf = (item: Item | undefined): ViewRow | undefined => item && ROW.parse(item);

const rowItem = (view: string, row: ViewRow): Item => ({ ...rowKey(view, row.id), ...row });

/** Rows of views and of their lists, in the read-model table. */
export class DynamoViewStore implements ListedViewStore {
  private readonly metered: Metered;

  public constructor(private readonly options: { db: DynamoDBDocumentClient; table: string; meter?: Meter }) {
    this.metered = new Metered(options.meter);
  }

  public async rows(keys: readonly RowKey[]): Promise<readonly (ViewRow | undefined)[]> {
    const { db, table } = this.options;
    const items = await batchGet(
      db,
      keys.map(({ view, id }) => ({ table, key: rowKey(view, id) })),
    );
    this.estimate('read', items, 4096);
    return items.map(rowOf);
  }

  public async listed(view: string, row: ViewRow): Promise<readonly (ViewRow['data'] | undefined)[]> {
    const { db, table } = this.options;
    const places = Object.entries(row.lists);
    const items = await batchGet(
      db,
      places.map(([list, place]) => ({ table, key: listRowKey(view, list, place, row.id) })),
    );
    this.estimate('read', items, 4096);
    return items.map((item) => item && LIST_ROW.parse(item).data);
  }

  public async put(view: string, row: ViewRow, before: ViewRow | undefined): Promise<boolean> {
    const condition: Condition = before
      ? // Each write makes another: of the same position too, where a rebuild has changed what is shown.
        { expression: 'revision = :revision', values: { ':revision': before.revision } }
      : NOT_THERE;
    const lists = this.listWrites(view, row, before);
    const item = rowItem(view, row);
    try {
      if (lists.length === 0) {
        await this.putAlone(item, condition);
      } else {
        const { db, table } = this.options;
        const named = Object.fromEntries(lists.map((write, index) => [`list ${index}`, write]));
        await transactWrite(db, { row: writesOn(table).put(item, condition), ...named });
        this.estimate('write', [item, ...lists.map(() => item)], 512);
      }
      return true;
    } catch (error) {
      if (isConditionFailure(error) || (error instanceof TransactionRefused && error.failed('row'))) {
        return false;
      }
      throw error;
    }
  }

  /**
   * What items come to where the kit does not say what was consumed: a unit for each so many bytes; a transaction takes
   * two for each 1024, a list's row less than the row itself.
   */
  private estimate(kind: 'read' | 'write', items: readonly (Item | undefined)[], bytes: number): void {
    if (this.options.meter) {
      const units = items.map((item) => Math.ceil(itemSize(item ?? {}) / bytes) || 1);
      this.metered.note(
        kind,
        units.map((CapacityUnits) => ({ CapacityUnits })),
      );
    }
  }

  /** Half of what a transaction of one costs. */
  private async putAlone(item: Item, condition: Condition): Promise<void> {
    const { db, table } = this.options;
    const { ReturnValuesOnConditionCheckFailure: _, ...put } = putOf(table, item, condition);
    const { ConsumedCapacity } = await db.send(new PutCommand({ ...put, ...this.metered.wanted }));
    this.metered.note('write', ConsumedCapacity);
  }

  /** Of every place that the row has now or had before: each is another item, which a transaction has once. */
  private listWrites(view: string, row: ViewRow, before: ViewRow | undefined): Write[] {
    const { put, remove } = writesOn(this.options.table);
    const placesOf = (of: ViewRow | undefined) =>
      new Map(
        Object.entries(of?.lists ?? {}).map(([list, place]) => {
          const key = listRowKey(view, list, place, row.id);
          return [JSON.stringify(key), key];
        }),
      );
    const now = placesOf(row);
    const gone = [...placesOf(before)].filter(([text]) => !now.has(text));
    const { id, data, owner } = row;
    return [...[...now.values()].map((key) => put({ ...key, id, data, owner })), ...gone.map(([, key]) => remove(key))];
  }
}
