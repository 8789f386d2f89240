import { LIMITS } from './limits';
import type { Principal } from './model';
import { createToken, deleteToken, listTokens, rotateToken } from './tokens';
import { LOST, retryingClient, WireError } from '../../../test/support/client';
import { startTestEngine, type TestEngine, type TestTables, operations, weakReads } from '../../../test/support/engine';
import { refusal, userIdOf } from '../../../test/support/samples';
import { claimedAccessToken, isSecretOf } from '../../auth/access-tokens';
import { ACCESS_TOKEN } from '../../auth/account-entities';
import { accessTokenKey, TOKEN_SK_PREFIX } from '../../auth/account-keys';
import { newId } from '../../core/ids';
import { DELETED_USER } from '../../social-table/post-entities';
import { CredentialRepository } from '../authorizer/repository';
import { authorize } from '../authorizer/use-case';
import { AccessTokenMaker, AccessTokenRepository } from '../repository/access-tokens';

const [ADA, BOB] = [1, 2].map((number): Principal => ({ userId: userIdOf(number), username: `user-${number}` }));
const DAY = 24 * 3600_000;
const START = Date.parse('2026-06-01T00:00:00.000Z');
const iso = (time: number) => new Date(time).toISOString();

let engine: TestEngine;
let tables: TestTables;
let time: number;

beforeAll(async () => (engine = await startTestEngine()));
afterAll(() => engine.close());
beforeEach(async () => {
  tables = await engine.tables();
  time = START;
});
afterEach(() => expect(weakReads(tables.calls)).toEqual([]));

const now = () => time;
const ports = () => ({ tokens: new AccessTokenRepository(tables), now });
const makerPorts = () => ({ maker: new AccessTokenMaker(tables), newId, now });
const make = (owner = ADA, other: { expires_at?: string } = {}) =>
  createToken(makerPorts(), owner, { name: 'ci', scopes: ['read:posts'], ...other });
const list = (owner = ADA, limit = 20, cursor?: string) => listTokens(ports(), owner, { limit, cursor });
const rotate = (tokenId: string, owner = ADA) => rotateToken(ports(), owner, tokenId);
const revoke = (tokenId: string, owner = ADA) => deleteToken(ports(), owner, tokenId);
const tokenItems = async () =>
  (await tables.items(tables.accounts)).filter(({ SK }) => String(SK).startsWith(TOKEN_SK_PREFIX));

/** Whether a text opens the door at this moment, to whom and with what. */
async function comesIn(text: string): Promise<Readonly<Record<string, string>> | undefined> {
  const store = new CredentialRepository(tables.db, tables.social, tables.accounts);
  const verify = () => Promise.reject(new Error('no JWT'));
  return authorize({ store, verify, now }, [`Bearer ${text}`]).catch(() => undefined);
}
const isGood = async (text: string) => (await comesIn(text)) !== undefined;

/** Many at once: an item each, as they were made at these times. */
async function given(count: number, owner = ADA, expires = (_: number) => START + DAY): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId());
  const items = ids.map((tokenId, index) =>
    ACCESS_TOKEN.item([owner.userId, tokenId], {
      secretHash: 'x',
      name: `token ${index}`,
      scopes: ['read:posts'],
      username: owner.username,
      createdAt: iso(START - DAY),
      issuedAt: iso(START - DAY),
      expiresAtTime: iso(expires(index)),
      expiresAt: expires(index) / 1000,
    }),
  );
  await tables.put(tables.accounts, items);
  return ids;
}
const gone = ({ userId, username }: Principal) =>
  tables.put(tables.social, [DELETED_USER.item([userId], { userId, username, expiresAt: 4e9 })]);

