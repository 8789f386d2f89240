import { randomInt } from 'node:crypto';
import { refused } from './errors';
import { PasswordPolicy } from './settings';

/**
 * Symbols that count, a space between others among them:
 * https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
 */
const SYMBOLS = '^$*.[]{}()?"!@#%&/\\,><\':;|_~`=+-';

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
const DIGITS = '23456789';

/** @throws InvalidPasswordException naming the first rule that the password breaks */
export function checkPassword(password: string, policy: PasswordPolicy): void {
  if (password.length < policy.minimumLength) throw refused.password('Password not long enough');
  if (policy.uppercase && !/[A-Z]/.test(password)) throw refused.password('Password must have uppercase characters');
  if (policy.lowercase && !/[a-z]/.test(password)) throw refused.password('Password must have lowercase characters');
  if (policy.numbers && !/[0-9]/.test(password)) throw refused.password('Password must have numeric characters');
  const hasSymbol = password.slice(1, -1).includes(' ') || [...password].some((one) => SYMBOLS.includes(one));
  if (policy.symbols && !hasSymbol) throw refused.password('Password must have symbol characters');
}

function pick(from: string): string {
  return from[randomInt(from.length)] ?? '';
}

/** A temporary password that any policy takes. */
export function temporaryPassword(policy: PasswordPolicy): string {
  const kinds = [LETTERS, LETTERS.toLowerCase(), DIGITS, '!#%&*+-_'];
  const length = Math.max(policy.minimumLength, 12);
  const characters = Array.from({ length }, (_, index) => pick(kinds[index % kinds.length] ?? ''));
  for (let last = characters.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1);
    [characters[last], characters[other]] = [characters[other] ?? '', characters[last] ?? ''];
  }
  return characters.join('');
}

/** A verification code, as it is mailed. */
export function newCode(): string {
  return String(randomInt(1_000_000)).padStart(6, '0');
}
