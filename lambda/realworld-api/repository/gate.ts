import type { JSONWebKeySet } from 'jose';
import { batchGet, type ItemRef } from '../../core/dynamodb';
import { unauthorized } from '../../core/errors';
import { isKeyable, profileKey, slugKey, usernameKey } from '../../social-table/keys';
import type { Profile, SlugRecord } from '../domain/model';
import { claimed, type Claims, verify } from '../tokens';
import { accountKey, JWKS_KEY } from './account-keys';
import { toProfile, toSlug } from './items';
import type { Tables } from './tables';

/** What a request wants to know along with who is asking, so that both come with one read. */
export interface Needs {
  readonly slug?: string;
  readonly usernames?: readonly string[];
  /** The viewer's e-mail. */
  readonly email?: boolean;
}

/** What was found: who is asking, and what was wanted. */
export interface Opened {
  readonly viewer?: Profile;
  readonly slug?: SlugRecord;
  /** Ids by the names asked for, in their order; undefined for a name that nobody has. */
  readonly userIds: readonly (string | undefined)[];
  readonly email?: string;
}

/** How long public keys are trusted before they are read again, in ms. */
const KEYS_LIFE = 5 * 60_000;
/** How soon they may be read again for a key id that is not among them, in ms. */
const KEYS_RETRY = 5_000;

/**
 * The first read of every request: one call that brings the viewer and what the request is about. Tokens are
 * verified with cached public keys; where the cache is empty, they come with the same call.
 */
export class Gate {
  private keys: JSONWebKeySet | undefined;
  private readAt = 0;

  public constructor(private readonly tables: Tables) {}

  /**
   * Verifies a token against the public keys alone. Whether its generation is still the current one is for the
   * caller to find out, by `open` or by a condition of its write.
   *
   * @throws ApiError 401
   */
  public async claims(token: string): Promise<Claims> {
    const { kid } = claimed(token);
    if (this.mustReadKeys(kid)) {
      const [keys] = await batchGet(this.tables.db, [this.keysRef()]);
      this.keep(keys);
    }
    return verify(token, this.keys ?? { keys: [] });
  }

  /** @throws ApiError 401 where there is a token and it is not good; 401 goes before every other error */
  public async open(token: string | undefined, needs: Needs = {}): Promise<Opened> {
    const claim = token === undefined ? undefined : claimed(token);
    const readKeys = claim !== undefined && this.mustReadKeys(claim.kid);
    if (token !== undefined && !readKeys) {
      await verify(token, this.keys ?? { keys: [] });
    }
    const { db, social, accounts } = this.tables;
    const names = needs.usernames ?? [];
    const refs: (ItemRef | undefined)[] = [
      readKeys ? this.keysRef() : undefined,
      claim && { table: social, key: { ...profileKey(claim.userId) } },
      claim && needs.email ? { table: accounts, key: { ...accountKey(claim.userId) } } : undefined,
      needs.slug !== undefined && isKeyable(needs.slug)
        ? { table: social, key: { ...slugKey(needs.slug) } }
        : undefined,
      ...names.map((name) => (isKeyable(name) ? { table: social, key: { ...usernameKey(name) } } : undefined)),
    ];
    const wanted = refs.filter((ref): ref is ItemRef => ref !== undefined);
    const found = await batchGet(db, wanted);
    const [keys, viewerItem, account, slug, ...users] = refs.map((ref) => ref && found[wanted.indexOf(ref)]);
    if (readKeys) {
      this.keep(keys);
      await verify(token ?? '', this.keys ?? { keys: [] });
    }
    const viewer = viewerItem && toProfile(viewerItem);
    if (claim && viewer?.tokenVersion !== claim.generation) {
      throw unauthorized('is invalid');
    }
    return {
      viewer,
      slug: slug && toSlug(needs.slug ?? '', slug),
      userIds: users.map((user) => user?.userId as string | undefined),
      email: account?.email as string | undefined,
    };
  }

  private keysRef(): ItemRef {
    return { table: this.tables.accounts, key: { ...JWKS_KEY } };
  }

  private mustReadKeys(kid: string): boolean {
    const age = Date.now() - this.readAt;
    return age > KEYS_LIFE || (age > KEYS_RETRY && !this.keys?.keys.some((key) => key.kid === kid));
  }

  private keep(item: Record<string, unknown> | undefined): void {
    const keys = (item?.keys as JSONWebKeySet['keys'] | undefined) ?? [];
    this.keys = { keys: [...new Map(keys.map((key) => [key.kid, key])).values()] };
    this.readAt = Date.now();
  }
}
