import { DeleteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { accountKey, emailKey, passwordKey, signInKey } from './account-keys';
import { toProfile } from './items';
import type { Tables } from './tables';
import { batchGet, isConditionFailure, isContention, transactWrite, TransactionRefused } from '../../core/dynamodb';
import { taken } from '../../core/errors';
import { retry } from '../../core/retry';
import { fold, profileKey, usernameKey } from '../../social-table/keys';
import type { Profile } from '../domain/model';

/** A user to be made, with everything that is unique about them. */
export interface NewAccount {
  readonly userId: string;
  readonly username: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly now: string;
}

/** What an e-mail leads to before a password is looked at. */
export interface SignInState {
  /** Undefined for an e-mail that nobody has. */
  readonly userId?: string;
  readonly failures: number;
  /** When the failures are forgotten, in epoch seconds. */
  readonly until: number;
}

/** What a sign-in is checked against; every field is undefined for an unknown e-mail. */
export interface Credentials {
  readonly email?: string;
  readonly passwordHash?: string;
  readonly profile?: Profile;
}

/** A change of a user that touches what is unique, or the password. */
export interface AccountChange {
  readonly before: { readonly username: string; readonly email: string; readonly tokenVersion: number };
  readonly email?: string;
  readonly username?: string;
  readonly passwordHash?: string;
  readonly bio?: string | null;
  readonly image?: string | null;
  readonly now: string;
}

/** Nobody's id: reading it costs the same as reading somebody's. */
const NOBODY = '00000000-0000-7000-8000-000000000000';
const NOT_TAKEN = 'attribute_not_exists(PK)';
/** Tries to count a sign-in where new counts begin beside it. */
const COUNT_ATTEMPTS = 3;

type Write = Parameters<typeof transactWrite>[1][number];

/** Profile attributes to set and to remove: null clears. */
function profileUpdate(change: { bio?: string | null; image?: string | null; username?: string; now: string }) {
  const set = ['updatedAt = :now'];
  const remove: string[] = [];
  const values: Record<string, unknown> = { ':now': change.now, ':one': 1 };
  for (const name of ['bio', 'image', 'username'] as const) {
    const value = change[name];
    if (typeof value === 'string') {
      set.push(`${name} = :${name}`);
      values[`:${name}`] = value;
    } else if (value === null) {
      remove.push(name);
    }
  }
  return { set, remove, values };
}

/** Accounts: credentials in the accounts table, the public profile and the user name in the social table. */
export class AccountRepository {
  public constructor(private readonly tables: Tables) {}

  /** Makes a user in one transaction. @throws ApiError 409 naming each of e-mail and user name that is taken */
  public async create(account: NewAccount): Promise<void> {
    const { db, social, accounts } = this.tables;
    const { userId, username, email, passwordHash, now } = account;
    const profile = { entityType: 'Profile', userId, username, articlesCount: 0, tokenVersion: 1, version: 1 };
    const put = (TableName: string, Item: Record<string, unknown>) => ({
      Put: { TableName, Item, ConditionExpression: NOT_TAKEN },
    });
    try {
      await transactWrite(db, [
        put(social, { ...usernameKey(username), entityType: 'Username', userId }),
        put(accounts, { ...emailKey(email), userId }),
        put(social, { ...profileKey(userId), ...profile, createdAt: now, updatedAt: now }),
        put(accounts, { ...accountKey(userId), userId, email }),
        put(accounts, { ...passwordKey(userId), passwordHash }),
      ]);
    } catch (error) {
      if (error instanceof TransactionRefused && (error.failed(0) || error.failed(1))) {
        throw taken([...(error.failed(0) ? ['username'] : []), ...(error.failed(1) ? ['email'] : [])]);
      }
      throw error;
    }
  }

  public async signInState(email: string): Promise<SignInState> {
    const { db, accounts } = this.tables;
    const [guard, failures] = await batchGet(db, [
      { table: accounts, key: { ...emailKey(email) } },
      { table: accounts, key: { ...signInKey(email) } },
    ]);
    return {
      userId: guard?.userId as string | undefined,
      failures: (failures?.failures as number | undefined) ?? 0,
      until: (failures?.expiresAt as number | undefined) ?? 0,
    };
  }

  /** As many reads for nobody as for somebody. */
  public async credentials(userId: string | undefined): Promise<Credentials> {
    const { db, social, accounts } = this.tables;
    const [account, password, profile] = await batchGet(db, [
      { table: accounts, key: { ...accountKey(userId ?? NOBODY) } },
      { table: accounts, key: { ...passwordKey(userId ?? NOBODY) } },
      { table: social, key: { ...profileKey(userId ?? NOBODY) } },
    ]);
    return {
      email: account?.email as string | undefined,
      passwordHash: password?.passwordHash as string | undefined,
      profile: profile && toProfile(profile),
    };
  }

  /**
   * Counts a failed sign-in, or one that is about to be tried.
   *
   * @param until when a count that begins now is forgotten, in epoch seconds
   * @returns false where `limit` is reached already, and nothing was counted
   */
  public async countSignIn(email: string, limit: number, now: number, until: number): Promise<boolean> {
    const { db, accounts } = this.tables;
    const key = { ...signInKey(email) };
    for (let attempt = 0; attempt < COUNT_ATTEMPTS; attempt++) {
      try {
        await db.send(
          new UpdateCommand({
            TableName: accounts,
            Key: key,
            UpdateExpression: 'SET expiresAt = if_not_exists(expiresAt, :until) ADD failures :one',
            ConditionExpression: 'attribute_not_exists(PK) OR (expiresAt > :now AND failures < :limit)',
            ExpressionAttributeValues: { ':until': until, ':one': 1, ':now': now, ':limit': limit },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return true;
      } catch (error) {
        if (!isConditionFailure(error)) {
          throw error;
        }
        const counted = error.Item as { expiresAt?: { N?: string } } | undefined;
        if (Number(counted?.expiresAt?.N ?? 0) > now) {
          return false;
        }
      }
      try {
        // Begins a new count where the old one is over but not removed yet.
        await db.send(
          new UpdateCommand({
            TableName: accounts,
            Key: key,
            UpdateExpression: 'SET failures = :one, expiresAt = :until',
            ConditionExpression: 'expiresAt <= :now',
            ExpressionAttributeValues: { ':one': 1, ':until': until, ':now': now },
          }),
        );
        return true;
      } catch (error) {
        // Somebody else has begun it: count on theirs.
        if (!isConditionFailure(error)) {
          throw error;
        }
      }
    }
    return false;
  }

  public async forgetSignIns(email: string): Promise<void> {
    await this.tables.db.send(new DeleteCommand({ TableName: this.tables.accounts, Key: { ...signInKey(email) } }));
  }

  /**
   * Changes what only the profile holds, in one write that also checks the token's generation.
   *
   * @returns the new profile, or undefined where the generation is not the current one
   */
  public async updateProfile(
    userId: string,
    tokenVersion: number,
    change: { bio?: string | null; image?: string | null; now: string },
  ): Promise<Profile | undefined> {
    const { set, remove, values } = profileUpdate(change);
    try {
      const answer = await retry(
        () =>
          this.tables.db.send(
            new UpdateCommand({
              TableName: this.tables.social,
              Key: { ...profileKey(userId) },
              UpdateExpression: [
                `SET ${set.join(', ')}`,
                remove.length > 0 ? `REMOVE ${remove.join(', ')}` : '',
                'ADD version :one',
              ].join(' '),
              ConditionExpression: 'tokenVersion = :generation',
              ExpressionAttributeValues: { ...values, ':generation': tokenVersion },
              ReturnValues: 'ALL_NEW',
            }),
          ),
        isContention,
      );
      return answer.Attributes && toProfile(answer.Attributes);
    } catch (error) {
      if (isConditionFailure(error)) {
        return undefined;
      }
      throw error;
    }
  }

  public async email(userId: string): Promise<string | undefined> {
    const [account] = await batchGet(this.tables.db, [{ table: this.tables.accounts, key: { ...accountKey(userId) } }]);
    return account?.email as string | undefined;
  }

  /**
   * Changes e-mail, user name or password with their guards, and the profile, in one transaction.
   *
   * @returns false where the user has changed since `before` was read, and nothing was written
   * @throws ApiError 409 naming each of e-mail and user name that is taken
   */
  public async change(userId: string, change: AccountChange): Promise<boolean> {
    const { db, social, accounts } = this.tables;
    const { before } = change;
    const writes: Write[] = [];
    const clashes = new Map<number, string>();

    // Always, also where only the e-mail changes: this write checks that the token has not ended.
    const { set, remove, values } = profileUpdate(change);
    writes.push({
      Update: {
        TableName: social,
        Key: { ...profileKey(userId) },
        UpdateExpression: [
          `SET ${set.join(', ')}`,
          remove.length > 0 ? `REMOVE ${remove.join(', ')}` : '',
          `ADD version :one${change.passwordHash === undefined ? '' : ', tokenVersion :one'}`,
        ].join(' '),
        ConditionExpression: 'tokenVersion = :generation AND username = :before',
        ExpressionAttributeValues: { ...values, ':generation': before.tokenVersion, ':before': before.username },
      },
    });
    if (change.username !== undefined && fold(change.username) !== fold(before.username)) {
      writes.push({ Delete: { TableName: social, Key: { ...usernameKey(before.username) } } });
      clashes.set(writes.length, 'username');
      writes.push({
        Put: {
          TableName: social,
          Item: { ...usernameKey(change.username), entityType: 'Username', userId },
          ConditionExpression: NOT_TAKEN,
        },
      });
    }
    if (change.email !== undefined && change.email !== before.email) {
      if (fold(change.email) !== fold(before.email)) {
        writes.push({ Delete: { TableName: accounts, Key: { ...emailKey(before.email) } } });
        clashes.set(writes.length, 'email');
        writes.push({
          Put: { TableName: accounts, Item: { ...emailKey(change.email), userId }, ConditionExpression: NOT_TAKEN },
        });
      }
      writes.push({
        Update: {
          TableName: accounts,
          Key: { ...accountKey(userId) },
          UpdateExpression: 'SET email = :email',
          ConditionExpression: 'email = :before',
          ExpressionAttributeValues: { ':email': change.email, ':before': before.email },
        },
      });
    }
    if (change.passwordHash !== undefined) {
      writes.push({
        Put: { TableName: accounts, Item: { ...passwordKey(userId), passwordHash: change.passwordHash } },
      });
    }
    try {
      await transactWrite(db, writes);
      return true;
    } catch (error) {
      if (!(error instanceof TransactionRefused)) {
        throw error;
      }
      const refused = error;
      // Where the user has changed as well, the name may be taken by this very user: read again first.
      const changed = writes.some((_, index) => refused.failed(index) && !clashes.has(index));
      if (changed) {
        return false;
      }
      throw taken([...clashes].filter(([index]) => refused.failed(index)).map(([, field]) => field));
    }
  }
}
