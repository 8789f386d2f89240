import * as path from 'node:path';
import type { Call } from '../../test/support/client';
import { startTestEngine, type TestEngine, type TestTables } from '../../test/support/engine';
import { call, type RequestSample } from '../../test/support/events';
import { newPair, type TestPair } from '../../test/support/keys';
import { useLogLines } from '../../test/support/log-lines';
import { userIdOf } from '../../test/support/samples';
import { awsError } from '../../test/support/secrets';
import { ACCOUNT, EMAIL } from '../auth/account-entities';
import { JWKS_KEY } from '../auth/account-keys';
import { sign } from '../auth/tokens';
import { ARTICLE, COMMENT, FAVORITE, FOLLOW, PROFILE, USERNAME } from '../social-table/entities';

/**
 * What is stored is answered as a success, whatever else fails: of the calls that a request makes each is refused in
 * turn, and the tables tell whether the request was done.
 */

jest.mock('../core/aws-clients', () => ({ dynamoDb: () => tables.db }));

useLogLines();

const [ADA, BOB] = [1, 2].map(userIdOf);
const AT = '2026-01-01T00:00:00.000Z';

let engine: TestEngine;
let tables: TestTables;
let pair: TestPair;

beforeAll(async () => {
  [engine, pair] = await Promise.all([startTestEngine(), newPair('key-1')]);
  tables = await engine.tables();
  Object.assign(process.env, { TABLE_NAME: tables.social, ACCOUNTS_TABLE_NAME: tables.accounts });
});
afterAll(() => engine.close());

interface Request {
  readonly handler: string;
  readonly by: string;
  readonly sample: RequestSample;
}

const handlers = new Map<string, unknown>();

function send({ handler, by, sample }: Request) {
  if (!handlers.has(handler)) {
    handlers.set(handler, jest.requireActual<{ handler: unknown }>(path.join(__dirname, handler, 'index.ts')).handler);
  }
  return call(handlers.get(handler), { ...sample, token: sign({ userId: by, generation: 1 }, pair.signing, 3600) });
}

const SLUG = { slug: 'a-title' };
const post: Request = {
  handler: 'create-article',
  by: ADA,
  sample: { body: { article: { title: 'A title', description: 'd', body: 'b', tagList: ['x', 'y'] } } },
};
const favorite: Request = { handler: 'create-article-favorite', by: BOB, sample: { path: SLUG } };
const follow: Request = { handler: 'follow-user-by-username', by: BOB, sample: { path: { username: 'ada' } } };

type Items = readonly Record<string, unknown>[];
const has =
  (entity: { readonly type: string }, attributes: Record<string, unknown> = {}) =>
  (items: Items) =>
    items.some((item) =>
      Object.entries({ entityType: entity.type, ...attributes }).every(
        ([name, value]) => JSON.stringify(item[name]) === JSON.stringify(value),
      ),
    );

interface Scene {
  readonly request: Request;
  /** Requests that go before it. */
  readonly before?: readonly Request[];
  /** Has the request been done? */
  readonly done: (items: Items) => boolean;
  /** What answers it can be read beside the write alone: while it cannot be read, the answer is a 503. */
  readonly readsBeside?: true;
}

const SCENES: Readonly<Record<string, Scene>> = {
  'an article that is created': { request: post, done: has(ARTICLE) },
  'an article that is changed, with its tags': {
    before: [post],
    request: {
      handler: 'update-article',
      by: ADA,
      sample: { path: SLUG, body: { article: { body: 'new', tagList: [] } } },
    },
    done: has(ARTICLE, { tagList: [] }),
    readsBeside: true,
  },
  'a comment': {
    before: [post],
    request: {
      handler: 'create-article-comment',
      by: BOB,
      sample: { path: SLUG, body: { comment: { body: 'Nice' } } },
    },
    done: has(COMMENT),
  },
  'a favorite': { before: [post], request: favorite, done: has(FAVORITE) },
  'a favorite that is taken back': {
    before: [post, favorite],
    request: { ...favorite, handler: 'delete-article-favorite' },
    done: (items) => !has(FAVORITE)(items),
  },
  'a follow': { request: follow, done: has(FOLLOW), readsBeside: true },
  'a follow that is taken back': {
    before: [follow],
    request: { ...follow, handler: 'unfollow-user-by-username' },
    done: (items) => !has(FOLLOW)(items),
    readsBeside: true,
  },
  'a profile that is changed': {
    request: { handler: 'update-current-user', by: ADA, sample: { body: { user: { bio: 'Countess' } } } },
    done: has(PROFILE, { bio: 'Countess' }),
    readsBeside: true,
  },
  'an e-mail that is changed': {
    request: { handler: 'update-current-user', by: ADA, sample: { body: { user: { email: 'c@example.com' } } } },
    done: has(ACCOUNT, { email: 'c@example.com' }),
  },
};

