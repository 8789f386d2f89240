/**
 * How much of what is generated a run tries. `npm test` takes a sample that touches everything once: it has to end in
 * minutes. `TEST_SCOPE=whole`, which `npm run test:whole` sets, takes all of it; it runs the tests that import this file.
 */
const isWhole = process.env.TEST_SCOPE === 'whole';

/** One of two sizes of a test: how many seeds, rounds or clients. */
export const inScope = <T>(sample: T, whole: T): T => (isWhole ? whole : sample);

/**
 * Every n-th of a list, all of it in a whole run. The first and the last are always among them.
 *
 * @param every 1 takes all
 * @param offset which of the n, so that several lists together miss nothing
 */
export function sampled<T>(list: readonly T[], every: number, offset = 0): T[] {
  return list.filter(
    (_, index) => isWhole || index === 0 || index === list.length - 1 || index % every === offset % every,
  );
}
