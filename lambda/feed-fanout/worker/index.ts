import { ReadersRepository } from './readers-repository';
import { FeedRepository } from './repository';
import type { RowsTable } from './rows-repository';
import { feedWorker } from './run';
import { requireEnv } from '../../core/env';

const onSocial = (table: RowsTable) => ({ ...table, social: requireEnv('TABLE_NAME') });

export const handler = feedWorker(
  (table) => new FeedRepository(onSocial(table)),
  (table) => new ReadersRepository(onSocial(table)),
);
