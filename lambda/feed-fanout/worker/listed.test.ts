import { DeleteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { FeedRepository } from './repository';
import { MemoryDynamoDb } from '../../../test/support/memory/dynamodb';
import { userIdOf } from '../../../test/support/samples';
import { inScope } from '../../../test/support/scope';
import { seeded } from '../../../test/support/seeded';
import { FOLLOWER } from '../../social-table/entities';
import { followerKey } from '../../social-table/keys';
import { EDGE_DELAY_MS } from '../timing';

/** Who of some followers is still there, whatever happened since they were listed: told by a count where that is enough. */

const ADA = userIdOf(0);
const NOW = Date.UTC(2026, 0, 1);
/** On one shard, in their order. */
const USERS = Array.from({ length: 7 }, (_, n) => userIdOf(4 * n + 4));

async function history(seed: number) {
  const random = seeded(seed);
  const db = new MemoryDynamoDb(() => NOW);
  const there = new Set<string>();
  const follow = (user: string, at: number) => {
    // One that is there keeps its time.
    if (there.has(user)) return;
    db.put('social', FOLLOWER.item([ADA, user], { createdAt: new Date(at).toISOString() }));
    there.add(user);
  };
  const unfollow = (user: string) => {
    db.apply(new DeleteCommand({ TableName: 'social', Key: followerKey(ADA, user) }), how);
    there.delete(user);
  };
  let calls = 0;
  const how = { pageSize: Infinity, lag: () => 0, random };
  const send = (command: object) => (calls++, Promise.resolve(db.apply(command, how)));
  const store = new FeedRepository({
    ...{ social: 'social', feed: 'feed', ttlSeconds: 1, now: () => NOW },
    db: { send } as unknown as DynamoDBDocumentClient,
  });
  for (const user of USERS) if (random() < 0.6) follow(user, NOW - random() * 3 * EDGE_DELAY_MS);
  const { ids } = await store.followers(ADA, 0, undefined, 2 + Math.floor(random() * 5));
  if (ids.length === 0) return { isRight: true, calls: 0 };
  // Requests of before the listing come through after it, as late as they can, and others follow them.
  for (let n = Math.floor(random() * 5); n > 0; n--) {
    const user = USERS[Math.floor(random() * USERS.length)];
    if (there.has(user)) unfollow(user);
    else follow(user, NOW - EDGE_DELAY_MS * (random() < 0.2 ? 1 : random()) + (random() < 0.3 ? EDGE_DELAY_MS : 0));
  }
  calls = 0;
  const found = await store.followersAmong(ADA, 0, ids, NOW);
  const right = ids.filter((id) => there.has(id));
  return { isRight: [...found].sort().join() === right.sort().join(), calls };
}

test('whoever has come and gone since they were listed, those are told who are there', async () => {
  const calls: number[] = [];
  for (let seed = 1; seed <= inScope(1_000, 20_000); seed++) {
    const { isRight, calls: count } = await history(seed);
    expect({ seed, isRight }).toEqual({ seed, isRight: true });
    calls.push(count);
  }
  // By a count, and by reading them where somebody is gone.
  for (const count of [1, 2]) expect(calls.filter((made) => made === count).length).toBeGreaterThan(calls.length / 10);
});
