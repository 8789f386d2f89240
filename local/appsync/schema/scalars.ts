import { isIP } from 'node:net';
import { GraphQLScalarType, Kind, ValueNode, valueFromASTUntyped } from 'graphql';
import { isObject } from '../../assembly/json';

const DATE = String.raw`-?\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`;
const TIME = String.raw`(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?`;
const OFFSET = String.raw`(?:Z|[+-](?:0\d|1[0-8]):[0-5]\d(?::[0-5]\d)?)`;

const DATE_FORM = new RegExp(`^(${DATE})${OFFSET}?$`);
const TIME_FORM = new RegExp(`^${TIME}${OFFSET}?$`);
/** The offset is compulsory here. */
const DATE_TIME_FORM = new RegExp(`^(${DATE})T${TIME}${OFFSET}$`);
const EMAIL =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}$/;
const PHONE = /^\+?[\d\s().-]{4,24}$/;

/** A day that is in the calendar: not the 30th of February. */
function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function isUrl(text: string): boolean {
  try {
    return new URL(text).protocol !== '' && !/\s/.test(text);
  } catch {
    return false;
  }
}

function isIpRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

type Check = (value: unknown) => boolean;

const ofText =
  (check: (text: string) => boolean): Check =>
  (value) =>
    typeof value === 'string' && check(value);

/** By name: how values of the scalar look, going in and coming out alike. */
const CHECKS: Readonly<Record<string, Check>> = {
  AWSDate: ofText((text) => isDay(DATE_FORM.exec(text)?.[1] ?? '')),
  AWSTime: ofText((text) => TIME_FORM.test(text)),
  AWSDateTime: ofText((text) => isDay(DATE_TIME_FORM.exec(text)?.[1] ?? '')),
  AWSTimestamp: (value) => Number.isSafeInteger(value),
  AWSEmail: ofText((text) => text.length <= 254 && EMAIL.test(text)),
  AWSURL: ofText(isUrl),
  AWSPhone: ofText((text) => PHONE.test(text) && text.replace(/\D/g, '').length >= 4),
  AWSIPAddress: ofText(isIpRange),
};

function checked(name: string, check: Check): GraphQLScalarType {
  const read = (value: unknown): unknown => {
    if (!check(value)) throw new TypeError(`Unable to parse ${JSON.stringify(value) ?? 'nothing'} as ${name}`);
    return value;
  };
  return new GraphQLScalarType({
    name,
    serialize: (value) => {
      if (check(value)) return value;
      throw new TypeError(`Unable to serialize \`${String(value)}\` as a valid ${name.replace('AWS', '')} Object.`);
    },
    parseValue: read,
    parseLiteral: (node: ValueNode) => {
      const value = valueFromASTUntyped(node);
      return read(node.kind === Kind.STRING || node.kind === Kind.INT ? value : undefined);
    },
  });
}

function parseJson(value: unknown): unknown {
  try {
    if (typeof value === 'string') return JSON.parse(value) as unknown;
  } catch {
    // Told below.
  }
  throw new TypeError(`Unable to parse ${JSON.stringify(value) ?? 'nothing'} as valid JSON.`);
}

/**
 * Goes in as text and is parsed, so that templates see maps and lists; comes out as text. Of a value that is text already
 * nothing says whether it is taken for JSON or made JSON: it is refused.
 */
const AWS_JSON = new GraphQLScalarType({
  name: 'AWSJSON',
  serialize: (value) => {
    if (typeof value !== 'string') return JSON.stringify(value);
    throw new TypeError('a string for AWSJSON is not supported here: give the value itself');
  },
  parseValue: parseJson,
  parseLiteral: (node) => parseJson(node.kind === Kind.STRING ? node.value : undefined),
});

/** AppSync's scalars, after "Scalar types in GraphQL" of its developer guide. */
export const AWS_SCALARS: ReadonlyMap<string, GraphQLScalarType> = new Map(
  [AWS_JSON, ...Object.entries(CHECKS).map(([name, check]) => checked(name, check))].map((type) => [type.name, type]),
);

/** What a source object has under a name; nothing of what every object has. */
export function ownValue(source: unknown, name: string): unknown {
  return isObject(source) && Object.hasOwn(source, name) ? source[name] : undefined;
}
