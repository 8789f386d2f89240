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

/** A key, or where a scan goes on, as text; and back. */
export const keyText = (key: WireItem): string => JSON.stringify(withTextBytes(key));
export const keyFrom = (text: string): WireItem => withBytes(JSON.parse(text) as object);
