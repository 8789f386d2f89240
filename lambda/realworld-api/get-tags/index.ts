import { dynamoDb } from '../../core/clients';
import { requireEnv } from '../../core/env';
import { httpHandler, ok } from '../../core/http';
import { ListRepository } from '../repository/lists';

/** Tags listed at most; the most used come first. */
const LIMIT = 10_000;
// It has no right to the accounts table, and no need of its name.
const lists = new ListRepository({ db: dynamoDb(), social: requireEnv('TABLE_NAME'), accounts: '' });

/** GET /tags */
export const handler = httpHandler(async () => ok({ tags: await lists.tags(LIMIT) }));
