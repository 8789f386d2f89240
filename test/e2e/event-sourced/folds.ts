import type { ClaimEvent } from './shapes';
import type { Session } from './world';

/** What events make of a claim, told apart from the code that is tested: the contract, in a test's words. */

type Data = Readonly<Record<string, unknown>>;
type Expense = Data & { readonly id: string; readonly amountCents: number };

const STATUS: Readonly<Record<string, string>> = {
  ClaimSubmitted: 'SUBMITTED',
  ClaimApproved: 'APPROVED',
  ClaimRejected: 'REJECTED',
  ClaimPaid: 'PAID',
  ClaimWithdrawn: 'WITHDRAWN',
};

/** The changes of a claim beside its version and time, by an event. */
function changesOf({ type, occurredAt, actor }: ClaimEvent, data: Data, expenses: readonly Expense[]): Data {
  const status = type in STATUS ? { status: STATUS[type] } : {};
  switch (type) {
    case 'ClaimOpened':
      return { ...data, owner: actor, status: 'OPEN', openedAt: occurredAt };
    case 'ExpenseAdded':
      return { expenses: [...expenses, data.expense] };
    case 'ExpenseRemoved':
      return { expenses: expenses.filter(({ id }) => id !== data.expenseId) };
    case 'ClaimSubmitted':
      return { ...status, submittedAt: occurredAt, decidedAt: null, decidedBy: null, decisionNote: null };
    case 'ClaimApproved':
    case 'ClaimRejected':
      return { ...status, decidedAt: occurredAt, decidedBy: actor, decisionNote: data.note ?? data.reason ?? null };
    case 'ClaimPaid':
      return { ...status, paidAt: occurredAt, paidBy: actor, paymentReference: data.reference };
    default:
      return status;
  }
}

/** The whole claim, as one who may see all of it does. */
export function folded(events: readonly ClaimEvent[]): Data {
  let claim: Data = {
    ...{ expenses: [], submittedAt: null, decidedAt: null, decidedBy: null, decisionNote: null },
    ...{ paidAt: null, paidBy: null, paymentReference: null },
  };
  for (const event of events) {
    const { id, version, occurredAt: updatedAt } = event;
    const data = JSON.parse(event.data) as Data;
    claim = { ...claim, ...changesOf(event, data, claim.expenses as Expense[]), id, version, updatedAt };
  }
  const totalCents = (claim.expenses as Expense[]).reduce((sum, { amountCents }) => sum + amountCents, 0);
  return { ...claim, totalCents };
}

/** Types of events, with who did each. */
export const trailOf = (events: readonly ClaimEvent[], users: Readonly<Record<string, Session>>) =>
  events.map(({ version, type, actor }) => [
    version,
    type,
    Object.entries(users).find(([, { sub }]) => sub === actor)?.[0] ?? actor,
  ]);
