import { BadTemplateRequest } from './data-source';
import { isObject, JsonObject } from '../../assembly';

type Convert = (value: unknown, where: string) => unknown;

function wrong(where: string, what: string, value: unknown): never {
  throw new BadTemplateRequest(`${where} has to be ${what}, got ${JSON.stringify(value) ?? 'nothing'}`);
}

const text: Convert = (value, where) => (typeof value === 'string' ? value : wrong(where, 'a string', value));

/** AppSync takes numbers as JSON numbers and as strings. */
const number: Convert = (value, where) => {
  const isNumber =
    typeof value === 'number' || (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)));
  return isNumber ? String(value) : wrong(where, 'a number', value);
};

const each =
  (convert: Convert): Convert =>
  (values, where) =>
    Array.isArray(values)
      ? (values as unknown[]).map((value, index) => convert(value, `${where}[${index}]`))
      : wrong(where, 'a list', values);

const FORMS: Readonly<Record<string, Convert>> = {
  S: text,
  N: number,
  B: text,
  SS: each(text),
  NS: each(number),
  BS: each(text),
  BOOL: (value, where) => (typeof value === 'boolean' ? value : wrong(where, 'true or false', value)),
  NULL: (value, where) => (value === null || value === true ? true : wrong(where, 'null', value)),
  L: each((value, where) => toAttribute(value, where)),
  M: (value, where) => toAttributes(value, where),
};

/** A typed value of a template as DynamoDB has it. @throws BadTemplateRequest */
export function toAttribute(value: unknown, where: string): JsonObject {
  const [type = '', ...more] = isObject(value) ? Object.keys(value) : [];
  const convert = Object.hasOwn(FORMS, type) ? FORMS[type] : undefined;
  if (!isObject(value) || convert === undefined || more.length > 0) {
    return wrong(where, 'a typed value as {"S": "text"}', value);
  }
  return { [type]: convert(value[type], `${where}.${type}`) };
}

/** Typed values by name. @throws BadTemplateRequest */
export function toAttributes(values: unknown, where: string): JsonObject {
  if (!isObject(values)) return wrong(where, 'an object', values);
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, toAttribute(value, `${where}.${name}`)]),
  );
}

/** An item of DynamoDB as templates see it, without types; null where there is none. */
export function toPlain(item: unknown): unknown {
  if (!isObject(item)) return null;
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValue(value)]));
}

function plainValue(attribute: unknown): unknown {
  const [[type = '', value] = []] = isObject(attribute) ? Object.entries(attribute) : [];
  if (type === 'N') return Number(value);
  if (type === 'NS') return (value as readonly string[]).map(Number);
  if (type === 'NULL') return null;
  if (type === 'L') return (value as readonly unknown[]).map(plainValue);
  return type === 'M' ? toPlain(value) : value;
}
