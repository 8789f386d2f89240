import { inScope } from '../../../support/scope';
import type { Cast } from '../cast';
import { WHOLE_CLAIM } from '../documents';
import { folded } from '../folds';
import { conflictOf, refusalOf, resultOf } from '../shapes';
import { type ClaimsWorld, expenseAdded, newExpense, newId } from '../world';

const WRITERS = 50;

/** Many who write to one aggregate at once. */
export function describeWriters(world: ClaimsWorld, cast: Cast): void {
  /** All at once. @returns versions of those that were accepted, and what is to be sent again */
  async function round(id: string, commands: readonly string[], expectedVersion?: number) {
    const versions: number[] = [];
    const refused: string[] = [];
    await Promise.all(
      commands.map(async (commandId) => {
        const expense = newExpense({ expenseId: commandId, amountCents: 7 });
        const answer = await world.send(cast.owner, 'addExpense', { id, commandId, expectedVersion, ...expense });
        const [error] = answer.errors;
        if (!error) {
          versions.push(resultOf(answer, 'addExpense').version);
          return;
        }
        refused.push(commandId);
        if (error.errorType === 'Busy') {
          refusalOf(answer, 'addExpense', 'Busy');
          return;
        }
        const conflict = conflictOf(answer, 'addExpense');
        expect(conflict.currentVersion).toBeGreaterThan(conflict.expectedVersion);
      }),
    );
    return { versions, refused };
  }

  const isContiguous = (versions: readonly number[], from: number) =>
    expect([...versions].sort((a, b) => a - b)).toEqual(versions.map((_, index) => from + index));

  async function expectFolded(id: string) {
    await world.settled();
    const events = await world.allEvents(cast.auditor, id);
    isContiguous(
      events.map(({ version }) => version),
      1,
    );
    expect(await world.seen(cast.boss, id, WHOLE_CLAIM)).toEqual(folded(events));
    return events;
  }

  test(`of ${WRITERS}, each is accepted with a version of its own or told that it is not, until all are`, async () => {
    const id = await world.claimOf(cast.owner);
    const all = Array.from({ length: WRITERS }, newId);
    const accepted: number[] = [];
    let left = all;
    for (let rounds = 0; left.length > 0; rounds++) {
      // All at once the first time; then as clients do that wait a while for one another.
      const size = rounds === 0 ? WRITERS : inScope(1, WRITERS);
      const { versions, refused } = await round(id, left.slice(0, size));
      // Somebody always gets on, and who does gets the next versions.
      expect(versions.length).toBeGreaterThan(0);
      expect(versions.length + refused.length).toBe(Math.min(size, left.length));
      accepted.push(...versions);
      isContiguous(accepted, 2);
      if (rounds === 0) {
        expect(refused.length).toBeGreaterThan(0);
        const known = await Promise.all(refused.map((commandId) => world.command(cast.owner, commandId)));
        expect(known.filter(({ data }) => data?.command !== null)).toEqual([]);
        await expectFolded(id);
      }
      left = [...refused, ...left.slice(size)];
    }
    const events = await expectFolded(id);
    expect(
      events
        .slice(1)
        .map(({ commandId }) => commandId)
        .sort(),
    ).toEqual([...all].sort());
    expect(await world.seen(cast.owner, id)).toMatchObject({ version: 51, totalCents: 350 });
  });

  test(`of ${WRITERS} who expect the same version, one is accepted`, async () => {
    for (let rounds = 0; rounds < inScope(1, 5); rounds++) {
      const id = await world.claimOf(cast.owner);
      const { versions, refused } = await round(id, Array.from({ length: WRITERS }, newId), 1);
      expect([versions, refused.length]).toEqual([[2], WRITERS - 1]);
      await expectFolded(id);
    }
  });

  test('a claim that was written to more than a hundred times is judged by all of it', async () => {
    const { owner } = cast;
    const id = await world.claimOf(owner, 'OPEN', { limitCents: 101 });
    const expenses = Array.from({ length: 100 }, (_, n) => newExpense({ expenseId: `e${n}`, amountCents: 1 }));
    const sent = inScope(5, 100);
    // The others are there already, as from a stream of long ago.
    await world.putEvents(expenses.slice(sent).map((expense, index) => expenseAdded(id, owner, index + 2, expense)));
    for (const expense of expenses.slice(0, sent)) await world.ok(owner, 'addExpense', { id, ...expense });
    await world.settled();
    const snapshots = (await world.eventItems()).filter(
      ({ kind, PK }) => kind === 'snapshot' && String(PK).endsWith(id),
    );
    expect(snapshots.map(({ version }) => version)).toEqual([50, 100]);
    const rejected = await world.send(owner, 'addExpense', { id, ...newExpense({ amountCents: 1 }) });
    expect(refusalOf(rejected, 'addExpense', 'CommandRejected').errorInfo).toMatchObject({ code: 'TOO_MANY_EXPENSES' });
    await world.ok(owner, 'removeExpense', { id, expenseId: 'e0' });
    const large = await world.send(owner, 'addExpense', { id, ...newExpense({ amountCents: 3 }) });
    expect(refusalOf(large, 'addExpense', 'CommandRejected').errorInfo).toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(await world.ok(owner, 'addExpense', { id, ...newExpense({ amountCents: 2 }) })).toMatchObject({
      version: 103,
    });
    await expectFolded(id);
  });
}
