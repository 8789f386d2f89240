import { toProfile, toSlug } from './items';
import type { Tables } from './tables';
import { accountKey } from '../../auth/account-keys';
import { PublicKeys } from '../../auth/public-keys';
import { isCurrent } from '../../auth/session';
import { claimed, type Claims, InvalidToken } from '../../auth/tokens';
import { batchGet, type ItemRef } from '../../core/dynamodb';
import { fitsKey } from '../../core/folding';
import { PROFILE } from '../../social-table/entities';
import { followKey, profileKey, slugKey, tagCountKey, tagCountPks, usernameKey } from '../../social-table/keys';
import type { Lookups, ReadsAhead, RequestContext, Sessions } from '../domain/session';
import { unauthorized } from '../errors';

/** Turns the error of a token that is not good into the 401 of the API. */
async function withApiErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof InvalidToken ? unauthorized('is invalid') : error;
  }
}

/**
 * The first read of every request: one call that brings the viewer and what the request is about. Tokens are
 * verified with cached public keys; where the cache is empty, they come with the same call.
 */
export class SessionRepository implements Sessions, ReadsAhead {
  private readonly keys: PublicKeys;

  public constructor(private readonly tables: Tables) {
    this.keys = new PublicKeys(tables.db, tables.accounts);
  }

  public verify(token: string): Promise<Claims> {
    return withApiErrors(async () => {
      const { kid } = claimed(token);
      if (this.keys.mustRead(kid)) {
        await this.keys.read();
      }
      return this.keys.verify(token);
    });
  }

  public claimedBy(token: string): Promise<string> {
    return withApiErrors(async () => {
      const { userId, kid } = claimed(token);
      if (!this.keys.mustRead(kid)) {
        this.keys.verify(token);
      }
      return userId;
    });
  }

  public load(token: string | undefined, lookups: Lookups = {}): Promise<RequestContext> {
    return withApiErrors(() => this.read(token, lookups));
  }

  private async read(token: string | undefined, lookups: Lookups): Promise<RequestContext> {
    const claim = token === undefined ? undefined : claimed(token);
    const readKeys = claim !== undefined && this.keys.mustRead(claim.kid);
    if (token !== undefined && !readKeys) {
      this.keys.verify(token);
    }
    const { social, accounts } = this.tables;
    const { slug, email, usernames = [], tag, followsSelf } = lookups;
    const refs = {
      keys: readKeys ? this.keys.ref : undefined,
      viewer: claim && { table: social, key: profileKey(claim.userId) },
      account: claim && email ? { table: accounts, key: accountKey(claim.userId) } : undefined,
      followsSelf: claim && followsSelf ? { table: social, key: followKey(claim.userId, claim.userId) } : undefined,
      slug: slug !== undefined && fitsKey(slug) ? { table: social, key: slugKey(slug) } : undefined,
    };
    const names = usernames.map((name) => (fitsKey(name) ? { table: social, key: usernameKey(name) } : undefined));
    const counts =
      tag === undefined
        ? []
        : tagCountPks(this.tables.shards).map((_, shard) => ({ table: social, key: tagCountKey(tag, shard) }));
    const wanted = [...Object.values(refs), ...names, ...counts].filter((ref): ref is ItemRef => ref !== undefined);
    const items = await batchGet(this.tables.db, wanted);
    const found = (ref: ItemRef | undefined) => ref && items[wanted.indexOf(ref)];
    if (token !== undefined && readKeys) {
      this.keys.keep(found(refs.keys));
      this.keys.verify(token);
    }
    const viewerItem = found(refs.viewer);
    if (claim && !(viewerItem && isCurrent(PROFILE.read(viewerItem), claim))) {
      throw new InvalidToken();
    }
    const slugItem = found(refs.slug);
    return {
      viewer: viewerItem && toProfile(viewerItem),
      tokenId: claim?.tokenId,
      slug: slugItem && toSlug(slug ?? '', slugItem),
      userIds: names.map((ref) => found(ref)?.userId as string | undefined),
      tagged:
        tag === undefined ? undefined : counts.reduce((sum, ref) => sum + Number(found(ref)?.articlesCount ?? 0), 0),
      email: found(refs.account)?.email as string | undefined,
      followsSelf: refs.followsSelf && found(refs.followsSelf) !== undefined,
    };
  }
}
