/** Folds a name for uniqueness: `Zoë`, `ZOË` and the same in other Unicode forms are one name. */
export function fold(name: string): string {
  // Lower case may leave the normal form: once more, so that folding twice is folding once.
  return name.normalize('NFKC').toLowerCase().normalize('NFKC');
}

/** Fits a partition key with room to spare, as it is and folded: some characters fold to eighteen, others to less. */
export const isKeyable = (name: string) =>
  name !== '' && Math.max(Buffer.byteLength(name), Buffer.byteLength(fold(name))) <= 1000;
