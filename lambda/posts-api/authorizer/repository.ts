import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { CredentialStore, KeptToken } from './use-case';
import { ACCESS_TOKEN } from '../../auth/account-entities';
import { accessTokenKey } from '../../auth/account-keys';
import { batchGet, isConditionFailure, updateOf } from '../../core/dynamodb';
import { deletedUserKey } from '../../social-table/post-keys';

/** How long a request waits at most for what it can do without, in ms. */
const USED_MS = 500;

/** The only part of the authorizer that knows keys. */
export class CredentialRepository implements CredentialStore {
  /**
   * @param social where users who are gone are told
   * @param accounts where access tokens are
   */
  public constructor(
    private readonly db: DynamoDBDocumentClient,
    private readonly social: string,
    private readonly accounts: string,
  ) {}

  public async isDeleted(userId: string): Promise<boolean> {
    const [tombstone] = await batchGet(this.db, [this.tombstone(userId)]);
    return tombstone !== undefined;
  }

  public async accessToken(userId: string, tokenId: string): Promise<{ token?: KeptToken; isDeleted: boolean }> {
    const [tombstone, item] = await batchGet(this.db, [
      this.tombstone(userId),
      { table: this.accounts, key: accessTokenKey(userId, tokenId) },
    ]);
    return { token: item && ACCESS_TOKEN.read(item), isDeleted: tombstone !== undefined };
  }

  public async used(userId: string, tokenId: string, secretHash: string, now: string, since: string): Promise<void> {
    const { ReturnValuesOnConditionCheckFailure: _, ...update } = updateOf(
      this.accounts,
      accessTokenKey(userId, tokenId),
      { set: { lastUsedAt: now } },
      {
        expression: 'secretHash = :secretHash AND (attribute_not_exists(lastUsedAt) OR lastUsedAt <= :since)',
        values: { ':secretHash': secretHash, ':since': since },
      },
    );
    try {
      await this.db.send(new UpdateCommand(update), { abortSignal: AbortSignal.timeout(USED_MS) });
    } catch (error) {
      if (!isConditionFailure(error)) {
        throw error;
      }
    }
  }

  private tombstone(userId: string) {
    return { table: this.social, key: deletedUserKey(userId) };
  }
}
