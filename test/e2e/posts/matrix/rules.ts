import type { AccessType } from '../shapes';

/**
 * Who may do what, written down once more and apart from the product: the matrix holds the API to these rules.
 */

/** The people of the matrix, as they stand to the posts and tags in it: who made them, who is let in, who is not. */
export type Who = 'allowed' | 'other' | 'owner';

/** What a caller proves: that they have signed in, or that they hold a token with some scopes. */
export type Proof = 'session' | readonly ('read' | 'write')[];

/** Somebody whom the API knows; undefined is everybody else. */
export type Known = { readonly who: Who; readonly proof: Proof } | undefined;

/** What an endpoint asks of its caller, before it looks at anything else. */
export type Needs = 'read' | 'session' | 'write';

/** What an endpoint is about, and thereby who may use it. */
export type About =
  /** The caller themself, or lists that show to each what they may see. */
  | 'everyone'
  /** Those who may see the thing. */
  | 'viewers'
  /** The owner; who may see it is told that it is not theirs, and everybody else that it is not there. */
  | 'owner'
  /** The owner; to everybody else it is not there. */
  | 'owner in secret';

export interface Rule {
  readonly needs: Needs;
  readonly about: About;
  readonly success: number;
  /** Of the answer, where it is an error even to those who may. */
  readonly code?: string;
}

/** The kinds of things that may be seen. */
export type Kind = AccessType;

/** private: the owner's. public: any signed-in user's. allowed_user: those with a grant, and the owner's. */
export function sees(who: Who, kind: Kind): boolean {
  if (who === 'owner' || kind === 'public') return true;
  return kind === 'allowed_user' && who === 'allowed';
}

export type Expected = { readonly status: number; readonly code?: string };

export function expectedOf({ needs, about, success, code }: Rule, known: Known, kind: Kind | undefined): Expected {
  if (known === undefined) return { status: 401, code: 'unauthorized' };
  const { who, proof } = known;
  if (proof !== 'session' && (needs === 'session' || !proof.includes(needs))) {
    return { status: 403, code: 'insufficient_scope' };
  }
  const visible = kind === undefined || sees(who, kind);
  if (about === 'viewers' && !visible) return { status: 404, code: 'not_found' };
  if (about === 'owner' && who !== 'owner') {
    return visible ? { status: 403, code: 'forbidden' } : { status: 404, code: 'not_found' };
  }
  if (about === 'owner in secret' && who !== 'owner') return { status: 404, code: 'not_found' };
  return success < 400 ? { status: success } : { status: success, code };
}

/** Which of the owner's posts a list of a scope shows. */
export function listed(who: Who, scope: 'all' | 'mine' | 'public' | 'shared', kind: Kind): boolean {
  const mine = who === 'owner';
  const shared = who === 'allowed' && kind === 'allowed_user';
  if (scope === 'public') return kind === 'public';
  if (scope === 'mine') return mine;
  return scope === 'shared' ? shared : mine || shared || kind === 'public';
}
