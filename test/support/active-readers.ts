import type { TestTables } from './engine';
import { ReadersRepository } from '../../lambda/feed-fanout/worker/readers-repository';
import { FeedRepository } from '../../lambda/feed-fanout/worker/repository';
import type { FeedPorts } from '../../lambda/feed-fanout/worker/use-case';

export const DAY = 24 * 3600;
export const NOW = Date.UTC(2026, 0, 1);

/** Of a worker that pushes to those who were active within 28 days; it has time, and nothing to send. */
export function workerPorts(tables: TestTables, overrides: Partial<FeedPorts>): FeedPorts {
  const settings = { readCap: 1000, ttlSeconds: 60 * DAY, pullAbove: 10_000, now: () => NOW };
  const on = { ...tables, db: tables.db, ...settings };
  return {
    ...settings,
    activeSeconds: 28 * DAY,
    store: new FeedRepository(on),
    readers: new ReadersRepository(on),
    send: () => Promise.reject(new Error('Nothing is to be sent')),
    timeIsShort: () => false,
    ...overrides,
  };
}
