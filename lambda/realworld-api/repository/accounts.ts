import { DeleteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { changedRow, tellBeside, tellChanged } from './changed';
import { toProfile } from './items';
import type { Tables } from './tables';
import { ACCOUNT, EMAIL, PASSWORD, SIGN_IN } from '../../auth/account-entities';
import { accountKey, emailKey, passwordKey, signInKey } from '../../auth/account-keys';
import { sessionCondition } from '../../auth/session';
import type { Claims } from '../../auth/tokens';
import {
  batchGet,
  type Changes,
  isConditionFailure,
  isContention,
  NOT_THERE,
  transactWrite,
  TransactionRefused,
  updateOf,
  writesOn,
} from '../../core/dynamodb';
import { fold } from '../../core/folding';
import { retry } from '../../core/retry';
import { PROFILE, USERNAME } from '../../social-table/entities';
import { profileKey, usernameKey } from '../../social-table/keys';
import type { Profile } from '../domain/model';
import type {
  AccountChange,
  Credentials,
  NewAccount,
  SignInCount,
  SignInLimits,
  SignInOrigin,
  SignInState,
} from '../domain/users';
import { taken } from '../errors';

/** Nobody's id: reading it costs the same as reading somebody's. */
const NOBODY = '00000000-0000-7000-8000-000000000000';
/** Tries to count a sign-in where new counts begin beside it. */
const COUNT_ATTEMPTS = 3;

/** Somebody else has done it already. */
function unlessConditionFailure(error: unknown): void {
  if (!isConditionFailure(error)) {
    throw error;
  }
}

type ProfileChanges = Required<Omit<Changes, 'setOnce'>>;

/** Changes of a profile: null clears. */
function profileChanges(change: {
  bio?: string | null;
  image?: string | null;
  username?: string;
  now: string;
}): ProfileChanges {
  const { bio, image, username, now } = change;
  const cleared = Object.entries({ bio, image }).filter(([, value]) => value === null);
  return {
    set: { updatedAt: now, username, bio: bio ?? undefined, image: image ?? undefined },
    remove: cleared.map(([name]) => name),
    add: { version: 1 },
  };
}

/** Ends every session but the one of the token that is kept. */
function endingSessions(changes: ProfileChanges, keptTokenId: string | undefined): ProfileChanges {
  const { set, remove, add } = changes;
  return {
    set: { ...set, keptTokenId },
    remove: keptTokenId === undefined ? [...remove, 'keptTokenId'] : remove,
    add: { ...add, tokenVersion: 1 },
  };
}

/** Accounts: credentials in the accounts table, the public profile and the user name in the social table. */
export class AccountRepository {
  public constructor(private readonly tables: Tables) {}

  /** Makes a user in one transaction. @throws HttpError 409 naming each of e-mail and user name that is taken */
  public async create(account: NewAccount): Promise<void> {
    const { db, social, accounts } = this.tables;
    const { userId, username, email, passwordHash, now } = account;
    const profile = { userId, username, tokenVersion: 1, version: 1, createdAt: now, updatedAt: now };
    const onSocial = writesOn(social);
    const onAccounts = writesOn(accounts);
    try {
      await transactWrite(db, {
        username: onSocial.put(USERNAME.item([username], { userId }), NOT_THERE),
        email: onAccounts.put(EMAIL.item([email], { userId }), NOT_THERE),
        profile: onSocial.put(PROFILE.item([userId], profile), NOT_THERE),
        account: onAccounts.put(ACCOUNT.item([userId], { userId, email }), NOT_THERE),
        password: onAccounts.put(PASSWORD.item([userId], { passwordHash }), NOT_THERE),
      });
    } catch (error) {
      const clashes =
        error instanceof TransactionRefused
          ? (['username', 'email'] as const).filter((name) => error.failed(name))
          : [];
      throw clashes.length > 0 ? taken(clashes) : error;
    }
  }

  public async signInState(email: string): Promise<SignInState> {
    const { db, accounts } = this.tables;
    const [guard, counted] = await batchGet(db, [
      { table: accounts, key: emailKey(email) },
      { table: accounts, key: signInKey(email) },
    ]);
    return {
      userId: guard && EMAIL.read(guard).userId,
      until: counted ? SIGN_IN.read(counted).expiresAt : 0,
    };
  }

  /** As many reads for nobody as for somebody. */
  public async credentials(userId: string | undefined): Promise<Credentials> {
    const { db, social, accounts } = this.tables;
    const [account, password, profile] = await batchGet(db, [
      { table: accounts, key: accountKey(userId ?? NOBODY) },
      { table: accounts, key: passwordKey(userId ?? NOBODY) },
      { table: social, key: profileKey(userId ?? NOBODY) },
    ]);
    return {
      email: account && ACCOUNT.read(account).email,
      passwordHash: password && PASSWORD.read(password).passwordHash,
      profile: profile && toProfile(profile),
    };
  }

  /**
   * Counts a sign-in that is about to be tried.
   *
   * @param until when a count that begins now is forgotten, in epoch seconds
   */
  public async countSignIn(
    { email, source }: SignInOrigin,
    { failures, tries }: SignInLimits,
    now: number,
    until: number,
  ): Promise<SignInCount> {
    const { db, accounts } = this.tables;
    const [triesOf, failuresOf] = [`tries_${source}`, `failures_${source}`];
    const update = new UpdateCommand({
      TableName: accounts,
      Key: signInKey(email),
      UpdateExpression: 'SET expiresAt = if_not_exists(expiresAt, :until) ADD tries :one, #tries :one',
      ConditionExpression:
        'attribute_not_exists(PK) OR (expiresAt > :now' +
        ' AND (attribute_not_exists(tries) OR tries < :tries)' +
        ' AND (attribute_not_exists(#tries) OR #tries < :triesOf)' +
        ' AND (attribute_not_exists(failures) OR failures < :failures)' +
        ' AND (attribute_not_exists(#failures) OR #failures < :failuresOf))',
      ExpressionAttributeNames: { '#tries': triesOf, '#failures': failuresOf },
      ExpressionAttributeValues: {
        ...{ ':until': until, ':one': 1, ':now': now, ':tries': tries.account, ':triesOf': tries.source },
        ...{ ':failures': failures.account, ':failuresOf': failures.source },
      },
      ReturnValues: 'UPDATED_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    for (let attempt = 0; attempt < COUNT_ATTEMPTS; attempt++) {
      try {
        const { Attributes } = await db.send(update);
        return { kind: 'counted', tries: Number(Attributes?.[triesOf]) };
      } catch (error) {
        if (!isConditionFailure(error)) {
          throw error;
        }
        const stored = (name: string) => Number(error.Item?.[name]?.N ?? 0);
        if (stored('expiresAt') > now) {
          const failed = stored('failures') >= failures.account || stored(failuresOf) >= failures.source;
          return { kind: failed ? 'locked' : 'crowded' };
        }
      }
      await this.removeExpiredCount(email, now);
    }
    return { kind: 'crowded' };
  }

  /**
   * Counts a sign-in that was tried and has failed.
   *
   * @returns false where more have failed than may
   */
  public async countFailure({ email, source }: SignInOrigin, limits: SignInLimits, until: number): Promise<boolean> {
    const name = `failures_${source}`;
    const { Attributes: failed } = await this.tables.db.send(
      new UpdateCommand({
        TableName: this.tables.accounts,
        Key: signInKey(email),
        UpdateExpression: 'SET expiresAt = if_not_exists(expiresAt, :until) ADD failures :one, #failures :one',
        ExpressionAttributeNames: { '#failures': name },
        ExpressionAttributeValues: { ':until': until, ':one': 1 },
        ReturnValues: 'UPDATED_NEW',
      }),
    );
    return Number(failed?.failures) <= limits.failures.account && Number(failed?.[name]) <= limits.failures.source;
  }

  /** Forgets what one source has counted. */
  public async clearSignIns({ email, source }: SignInOrigin): Promise<void> {
    const forget = this.tables.db.send(
      new UpdateCommand({
        TableName: this.tables.accounts,
        Key: signInKey(email),
        UpdateExpression:
          'SET tries = tries - #tries, failures = if_not_exists(failures, :none) - if_not_exists(#failures, :none)' +
          ' REMOVE #tries, #failures',
        ConditionExpression: 'attribute_exists(tries) AND attribute_exists(#tries)',
        ExpressionAttributeNames: { '#tries': `tries_${source}`, '#failures': `failures_${source}` },
        ExpressionAttributeValues: { ':none': 0 },
      }),
    );
    await forget.catch(unlessConditionFailure);
  }

  /** Where a count is over but not removed yet, a new one begins. */
  private async removeExpiredCount(email: string, now: number): Promise<void> {
    const remove = this.tables.db.send(
      new DeleteCommand({
        TableName: this.tables.accounts,
        Key: signInKey(email),
        ConditionExpression: 'expiresAt <= :now',
        ExpressionAttributeValues: { ':now': now },
      }),
    );
    await remove.catch(unlessConditionFailure);
  }

  /**
   * Changes what only the profile holds, in one write that also checks that the token has not ended.
   *
   * @returns the new profile, or undefined where the token has ended
   */
  public async updateProfile(
    claims: Claims,
    change: { bio?: string | null; image?: string | null; now: string },
  ): Promise<Profile | undefined> {
    const { social } = this.tables;
    try {
      const update = new UpdateCommand({
        ...updateOf(social, profileKey(claims.userId), profileChanges(change), sessionCondition(claims)),
        ReturnValues: 'ALL_NEW',
      });
      const [answer] = await Promise.all([
        retry(() => this.tables.db.send(update), isContention),
        tellBeside(this.tables, claims.userId, change.now),
      ]);
      return answer.Attributes && toProfile(answer.Attributes);
    } catch (error) {
      if (isConditionFailure(error)) {
        return undefined;
      }
      throw error;
    }
  }

  public tell(id: string, at: string): Promise<void> {
    return tellChanged(this.tables, id, at);
  }

  public async email(userId: string): Promise<string | undefined> {
    const [account] = await batchGet(this.tables.db, [{ table: this.tables.accounts, key: accountKey(userId) }]);
    return account && ACCOUNT.read(account).email;
  }

  /**
   * Changes e-mail, user name or password with their guards, and the profile, in one transaction.
   *
   * @returns false where the user has changed since `before` was read, and nothing was written
   * @throws HttpError 409 naming each of e-mail and user name that is taken
   */
  public async change(userId: string, change: AccountChange): Promise<boolean> {
    const { db, social, accounts } = this.tables;
    const { before, username, email, passwordHash } = change;
    const onSocial = writesOn(social);
    const onAccounts = writesOn(accounts);
    const changes = profileChanges(change);
    const newUsername = username !== undefined && fold(username) !== fold(before.username) ? username : undefined;
    const newEmail = email !== undefined && email !== before.email ? email : undefined;
    const isSeen = [username, change.bio, change.image].some((value) => value !== undefined);
    const newAddress = newEmail !== undefined && fold(newEmail) !== fold(before.email) ? newEmail : undefined;
    try {
      await transactWrite(db, {
        // Always, also where only the e-mail changes: this write checks that the token has not ended.
        profile: onSocial.update(
          profileKey(userId),
          passwordHash === undefined ? changes : endingSessions(changes, change.keptTokenId),
          {
            expression: 'tokenVersion = :generation AND username = :before',
            values: { ':generation': before.tokenVersion, ':before': before.username },
          },
        ),
        changed: isSeen ? onSocial.put(changedRow(this.tables, userId, change.now)) : undefined,
        oldUsername: newUsername === undefined ? undefined : onSocial.remove(usernameKey(before.username)),
        username:
          newUsername === undefined ? undefined : onSocial.put(USERNAME.item([newUsername], { userId }), NOT_THERE),
        oldEmail: newAddress === undefined ? undefined : onAccounts.remove(emailKey(before.email)),
        email: newAddress === undefined ? undefined : onAccounts.put(EMAIL.item([newAddress], { userId }), NOT_THERE),
        account:
          newEmail === undefined
            ? undefined
            : onAccounts.update(
                accountKey(userId),
                { set: { email: newEmail } },
                { expression: 'email = :before', values: { ':before': before.email } },
              ),
        password: passwordHash === undefined ? undefined : onAccounts.put(PASSWORD.item([userId], { passwordHash })),
      });
      return true;
    } catch (error) {
      if (!(error instanceof TransactionRefused)) {
        throw error;
      }
      // Where the user has changed as well, the name may be taken by this very user: read again first.
      if (error.failed('profile') || error.failed('account')) {
        return false;
      }
      throw taken(error.failures);
    }
  }
}
