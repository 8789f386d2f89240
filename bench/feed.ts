/**
 * `npm run bench:feed`, on DynamoDB Local, all of it or the parts that are named:
 *
 * - `feed`: what a batch of the worker takes of the processor, beside a bare loop of BatchWriteItem, interleaved
 * - `feed-delivery`: one author with 100,000 followers posts, 1,000 more follow, 1,000 unfollow, the article is deleted; then
 *   whose feed has it is compared with who follows
 * - `feed-memory`: the memory of the worker as it is shipped, by the number of followers
 */
import { delivery } from './feed/delivery';
import { memory } from './feed/memory';
import { rounds } from './feed/rounds';
import { type Measured, World } from './feed/world';
import { keep } from './keep';
import { FEED_PARTS, type FeedPartName } from './results';
import { startEngine } from '../local/dynamodb/engine';
import { findDynamoDbLocal, requireDynamoDbJava } from '../scripts/dynamodb-local';
import { SCHEMAS } from '../test/support/engine';

const RUN: Readonly<Record<FeedPartName, (world: World) => Promise<Measured>>> = {
  feed: rounds,
  'feed-delivery': delivery,
  'feed-memory': memory,
};

/** @throws Error where a part is not known */
function wanted(names: readonly string[]): readonly FeedPartName[] {
  const unknown = names.find((name) => !FEED_PARTS.includes(name as FeedPartName));
  if (unknown !== undefined) throw new Error(`a part is one of ${FEED_PARTS.join(', ')}, got: ${unknown}`);
  return names.length > 0 ? FEED_PARTS.filter((name) => names.includes(name)) : FEED_PARTS;
}

async function main(): Promise<void> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const names = wanted(process.argv.slice(2));
  requireDynamoDbJava();
  process.env.DYNAMODB_LOCAL_DIR = findDynamoDbLocal();
  const engine = await startEngine({ wanted: 'dynamodb-local' });
  try {
    Object.assign(process.env, {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      AWS_ENDPOINT_URL: engine.client.url.href,
    });
    for (const [name, schema] of Object.entries({ social: SCHEMAS.social, feed: SCHEMAS.feed, bare: SCHEMAS.feed })) {
      await engine.client.call('CreateTable', { TableName: name, ...schema });
    }
    const world = new World((line) => void process.stdout.write(`${line}\n`));
    for (const name of names) {
      const began = performance.now();
      const measured = await RUN[name](world);
      keep(name, measured, (performance.now() - began) / 1000);
    }
  } finally {
    await engine.close();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`bench:feed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
