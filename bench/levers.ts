import { MIX, priceOf, type RequestName, REQUESTS, type Units } from './mix/requests';

/** Something that would make the mix cheaper, and is not done by default. */
export interface Lever {
  readonly name: string;
  /** Units that one request of a kind takes less, with what follows from it on the stream. */
  readonly saves: Readonly<Partial<Record<RequestName, Partial<Units>>>>;
  /** What it costs in something else than units. */
  readonly givesUp: string;
}

/** Rows of an article in the feeds of its author's followers, of which 30 % are active. */
const FOLLOWERS = 77;
const AWAY = Math.round(FOLLOWERS * 0.7);

/** Units are of the mix as `npm run bench -- mix` counts it: lists of 20 rows by 20 authors, authors with 77 followers. */
export const LEVERS: readonly Lever[] = [
  {
    name: "the author's card in each article",
    saves: { 'global list': { rcu: 9.5 }, 'list by tag': { rcu: 9.5 }, feed: { rcu: 9.5 } },
    givesUp: `a change of a profile that is one write: a job rewrites all articles of the author, 10,000 of them in 35 s for 12,000 units, and
lists read that author apart until it is done; two more rules that favorites, updates and deletions have to keep. Where
functions remember authors it saves about a third of that`,
  },
  {
    name: '`activeWithin`, off by default: articles pushed only to the 30 % who are active',
    saves: { post: { wcu: AWAY }, feed: { rcu: -0.5 } },
    givesUp: `feeds that are filled for whoever comes: those who have been away read whom they follow one by one until theirs is, at up to
1,400 units for a return, and each page of a feed reads half a unit more`,
  },
  {
    name: 'rows of deleted articles left to their expiry',
    saves: { delete: { wcu: FOLLOWERS } },
    givesUp: `pages that cost the same whatever was deleted: for 60 days each row that leads nowhere is read and passed over, and
the number of articles in a feed is wrong or counted anew`,
  },
  {
    name: 'favorites without a transaction',
    saves: { favorite: { wcu: 3 }, unfavorite: { wcu: 3 } },
    givesUp: `a favorite that is counted once or not at all: one that breaks off between its two writes leaves the count wrong for good, or
needs a job that counts again`,
  },
];

/** What a million mixes cost less by a lever, in USD. */
export const savedBy = ({ saves }: Lever): number =>
  REQUESTS.reduce((sum, name) => sum + MIX[name] * priceOf({ rcu: 0, wcu: 0, ...saves[name] }), 0);
