import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { recentSince } from './domain/recent';
import { unsettledSince } from './domain/settling';
import { listAndSearchPorts } from './ports-by-search';
import { deletedTo } from '../social-table/keys';

const db = mockClient(DynamoDBDocumentClient);

test('what a search has read of the last moments a list does not read again, nor the next search', async () => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    TABLE_NAME: 'social',
    ACCOUNTS_TABLE_NAME: 'accounts',
    CLEAN_UP_WINDOW_SECONDS: '240',
    ITEM_CACHE_TTL_SECONDS: '45',
    SEARCH_ENDPOINT: 'http://127.0.0.1:9',
    SEARCH_SERVICE: 'es',
    SEARCH_ALIAS: 'articles',
    SEARCH_TIMEOUT_MS: '1000',
    SEARCH_WINDOW_SECONDS: '120',
    SEARCH_DELETED_WINDOW_SECONDS: '360',
  });
  const { lists, recent, window, windows } = listAndSearchPorts();
  db.on(QueryCommand).resolves({});
  /** Whether deletions of more than the last minute were read. */
  const readsBack = async (ask: () => Promise<unknown>) => {
    db.resetHistory();
    await ask();
    const ends = db
      .commandCalls(QueryCommand)
      .map(({ args }) => args[0].input.ExpressionAttributeValues?.[':to'] ?? '');
    // The longer ago, the higher is the end of what is read.
    return ends.some((end) => String(end) > deletedTo(Date.now() - 60_000));
  };
  const search = () => recent.writes(recentSince(Date.now(), windows), 10);
  const list = () => lists.lately({ deleted: Date.now() - window, changed: unsettledSince(Date.now()) });
  expect(await readsBack(search)).toBe(true);
  expect(await readsBack(list)).toBe(false);
  expect(await readsBack(search)).toBe(false);
});