describe('a new token', () => {
  test('is shown with its text, which opens the door, and lives for 90 days', async () => {
    const { token, ...shown } = await make();
    expect(shown).toEqual({
      token_id: expect.any(String) as string,
      name: 'ci',
      scopes: ['read:posts'],
      created_at: '2026-06-01T00:00:00.000Z',
      expires_at: '2026-08-30T00:00:00.000Z',
      last_used_at: null,
    });
    expect(await comesIn(token)).toMatchObject({ userId: ADA.userId, username: 'user-1', tokenId: shown.token_id });
  });

  test('is kept without its secret, until TTL takes it', async () => {
    const { token, token_id: tokenId } = await make();
    const [item] = await tokenItems();
    const secret = claimedAccessToken(token)?.secret ?? '';
    expect(JSON.stringify(await tables.items(tables.accounts))).not.toContain(secret);
    expect(JSON.stringify(await tables.items(tables.social))).not.toContain(tokenId);
    expect(isSecretOf(secret, String(item.secretHash))).toBe(true);
    expect(item).toMatchObject({ entityType: 'AccessToken', expiresAt: (START + 90 * DAY) / 1000 });
  });

  test('costs a read of the others, and one transaction', async () => {
    await make();
    expect(operations(tables.calls)).toEqual(['Query', 'TransactWriteItems']);
    expect(tables.calls[1].input.TransactItems).toHaveLength(3);
  });

  test('lives as long as is said, from the next moment to 366 days', async () => {
    for (const expires of [START + 1, START + LIMITS.tokenDays * DAY]) {
      const { token, expires_at } = await make(ADA, { expires_at: iso(expires) });
      expect(expires_at).toBe(iso(expires));
      time = expires - 1;
      expect(await isGood(token)).toBe(true);
      time = expires;
      expect(await isGood(token)).toBe(false);
      time = START;
    }
    expect(await make(ADA, { expires_at: '2026-06-02T00:00:00Z' })).toMatchObject({
      expires_at: '2026-06-02T00:00:00.000Z',
    });
  });

  test.each([
    ['now', START, 'must be in the future'],
    ['in the past', START - 1, 'must be in the future'],
    ['too late', START + 366 * DAY + 1, 'must be within 366 days'],
  ])('that would end %s is refused', async (_, expires, message) => {
    const error: unknown = await make(ADA, { expires_at: iso(expires) }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ statusCode: 400, fields: new Map([['expires_at', [message]]]) });
    expect(tables.calls).toEqual([]);
  });

  test('is refused to a user who is gone', async () => {
    await gone(ADA);
    expect(await refusal(make())).toMatchObject({ status: 401 });
    expect(await tables.items(tables.accounts)).toEqual([]);
  });

  test('is refused beyond fifty, and made again once there are fewer', async () => {
    const [first] = await given(LIMITS.tokens);
    await given(3, BOB);
    expect(await refusal(make())).toMatchObject({ status: 409 });
    await make(BOB);
    await revoke(first);
    await make();
    expect(await refusal(make())).toMatchObject({ status: 409 });
  });

  test('is one of at most fifty, however many are made at once', async () => {
    await given(LIMITS.tokens - 2);
    const all = await Promise.allSettled(Array.from({ length: 6 }, () => make()));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    expect(await tokenItems()).toHaveLength(LIMITS.tokens);
  });

  test('takes away some of those that are over, which count for nothing', async () => {
    const ids = await given(LIMITS.tokens + 30, ADA, (index) => (index < 45 ? START : START + DAY));
    await make();
    const left = (await tokenItems()).map(({ SK }) => String(SK).slice(TOKEN_SK_PREFIX.length));
    expect(left).toHaveLength(LIMITS.tokens + 30 + 1 - 20);
    expect(left).toEqual(expect.arrayContaining(ids.slice(45)));
    expect(ids.slice(0, 20).some((id) => left.includes(id))).toBe(false);
  });
});

describe('the list', () => {
  test('has all that are good, newest first, without secrets, a page at a time', async () => {
    const ids = await given(7);
    await given(2, BOB);
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await list(ADA, 3, cursor);
      expect(JSON.stringify(page)).not.toMatch(/secret|hash/i);
      pages.push(page.tokens.map((token) => token.token_id));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(pages.map(({ length }) => length)).toEqual([3, 3, 1]);
    expect(pages.flat()).toEqual([...ids].reverse());
  });

  test('ends with a page that is full, and with one of its own size', async () => {
    await given(6);
    for (const limit of [6, 100]) {
      expect(await list(ADA, limit)).toMatchObject({ next_cursor: null });
    }
    const { next_cursor } = await list(ADA, 5);
    const last = await list(ADA, 5, next_cursor ?? '');
    expect([last.tokens.length, last.next_cursor]).toEqual([1, null]);
  });

  test('has none that is over, though pages are full', async () => {
    const ids = await given(12, ADA, (index) => (index % 3 === 0 ? START + DAY : START));
    const good = ids.filter((_, index) => index % 3 === 0).reverse();
    const first = await list(ADA, 3);
    const second = await list(ADA, 3, first.next_cursor ?? '');
    expect(first.tokens.map((token) => token.token_id)).toEqual(good.slice(0, 3));
    expect(second.tokens.map((token) => token.token_id)).toEqual(good.slice(3));
    expect(second.next_cursor).toBeNull();
  });

  test('tells when each was last used', async () => {
    const { token } = await make();
    expect((await list()).tokens[0].last_used_at).toBeNull();
    time += DAY;
    await comesIn(token);
    expect((await list()).tokens[0].last_used_at).toBe('2026-06-02T00:00:00.000Z');
  });

  test('is empty without any, and costs one read', async () => {
    expect(await list()).toEqual({ tokens: [], next_cursor: null });
    expect(operations(tables.calls)).toEqual(['Query']);
    await make();
    expect((await list()).tokens).toHaveLength(1);
  });

  test("takes no cursor of another's list, and none of another list", async () => {
    await given(3);
    const { next_cursor: cursor } = await list(ADA, 1);
    expect(cursor).not.toBeNull();
    for (const [owner, text] of [
      [BOB, cursor ?? ''],
      [ADA, 'x'],
      [ADA, ''],
    ] as const) {
      expect(await refusal(list(owner, 1, text))).toMatchObject({ status: 400 });
    }
  });
});

