import { remote } from './harness';
import { describeWhatLagCanChange } from './suites';
import { useWorld } from './world';

// Waiting for a drained stream takes as long as the stream is behind.
jest.setTimeout(60_000);

// A remote API is as far behind as it is.
const local = remote ? describe.skip : describe;

local(
  'RealWorld API with indexes, streams and reads 0.4 seconds behind (not with REALWORLD_URL: its lag is its own)',
  () => {
    describeWhatLagCanChange(useWorld({ lag: { gsi: 400, reads: 400, stream: 400 } }));
  },
);
