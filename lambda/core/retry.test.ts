import { CONTENTION, pause, retry } from './retry';

const again = () => true;
let delays: number[];

beforeEach(() => {
  delays = [];
  jest.spyOn(global, 'setTimeout').mockImplementation(((done: () => void, delay: number) => {
    delays.push(delay);
    queueMicrotask(done);
  }) as typeof setTimeout);
});

afterEach(() => jest.restoreAllMocks());

test('what succeeds is done once, without a pause', async () => {
  const action = jest.fn().mockResolvedValue('done');
  await expect(retry(action, again)).resolves.toBe('done');
  expect(action).toHaveBeenCalledTimes(1);
  expect(delays).toEqual([]);
});

test('what fails is done again until it succeeds', async () => {
  const action = jest
    .fn()
    .mockRejectedValueOnce(new Error('1'))
    .mockRejectedValueOnce(new Error('2'))
    .mockResolvedValue('done');
  await expect(retry(action, again)).resolves.toBe('done');
  expect(action).toHaveBeenCalledTimes(3);
  expect(delays).toHaveLength(2);
});

test('what is not worth another try fails at once, with its own error', async () => {
  const action = jest.fn().mockRejectedValue(new Error('refused'));
  await expect(retry(action, (error) => (error as Error).message !== 'refused')).rejects.toThrow('refused');
  expect(action).toHaveBeenCalledTimes(1);
});

test('attempts are bounded, and the last error is what is thrown', async () => {
  let tries = 0;
  const action = () => Promise.reject(new Error(`try ${++tries}`));
  await expect(retry(action, again, { attempts: 4, baseMs: 1, capMs: 2 })).rejects.toThrow('try 4');
  expect(tries).toBe(4);
  expect(delays).toHaveLength(3);
});

test('pauses have full jitter: from nothing to a bound that doubles up to a cap', async () => {
  const options = { attempts: 9, baseMs: 10, capMs: 100 };
  jest.spyOn(Math, 'random').mockReturnValue(0);
  await pause(3, options);
  jest.spyOn(Math, 'random').mockReturnValue(0.5);
  for (const attempt of [0, 1, 2, 3, 4, 50]) {
    await pause(attempt, options);
  }
  expect(delays).toEqual([0, 5, 10, 20, 40, 50, 50]);
});

test('contention is given seconds to clear, well within the time-out of a function', () => {
  const { attempts, baseMs, capMs } = CONTENTION;
  const bounds = Array.from({ length: attempts - 1 }, (_, attempt) => Math.min(capMs, baseMs * 2 ** attempt));
  const expected = bounds.reduce((sum, bound) => sum + bound / 2, 0);
  expect(expected).toBeGreaterThan(2000);
  expect(expected).toBeLessThan(5000);
});
