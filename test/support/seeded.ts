/** Numbers from 0 to 1 that follow from the seed, so that a run that fails can be run again. */
export function seeded(seed: number): () => number {
  let state = (seed * 7919 + 1) % 2147483647;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}
