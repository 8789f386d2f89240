import { changedSince } from './lately';
import { ProfileRepository } from './profiles';
import { operations, type TestTables, useTestTables, weakReads } from '../../../test/support/engine';
import { userIdOf } from '../../../test/support/samples';
import { followerKey, followerPks, followKey, profileKey } from '../../social-table/keys';

const AT = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-01T00:00:01.000Z';
const [ADA, BOB] = [1, 2].map(userIdOf);

let tables: TestTables;
let profiles: ProfileRepository;

useTestTables(async (fresh) => {
  tables = fresh;
  profiles = new ProfileRepository(tables);
  await tables.put(tables.social, [
    { ...profileKey(ADA), userId: ADA, username: 'ada', tokenVersion: 1 },
    { ...profileKey(BOB), userId: BOB, username: 'bob', tokenVersion: 1, bio: 'b', image: 'i' },
  ]);
});

const edges = async () =>
  (await tables.items(tables.social)).filter(({ entityType }) => /^Follow/.test(String(entityType)));

test('a profile is read with what it lacks as null, consistently, in one call', async () => {
  await expect(profiles.read(ADA)).resolves.toEqual({
    profile: { userId: ADA, username: 'ada', bio: null, image: null, tokenVersion: 1 },
    following: false,
  });
  await expect(profiles.read(BOB, ADA)).resolves.toMatchObject({ profile: { bio: 'b', image: 'i' } });
  await expect(profiles.read(userIdOf(9), ADA)).resolves.toBeUndefined();
  expect(operations(tables.calls)).toEqual(['BatchGetItem', 'BatchGetItem', 'BatchGetItem']);
  expect(weakReads(tables.calls)).toEqual([]);
});

test('a follow writes an edge for each side, and is seen at once, from its own side alone', async () => {
  await profiles.follow(ADA, BOB, AT);
  expect((await profiles.read(BOB, ADA))?.following).toBe(true);
  expect((await profiles.read(ADA, BOB))?.following).toBe(false);
  expect(await tables.item(tables.social, followKey(ADA, BOB))).toMatchObject({ entityType: 'Follow', createdAt: AT });
  expect(await tables.item(tables.social, followerKey(BOB, ADA))).toMatchObject({ entityType: 'Follower' });
  expect(followerPks(BOB)).toContain(followerKey(BOB, ADA).PK);
});

test('a follow, and its undoing, tell that what the follower follows has changed', async () => {
  // By the time that it is written at the latest.
  const changedAt = async (at: string) => {
    const changed = await changedSince(tables, Date.parse(at) + 5_000);
    return [ADA, BOB].filter((id) => changed.has(id));
  };
  await profiles.follow(ADA, BOB, AT);
  expect(await changedAt(AT)).toEqual([ADA]);
  expect(await changedAt(LATER)).toEqual([]);
  await profiles.unfollow(ADA, BOB, LATER);
  expect(await changedAt(LATER)).toEqual([ADA]);
});

test('a follow that is there keeps its time, on both sides', async () => {
  await profiles.follow(ADA, BOB, AT);
  await profiles.follow(ADA, BOB, LATER);
  expect((await edges()).map(({ createdAt }) => createdAt)).toEqual([AT, AT]);
});

test('unfollowing removes both edges; doing it again, or before, is no error and writes nothing', async () => {
  await profiles.unfollow(ADA, BOB, LATER);
  expect(await edges()).toEqual([]);
  await profiles.follow(ADA, BOB, AT);
  await profiles.follow(BOB, ADA, AT);
  await profiles.unfollow(ADA, BOB, LATER);
  await profiles.unfollow(ADA, BOB, LATER);
  expect(await edges()).toHaveLength(2);
  expect((await profiles.read(BOB, ADA))?.following).toBe(false);
});

test('follows and their undoing at once leave both edges or none', async () => {
  await Promise.all(
    Array.from({ length: 10 }, (_, n) => (n % 2 ? profiles.unfollow(ADA, BOB, LATER) : profiles.follow(ADA, BOB, AT))),
  );
  expect([0, 2]).toContain((await edges()).length);
});
