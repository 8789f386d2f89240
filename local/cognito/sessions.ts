import { randomBytes } from 'node:crypto';
import { refused } from './errors';
import { ServerStep } from './srp';
import { User } from './user';

/** A sign-in that waits for the answer to a challenge. */
export interface Session {
  readonly poolId: string;
  readonly clientId: string;
  readonly challenge: 'PASSWORD_VERIFIER' | 'NEW_PASSWORD_REQUIRED' | 'SOFTWARE_TOKEN_MFA' | 'MFA_SETUP';
  /** As the challenge named it. */
  readonly username: string;
  /** Undefined where nobody has the name, and the client hides that. */
  readonly user?: User;
  readonly srp?: ServerStep;
  /** Secret of an authenticator app that is being set up, and whether it was shown to work. */
  totpSecret?: string;
  totpVerified?: boolean;
  wrongCodes: number;
}

/** Sign-ins under way, by the text that stands for them. */
export class Sessions {
  private readonly open = new Map<string, { readonly session: Session; readonly expires: number }>();

  public constructor(private readonly now: () => number) {}

  public add(session: Session, seconds: number): string {
    const now = this.now();
    for (const [token, { expires }] of this.open) if (expires < now) this.open.delete(token);
    const token = randomBytes(192).toString('base64');
    this.open.set(token, { session, expires: now + seconds * 1000 });
    return token;
  }

  /** @throws NotAuthorizedException for a text of no session, an old one, or one of another challenge */
  public find(token: string, clientId: string | undefined, ...challenges: readonly Session['challenge'][]): Session {
    const found = this.open.get(token);
    if (found === undefined) throw refused.notAuthorized('Invalid session for the user.');
    if (found.expires < this.now()) throw refused.notAuthorized('Invalid session for the user, session is expired.');
    const { session } = found;
    if ((clientId !== undefined && session.clientId !== clientId) || !challenges.includes(session.challenge)) {
      throw refused.notAuthorized('Invalid session for the user.');
    }
    return session;
  }

  public close(token: string): void {
    this.open.delete(token);
  }
}