describe('revoking', () => {
  test('is good at once, and once', async () => {
    const { token, token_id: tokenId } = await make();
    expect(await isGood(token)).toBe(true);
    await revoke(tokenId);
    expect(await isGood(token)).toBe(false);
    expect(await refusal(revoke(tokenId))).toMatchObject({ status: 404 });
    expect((await list()).tokens).toEqual([]);
  });

  test("of another's token, of one that is over, and of none is told alike, and changes nothing", async () => {
    const { token, token_id: tokenId } = await make();
    const { token_id: over } = await make(ADA, { expires_at: iso(START + 1) });
    time += 1;
    for (const [id, owner] of [
      [tokenId, BOB],
      [over, ADA],
      [newId(), ADA],
      ['x', ADA],
      ['', ADA],
      ['TOTAL', ADA],
    ] as const) {
      expect(await refusal(revoke(id, owner))).toMatchObject({
        status: 404,
        errors: { not_found: expect.anything() as object },
      });
    }
    expect(await isGood(token)).toBe(true);
  });
});

describe('revoking, where the SDK asks twice', () => {
  const REFUSED = new WireError('ConditionalCheckFailedException');
  const answered = (first: object) => {
    const { db } = retryingClient(3, first, REFUSED);
    return { tokens: new AccessTokenRepository({ ...tables, db }), now };
  };

  test('is done where the first may have been', async () => {
    await expect(deleteToken(answered(LOST), ADA, newId())).resolves.toBeUndefined();
  });

  test('finds no token where the first was throttled', async () => {
    const throttled = answered(new WireError('ThrottlingException'));
    expect(await refusal(deleteToken(throttled, ADA, newId()))).toMatchObject({ status: 404 });
  });
});

describe('rotation', () => {
  test('gives a new secret to the same token: the old one is no good at once', async () => {
    const { token: old, ...before } = await make();
    await comesIn(old);
    time += 10 * DAY;
    const { token, ...after } = await rotate(before.token_id);
    expect(after).toEqual({ ...before, expires_at: iso(START + 100 * DAY), last_used_at: null });
    expect((await tokenItems())[0]).not.toHaveProperty('lastUsedAt');
    expect([await isGood(old), await isGood(token)]).toEqual([false, true]);
    expect(await tokenItems()).toEqual([
      expect.objectContaining({ expiresAt: (START + 100 * DAY) / 1000, issuedAt: iso(time), createdAt: iso(START) }),
    ]);
  });

  test('renews the same length of life each time, and not more', async () => {
    const { token_id: tokenId } = await make(ADA, { expires_at: iso(START + 2 * DAY) });
    for (let round = 1; round <= 3; round++) {
      time += DAY;
      expect(await rotate(tokenId)).toMatchObject({ expires_at: iso(time + 2 * DAY) });
    }
  });

  test('costs one read and one write', async () => {
    const { token_id: tokenId } = await make();
    tables.calls.length = 0;
    await rotate(tokenId);
    expect(operations(tables.calls)).toEqual(['GetItem', 'UpdateItem']);
  });

  test('of many at once leaves one secret, which one of them was told', async () => {
    const { token: old, token_id: tokenId } = await make();
    const all = await Promise.allSettled(Array.from({ length: 6 }, () => rotate(tokenId)));
    const done = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value.token] : []));
    const good = await Promise.all(done.map(isGood));
    expect(good.filter(Boolean)).toHaveLength(1);
    expect(await isGood(old)).toBe(false);
    for (const one of all) {
      expect(one.status === 'rejected' ? (one.reason as { statusCode: number }).statusCode : 409).toBe(409);
    }
  });

  test('that meets another is told so, and the secret of the other stays good', async () => {
    const { token_id: tokenId } = await make();
    let other = '';
    tables.before = async ({ operation }) => {
      if (operation === 'UpdateItem' && other === '') {
        other = 'under way';
        other = (await rotate(tokenId)).token;
      }
    };
    expect(await refusal(rotate(tokenId))).toMatchObject({ status: 409 });
    expect(await isGood(other)).toBe(true);
  });

  test('that meets a revocation makes nothing again', async () => {
    const { token_id: tokenId } = await make();
    tables.before = async ({ operation }) => {
      if (operation === 'UpdateItem') await tables.delete(tables.accounts, [accessTokenKey(ADA.userId, tokenId)]);
    };
    expect(await refusal(rotate(tokenId))).toMatchObject({ status: 404 });
    expect(await tokenItems()).toEqual([]);
  });

  test('beside uses of the token: each use is of a secret that was good, and the use of the old one marks nothing', async () => {
    const { token: old, token_id: tokenId } = await make();
    const uses = Array.from({ length: 10 }, () => isGood(old));
    const { token } = await rotate(tokenId);
    await Promise.all(uses);
    expect([await isGood(old), await isGood(token)]).toEqual([false, true]);
    expect((await list()).tokens).toHaveLength(1);
  });

  test("of another's token, of one that is over, and of none is told alike", async () => {
    const { token_id: tokenId } = await make();
    const { token_id: over } = await make(ADA, { expires_at: iso(START + 1) });
    time += 1;
    for (const [id, owner] of [
      [tokenId, BOB],
      [over, ADA],
      [newId(), ADA],
      ['x', ADA],
      ['TOTAL', ADA],
    ] as const) {
      expect(await refusal(rotate(id, owner))).toMatchObject({ status: 404 });
    }
  });
});
