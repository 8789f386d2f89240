import { randomInt } from 'node:crypto';
import { AwsError, Json, refuseOtherFields } from '../aws/protocol';

const LOWERCASE = 'abcdefghijklmnopqrstuvwxyz';
const NUMBERS = '0123456789';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/** Options of GetRandomPassword, which GenerateSecretString has too. */
export const PASSWORD_OPTIONS = [
  ...['PasswordLength', 'ExcludeCharacters', 'ExcludeLowercase', 'ExcludeUppercase', 'ExcludeNumbers'],
  ...['ExcludePunctuation', 'IncludeSpace', 'RequireEachIncludedType'],
];

/** A random password by the rules of Secrets Manager. */
export function randomPassword(options: Json): string {
  refuseOtherFields('GetRandomPassword', options, PASSWORD_OPTIONS);
  const length = Number(options.PasswordLength ?? 32);
  const excluded = String(options.ExcludeCharacters ?? '');
  const allowed = (characters: string, flag: string): string =>
    isTrue(options[flag]) ? '' : [...characters].filter((character) => !excluded.includes(character)).join('');
  const types = [
    allowed(LOWERCASE, 'ExcludeLowercase'),
    allowed(LOWERCASE.toUpperCase(), 'ExcludeUppercase'),
    allowed(NUMBERS, 'ExcludeNumbers'),
    allowed(PUNCTUATION, 'ExcludePunctuation'),
    isTrue(options.IncludeSpace) && !excluded.includes(' ') ? ' ' : '',
  ].filter((type) => type !== '');
  const all = types.join('');
  const requireEach = options.RequireEachIncludedType === undefined || isTrue(options.RequireEachIncludedType);
  const least = requireEach ? types.length : 1;
  if (!Number.isInteger(length) || length < Math.max(1, least) || length > 4096 || all === '') {
    const message = `PasswordLength must be ${Math.max(1, least)} to 4096 with at least one character allowed, got ${length}`;
    throw new AwsError('InvalidParameterException', message);
  }
  const chosen = requireEach ? types.map(pick) : [];
  while (chosen.length < length) chosen.push(pick(all));
  for (let i = chosen.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [chosen[i], chosen[j]] = [chosen[j], chosen[i]];
  }
  return chosen.join('');
}

/** The value of a secret by `GenerateSecretString`. */
export function generateSecretString(options: Json): string {
  const { SecretStringTemplate, GenerateStringKey, ...password } = options;
  const generated = randomPassword(password);
  if (SecretStringTemplate === undefined && GenerateStringKey === undefined) return generated;
  if (typeof SecretStringTemplate !== 'string' || typeof GenerateStringKey !== 'string') {
    throw new Error('GenerateSecretString needs SecretStringTemplate and GenerateStringKey together');
  }
  const template = JSON.parse(SecretStringTemplate) as Record<string, unknown>;
  return JSON.stringify({ ...template, [GenerateStringKey]: generated });
}

function pick(characters: string): string {
  return characters[randomInt(characters.length)];
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
