import { createUser, findUsers, getUser } from './domain/users';
import { operations } from '../../test/support/engine';
import { idAt, START, useItems } from '../../test/support/items-world';
import { newId } from '../core/ids';

const world = useItems();

const ADA = { email: 'Ada@Example.com', name: 'Ada' };
const create = (given: Partial<typeof ADA> = {}) => createUser(world.ports, { ...ADA, ...given });
const find = (email: string) => findUsers(world.ports, email);
const get = (id: string) => getUser(world.ports, id);
const stored = () => world.tables.items(world.tables.social);
const TAKEN = { statusCode: 409, messages: { error: ['This e-mail is taken'] } };

test('a user is made with what says whose the e-mail is, and found by both', async () => {
  const user = await create();
  expect(user).toEqual({
    id: idAt(START, 1),
    email: 'Ada@Example.com',
    name: 'Ada',
    role: 'user',
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    version: 1,
  });
  expect(await get(user.id)).toEqual(user);
  expect(await find('ada@example.com')).toEqual([user]);
  expect((await stored()).map(({ PK, SK, GSI1PK, GSI1SK }) => [PK, SK, GSI1PK, GSI1SK]).sort()).toEqual([
    ['EMAIL#ada@example.com', 'EMAIL', undefined, undefined],
    [`USER#${user.id}`, 'USER', 'USER#ada@example.com', 'USER#2026-01-01T00:00:00.000Z'],
  ]);
});

test.each(['Ada@Example.com', 'ADA@EXAMPLE.COM', 'ａda@example.com'])(
  'no other user has the e-mail %s',
  async (email) => {
    const user = await create();
    await expect(create({ email })).rejects.toMatchObject(TAKEN);
    expect(await stored()).toHaveLength(2);
    expect(await find(email)).toEqual([user]);
  },
);

test('of many who ask for one e-mail at once, one gets it', async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => create()));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(TAKEN);
  }
  expect(await stored()).toHaveLength(2);
});

test('a user whom the index does not have yet is found all the same', async () => {
  const user = await create();
  const [{ GSI1PK: _, GSI1SK: __, ...unindexed }] = (await stored()).filter(({ SK }) => SK === 'USER');
  await world.tables.put(world.tables.social, [unindexed]);
  world.tables.calls.length = 0;
  expect(await find(ADA.email)).toEqual([user]);
  expect(operations(world.tables.calls)).toEqual(['Query', 'GetItem', 'GetItem']);
});

test('nobody is found by another e-mail, or by what only looks like a key', async () => {
  await create();
  for (const email of ['bob@example.com', 'ada@example.co', 'USER#ada@example.com']) {
    expect(await find(email)).toEqual([]);
  }
});

test.each([newId(), 'none', '', 'USER#1'])('there is no user with the id "%s"', async (id) => {
  await create();
  await expect(get(id)).rejects.toMatchObject({ statusCode: 404, messages: { error: ['There is no such user'] } });
});
