import { remote } from './harness';
import { describeRealWorld } from './suites';
import { useWorld } from './world';

// Waiting for a drained stream takes as long as the stream is behind.
jest.setTimeout(60_000);

// A remote API is as far behind as it is.
(remote ? describe.skip : describe)('RealWorld API with indexes and streams a second behind', () => {
  describeRealWorld(useWorld({ lag: { gsi: 1000, stream: 1000 } }));
});
