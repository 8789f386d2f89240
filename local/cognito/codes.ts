import { Context } from './context';
import { refused } from './errors';
import { newCode } from './passwords';
import { UserPool } from './pool';
import { CodePurpose, User } from './user';
import { Json } from '../aws/protocol';

const HOUR_MS = 3_600_000;

/**
 * How long codes are good for: 24 hours, and one for a forgotten password.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/limits.html
 */
const LIFE_MS: Readonly<Record<CodePurpose, number>> = {
  'sign-up': 24 * HOUR_MS,
  'email verification': 24 * HOUR_MS,
  'password reset': HOUR_MS,
};

/**
 * What is limited for a user in an hour: codes sent, and wrong codes. AWS says of a forgotten password "5 to 20 by risk":
 * the stricter.
 */
const MOST = { send: 5, 'sign-up': 15, 'email verification': 15, 'password reset': 5 } as const;

/** `a@example.com` as AWS shows it: `a***@e***`. */
function masked(address: string): string {
  const [name = '', domain = ''] = address.split('@');
  return `${name.charAt(0)}***@${domain.charAt(0)}***`;
}

export function deliveryTo(address: string): Json {
  return { AttributeName: 'email', DeliveryMedium: 'EMAIL', Destination: masked(address) };
}

/** Counts a thing that is limited in an hour. @throws LimitExceededException when it was done too often */
export function countAttempt(user: User, what: string, most: number, now: number): void {
  const recent = (user.attempts[what] ?? []).filter((time) => time > now - HOUR_MS);
  if (recent.length >= most) throw refused.tooManyAttempts();
  user.attempts[what] = [...recent, now];
}

/** Makes a code in the place of an earlier one, and sends it. @returns CodeDeliveryDetails */
export function sendCode({ messages, now }: Context, user: User, purpose: CodePurpose, destination: string): Json {
  countAttempt(user, `send ${purpose}`, MOST.send, now());
  const code = newCode();
  user.codes[purpose] = { code, expires: now() + LIFE_MS[purpose], destination };
  messages.send({ kind: 'code', text: code, to: destination, purpose });
  return deliveryTo(destination);
}

/** Takes a code: it is good once. @throws ExpiredCodeException, CodeMismatchException, LimitExceededException */
export function takeCode({ now }: Context, pool: UserPool, user: User, purpose: CodePurpose, given: string): string {
  const sent = user.codes[purpose];
  const recent = (user.attempts[purpose] ?? []).filter((time) => time > now() - HOUR_MS);
  if (recent.length >= MOST[purpose]) throw refused.tooManyAttempts();
  if (sent === undefined || sent.expires <= now()) throw refused.expiredCode();
  if (sent.code !== given) {
    countAttempt(user, purpose, MOST[purpose], now());
    pool.save();
    throw refused.wrongCode();
  }
  delete user.codes[purpose];
  delete user.attempts[purpose];
  return sent.destination;
}
