import { DeleteCommand, GetCommand, QueryCommand, type QueryCommandOutput, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Tables, TokenTable } from './tables';
import { ACCESS_TOKEN, ACCESS_TOKEN_COUNT } from '../../auth/account-entities';
import { accessTokenCountKey, accessTokenKey, accessTokensPk, TOKEN_SK_PREFIX } from '../../auth/account-keys';
import {
  batchWrite,
  type Condition,
  deleteOf,
  isConditionFailure,
  type Item,
  type Key,
  NOT_THERE,
  queryUpTo,
  transactWrite,
  TransactionRefused,
  updateOf,
  watchAttempts,
  writesOn,
} from '../../core/dynamodb';
import { idOf } from '../../social-table/keys';
import { deletedUserKey } from '../../social-table/post-keys';
import type { Page, Principal, TokenScope } from '../domain/model';
import type { KeptAccessToken, NewTokenOutcome, TokenCensus, TokenMaker, TokenStore } from '../domain/tokens';

/** Tokens that are over and go with a new one: more come with the next. */
const OVER = 20;

/** More items than a user has: with each new token go some that are over. */
const ALL = 1000;

/** Tokens removed with one pass: four batches. */
const PAGE = 100;

const isOver = ({ expiresAtTime }: Item, now: string) => String(expiresAtTime) <= now;
const seconds = (time: string) => Math.ceil(Date.parse(time) / 1000);

function toToken(item: Item): KeptAccessToken {
  const { name, scopes, createdAt, issuedAt, expiresAtTime, lastUsedAt, secretHash } = ACCESS_TOKEN.read(item);
  return {
    tokenId: idOf(String(item.SK)),
    name,
    scopes: scopes as TokenScope[],
    createdAt,
    issuedAt,
    expiresAt: expiresAtTime,
    lastUsedAt,
    secretHash,
  };
}

/** A user's access tokens. Every read is consistent, so that what was revoked is gone for whoever reads next. */
export class AccessTokenRepository implements TokenStore {
  public constructor(private readonly table: TokenTable) {}

  public async page(userId: string, now: string, limit: number, after = '~'): Promise<Page<KeptAccessToken>> {
    const { items } = await queryUpTo(
      this.table.db,
      {
        TableName: this.table.accounts,
        // What is no token lies after all of them.
        KeyConditionExpression: 'PK = :pk AND SK < :after',
        FilterExpression: 'expiresAtTime > :now',
        ExpressionAttributeValues: {
          ':pk': accessTokensPk(userId),
          ':after': `${TOKEN_SK_PREFIX}${after}`,
          ':now': now,
        },
        ScanIndexForward: false,
      },
      // One more than fits tells whether there are others.
      limit + 1,
    );
    const shown = items.slice(0, limit).map(toToken);
    return { items: shown, next: items.length > limit ? shown[limit - 1].tokenId : undefined };
  }

  public async find(userId: string, tokenId: string, now: string): Promise<KeptAccessToken | undefined> {
    const { Item: item } = await this.table.db.send(
      new GetCommand({
        TableName: this.table.accounts,
        Key: accessTokenKey(userId, tokenId),
        ConsistentRead: true,
      }),
    );
    return item && !isOver(item, now) ? toToken(item) : undefined;
  }

  public async replace(
    userId: string,
    before: KeptAccessToken,
    after: KeptAccessToken,
  ): Promise<'done' | 'gone' | 'changed'> {
    const { secretHash, issuedAt, expiresAt: expiresAtTime } = after;
    const update = updateOf(
      this.table.accounts,
      accessTokenKey(userId, before.tokenId),
      { set: { secretHash, issuedAt, expiresAtTime, expiresAt: seconds(expiresAtTime) }, remove: ['lastUsedAt'] },
      { expression: 'secretHash = :before', values: { ':before': before.secretHash } },
    );
    try {
      await this.table.db.send(new UpdateCommand(update));
      return 'done';
    } catch (error) {
      if (!isConditionFailure(error)) {
        throw error;
      }
      const { secretHash: found } = error.Item ?? {};
      // A lost answer: it is the new secret that is there.
      return found === undefined ? 'gone' : found.S === secretHash ? 'done' : 'changed';
    }
  }

