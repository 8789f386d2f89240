import { ReplicaTurns } from './replicas';

const places = Array.from({ length: 4096 }, (_, n) => `place ${n}`);
const round = (turns: ReplicaTurns, some: readonly string[]) => some.map((place) => turns.isUpToDate(place));

test('of three reads of a place the third is up to date, whatever else is read between', () => {
  const turns = new ReplicaTurns();
  const isLast = (last: boolean) => places.map(() => last);
  for (const last of [false, false, true, false, false, true]) expect(round(turns, places)).toEqual(isLast(last));
});

test('of more places than it keeps apart, some reads are up to date and some are not', () => {
  const turns = new ReplicaTurns();
  round(turns, places);
  const others = places.map((place) => `another ${place}`);
  const upToDate = [1, 2, 3].flatMap(() => round(turns, others)).filter((is) => is).length;
  expect(upToDate / (3 * others.length)).toBeCloseTo(1 / 3, 1);
  expect(round(turns, places)).toEqual(places.map(() => false));
  expect(round(turns, places)).toEqual(places.map(() => true));
});
