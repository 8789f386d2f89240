import { idBelow, isUuid, lowestIdAt, newId, newNumericId, timeOfId } from './ids';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const LAST_DAY = Date.UTC(2089, 0, 1);
/** Ids never go back, whatever the clock does: these moments are later than that of any id made before. */
const SOON = Date.now() + 60_000;
const LATER = SOON + 60_000;

afterEach(() => jest.useRealTimers());

test('ids are UUIDs of version 7, none twice', () => {
  const ids = Array.from({ length: 2000 }, newId);
  expect(ids.every((id) => UUID_V7.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
});

test('ids of one process sort in the order they were made, also within a millisecond', () => {
  jest.useFakeTimers({ now: SOON });
  const ids = Array.from({ length: 500 }, newId);
  jest.setSystemTime(SOON + 1);
  ids.push(newId());
  expect([...ids].sort()).toEqual(ids);
});

test('the lowest id of a moment lies after all of before and not after any of that moment', () => {
  jest.useFakeTimers({ now: LATER - 1 });
  const before = Array.from({ length: 50 }, newId);
  jest.setSystemTime(LATER);
  const at = Array.from({ length: 50 }, newId);
  const bound = lowestIdAt(LATER);
  expect(bound).toMatch(UUID_V7);
  expect(before.every((id) => id < bound)).toBe(true);
  expect(at.every((id) => id >= bound)).toBe(true);
});

test('the time of an id is that at which it was made', () => {
  jest.useFakeTimers({ now: LATER + 1 });
  expect(timeOfId(newId())).toBe(LATER + 1);
  expect(timeOfId(lowestIdAt(LATER))).toBe(LATER);
});

test.each([
  ['01900000-0001-7000-8000-000000000002', '01900000-0001-7000-8000-000000000001'],
  ['01900000-0001-7000-8000-000000000000', '01900000-0001-7000-7fff-ffffffffffff'],
  ['00000000-0001-0000-0000-000000000000', '00000000-0000-ffff-ffff-ffffffffffff'],
  ['ffffffff-ffff-ffff-ffff-ffffffffffff', 'ffffffff-ffff-ffff-ffff-fffffffffffe'],
  ['00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000'],
])('right below %s is %s', (id, below) => {
  expect(idBelow(id)).toBe(below);
});

test.each([
  [0, '00000000-0000-7000-8000-000000000000'],
  [-5, '00000000-0000-7000-8000-000000000000'],
  [1.9, '00000000-0001-7000-8000-000000000000'],
  [2 ** 48 - 1, 'ffffffff-ffff-7000-8000-000000000000'],
])('the lowest id at %d ms is %s', (time, id) => {
  expect(lowestIdAt(time)).toBe(id);
});

test('numeric ids are positive safe integers that sort by time, for as long as this code may live', () => {
  const times = [Date.UTC(2020, 0, 1) + 1, Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1) + 1, LAST_DAY];
  const ids = times.map((time) => newNumericId(time));
  expect(ids.every((id) => Number.isSafeInteger(id) && id > 0)).toBe(true);
  expect([...ids].sort((a, b) => a - b)).toEqual(ids);
  expect(String(ids[3]).length).toBeLessThanOrEqual(16);
});

test('numeric ids of one millisecond differ in 12 bits', () => {
  const time = Date.UTC(2026, 0, 1);
  const lowest = (time - Date.UTC(2020, 0, 1)) * 4096;
  const ids = Array.from({ length: 3000 }, () => newNumericId(time) - lowest);
  expect(Math.min(...ids)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...ids)).toBeLessThan(4096);
  expect(new Set(ids).size).toBeGreaterThan(1500);
});

test.each([
  [newId(), true],
  ['6f9619ff-8b86-4d01-b42d-00cf4fc964ff', true],
  ['6F9619FF-8B86-4D01-B42D-00CF4FC964FF', false],
  ['6f9619ff8b864d01b42d00cf4fc964ff', false],
  [' 6f9619ff-8b86-4d01-b42d-00cf4fc964ff', false],
  ['6f9619ff-8b86-4d01-b42d-00cf4fc964ff\n', false],
  ['', false],
])('%j is a UUID: %s', (text, expected) => expect(isUuid(text)).toBe(expected));