  public async delete(userId: string, tokenId: string, now: string): Promise<'done' | 'gone'> {
    const good: Condition = { expression: 'expiresAtTime > :now', values: { ':now': now } };
    const remove = new DeleteCommand(deleteOf(this.table.accounts, accessTokenKey(userId, tokenId), good));
    const attempts = watchAttempts(remove);
    try {
      await this.table.db.send(remove);
      return 'done';
    } catch (error) {
      if (!isConditionFailure(error)) {
        throw error;
      }
      return error.Item === undefined && attempts.mayHaveWritten ? 'done' : 'gone';
    }
  }

  /** Removes some of what a user has here; whether there may be more. */
  public async removePage(userId: string): Promise<boolean> {
    const { Items = [], LastEvaluatedKey }: QueryCommandOutput = await this.table.db.send(
      new QueryCommand({
        TableName: this.table.accounts,
        KeyConditionExpression: 'PK = :pk',
        ExpressionAttributeValues: { ':pk': accessTokensPk(userId) },
        ProjectionExpression: 'PK, SK',
        ConsistentRead: true,
        Limit: PAGE,
      }),
    );
    const writes = Items.map(({ PK, SK }) => ({ DeleteRequest: { Key: { PK, SK } as Key } }));
    await batchWrite(this.table.db, this.table.accounts, writes);
    return LastEvaluatedKey !== undefined;
  }
}

/** Makes access tokens: no more than a user may have, however many at once, and none for a user who is gone. */
export class AccessTokenMaker implements TokenMaker {
  public constructor(private readonly tables: Tables & TokenTable) {}

  public async census(userId: string, now: string): Promise<TokenCensus> {
    const { items } = await queryUpTo(
      this.tables.db,
      {
        TableName: this.tables.accounts,
        KeyConditionExpression: 'PK = :pk',
        ExpressionAttributeValues: { ':pk': accessTokensPk(userId) },
        ProjectionExpression: 'SK, expiresAtTime, lastTokenId',
      },
      ALL,
    );
    const tokens = items.filter(({ SK }) => String(SK).startsWith(TOKEN_SK_PREFIX));
    const over = tokens.filter((token) => isOver(token, now));
    const counted = items.find(({ SK }) => SK === accessTokenCountKey(userId).SK);
    return {
      good: tokens.length - over.length,
      over: over.slice(0, OVER).map(({ SK }) => idOf(String(SK))),
      last: counted && ACCESS_TOKEN_COUNT.read(counted).lastTokenId,
    };
  }

  public async create(owner: Principal, token: KeptAccessToken, census: TokenCensus): Promise<NewTokenOutcome> {
    const { userId, username } = owner;
    const { tokenId, expiresAt: expiresAtTime, ...kept } = token;
    const { put, remove } = writesOn(this.tables.accounts);
    const item = { ...kept, username, expiresAtTime, expiresAt: seconds(expiresAtTime) };
    const isLast: Condition =
      census.last === undefined ? NOT_THERE : { expression: 'lastTokenId = :last', values: { ':last': census.last } };
    try {
      await transactWrite(this.tables.db, {
        owner: writesOn(this.tables.social).check(deletedUserKey(userId), NOT_THERE),
        token: put(ACCESS_TOKEN.item([userId, tokenId], item), NOT_THERE),
        count: put(ACCESS_TOKEN_COUNT.item([userId], { lastTokenId: tokenId }), isLast),
        ...Object.fromEntries(census.over.map((over) => [`over ${over}`, remove(accessTokenKey(userId, over))])),
      });
      return 'done';
    } catch (error) {
      if (!(error instanceof TransactionRefused)) {
        throw error;
      }
      return error.failed('owner') ? 'owner-gone' : 'changed';
    }
  }
}
