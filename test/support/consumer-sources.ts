/** What a user of the published package writes beside a service of one's own: a domain, and readers of a secret and of feeds. */

export const COUNTS = `
import { defineDomain, reject } from 'cdk-social-backend/event-sourcing';
interface State { readonly n: number }
interface Events { Counted: { readonly by: number } }
interface Commands { count: { readonly by: number } }
export const domain = defineDomain<State, Events, Commands, { counters: State }>({
  aggregate: 'Counter',
  initial: () => ({ n: 0 }),
  commands: {
    count: (_, { by }, { actor }) => (by > 0 ? { type: 'Counted', data: { by } } : reject('TOO_LITTLE', actor.sub)),
  },
  evolve: { Counted: ({ n }, { by }) => ({ n: n + by }) },
  views: { counters: { version: 1, apply: (view, { data }) => ({ n: (view?.n ?? 0) + data.by }) } },
});
`;

export const READS_A_SECRET = `
import { SecretReader } from 'cdk-social-backend/secrets';
const secret = new SecretReader('nobody', { timeout: 100 });
export const read: () => Promise<string> = () => secret.text();
`;

export const READS_A_FEED = `
import { type FeedItem, type FeedPage, feedReader, InvalidCursor } from 'cdk-social-backend/feed';
const readFeed = feedReader({ tableName: 'feeds' });
export const ids = (userId: string): Promise<FeedPage<FeedItem>> => readFeed({ userId, follows: ['ada'] });
export async function read(cursor: string): Promise<string> {
  const load = async (items: readonly FeedItem[]) => items.map(({ id }) => ({ title: id }));
  try {
    const { items } = await readFeed({ userId: 'me', follows: new Set(['ada']), limit: 10, cursor, load });
    return items.map(({ title }) => title).join();
  } catch (error) {
    return error instanceof InvalidCursor ? error.message : 'another error';
  }
}
`;
