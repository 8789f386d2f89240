import type { Tables } from './tables';
import { queryUpTo } from '../../core/dynamodb';
import { lowestIdAt } from '../../core/ids';
import { ARTICLE_PREFIX, timelinePks } from '../../social-table/keys';

/** Above every article's sort key. */
const LAST_ARTICLE = `${ARTICLE_PREFIX}~`;

/**
 * Rows of everybody's articles since a moment, newest first in each shard: ids sort by time, so this is the head of the
 * timeline.
 *
 * @param since in ms since 1970
 * @param max of each shard
 */
export const timelineSince = ({ db, social, shards }: Tables, since: number, max: number) =>
  Promise.all(
    timelinePks(shards).map((pk) =>
      queryUpTo(
        db,
        {
          TableName: social,
          KeyConditionExpression: 'PK = :pk AND SK BETWEEN :since AND :end',
          ExpressionAttributeValues: {
            ':pk': pk,
            ':since': `${ARTICLE_PREFIX}${lowestIdAt(since)}`,
            ':end': LAST_ARTICLE,
          },
          ScanIndexForward: false,
        },
        max,
      ),
    ),
  );
