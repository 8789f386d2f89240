import type { Cast } from '../cast';
import { claimsByStatusQuery, WHOLE_CLAIM } from '../documents';
import { folded, trailOf } from '../folds';
import { type Page, TIME, type ViewedClaim } from '../shapes';
import { type ClaimsWorld, newExpense, newId, OPEN, type Session, text } from '../world';

/** A claim from its first event to its last. */
export function describeLife(world: ClaimsWorld, cast: Cast): void {
  const inStatus = async (status: string, id: string, by: Session = cast.boss) => {
    const rows = await world.pages(async (nextToken) => {
      const ask = world.queries(by);
      const { data, errors } = await ask(claimsByStatusQuery('id version'), { status, limit: 100, nextToken });
      expect(errors).toEqual([]);
      return data?.claimsByStatus as Page<Pick<ViewedClaim, 'id' | 'version'>>;
    });
    return rows.filter((row) => row.id === id).map(({ version }) => version);
  };

  test('each command makes an event, the view follows, and so does its place in the list of its status', async () => {
    const { owner, approver, finance, auditor, boss } = cast;
    const id = newId();
    const train = newExpense();
    const hotel = newExpense({ category: 'LODGING', amountCents: 30_000 });
    const steps: [by: Session, command: string, args: object, event: string, status: string][] = [
      [owner, 'openClaim', OPEN, 'ClaimOpened', 'OPEN'],
      [owner, 'addExpense', train, 'ExpenseAdded', 'OPEN'],
      [owner, 'addExpense', hotel, 'ExpenseAdded', 'OPEN'],
      [owner, 'removeExpense', { expenseId: train.expenseId }, 'ExpenseRemoved', 'OPEN'],
      [owner, 'submitClaim', {}, 'ClaimSubmitted', 'SUBMITTED'],
      [approver, 'rejectClaim', { reason: text('no receipt') }, 'ClaimRejected', 'REJECTED'],
      [owner, 'addExpense', newExpense({ amountCents: 20_000 }), 'ExpenseAdded', 'REJECTED'],
      [owner, 'submitClaim', {}, 'ClaimSubmitted', 'SUBMITTED'],
      [approver, 'approveClaim', { note: text('fine') }, 'ClaimApproved', 'APPROVED'],
      [finance, 'payClaim', { reference: text('SEPA') }, 'ClaimPaid', 'PAID'],
    ];
    for (const [index, [by, command, args, event, status]] of steps.entries()) {
      const commandId = newId();
      const result = await world.ok(by, command, { id, commandId, expectedVersion: index, ...args });
      expect(result).toEqual({ commandId, id, version: index + 1, status: 'ACCEPTED', events: [event] });
      await world.settled();
      const claim = await world.seen(boss, id, WHOLE_CLAIM);
      expect([claim.version, claim.status]).toEqual([index + 1, status]);
      expect(claim).toEqual(folded(await world.allEvents(auditor, id)));
      expect(await inStatus(status, id)).toEqual([index + 1]);
    }
    for (const status of ['OPEN', 'SUBMITTED', 'REJECTED', 'APPROVED', 'WITHDRAWN']) {
      expect(await inStatus(status, id)).toEqual([]);
    }
    expect(trailOf(await world.allEvents(auditor, id), { owner, approver, finance })).toEqual(
      steps.map(([by, , , event], index) => [
        index + 1,
        event,
        by === owner ? 'owner' : by === approver ? 'approver' : 'finance',
      ]),
    );
  });

  test('it may be taken back, once it is rejected too, and nothing comes after that', async () => {
    const { owner, approver } = cast;
    const id = await world.claimOf(owner, 'SUBMITTED');
    await world.ok(approver, 'rejectClaim', { id, reason: text('no') });
    expect(await world.ok(owner, 'withdrawClaim', { id })).toMatchObject({ version: 5, events: ['ClaimWithdrawn'] });
    await world.settled();
    expect(await world.seen(owner, id)).toMatchObject({ status: 'WITHDRAWN', version: 5 });
    expect(await inStatus('WITHDRAWN', id)).toEqual([5]);
  });

  test('its events say who did what, by which command, and what led to it', async () => {
    const { owner, auditor } = cast;
    const id = newId();
    const [first, second] = [newId(), newId()];
    await world.ok(owner, 'openClaim', { id, commandId: first, ...OPEN });
    const more = { commandId: second, correlationId: 'case-1', causationId: first };
    await world.ok(owner, 'addExpense', { id, ...more, ...newExpense({ expenseId: 'train' }) });
    const events = await world.allEvents(auditor, id);
    const common = { id, actor: owner.sub, occurredAt: TIME };
    expect(events.map(({ data, ...event }) => ({ ...event, data: JSON.parse(data) as unknown }))).toEqual([
      {
        ...{ ...common, version: 1, type: 'ClaimOpened', schemaVersion: 2, data: OPEN },
        ...{ commandId: first, correlationId: first, causationId: null },
      },
      {
        ...{ ...common, version: 2, type: 'ExpenseAdded', schemaVersion: 1, commandId: second },
        ...{ correlationId: 'case-1', causationId: first },
        data: { expense: expect.objectContaining({ id: 'train', amountCents: 12_000 }) as unknown },
      },
    ]);
  });

  test('its text is without spaces around it, and all else of it as it was sent', async () => {
    const { owner } = cast;
    const title = text('Oslo');
    const id = await world.claimOf(owner, 'OPEN', { title: `  ${title} \n`, currency: 'NOK', limitCents: 100_000_000 });
    await world.settled();
    expect(await world.seen(owner, id)).toMatchObject({ title, currency: 'NOK', limitCents: 100_000_000 });
  });
}
