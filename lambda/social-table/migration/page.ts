import { add, NOTHING, type Sorts, type Tally } from './job';
import type { Verdict, WorkPorts } from './ports';
import type { Key } from '../../core/dynamodb/items';
import { keyText, type WireItem } from '../../core/dynamodb/wire';
import { MAX_PAUSE, type Pace } from '../../core/jobs/pace';

/** Items that are converted side by side at most. */
const SIDE_BY_SIDE = 8;

/** Write units that one conversion is taken to cost before any is known. */
const GUESS = 8;

/** How often an item is read again that others keep changing, and the longest pause before, in ms. */
const ROUNDS = 8;
const ROUND_PAUSE = 100;

interface PageOptions {
  readonly dryRun: boolean;
  readonly pace: Pace;
  /** Write units a second. */
  readonly writeShare: number;
  /** Of the segment so far: it tells what a conversion costs. */
  readonly before: Tally;
}

interface PageWorked {
  readonly tally: Tally;
  /** Whether items are left that nobody has worked on. */
  readonly broken: boolean;
  /** Key of the last item that was worked on and is still there; undefined where none is. */
  readonly remaining?: string;
  /** Whether there is none after it that was worked on. */
  readonly remains: boolean;
}

const keyOf = ({ PK, SK }: WireItem): Key => ({ PK: PK.S ?? '', SK: SK.S ?? '' });

/**
 * Works on the items of a page, in their order, some at a time.
 *
 * It may end after any item: a scan goes on after the key that it is given, and would itself have given this one had its
 * limit been as low.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html#DDB-Scan-request-ExclusiveStartKey
 */
export async function workOnItems(
  ports: WorkPorts,
  items: readonly WireItem[],
  options: PageOptions,
): Promise<PageWorked> {
  const { pace, dryRun } = options;
  const verdicts = await ports.convert(items);
  const needsWrite = (place: number) => !dryRun && verdicts[place].outcome === 'convert';
  let tally = NOTHING;
  let remaining: number | undefined;
  const worked = (places: number, broken: boolean): PageWorked => ({
    tally,
    broken,
    remaining: remaining === undefined ? undefined : keyText(keyOnly(items[remaining])),
    remains: places === 0 || remaining === places - 1,
  });
  for (let place = 0; place < items.length;) {
    const end = chunkEnd(place, items.length, sideBySide(options, tally), needsWrite);
    const work = items.slice(place, end).map(async (item, n) => workOnItem(ports, item, verdicts[place + n], options));
    (await Promise.all(work)).forEach(({ isGone, ...one }, n) => {
      tally = add(tally, one);
      remaining = isGone ? remaining : place + n;
    });
    place = end;
    if (place < items.length) {
      if (ports.timeIsShort() || pace.waitMs > MAX_PAUSE) {
        return worked(place, true);
      }
      await ports.pause(pace.waitMs);
    }
  }
  return worked(items.length, false);
}

/** As many as the rate allows in a second, by what conversions have cost so far. */
function sideBySide({ before, writeShare }: PageOptions, tally: Tally): number {
  const { converted, writeUnits } = add(before, tally);
  const cost = converted === 0 ? GUESS : writeUnits / converted;
  return Math.max(1, Math.min(SIDE_BY_SIDE, Math.floor(writeShare / Math.max(1, cost))));
}

/** Where the items end that hold so many writes; what needs none is with those before. */
function chunkEnd(start: number, length: number, writes: number, needsWrite: (place: number) => boolean): number {
  let end = start;
  for (let left = writes; end < length && (left > 0 || !needsWrite(end)); end++) {
    left -= needsWrite(end) ? 1 : 0;
  }
  return end;
}

const sortOf = (name: string, item: WireItem): Sorts => ({ [name]: { count: 1, examples: [keyOf(item)] } });

async function workOnItem(
  ports: WorkPorts,
  item: WireItem,
  verdict: Verdict,
  { dryRun, pace }: PageOptions,
): Promise<Tally & { readonly isGone: boolean }> {
  const is = (isGone: boolean, sum: Tally) => ({ ...sum, isGone });
  let tally: Tally = { ...NOTHING, scanned: 1 };
  let before = item;
  let now = verdict;
  for (let round = 1; now.outcome === 'convert'; round++) {
    const { units: readUnits = 0 } = now;
    pace.spend('read', readUnits);
    tally = add(tally, { readUnits });
    const changes = changesOf(before, now.items);
    const converted = { ...changes, converted: 1, kinds: sortOf(now.sort, before) };
    if (dryRun) {
      return is(false, add(tally, converted));
    }
    const { outcome, kept, units } = await ports.table.replace(before, now.items);
    pace.spend('write', units);
    tally = add(tally, { writeUnits: units });
    if (outcome === 'done') {
      return is(changes.removed > 0, add(tally, { ...converted, written: changes.written - kept, kept }));
    }
    if (outcome === 'refused' || round === ROUNDS) {
      const reason = outcome === 'refused' ? 'becomes what DynamoDB does not take' : 'others keep changing it';
      now = { outcome: 'fail', reason };
      break;
    }
    await ports.pause(Math.random() * ROUND_PAUSE);
    const again = await ports.table.read(before);
    pace.spend('read', again.units);
    tally = add(tally, { reread: 1, readUnits: again.units });
    if (!again.item) {
      return is(true, add(tally, { skipped: 1 }));
    }
    before = again.item;
    [now] = await ports.convert([before]);
  }
  return is(
    false,
    now.outcome === 'fail' ? await fail(ports, before, now.reason, tally, dryRun) : add(tally, { skipped: 1 }),
  );
}

/** What a conversion puts and removes. */
function changesOf(
  before: WireItem,
  after: readonly WireItem[],
): { readonly written: number; readonly removed: number } {
  const own = keyText(keyOnly(before));
  return { written: after.length, removed: after.some((item) => keyText(keyOnly(item)) === own) ? 0 : 1 };
}

const keyOnly = ({ PK, SK }: WireItem): WireItem => ({ PK, SK });

/** Where an item that failed is found again: its key, and nothing of what it holds. */
async function fail(ports: WorkPorts, item: WireItem, reason: string, tally: Tally, dryRun: boolean): Promise<Tally> {
  if (!dryRun) {
    await ports.bury([JSON.stringify({ type: 'unconverted-item', reason, key: keyOf(item) })]);
  }
  return add(tally, { failed: 1, failures: sortOf(reason, item) });
}
