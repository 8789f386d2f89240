import type { ClaimsWorld, Session } from './world';

/** Who the suites are about: each is one user, signed in. */
export interface Cast {
  /** Opens claims. */
  readonly owner: Session;
  /** A user as the owner is. */
  readonly other: Session;
  readonly approver: Session;
  readonly finance: Session;
  readonly auditor: Session;
  /** Opens claims, and is in every group but that of auditors. */
  readonly boss: Session;
}

const GROUPS: Readonly<Record<keyof Cast, readonly string[]>> = {
  owner: [],
  other: [],
  approver: ['approvers'],
  finance: ['finance'],
  auditor: ['auditors'],
  boss: ['approvers', 'finance'],
};

/** Signs them all up before the tests of a file; they are there in tests and hooks. */
export function useCast(world: ClaimsWorld): Cast {
  const cast: Partial<Record<keyof Cast, Session>> = {};
  beforeAll(async () => {
    await Promise.all(
      Object.entries(GROUPS).map(async ([name, groups]) => {
        cast[name as keyof Cast] = await world.user(...groups);
      }),
    );
  });
  return cast as Cast;
}
