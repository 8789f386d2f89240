import type { Item } from './items';

/** The most that DynamoDB takes: an item with the names of its attributes, and all items of a transaction together. */
export const ITEM_BYTES = 400 * 1024;
export const TRANSACTION_BYTES = 4 * 1024 * 1024;

/** Of a list or a map, and of each of its elements. */
const DOCUMENT_BYTES = 3;
const ELEMENT_BYTES = 1;

/**
 * A byte for two significant digits, which are paired from the decimal point on, a byte for the exponent, and one for
 * the sign of a negative number. DynamoDB calls its own rule approximate: this is never less.
 */
function numberBytes(value: number | bigint): number {
  const digits = String(value)
    .replace(/e.*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|0+$/g, '').length;
  return digits === 0 ? 1 : Math.ceil((digits + 1) / 2) + 1 + (value < 0 ? 1 : 0);
}

function valueBytes(value: unknown): number {
  if (typeof value === 'string') {
    return Buffer.byteLength(value);
  }
  if (typeof value === 'number' || typeof value === 'bigint') {
    return numberBytes(value);
  }
  if (value === null || typeof value === 'boolean') {
    return 1;
  }
  if (value instanceof Uint8Array) {
    return value.byteLength;
  }
  if (Array.isArray(value) || value instanceof Set) {
    return [...value].reduce<number>((sum, element) => sum + ELEMENT_BYTES + valueBytes(element), DOCUMENT_BYTES);
  }
  const entries: readonly [string, unknown][] = value instanceof Map ? [...value] : Object.entries(value as object);
  const attributes = entries.filter(([, inner]) => inner !== undefined);
  return DOCUMENT_BYTES + ELEMENT_BYTES * attributes.length + attributesBytes(attributes);
}

const attributesBytes = (attributes: readonly (readonly [string, unknown])[]) =>
  attributes.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);

/**
 * The size of an item in bytes, as DynamoDB bounds and bills it, of plain values as the document client takes them; what
 * is undefined is not written.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export const itemSize = (item: Item): number =>
  attributesBytes(Object.entries(item).filter(([, value]) => value !== undefined));
