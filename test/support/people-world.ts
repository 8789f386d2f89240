import { startTestEngine, type TestTables } from './engine';
import { setEnvironment } from './function-environment';
import { startTestPool, type TestPool } from './user-pool';

/** Where functions of people find what they work on: a DynamoDB and a user pool of this machine. */
export interface PeopleWorld {
  /** There from the first `beforeAll` of the file on, and empty in each test. */
  readonly tables: TestTables;
  readonly pool: TestPool;
  /** Where the DynamoDB listens. */
  readonly endpoint: string;
}

/** For all tests of a file, before anything of its own. @param own what only some functions find beside it */
export function usePeople(own: (pool: TestPool) => Readonly<Record<string, string>> = () => ({})): PeopleWorld {
  const world = {} as { -readonly [Name in keyof PeopleWorld]: PeopleWorld[Name] };
  let close: () => Promise<unknown> = async () => undefined;
  beforeAll(async () => {
    const [engine, pool] = await Promise.all([startTestEngine(), startTestPool()]);
    close = () => Promise.all([engine.close(), pool.close()]);
    const tables = await engine.tables();
    Object.assign(world, { tables, pool, endpoint: engine.endpoint });
    setEnvironment({
      AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
      AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: pool.endpoint,
      TABLE_NAME: tables.social,
      ACCOUNTS_TABLE_NAME: tables.accounts,
      USER_POOL_ID: pool.userPoolId,
      ...own(pool),
    });
  });
  afterAll(() => close());
  beforeEach(async () => {
    const { tables, pool } = world;
    await Promise.all([tables.clear(tables.social), tables.clear(tables.accounts)]);
    pool.calls.length = 0;
    pool.instead = () => false;
    pool.users.clear();
  });
  return world;
}
