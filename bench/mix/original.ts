/**
 * What the same requests cost the Go original, by a model of its calls. It was not run: each call is taken from its tables
 * of access patterns, and priced by DynamoDB's rules for reads and writes.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
import type { RequestName, Units, UnitsByRequest } from './requests';

const KB = 1024;

/** Sizes of what it stores, in bytes. It has no smaller form of an article: whatever reads or writes one, takes all of it. */
const SIZE = {
  user: 0.4 * KB,
  article: 6 * KB,
  /** Three UUIDs, two times, names of attributes, and a text of 300 letters. */
  comment: 0.5 * KB,
  /** Two UUIDs and their names. */
  follower: 88,
  favorite: 100,
  feedRow: 150,
};

/** How many rows, people and comments there are. */
export const SITE = { rows: 20, authorsOfPage: 20, comments: 10, followers: 77 };

/** Units of a read of so many bytes, at once or behind: half a unit for each 4 KB begun where it may be behind. */
const eventual = (bytes: number) => Math.ceil(bytes / (4 * KB)) / 2;
const consistent = (bytes: number) => Math.ceil(bytes / (4 * KB));
/** A batch charges every item by itself, whether or not it is there. */
const batch = (count: number, bytes: number) => count * eventual(bytes);
const write = (bytes: number) => Math.ceil(bytes / KB);
/** A transaction writes everything twice. */
const transacted = (bytes: number) => 2 * write(bytes);

/** An index with all attributes is written as the item is, each time that it changes. */
const INDEXES_OF_ARTICLE = 2;
/** A guard of a slug's uniqueness holds no more than its key. */
const guard = transacted(100);

const bySlug = eventual(SIZE.article);
const byUsername = eventual(SIZE.user);
const followed = eventual(SIZE.follower);
const favorited = eventual(SIZE.favorite);

/** For the rows of a page: its authors, and for who is signed in what of it is favorited and who is followed. */
function context(signedIn: boolean): number {
  const authors = batch(SITE.authorsOfPage, SIZE.user);
  const mine = batch(SITE.rows, SIZE.favorite) + batch(SITE.authorsOfPage, SIZE.follower);
  return authors + (signedIn ? mine : 0);
}

/** The rows of a page, whole. */
const articlesById = batch(SITE.rows, SIZE.article);
const feedPage = eventual(SITE.rows * SIZE.feedRow) + articlesById;

/** Of the favorite and of its index, and of the article whose number it counts. */
const favoriteWrites =
  transacted(SIZE.favorite) +
  write(SIZE.favorite) +
  transacted(SIZE.article) +
  INDEXES_OF_ARTICLE * write(SIZE.article);

/** What differs of who asks, and of what is charged. */
export interface OriginalOptions {
  /** @default true */
  readonly signedIn?: boolean;
  /**
   * Whether global and tag lists are charged as a feed is. They come out of OpenSearch, whose domain is paid by the hour.
   *
   * @default false
   */
  readonly chargesSearch?: boolean;
}

/** What each request costs the original, what its stream handler does for a new article included. */
export function originalUnits({ signedIn = true, chargesSearch = false }: OriginalOptions = {}): UnitsByRequest {
  const whenSignedIn = (units: number) => (signedIn ? units : 0);
  const reads = (rcu: number): Units => ({ rcu, wcu: 0 });
  const searched = reads(context(signedIn) + (chargesSearch ? feedPage : 0));
  const favorite = { rcu: bySlug + consistent(SIZE.user), wcu: favoriteWrites };
  const units: Readonly<Record<RequestName, Units>> = {
    'global list': searched,
    'list by tag': searched,
    // The author is known by name then, and is one for all rows.
    'list by author': reads(
      byUsername + eventual(SITE.rows * SIZE.article) + whenSignedIn(batch(SITE.rows, SIZE.favorite) + followed),
    ),
    article: reads(bySlug + consistent(SIZE.user) + whenSignedIn(favorited + followed)),
    feed: reads(feedPage + context(true)),
    comments: reads(
      bySlug +
        eventual(SITE.comments * SIZE.comment) +
        batch(SITE.comments, SIZE.user) +
        whenSignedIn(batch(SITE.comments, SIZE.follower)),
    ),
    profile: reads(byUsername + whenSignedIn(followed)),
    'current user': reads(consistent(SIZE.user)),
    favorite,
    unfavorite: favorite,
    'add comment': { rcu: bySlug, wcu: 2 * write(SIZE.comment) },
    follow: { rcu: byUsername, wcu: 2 * write(SIZE.follower) },
    // The stream's handler pages through the followers, and writes each a row.
    post: {
      rcu: eventual(SIZE.user) + eventual(SITE.followers * SIZE.follower),
      wcu:
        transacted(SIZE.article) +
        INDEXES_OF_ARTICLE * write(SIZE.article) +
        guard +
        SITE.followers * write(SIZE.feedRow),
    },
    // A new title takes the article out of the index of slugs and puts it there again; one guard goes, one comes.
    update: {
      rcu: bySlug,
      wcu: transacted(SIZE.article) + (INDEXES_OF_ARTICLE + 1) * write(SIZE.article) + 2 * guard + 1,
    },
    // Its slug, comments, favorites and rows of feeds stay.
    delete: { rcu: bySlug, wcu: (1 + INDEXES_OF_ARTICLE) * write(SIZE.article) },
  };
  return units;
}
