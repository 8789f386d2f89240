import { describeRealWorld } from './suites';
import { useWorld } from './world';

jest.setTimeout(30_000);

describe('RealWorld API', () => {
  describeRealWorld(useWorld());
});
