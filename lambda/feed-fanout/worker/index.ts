import { FeedRepository } from './repository';
import { feedWorker } from './run';
import { requireEnv } from '../../core/env';

export const handler = feedWorker((table) => new FeedRepository({ ...table, social: requireEnv('TABLE_NAME') }));
