import { describeAddresses } from './bad-input/addresses';
import { describeBodies } from './bad-input/bodies';
import { describeForgery } from './bad-input/forgery';
import { describeText } from './bad-input/text';
import { SEARCH } from './harness';
import { useWorld } from './world';

jest.setTimeout(30_000);

describe('RealWorld API with bad input', () => {
  // One request at a time, or a few: a second process of a function would only be started.
  const world = useWorld({ search: SEARCH === 'silent' ? 'off' : SEARCH, maxProcesses: 1 });

  // First, while the tables are small enough for the runner's view to show the public keys.
  describe('tokens', () => describeForgery(world));
  describe('bodies', () => describeBodies(world));
  describe('text', () => describeText(world));
  describe('paths and queries', () => describeAddresses(world));
});
