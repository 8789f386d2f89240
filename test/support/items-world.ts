import { startTestEngine, type TestEngine, type TestTables } from './engine';
import type { ItemPorts } from '../../lambda/items-api/domain/items';
import { ItemListRepository } from '../../lambda/items-api/repository/item-lists';
import { ItemRepository } from '../../lambda/items-api/repository/items';
import { UserRepository } from '../../lambda/items-api/repository/users';

/** The rules of the items API on a real engine, with a clock that a test sets. */
export interface ItemsWorld {
  readonly tables: TestTables;
  /** Milliseconds since 1970: of new ids as well. */
  now: number;
  readonly ports: Omit<ItemPorts, 'items'> & {
    readonly items: ItemRepository & Pick<ItemListRepository, 'newest'>;
    readonly users: UserRepository;
  };
}

/** An id of a moment; the last digits say which. */
export const idAt = (time: number, number: number) => {
  const hex = time.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${number.toString(16).padStart(12, '0')}`;
};

export const START = Date.UTC(2026, 0, 1);

/** One engine for the tests of a file, a table for each. */
export function useItems(): ItemsWorld {
  let engine: TestEngine;
  let made = 0;
  const world = { now: START } as { -readonly [Key in keyof ItemsWorld]: ItemsWorld[Key] };
  beforeAll(async () => (engine = await startTestEngine()));
  afterAll(() => engine.close());
  beforeEach(async () => {
    const tables = await engine.tables();
    const own = { db: tables.db, items: tables.social };
    made = 0;
    const items = Object.assign(new ItemRepository(own), {
      newest: (...asked: Parameters<ItemListRepository['newest']>) => new ItemListRepository(own).newest(...asked),
    });
    const ports = { items, users: new UserRepository(own), now: () => world.now, newId: () => idAt(world.now, ++made) };
    Object.assign(world, { tables, now: START, ports });
  });
  return world;
}
