import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { JWKS_KEY } from './account-keys';
import { type Claims, type KeySet, verify } from './tokens';
import { batchGet, type Item, type ItemRef } from '../core/dynamodb';

/** How long public keys are trusted before they are read again, in ms. */
const KEYS_LIFE = 5 * 60_000;
/** How soon they may be read again for a key id that is not among them, in ms. */
const KEYS_RETRY = 5_000;

/**
 * The public keys that tokens are verified with, kept for the life of the sandbox. Where they must be read, their item
 * can come with another read: `ref` names it, `keep` takes it.
 */
export class PublicKeys {
  private keys: KeySet = { keys: [] };
  private readAt = 0;

  /** @param accountsTable where the keys are published */
  public constructor(
    private readonly db: DynamoDBDocumentClient,
    private readonly accountsTable: string,
  ) {}

  public get ref(): ItemRef {
    return { table: this.accountsTable, key: JWKS_KEY };
  }

  /** Must the keys be read before a token of this key id can be verified? */
  public mustRead(kid: string): boolean {
    const age = Date.now() - this.readAt;
    return age > KEYS_LIFE || (age > KEYS_RETRY && !this.keys.keys.some((key) => key.kid === kid));
  }

  public keep(item: Item | undefined): void {
    const keys = (item?.keys as KeySet['keys'] | undefined) ?? [];
    this.keys = { keys: [...new Map(keys.map((key) => [key.kid, key])).values()] };
    this.readAt = Date.now();
  }

  public async read(): Promise<void> {
    const [item] = await batchGet(this.db, [this.ref]);
    this.keep(item);
  }

  /** Verifies a token with the keys that are there. @throws InvalidToken */
  public verify(token: string): Claims {
    return verify(token, this.keys);
  }
}
