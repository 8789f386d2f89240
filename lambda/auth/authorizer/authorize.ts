import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { batchGet } from '../../core/dynamodb';
import { PROFILE } from '../../social-table/entities';
import { profileKey } from '../../social-table/keys';
import { PublicKeys } from '../public-keys';
import { isCurrent } from '../session';
import { bearerToken, claimed, InvalidToken } from '../tokens';

/** Where tokens are verified against. */
export interface AuthorizerTables {
  readonly db: DynamoDBDocumentClient;
  /** Profiles, with the generation that a token must have. */
  readonly social: string;
  /** The public keys. */
  readonly accounts: string;
}

/** Who asks, as the function behind the route is told. */
export type AuthorizerContext = Readonly<Record<string, string>>;

/** Verifies tokens, with the public keys kept for the life of the sandbox. */
export class TokenVerifier {
  private readonly keys: PublicKeys;

  public constructor(private readonly tables: AuthorizerTables) {
    this.keys = new PublicKeys(tables.db, tables.accounts);
  }

  /** @returns undefined for a header without a token that is good now */
  public async contextOf(header: string | undefined): Promise<AuthorizerContext | undefined> {
    try {
      const token = bearerToken(header);
      return token === undefined ? undefined : await this.verified(token);
    } catch (error) {
      if (error instanceof InvalidToken) {
        return undefined;
      }
      throw error;
    }
  }

  /** The profile and, where the cache is empty, the public keys come with one read. */
  private async verified(token: string): Promise<AuthorizerContext | undefined> {
    const claims = claimed(token);
    const { userId, kid } = claims;
    const profile = { table: this.tables.social, key: profileKey(userId) };
    const readKeys = this.keys.mustRead(kid);
    if (!readKeys) {
      this.keys.verify(token);
    }
    const [item, published] = await batchGet(this.tables.db, readKeys ? [profile, this.keys.ref] : [profile]);
    if (readKeys) {
      this.keys.keep(published);
      this.keys.verify(token);
    }
    const found = item && PROFILE.read(item);
    return found && isCurrent(found, claims) ? { userId, username: found.username } : undefined;
  }
}
