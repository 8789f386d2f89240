import { describeCache } from './posts/suites/cache';
import { describeLogs } from './posts/suites/logs';
import { usePosts } from './posts/world';

jest.setTimeout(60_000);

describe('posts API with the method cache', () => {
  // It stands still but for the tests, so that nothing depends on how fast they are.
  let now = Date.now();
  const world = usePosts({ context: { cache: 'true' }, clock: () => now, maxProcesses: 1 });

  describeCache(world, (seconds) => {
    now += seconds * 1000;
  });
  describe('logs, after all of the above', () => describeLogs(world));
});
