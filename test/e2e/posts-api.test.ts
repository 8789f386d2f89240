import { describeMatrix } from './posts/matrix';
import { describeConcurrency } from './posts/suites/concurrency';
import { describeLogs } from './posts/suites/logs';
import { describeRights } from './posts/suites/rights';
import { describeSeldom } from './posts/suites/seldom';
import { usePosts } from './posts/world';

jest.setTimeout(60_000);

/** Milliseconds that indexes, streams and reads that may be stale are behind. */
const LAG = Number(process.env.POSTS_LAG ?? 400);

describe(`posts API with indexes, streams and reads ${LAG} ms behind`, () => {
  const world = usePosts(LAG > 0 ? { lag: { gsi: LAG, reads: LAG, stream: LAG } } : {});

  describe('access matrix', () => describeMatrix(world));
  describe('side by side', () => describeConcurrency(world));
  describe('seldom', () => describeSeldom(world));
  describe('rights, after all of the above', () => describeRights(world));
  describe('logs, after all of the above', () => describeLogs(world));
});
