import { getProfile, type ProfilePorts, setFollow } from './profiles';
import { profileOf, refusal } from '../../../test/support/samples';
import { unauthorized } from '../errors';

const ADA = profileOf(1, { username: 'ada', bio: 'Countess' });
const BOB = profileOf(2, { username: 'bob' });

let follows: Map<string, string>;
let people: Map<string, typeof ADA>;
let told: string[];
let now: number;
/** Of an unfollow, in ms. */
let takes: number;

const ports = (): ProfilePorts => ({
  sessions: {
    verify: () => Promise.reject(new Error('lists verify no token')),
    load: async (token, { usernames = [] } = {}) => {
      const viewer = token === undefined ? undefined : people.get(token);
      if (token !== undefined && !viewer) throw unauthorized('is invalid');
      return { viewer, userIds: usernames.map((name) => people.get(name)?.userId) };
    },
  },
  profiles: {
    read: async (userId, viewerId) => {
      const profile = [...people.values()].find((person) => person.userId === userId);
      return profile && { profile, following: follows.has(`${viewerId} ${userId}`) };
    },
    follow: async (follower, followee, createdAt) => {
      const edge = `${follower} ${followee}`;
      follows.set(edge, follows.get(edge) ?? createdAt);
    },
    unfollow: async (follower, followee) => {
      now += takes;
      follows.delete(`${follower} ${followee}`);
    },
    tell: async (id, at) => void told.push(`${id} ${at}`),
  },
  now: () => now,
});

beforeEach(() => {
  told = [];
  now = Date.UTC(2026, 0, 1);
  takes = 0;
  follows = new Map();
  people = new Map([ADA, BOB].map((person) => [person.username, person]));
});

test('a profile is shown to a visitor, who follows nobody', async () => {
  await expect(getProfile(ports(), undefined, 'ada')).resolves.toEqual({
    profile: { username: 'ada', bio: 'Countess', image: null, following: false },
  });
});

test('a follow is seen by the follower, and by no one else', async () => {
  const { profile } = await setFollow(ports(), 'bob', 'ada', true);
  expect(profile).toMatchObject({ username: 'ada', following: true });
  expect((await getProfile(ports(), 'bob', 'ada')).profile.following).toBe(true);
  expect((await getProfile(ports(), 'ada', 'bob')).profile.following).toBe(false);
  expect([...follows]).toEqual([[`${BOB.userId} ${ADA.userId}`, '2026-01-01T00:00:00.000Z']]);
});

test('following twice is following once, and so is the undoing', async () => {
  await setFollow(ports(), 'bob', 'ada', true);
  expect((await setFollow(ports(), 'bob', 'ada', true)).profile.following).toBe(true);
  expect(follows.size).toBe(1);
  await setFollow(ports(), 'bob', 'ada', false);
  expect((await setFollow(ports(), 'bob', 'ada', false)).profile.following).toBe(false);
  expect(follows.size).toBe(0);
});

test('nobody of that name is a 404, to a visitor and to a follower', async () => {
  const missing = { status: 404, errors: { profile: ['not found'] } };
  expect(await refusal(getProfile(ports(), undefined, 'eve'))).toEqual(missing);
  expect(await refusal(setFollow(ports(), 'bob', 'eve', true))).toEqual(missing);
  expect(await refusal(setFollow(ports(), 'bob', 'eve', false))).toEqual(missing);
  expect(follows.size).toBe(0);
});

test('a name that leads to a profile that is gone is a 404', async () => {
  const gone = ports();
  const read = async () => undefined;
  const with404 = { ...gone, profiles: { ...gone.profiles, read } };
  expect((await refusal(getProfile(with404, undefined, 'ada'))).status).toBe(404);
  expect((await refusal(setFollow(with404, 'bob', 'ada', true))).status).toBe(404);
});

test('a token that is not good is told before a name that is not there', async () => {
  expect((await refusal(getProfile(ports(), 'forged', 'eve'))).status).toBe(401);
  expect((await refusal(setFollow(ports(), 'forged', 'eve', true))).status).toBe(401);
});

test('what took long is told once more before it is answered', async () => {
  takes = 2_000;
  await setFollow(ports(), 'bob', 'ada', false);
  expect(told).toEqual([]);
  takes = 2_001;
  await setFollow(ports(), 'bob', 'ada', false);
  expect(told).toEqual([`${BOB.userId} ${new Date(now).toISOString()}`]);
});
