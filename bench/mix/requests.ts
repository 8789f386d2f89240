/**
 * What a site asks in 1,000 requests, by the mix that the budgets are set for: articles of 6 KB with two tags, lists of 20
 * rows, authors with 77 followers.
 */

/** Kinds of requests, each with how often it is in the mix. */
export const MIX = {
  'global list': 200,
  'list by tag': 100,
  'list by author': 100,
  article: 250,
  feed: 100,
  comments: 100,
  profile: 30,
  'current user': 30,
  favorite: 23,
  unfavorite: 22,
  'add comment': 20,
  follow: 10,
  post: 8,
  update: 4,
  delete: 3,
} as const;

export type RequestName = keyof typeof MIX;

export const REQUESTS = Object.keys(MIX) as readonly RequestName[];

/** What visitors ask who are not signed in; all else needs a user. */
export const PUBLIC: ReadonlySet<RequestName> = new Set<RequestName>([
  'global list',
  'list by tag',
  'list by author',
  'article',
  'comments',
  'profile',
]);

/** Units of DynamoDB, of one request and of what follows from it on the stream. */
export interface Units {
  readonly rcu: number;
  readonly wcu: number;
}

/** Of every kind of request. */
export type UnitsByRequest = Readonly<Record<RequestName, Units>>;

/** List prices of us-east-1 in USD for a million units. @see https://aws.amazon.com/dynamodb/pricing/on-demand/ */
const PRICE = { rcu: 0.125, wcu: 0.625 };

/** What a million times some units cost, in USD. */
export const priceOf = ({ rcu, wcu }: Units): number => rcu * PRICE.rcu + wcu * PRICE.wcu;

/** What a kind of request costs of a million mixes, in USD. */
export const shareOf = (name: RequestName, units: UnitsByRequest): number => MIX[name] * priceOf(units[name]);

/** What a million mixes cost, in USD. */
export const costOfMix = (units: UnitsByRequest): number =>
  REQUESTS.reduce((sum, name) => sum + shareOf(name, units), 0);
