import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, NumberValueImpl, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Item } from './items';

/** An item as DynamoDB sends it: nothing of it is lost, whatever its numbers. */
export type WireItem = Record<string, AttributeValue>;

/** A number of JavaScript where that is the same number; DynamoDB's have up to 38 digits. */
const exact = (text: string): unknown => (String(Number(text)) === text ? Number(text) : NumberValueImpl.from(text));

/** An item with plain values, as converters have it. Numbers beyond a double stay what they are. */
export const toPlain = (item: WireItem): Item => unmarshall(item, { wrapNumbers: exact });

/** What is undefined is left out. */
export const toWire = (item: Item): WireItem => marshall(item, { removeUndefinedValues: true });

/** Attribute values with their bytes replaced, at whatever depth. */
function mapBytes(item: object, map: (bytes: unknown) => unknown): object {
  const value = (attribute: object): object => {
    const [type, inner] = Object.entries(attribute)[0] as [string, unknown];
    switch (type) {
      case 'B':
        return { B: map(inner) };
      case 'BS':
        return { BS: (inner as unknown[]).map(map) };
      case 'L':
        return { L: (inner as object[]).map(value) };
      case 'M':
        return { M: mapBytes(inner as object, map) };
      default:
        return attribute;
    }
  };
  return Object.fromEntries(Object.entries(item).map(([name, attribute]) => [name, value(attribute as object)]));
}

/** Bytes as base64, as DynamoDB's JSON and streams have them. */
export const withTextBytes = (item: WireItem): object =>
  mapBytes(item, (bytes) => Buffer.from(bytes as Uint8Array).toString('base64'));

/** The other way round. */
const withBytes = (item: object): WireItem =>
  mapBytes(item, (text) => new Uint8Array(Buffer.from(String(text), 'base64'))) as WireItem;

const isText = (value: unknown): value is string => typeof value === 'string';
/** What the decoder takes with no loss: it passes over other letters. */
const isBase64 = (value: unknown) => isText(value) && Buffer.from(value, 'base64').toString('base64') === value;
const isNumber = (value: unknown) => isText(value) && /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value);
const isSetOf = (is: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.length > 0 && value.every(is);
const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const ATTRIBUTE_TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  S: isText,
  N: isNumber,
  B: isBase64,
  BOOL: (value) => typeof value === 'boolean',
  NULL: (value) => value === true,
  SS: isSetOf(isText),
  NS: isSetOf(isNumber),
  BS: isSetOf(isBase64),
  L: (value) => Array.isArray(value) && value.every(isAttribute),
  M: isJsonItem,
};

function isAttribute(value: unknown): boolean {
  const [entry, ...others] = isRecord(value) ? Object.entries(value) : [];
  return (
    entry !== undefined &&
    others.length === 0 &&
    Object.hasOwn(ATTRIBUTE_TYPES, entry[0]) &&
    ATTRIBUTE_TYPES[entry[0]](entry[1])
  );
}

/** Whether this is an item in DynamoDB's JSON: each attribute with its type, bytes in base64. */
export function isJsonItem(value: unknown): boolean {
  return isRecord(value) && Object.values(value).every(isAttribute);
}

/** An item that was in DynamoDB's JSON. */
export const fromJsonItem = (item: object): WireItem => withBytes(item);

/** A key, or where a scan goes on, as text; and back. */
export const keyText = (key: WireItem): string => JSON.stringify(withTextBytes(key));
export const keyFrom = (text: string): WireItem => withBytes(JSON.parse(text) as object);
