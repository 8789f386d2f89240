import { Verifier } from './srp';

/** As AWS calls the states of a user. */
export type UserStatus = 'UNCONFIRMED' | 'CONFIRMED' | 'FORCE_CHANGE_PASSWORD' | 'RESET_REQUIRED';

/** What a code is for: to confirm the sign-up, a new password, or a new e-mail address. */
export type CodePurpose = 'sign-up' | 'password reset' | 'email verification';

/** A code that was sent. */
export interface SentCode {
  readonly code: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
  /** The address it went to. */
  readonly destination: string;
}

/** A user of a pool. */
export interface User {
  readonly username: string;
  readonly sub: string;
  /** Those of the template, as texts; `sub` is not among them. */
  attributes: Record<string, string>;
  status: UserStatus;
  enabled: boolean;
  /** Milliseconds since 1970. */
  readonly created: number;
  modified: number;
  password?: Verifier;
  /** When a temporary password ends. */
  temporaryUntil?: number;
  groups: string[];
  codes: Partial<Record<CodePurpose, SentCode>>;
  /** An e-mail address that is not verified, where the old one stays until it is. */
  pendingEmail?: string;
  /** The secret of an authenticator app, in Base32. */
  totpSecret?: string;
  /** One that is not shown to work yet. */
  pendingTotpSecret?: string;
  totpEnabled?: boolean;
  totpPreferred?: boolean;
  /** The last time step whose code was used: none is good twice. */
  totpStep?: number;
  /** Wrong passwords since the last right one, and when the last was. */
  wrongPasswords: number;
  lastWrongPassword: number;
  lockedUntil: number;
  /** Times of what is limited in an hour, by its name. */
  attempts: Record<string, number[]>;
  /** Tokens that were made before are not good any more. */
  signedOutAt: number;
}

/** A refresh token, by the hash of it. */
export interface RefreshToken {
  readonly username: string;
  readonly clientId: string;
  /** The `origin_jti` of the tokens that it led to. */
  readonly origin: string;
  readonly eventId: string;
  /** Seconds since 1970. */
  readonly authTime: number;
  /** Milliseconds since 1970. */
  readonly expires: number;
  revoked: boolean;
}

/** A group of a pool. */
export interface Group {
  readonly name: string;
  readonly description?: string;
  readonly roleArn?: string;
  readonly precedence?: number;
  readonly created: number;
}
