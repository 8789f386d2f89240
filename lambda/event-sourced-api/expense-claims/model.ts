/** The claim, its commands and its events. Amounts are in cents: integers. */

export type ClaimStatus = 'OPEN' | 'SUBMITTED' | 'APPROVED' | 'REJECTED' | 'PAID' | 'WITHDRAWN';

export type ExpenseCategory = 'TRAVEL' | 'LODGING' | 'MEALS' | 'EQUIPMENT' | 'OTHER';

export interface Expense {
  readonly id: string;
  readonly description: string;
  readonly category: ExpenseCategory;
  readonly amountCents: number;
  /** `2026-11-22`. */
  readonly spentOn: string;
}

/** What the rules need to know of a claim. */
export interface ClaimState {
  /** Undefined where there is no claim yet. */
  readonly status?: ClaimStatus;
  /** `sub` of who opened it. */
  readonly owner?: string;
  readonly limitCents: number;
  readonly totalCents: number;
  /** Amounts by the ids of expenses. */
  readonly expenses: Readonly<Record<string, number>>;
}

export interface ClaimCommands {
  openClaim: { readonly title: string; readonly limitCents: number; readonly currency: string };
  addExpense: {
    readonly expenseId: string;
    readonly description: string;
    readonly category: ExpenseCategory;
    readonly amountCents: number;
    readonly spentOn: string;
  };
  removeExpense: { readonly expenseId: string };
  submitClaim: object;
  approveClaim: { readonly note?: string | null };
  rejectClaim: { readonly reason: string };
  payClaim: { readonly reference: string };
  withdrawClaim: object;
}

export interface ClaimEvents {
  ClaimOpened: { readonly title: string; readonly limitCents: number; readonly currency: string };
  ExpenseAdded: { readonly expense: Expense };
  ExpenseRemoved: { readonly expenseId: string };
  ClaimSubmitted: { readonly totalCents: number };
  ClaimApproved: { readonly totalCents: number; readonly note?: string };
  ClaimRejected: { readonly reason: string };
  ClaimPaid: { readonly totalCents: number; readonly reference: string };
  ClaimWithdrawn: object;
}

/** A claim as queries show it: `type Claim` of schema.graphql. */
export interface ClaimView {
  readonly id: string;
  readonly version: number;
  readonly owner: string;
  readonly title: string;
  readonly status: ClaimStatus;
  readonly limitCents: number;
  readonly currency: string;
  readonly totalCents: number;
  readonly expenses: readonly Expense[];
  readonly openedAt: string;
  readonly updatedAt: string;
  readonly submittedAt?: string;
  readonly decidedAt?: string;
  readonly decidedBy?: string;
  /** The note of an approval, the reason of a rejection. */
  readonly decisionNote?: string;
  readonly paidAt?: string;
  readonly paidBy?: string;
  readonly paymentReference?: string;
}
