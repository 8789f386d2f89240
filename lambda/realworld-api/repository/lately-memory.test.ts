import { changedRow } from './changed';
import { ItemCache } from './item-cache';
import { latelySince } from './lately';
import { type KnownLately, LatelyMemory } from './lately-memory';
import { type TestTables, useTestTables, weakReads } from '../../../test/support/engine';
import { articleIdOf, userIdOf } from '../../../test/support/samples';
import { TOMBSTONE } from '../../social-table/entities';
import { unsettledSince } from '../domain/settling';

const NOW = Date.UTC(2026, 0, 1);
const iso = (time: number) => new Date(time).toISOString();
const time = { now: NOW };
const clocks = { now: () => time.now, elapsed: () => time.now };

beforeEach(() => (time.now = NOW));

describe('what was read before', () => {
  const WANTED = { changed: NOW - 60_000, deleted: NOW - 175_000 };
  const of = (
    changes: Record<string, number>,
    known = WANTED,
    deletions: Record<string, number> = {},
  ): KnownLately => ({
    changes: new Map(Object.entries(changes)),
    deletions: new Map(Object.entries(deletions)),
    known,
  });
  const memory = () => new LatelyMemory(45_000, clocks);
  /** So many ms later, with windows that went on as much. */
  const later = (ms: number) => {
    time.now = NOW + ms;
    return { changed: WANTED.changed + ms, deleted: WANTED.deleted + ms };
  };
  const begin = (found: KnownLately) => {
    const begun = memory();
    begun.recall(WANTED).add(found, { now: NOW, elapsed: NOW });
    return begun;
  };
  const next = (begun: LatelyMemory, found: Record<string, number>, ms = 20_000) => {
    const { unread, add } = begun.recall(later(ms));
    return add(of(found, unread), { now: time.now, elapsed: time.now });
  };

  test('is not read again, but for what clocks and slow writes may have left out', () => {
    expect(memory().recall(WANTED).unread).toEqual(WANTED);
    expect(begin(of({})).recall(later(20_000)).unread).toEqual({ changed: NOW - 5_000, deleted: NOW - 35_000 });
  });

  test('is known with what was read now, the last change of each, for as long as the window', () => {
    const begun = begin(
      of({ a: NOW - 59_000, b: NOW - 10_000, c: NOW + 3_000 }, WANTED, { d: NOW - 170_000, e: NOW - 1 }),
    );
    expect(next(begun, { b: NOW + 1_000, c: NOW + 1_000 })).toEqual({
      changes: new Map([
        ['b', NOW + 1_000],
        ['c', NOW + 3_000],
      ]),
      deletions: new Map([['e', NOW - 1]]),
      known: later(20_000),
    });
  });

  test('goes no further back than it did', () => {
    const begun = begin(of({}, { ...WANTED, changed: NOW - 30_000 }));
    expect(next(begun, {}).known.changed).toBe(NOW - 30_000);
  });

  test('says nothing of what lies before a read that was cut off', () => {
    const begun = begin(of({ a: NOW - 10_000 }));
    const wanted = later(20_000);
    const { unread, add } = begun.recall(wanted);
    const all = add(of({ b: NOW + 9_000 }, { ...unread, changed: NOW + 8_000 }), { now: time.now, elapsed: time.now });
    expect(all.known).toEqual({ changed: NOW + 8_000, deleted: wanted.deleted });
    expect(next(begun, {}, 40_000).known.changed).toBe(NOW + 8_000);
  });

  test('is what a request found as it began, whatever others add meanwhile; the latest is kept', () => {
    const begun = begin(of({ a: NOW - 10_000 }, WANTED, { d: NOW - 170_000 }));
    const first = begun.recall(later(1_000));
    const read = { now: time.now, elapsed: time.now };
    expect(next(begun, { b: NOW + 1_500 }, 2_000).known).toEqual(later(2_000));
    const all = first.add(of({}, first.unread), read);
    expect([...all.deletions.keys(), ...all.changes.keys()]).toEqual(['d', 'a']);
    expect(all.known).toEqual(later(1_000));
    expect([...next(begun, {}, 3_000).changes.keys()]).toEqual(['a', 'b']);
  });

  test('goes as far back as the longest window needs, whoever looks back for less in between', () => {
    const begun = begin(of({}, WANTED, { a: NOW - 150_000, b: NOW - 20_000 }));
    const shorter = { ...later(5_000), deleted: NOW - 100_000 };
    const { unread, add } = begun.recall(shorter);
    expect(unread.deleted).toBe(NOW - 35_000);
    const all = add(of({}, unread, { c: NOW + 1_000 }), { now: time.now, elapsed: time.now });
    expect([...all.deletions.keys()]).toEqual(['b', 'c']);
    const longer = begun.recall(later(10_000));
    expect(longer.unread.deleted).toBe(NOW + 5_000 - 35_000);
    const known = longer.add(of({}, longer.unread), { now: time.now, elapsed: time.now });
    expect([...known.deletions.keys()]).toEqual(['a', 'b', 'c']);
    expect(known.known).toEqual(later(10_000));
  });

  test('is read again where it is too old, and where it does not go as far back as is asked for', () => {
    const begun = begin(of({ a: NOW - 10_000 }));
    expect(begun.recall(later(45_000)).unread).toEqual(later(45_000));
    later(1_000);
    const further = { ...WANTED, deleted: WANTED.deleted - 1 };
    expect(begun.recall(further).unread).toEqual(further);
    expect(begun.recall({ ...WANTED, deleted: WANTED.deleted }).unread).not.toEqual(WANTED);
  });
});

describe('on a site where much is written', () => {
  let tables: TestTables;

  useTestTables((fresh) => void (tables = fresh));
  afterEach(() => expect(weakReads(tables.calls)).toEqual([]));

  test('a second request reads a fraction of what the first has read, and knows the same', async () => {
    // A change a second, and two deletions every three, to the end.
    const write = (from: number, to: number) =>
      tables.put(
        tables.social,
        Array.from({ length: to - from }, (_, index) => from + index).flatMap((second) => {
          const at = iso(NOW + second * 1_000);
          const articleId = articleIdOf(5_000 + second);
          const gone = { articleId, authorId: userIdOf(1), expiresAt: NOW };
          const tombstone = TOMBSTONE.item([articleId, at, tables.shards], gone);
          return [changedRow(tables, articleIdOf(1_000 + second), at), ...(second % 3 ? [tombstone] : [])];
        }),
      );
    await write(-200, 0);
    const caching = () => ({ ...tables, cache: new ItemCache(45_000, clocks) });
    const read = async (of: ReturnType<typeof caching>) => {
      tables.readUnits = 0;
      const since = { deleted: time.now - 175_000, changed: unsettledSince(time.now) };
      return { found: await latelySince(of, since), units: tables.readUnits };
    };
    const kept = caching();
    const first = await read(kept);
    time.now = NOW + 3_000;
    await write(0, 3);
    const second = await read(kept);
    const anew = await read(caching());
    expect(second.found.deleted).toEqual(anew.found.deleted);
    expect(second.found.deleted.size).toBe(117);
    const ids = Array.from({ length: 220 }, (_, n) => articleIdOf(800 + n));
    for (const moment of [time.now - 59_000, time.now - 30_000, time.now - 2_000]) {
      const known = ({ found }: typeof anew) => ids.filter((id) => found.changed.since?.(id, moment));
      expect(known(second)).toEqual(known(anew));
      expect(known(second).length).toBe((time.now - moment) / 1_000);
    }
    expect([first.units, second.units, anew.units]).toEqual([7, 2, 7]);
  });
});
