import { feedReader, InvalidCursor } from 'cdk-social-backend/feed';
import { endpoint, invalid } from 'cdk-social-backend/http';
import { ENDPOINTS } from '../../contract';
import { CONTRACTS } from '../contracts';
import { userOf } from '../ids';
import { client, followsOf, postsOf } from '../tables';

const facts = ENDPOINTS.ReadFeed;

const readFeed = feedReader({ tableName: process.env.FEED_TABLE_NAME ?? '', client });

export const handler = endpoint<typeof facts, CONTRACTS['ReadFeed']>(
  facts,
  CONTRACTS.ReadFeed,
  async ({ path, query: { limit, cursor } }) => {
    const userId = userOf(path.userId);
    try {
      const page = await readFeed({ userId, follows: await followsOf(userId), limit, cursor, load: postsOf });
      return { posts: [...page.items], cursor: page.cursor };
    } catch (error) {
      throw error instanceof InvalidCursor ? invalid('cursor', 'is none of this feed') : error;
    }
  },
);
