import { createHmac, timingSafeEqual } from 'node:crypto';
import { refused } from './errors';
import { UserPool } from './pool';
import { ClientSettings } from './settings';
import { Json } from '../aws/protocol';

/** What a text of an input must be, as the API's model has it. */
interface TextRule {
  readonly most?: number;
  readonly pattern?: RegExp;
}

const NAME: TextRule = { most: 128, pattern: /^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u };
const RULES: Readonly<Record<string, TextRule>> = {
  Username: NAME,
  ClientId: { most: 128, pattern: /^[\w+]+$/ },
  Password: { most: 256, pattern: /^[\S]+.*[\S]+$/ },
  PreviousPassword: { most: 256, pattern: /^[\S]+.*[\S]+$/ },
  ProposedPassword: { most: 256, pattern: /^[\S]+.*[\S]+$/ },
  ConfirmationCode: { most: 2048, pattern: /^[\S]+$/ },
  Code: { most: 2048, pattern: /^[\S]+$/ },
  UserCode: { most: 6, pattern: /^[0-9]+$/ },
  UserPoolId: { most: 55, pattern: /^[\w-]+_[0-9a-zA-Z]+$/ },
};

function broken(value: string, name: string, rule: string): Error {
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  const shown = /password|code|token/i.test(name) ? '' : ` '${value}'`;
  return refused.parameter(
    `1 validation error detected: Value${shown} at '${member}' failed to satisfy constraint: Member must ${rule}`,
  );
}

/** A text of an input, of the form that the API's model asks for; undefined where it is absent. */
export function optionalText(input: Json, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  const { most = 131_072, pattern } = RULES[name] ?? {};
  if (typeof value !== 'string') throw broken(JSON.stringify(value), name, 'be a string');
  if (value === '') throw broken(value, name, 'have length greater than or equal to 1');
  if (value.length > most) throw broken(value, name, `have length less than or equal to ${most}`);
  if (pattern !== undefined && !pattern.test(value)) {
    throw broken(value, name, `satisfy regular expression pattern: ${pattern.source}`);
  }
  return value;
}

/** A text that must be there. */
export function text(input: Json, name: string): string {
  const value = optionalText(input, name);
  if (value === undefined) throw broken('null', name, 'not be null');
  return value;
}

/** `[{Name, Value}]` of an input. */
export function pairs(input: Json, name: string): Record<string, string> {
  const given = input[name];
  if (given === undefined || given === null) return {};
  if (!Array.isArray(given)) throw broken(JSON.stringify(given), name, 'be a list');
  return Object.fromEntries(
    (given as readonly Json[]).map((pair) => [text(pair, 'Name'), optionalValue(pair)]),
  ) as Record<string, string>;
}

function optionalValue({ Value: value }: Json): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw broken(JSON.stringify(value), 'Value', 'be a string');
  return value;
}

/** A map of texts of an input. */
export function texts(input: Json, name: string): Readonly<Record<string, string>> {
  const value = input[name];
  if (value === undefined || value === null) return {};
  const isMap = typeof value === 'object' && !Array.isArray(value);
  if (!isMap || !Object.values(value as object).every((one) => typeof one === 'string')) {
    throw broken(JSON.stringify(value), name, 'be a map of strings');
  }
  return value as Readonly<Record<string, string>>;
}

/** A list of texts of an input. */
export function list(input: Json, name: string): readonly string[] {
  const value = input[name] ?? [];
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) {
    throw broken(JSON.stringify(value), name, 'be a list of strings');
  }
  return value as readonly string[];
}

/** A parameter of a sign-in. @throws InvalidParameterException where it is absent */
export function parameter(parameters: Readonly<Record<string, string>>, name: string): string {
  const value = parameters[name];
  if (value === undefined || value === '') throw refused.parameter(`Missing required parameter ${name}`);
  return value;
}

/** Checks that who calls knows the client's secret, where it has one; of the name as the call gives it. */
export function checkSecretHash(client: ClientSettings, username: string, given: string | undefined): void {
  if (client.secret === undefined) {
    if (given === undefined) return;
    throw refused.notAuthorized(`Unable to verify secret hash for client ${client.id}`);
  }
  if (given === undefined) {
    throw refused.notAuthorized(`Client ${client.id} is configured with secret but SECRET_HASH was not received`);
  }
  const made = createHmac('sha256', client.secret).update(`${username}${client.id}`).digest('base64');
  const [a, b] = [Buffer.from(made), Buffer.from(given)];
  if (a.length !== b.length || !timingSafeEqual(a, b)) {
    throw refused.notAuthorized(`Unable to verify secret hash for client ${client.id}`);
  }
}

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

export function isEmail(value: string): boolean {
  return EMAIL.test(value);
}

/**
 * Checks attributes that a call gives against the schema of the pool.
 *
 * @param whole whether they are all that the user will have: then none that is required may be absent
 */
export function checkAttributes(
  { settings }: UserPool,
  given: Readonly<Record<string, string>>,
  { whole = false, admin = false }: { readonly whole?: boolean; readonly admin?: boolean } = {},
): void {
  const wrong: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    const rule = settings.attributes.get(name);
    if (name === 'sub') throw refused.parameter('Cannot modify the non-mutable attribute sub');
    if (rule === undefined) {
      wrong.push(`${name}: Attribute does not exist in the schema.`);
    } else if (/^(email|phone_number)_verified$/.test(name) && !admin) {
      throw refused.notAuthorized('A client attempted to write unauthorized attribute');
    } else if (!whole && !rule.mutable) {
      throw refused.parameter(`user.${name}: Attribute cannot be updated.`);
    } else {
      const size = rule.type === 'Number' ? Number(value) : value.length;
      if (rule.type === 'Number' && (value === '' || !Number.isFinite(size))) wrong.push(`${name}: must be a number`);
      if (size < (rule.least ?? -Infinity)) wrong.push(`${name}: is below ${String(rule.least)}`);
      if (size > (rule.most ?? (rule.type === 'String' ? 2048 : Infinity))) {
        wrong.push(`${name}: String must be no longer than ${rule.most ?? 2048} characters`);
      }
    }
  }
  if (whole) {
    for (const [name, { required }] of settings.attributes) {
      if (required && name !== 'sub' && (given[name] ?? '') === '') wrong.push(`${name}: The attribute is required`);
    }
  }
  if (wrong.length > 0) throw refused.parameter(`Attributes did not conform to the schema: ${wrong.join('\n')}\n`);
  if (given.email !== undefined && given.email !== '' && !isEmail(given.email)) {
    throw refused.parameter('Invalid email address format.');
  }
  if (given.phone_number !== undefined && given.phone_number !== '' && !/^\+\d{2,15}$/.test(given.phone_number)) {
    throw refused.parameter('Invalid phone number format.');
  }
}

/** Checks that a client may write the attributes. */
export function checkWritable({ writable }: ClientSettings, names: readonly string[]): void {
  if (writable !== undefined && !names.every((name) => writable.has(name))) {
    throw refused.notAuthorized('A client attempted to write unauthorized attribute');
  }
}
