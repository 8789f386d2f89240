import { type AttributeValue, BatchWriteItemCommand, type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  authorOf,
  bare,
  FOLLOWERS,
  keyOf,
  type Measured,
  number,
  put,
  sideBySide,
  take,
  type Taken,
  userId,
  type World,
} from './world';
import { ProfileRepository } from '../../lambda/realworld-api/repository/profiles';
import { articleKey, followKey } from '../../lambda/social-table/keys';
import type { Figure } from '../results';

const MORE = 1_000;

/** Users in whose feeds an article is. */
async function readersOf(client: DynamoDBClient, articleId: string): Promise<string[]> {
  const found: string[] = [];
  const segments = Array.from({ length: 4 }, (_, segment) => segment);
  await sideBySide(4, segments, async (Segment) => {
    let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
    do {
      const page = await client.send(
        new ScanCommand({ TableName: 'feed', ConsistentRead: true, Segment, TotalSegments: 4, ExclusiveStartKey }),
      );
      for (const item of page.Items ?? []) {
        const { PK, SK } = item as { PK: { S: string }; SK: { S: string } };
        if (SK.S === articleId && PK.S.startsWith('USER#')) found.push(PK.S.slice('USER#'.length));
      }
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
  });
  return found;
}

/** An article of one author with many followers, of whom some go and others come, until it is deleted: who has it in their feeds. */
export async function delivery(world: World): Promise<Measured> {
  const { client, worker, say } = world;
  const author = authorOf(1);
  const figures: Figure[] = [];
  await world.followed(author, FOLLOWERS);
  await bare(client, 'social', FOLLOWERS, (n) =>
    put({ ...keyOf(followKey(userId(n), author)), createdAt: { S: new Date(world.began).toISOString() } }),
  );
  say(`\nOne author with ${number(FOLLOWERS)} followers`);
  const articleId = await world.publish(author, world.began);
  const all = Array.from({ length: FOLLOWERS }, (_, n) => userId(n));
  const check = async (what: string, wanted: readonly string[], taken: Taken) => {
    const found = await readersOf(client, articleId);
    const has = new Set(found);
    const asked = new Set(wanted);
    const lost = wanted.filter((user) => !has.has(user)).length;
    const wrong = found.filter((user) => !asked.has(user)).length;
    const twice = found.length - has.size;
    say(
      `  ${what.padEnd(18)} ${taken.seconds.toFixed(1).padStart(6)} s, ${number(found.length).padStart(7)} rows, ` +
        `${lost} lost, ${twice} twice, ${wrong} wrong, memory +${taken.memory.toFixed(0)} MB`,
    );
    const faults = lost + twice + wrong + worker.failed.length;
    if (faults > 0) process.exitCode = 1;
    const name = `${what}, ${number(FOLLOWERS)} followers: rows lost, twice or wrong, messages that failed`;
    figures.push({ name, unit: '', value: faults, budget: { of: 'value', most: 0 } });
  };
  const baseTaken = await take(() => world.bareRows(articleId, author, FOLLOWERS));
  say(
    `  ${'bare loop'.padEnd(18)} ${baseTaken.seconds.toFixed(1).padStart(6)} s, ` +
      `${number(FOLLOWERS / baseTaken.seconds)} rows/s, memory +${baseTaken.memory.toFixed(0)} MB`,
  );
  const posted = await take(() => worker.run([{ type: 'article-created', articleId, authorId: author }]));
  await check('post', all, posted);
  say(`  ${' '.repeat(18)} ${number(FOLLOWERS / posted.seconds)} rows/s`);

  const profiles = new ProfileRepository({ db: world.db, social: 'social', accounts: 'accounts', shards: 1 });
  const late = Array.from({ length: MORE }, (_, n) => userId(FOLLOWERS + n));
  await sideBySide(10, late, (user) => profiles.follow(user, author, new Date().toISOString()));
  const follows = late.map((follower) => ({ type: 'followed', follower, followee: author }));
  await check(`${number(MORE)} follow`, [...all, ...late], await take(() => worker.run(follows)));

  const gone = all.filter((_, n) => n % (FOLLOWERS / MORE) === 0);
  await sideBySide(10, gone, (user) => profiles.unfollow(user, author, new Date().toISOString()));
  const unfollows = gone.map((follower) => ({ type: 'unfollowed', follower, followee: author }));
  const left = new Set(gone);
  const rest = [...all, ...late].filter((user) => !left.has(user));
  await check(`${number(MORE)} unfollow`, rest, await take(() => worker.run(unfollows)));

  const Key = keyOf(articleKey(author, articleId));
  await client.send(new BatchWriteItemCommand({ RequestItems: { social: [{ DeleteRequest: { Key } }] } }));
  await check('delete', [], await take(() => worker.run([{ type: 'article-deleted', articleId, authorId: author }])));
  say(`  ${worker.messages} messages, ${worker.failed.length} failed`);
  return { rounds: 1, figures };
}
