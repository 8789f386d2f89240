import type { ClaimCommands, ClaimEvents, ClaimState, ClaimStatus } from './model';
import { type CommandContext, type Decider, reject } from '../runtime/event-sourcing';

/** Groups of the user pool. */
const APPROVERS = 'approvers';
const FINANCE = 'finance';

/** With descriptions of at most 1500 bytes each, a claim as views show it stays below the 200,000 that a row may have. */
const MAX_EXPENSES = 100;
const MAX_CENTS = 100_000_000;

/** Bytes of JSON for each character of a text: enough for all scripts, not for control characters, which take six. */
const CHARACTER_BYTES = 3;

/** Text of a sender, without spaces around it. */
function textOf(field: string, text: string, most: number): string {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > most) {
    reject('INVALID_ARGUMENT', `${field} must be 1 to ${most} characters, got: ${trimmed.length}`);
  }
  // Without the quotes around it.
  const bytes = Buffer.byteLength(JSON.stringify(trimmed)) - 2;
  if (bytes > most * CHARACTER_BYTES) {
    reject('INVALID_ARGUMENT', `${field} must be at most ${most * CHARACTER_BYTES} bytes of JSON, got: ${bytes}`);
  }
  return trimmed;
}

function centsOf(field: string, cents: number): number {
  if (!Number.isInteger(cents) || cents < 1 || cents > MAX_CENTS) {
    reject('INVALID_ARGUMENT', `${field} must be 1 to ${MAX_CENTS}, got: ${cents}`);
  }
  return cents;
}

type Claim = ClaimState & Required<Pick<ClaimState, 'status' | 'owner'>>;

const notFound = (): never => reject('NOT_FOUND', 'There is no such claim');

function existing(state: ClaimState): Claim {
  const { status, owner } = state;
  return status === undefined || owner === undefined ? notFound() : { ...state, status, owner };
}

/** The sender's own claim. That there is one of somebody else is nobody's business: it is as if there were none. */
function ownClaim(state: ClaimState, { actor }: CommandContext): Claim {
  const claim = existing(state);
  return claim.owner === actor.sub ? claim : notFound();
}

/** A claim that somebody else decides about: who has claimed money neither grants nor pays it. */
function claimFor(group: string, state: ClaimState, { actor }: CommandContext): Claim {
  if (!actor.groups.includes(group)) {
    reject('FORBIDDEN', `Only members of ${group} may do this`);
  }
  const claim = existing(state);
  return claim.owner === actor.sub ? reject('OWN_CLAIM', 'Nobody decides about a claim of their own') : claim;
}

function inStatus(claim: Claim, ...wanted: readonly ClaimStatus[]): Claim {
  return wanted.includes(claim.status)
    ? claim
    : reject('WRONG_STATUS', `The claim must be ${wanted.join(' or ')}, it is ${claim.status}`);
}

/** A claim that was rejected may be put right, and submitted again. */
const editable = (claim: Claim): Claim => inStatus(claim, 'OPEN', 'REJECTED');

type Commands = { readonly [Name in keyof ClaimCommands]: Decider<ClaimState, ClaimCommands[Name], ClaimEvents> };

/** What each command comes to. */
export const commands: Commands = {
  openClaim: (state, { title, limitCents, currency }) => {
    if (state.status !== undefined) {
      reject('ALREADY_EXISTS', 'There is a claim with this id');
    }
    if (!/^[A-Z]{3}$/.test(currency)) {
      reject('INVALID_ARGUMENT', 'currency must be three capital letters, as of ISO 4217');
    }
    const data = { title: textOf('title', title, 200), limitCents: centsOf('limitCents', limitCents), currency };
    return { type: 'ClaimOpened', data };
  },

  addExpense: (state, { expenseId, description, category, amountCents, spentOn }, context) => {
    const claim = editable(ownClaim(state, context));
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(expenseId)) {
      reject('INVALID_ARGUMENT', 'expenseId must be 1 to 64 letters, digits, - and _');
    }
    if (Object.hasOwn(claim.expenses, expenseId)) {
      reject('EXPENSE_EXISTS', 'The claim has an expense with this id');
    }
    if (Object.keys(claim.expenses).length >= MAX_EXPENSES) {
      reject('TOO_MANY_EXPENSES', `A claim has at most ${MAX_EXPENSES} expenses`);
    }
    // A day that has begun somewhere on earth: clocks are up to 14 hours ahead.
    const latest = new Date(Date.parse(context.now) + 14 * 3_600_000).toISOString().slice(0, 10);
    const day = spentOn.slice(0, 10);
    if (day > latest) {
      reject('INVALID_ARGUMENT', 'spentOn must not be in the future');
    }
    const totalCents = claim.totalCents + centsOf('amountCents', amountCents);
    if (totalCents > claim.limitCents) {
      reject('LIMIT_EXCEEDED', `The claim would be of ${totalCents} cents, its limit is ${claim.limitCents}`);
    }
    const expense = { id: expenseId, description: textOf('description', description, 500), category, amountCents };
    return { type: 'ExpenseAdded', data: { expense: { ...expense, spentOn: day } } };
  },

  removeExpense: (state, { expenseId }, context) => {
    const claim = editable(ownClaim(state, context));
    if (!Object.hasOwn(claim.expenses, expenseId)) {
      reject('NO_SUCH_EXPENSE', 'The claim has no expense with this id');
    }
    return { type: 'ExpenseRemoved', data: { expenseId } };
  },

  submitClaim: (state, _, context) => {
    const claim = editable(ownClaim(state, context));
    if (Object.keys(claim.expenses).length === 0) {
      reject('EMPTY_CLAIM', 'A claim needs an expense');
    }
    return { type: 'ClaimSubmitted', data: { totalCents: claim.totalCents } };
  },

  approveClaim: (state, { note }, context) => {
    const { totalCents } = inStatus(claimFor(APPROVERS, state, context), 'SUBMITTED');
    const data = note === undefined || note === null ? {} : { note: textOf('note', note, 500) };
    return { type: 'ClaimApproved', data: { totalCents, ...data } };
  },

  rejectClaim: (state, { reason }, context) => {
    inStatus(claimFor(APPROVERS, state, context), 'SUBMITTED');
    return { type: 'ClaimRejected', data: { reason: textOf('reason', reason, 500) } };
  },

  payClaim: (state, { reference }, context) => {
    const { totalCents } = inStatus(claimFor(FINANCE, state, context), 'APPROVED');
    return { type: 'ClaimPaid', data: { totalCents, reference: textOf('reference', reference, 100) } };
  },

  withdrawClaim: (state, _, context) => {
    inStatus(ownClaim(state, context), 'OPEN', 'SUBMITTED', 'REJECTED');
    return { type: 'ClaimWithdrawn', data: {} };
  },
};
