/** Works on all of a list, so many at a time; in the order of the list where there is one lane. */
export async function inLanes<T>(list: Iterable<T>, lanes: number, work: (one: T) => Promise<void>): Promise<void> {
  const queue = list[Symbol.iterator]();
  const consume = async () => {
    for (let next = queue.next(); !next.done; next = queue.next()) {
      await work(next.value);
    }
  };
  await Promise.all(Array.from({ length: lanes }, consume));
}
