import { describeAddresses } from './posts/bad-input/addresses';
import { describeBodies } from './posts/bad-input/bodies';
import { describeQueries } from './posts/bad-input/queries';
import { describeText } from './posts/bad-input/text';
import { describeLogs } from './posts/suites/logs';
import { usePosts } from './posts/world';

jest.setTimeout(60_000);

describe('posts API with bad input', () => {
  // One request at a time: a second process of a function would only be started.
  const world = usePosts({ maxProcesses: 1 });

  describe('bodies', () => describeBodies(world));
  describe('text', () => describeText(world));
  describe('paths and headers', () => describeAddresses(world));
  describe('queries', () => describeQueries(world));
  describe('logs, after all of the above', () => describeLogs(world));
});
