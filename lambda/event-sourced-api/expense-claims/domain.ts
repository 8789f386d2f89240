import type { ClaimCommands, ClaimEvents, ClaimState, ClaimView } from './model';
import { commands } from './rules';
import { defineDomain, type RecordedEvent } from '../runtime/event-sourcing';

/** The claim as queries show it, after an event. */
function show(view: ClaimView | undefined, event: RecordedEvent<ClaimEvents>): ClaimView | undefined {
  const { id, version, occurredAt, actor } = event;
  const at = { version, updatedAt: occurredAt };
  if (event.type === 'ClaimOpened') {
    const nothing = { totalCents: 0, expenses: [] };
    return { id, owner: actor, status: 'OPEN', ...event.data, ...nothing, openedAt: occurredAt, ...at };
  }
  if (!view) {
    return undefined;
  }
  const now = { ...view, ...at };
  const decided = { decidedAt: occurredAt, decidedBy: actor };
  switch (event.type) {
    case 'ExpenseAdded': {
      const { expense } = event.data;
      return { ...now, expenses: [...view.expenses, expense], totalCents: view.totalCents + expense.amountCents };
    }
    case 'ExpenseRemoved': {
      const expenses = view.expenses.filter((expense) => expense.id !== event.data.expenseId);
      return { ...now, expenses, totalCents: expenses.reduce((sum, { amountCents }) => sum + amountCents, 0) };
    }
    case 'ClaimSubmitted': {
      // What was decided before is in the events.
      const { decidedAt: _, decidedBy: __, decisionNote: ___, ...open } = now;
      return { ...open, status: 'SUBMITTED', submittedAt: occurredAt };
    }
    case 'ClaimApproved':
      return { ...now, ...decided, status: 'APPROVED', decisionNote: event.data.note };
    case 'ClaimRejected':
      return { ...now, ...decided, status: 'REJECTED', decisionNote: event.data.reason };
    case 'ClaimPaid':
      return { ...now, status: 'PAID', paidAt: occurredAt, paidBy: actor, paymentReference: event.data.reference };
    case 'ClaimWithdrawn':
      return { ...now, status: 'WITHDRAWN' };
  }
}

/**
 * Expense claims: who spent what, who granted it, who paid, with every step kept as it happened. Employees open claims up
 * to a limit and submit them; members of `approvers` grant or reject them, members of `finance` pay, none of them their
 * own.
 */
export const domain = defineDomain<ClaimState, ClaimEvents, ClaimCommands, { claims: ClaimView }>({
  aggregate: 'ExpenseClaim',
  initial: () => ({ limitCents: 0, totalCents: 0, expenses: {} }),
  commands,

  evolve: {
    ClaimOpened: (state, { limitCents }, { actor }) => ({ ...state, status: 'OPEN', owner: actor, limitCents }),
    ExpenseAdded: (state, { expense: { id, amountCents } }) => ({
      ...state,
      expenses: { ...state.expenses, [id]: amountCents },
      totalCents: state.totalCents + amountCents,
    }),
    ExpenseRemoved: (state, { expenseId }) => {
      const { [expenseId]: amountCents, ...expenses } = state.expenses;
      return { ...state, expenses, totalCents: state.totalCents - amountCents };
    },
    ClaimSubmitted: (state) => ({ ...state, status: 'SUBMITTED' }),
    ClaimApproved: (state) => ({ ...state, status: 'APPROVED' }),
    ClaimRejected: (state) => ({ ...state, status: 'REJECTED' }),
    ClaimPaid: (state) => ({ ...state, status: 'PAID' }),
    ClaimWithdrawn: (state) => ({ ...state, status: 'WITHDRAWN' }),
  },

  // Limits were in whole units of one currency at first.
  schemaVersions: { ClaimOpened: 2 },
  upcasters: {
    ClaimOpened: { 1: ({ limit, ...data }) => ({ ...data, limitCents: Number(limit) * 100, currency: 'EUR' }) },
  },

  snapshot: { every: 50, schemaVersion: 1 },

  views: {
    claims: {
      version: 1,
      apply: show,
      owner: ({ owner }) => owner,
      lists: ({ owner, status, openedAt, updatedAt }) => ({
        byOwner: { value: owner, sort: openedAt },
        byStatus: { value: status, sort: updatedAt },
      }),
    },
  },
});
