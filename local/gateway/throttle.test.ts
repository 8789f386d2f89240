import { TokenBucket } from './throttle';

test('a bucket gives its burst at once, then its rate', () => {
  let now = 0;
  const bucket = new TokenBucket({ rate: 2, burst: 3 }, () => now);
  const take = (): boolean => bucket.take();
  expect([take(), take(), take(), take()]).toEqual([true, true, true, false]);
  now = 499;
  expect(take()).toBe(false);
  now = 500;
  expect([take(), take()]).toEqual([true, false]);
  now = 1e6;
  expect([take(), take(), take(), take()]).toEqual([true, true, true, false]);
});
