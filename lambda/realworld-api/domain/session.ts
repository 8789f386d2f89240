import type { Profile, SlugRecord } from './model';
import type { Claims } from '../../auth/tokens';

/** What a request wants to know along with who is asking, so that both come with one read. */
export interface Lookups {
  readonly slug?: string;
  readonly usernames?: readonly string[];
  /** How many articles carry this tag. */
  readonly tag?: string;
  /** The viewer's e-mail. */
  readonly email?: boolean;
  /** Whether the viewer follows themselves: people may, and answers with their own profile say so. */
  readonly followsSelf?: boolean;
}

/** Who is asking, and what was looked up. */
export interface RequestContext {
  readonly viewer?: Profile;
  /** The id of the token that the viewer sent; those of before there were ids have none. */
  readonly tokenId?: string;
  readonly slug?: SlugRecord;
  /** Ids by the names asked for, in their order; undefined for a name that nobody has. */
  readonly userIds: readonly (string | undefined)[];
  /** Articles that carry the tag that was asked for. */
  readonly tagged?: number;
  readonly email?: string;
  readonly followsSelf?: boolean;
}

/** For those who read ahead of what tells whether a token is good. */
export interface ReadsAhead {
  /**
   * The id of the user whom a token names; verified where that takes no read. Where it does, `load` verifies it: whatever
   * is read by the id beside that is nobody's until then.
   *
   * @throws HttpError 401
   */
  claimedBy(token: string): Promise<string>;
}

/** What the rules need to know of who is asking. */
export interface Sessions {
  /**
   * Verifies a token by its signature alone. Whether its session has not been ended since is for the caller to find
   * out, by `load` or by a condition of its write.
   *
   * @throws HttpError 401
   */
  verify(token: string): Promise<Claims>;
  /** @throws HttpError 401 where there is a token and it is not good; 401 goes before every other error */
  load(token: string | undefined, lookups?: Lookups): Promise<RequestContext>;
}
