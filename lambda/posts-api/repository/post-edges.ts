import type { Tables } from './tables';
import { queryUpTo } from '../../core/dynamodb';
import { idOf } from '../../social-table/keys';
import { ALLOWED_USER_PREFIX, postPk, TAG_PREFIX } from '../../social-table/post-keys';

/** More than a post can have, of either kind. */
const ALL = 10_000;

/** Ids in a post's own partition, sorted: at most so many that come after one of them. */
export async function postEdges(
  { db, social }: Tables,
  postId: string,
  prefix: typeof ALLOWED_USER_PREFIX | typeof TAG_PREFIX,
  max: number = ALL,
  after?: string,
): Promise<string[]> {
  const { items } = await queryUpTo(
    db,
    {
      TableName: social,
      KeyConditionExpression: 'PK = :pk AND SK BETWEEN :low AND :high',
      ExpressionAttributeValues: {
        ':pk': postPk(postId),
        // Before every character of an id, and behind every one.
        ':low': after === undefined ? prefix : `${prefix}${after}!`,
        ':high': `${prefix}~`,
      },
      ProjectionExpression: 'SK',
    },
    max,
  );
  return items.map(({ SK }) => idOf(String(SK)));
}

/** Users with a grant, as they are stored: while a list is worked off, that list is right and these are not. */
export const madeGrants = (tables: Tables, postId: string) => postEdges(tables, postId, ALLOWED_USER_PREFIX);