async function prepare({ before = [] }: Scene): Promise<void> {
  tables.before = () => undefined;
  await Promise.all([tables.clear(tables.social), tables.clear(tables.accounts)]);
  await tables.put(tables.accounts, [
    { ...JWKS_KEY, keys: [pair.publicKey], retired: {}, version: 1 },
    ACCOUNT.item([ADA], { userId: ADA, email: 'ada@example.com' }),
    EMAIL.item(['ada@example.com'], { userId: ADA }),
  ]);
  const profile = { tokenVersion: 1, version: 1, createdAt: AT, updatedAt: AT };
  await tables.put(tables.social, [
    PROFILE.item([ADA], { userId: ADA, username: 'ada', ...profile }),
    PROFILE.item([BOB], { userId: BOB, username: 'bob', ...profile }),
    USERNAME.item(['ada'], { userId: ADA }),
  ]);
  for (const request of before) {
    expect((await send(request)).status).toBeLessThan(300);
  }
  tables.calls.length = 0;
}

const stored = async (): Promise<Items> =>
  (await Promise.all([tables.items(tables.social), tables.items(tables.accounts)])).flat();

const isRead = ({ operation }: Call) => /^(Query|BatchGetItem)$/.test(operation);
/** The same call again: writes may differ in their tokens and shards. */
const isSame = (one: Call, other: Call) =>
  one.operation === other.operation && (!isRead(one) || JSON.stringify(one.input) === JSON.stringify(other.input));

/** Refuses the call of this number. */
function refuse(number: number, how: 'once' | 'whenever it is made'): void {
  let refused: Call | undefined;
  let made = 0;
  tables.before = (request) => {
    const first = made++ === number;
    if (first || (how !== 'once' && refused && isSame(refused, request))) {
      refused ??= request;
      throw awsError('AccessDeniedException');
    }
  };
}

describe.each(Object.entries(SCENES))('%s', (_, scene) => {
  /** The calls of the request where none is refused. */
  let calls: readonly Call[];
  beforeAll(async () => {
    // Once before, so that the function has the public keys.
    for (let n = 0; n < 2; n++) {
      await prepare(scene);
      expect(scene.done(await stored())).toBe(false);
      expect((await send(scene.request)).status).toBeLessThan(300);
      calls = [...tables.calls];
      expect(scene.done(await stored())).toBe(true);
    }
  });

  /** What became of the request with each of its calls refused. */
  async function outcomes(how: 'once' | 'whenever it is made'): Promise<string[]> {
    const all: string[] = [];
    for (const [number, { operation }] of calls.entries()) {
      await prepare(scene);
      refuse(number, how);
      const { status } = await send(scene.request);
      all.push(`${operation}: ${status}, ${scene.done(await stored()) ? 'stored' : 'not stored'}`);
    }
    return all;
  }
  const GOOD = /: 20[01], stored$/;
  const FAILED = /: 500, not stored$/;

  test('is a success where it is stored, and no success where it is not, whichever call is refused once', async () => {
    const all = await outcomes('once');
    expect(all.filter((outcome) => !GOOD.test(outcome) && !FAILED.test(outcome))).toEqual([]);
    // That of the write itself is never hidden.
    expect(all.find((outcome) => !/^(Query|BatchGetItem)/.test(outcome))).toMatch(FAILED);
  });

  test('is no failure where it is stored, however often a call is refused', async () => {
    const all = await outcomes('whenever it is made');
    const others = all.filter((outcome) => !GOOD.test(outcome) && !FAILED.test(outcome));
    expect(others).toEqual(scene.readsBeside ? ['BatchGetItem: 503, stored'] : []);
    if (scene.readsBeside) {
      // What is told is true: it may be asked for again.
      tables.before = () => undefined;
      expect((await send(scene.request)).status).toBe(200);
    }
  });
});
