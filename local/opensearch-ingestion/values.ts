/**
 * The attributes of items as Data Prepper makes JSON of them. Its export and its stream do not agree on all.
 *
 * https://github.com/opensearch-project/data-prepper/blob/main/data-prepper-plugins/dynamodb-source/src/main/java/org/opensearch/dataprepper/plugins/source/dynamodb/converter/StreamRecordConverter.java
 * and, beside it, ExportRecordConverter.java
 */

/** A number as a BigDecimal of Java writes it, of any length. */
export class JavaNumber {
  public constructor(public readonly text: string) {}
}

/** What an event holds. */
export type Value = string | boolean | null | JavaNumber | readonly Value[] | { readonly [name: string]: Value };

/** An attribute in DynamoDB's JSON: `{ S: 'x' }`. */
type Attribute = Readonly<Record<string, unknown>>;
type Convert = (attribute: Attribute) => Value;

/** How the kinds of attributes that differ are written. */
interface Notation {
  readonly number: (text: string) => Value;
  readonly binary: (base64: string) => Value;
  readonly binarySet: (set: readonly string[]) => Value;
}

/**
 * Amazon Ion, read by Jackson: numbers stay numbers, but DynamoDB leaves out their last zeros, and Java then writes
 * 39370 as 3.937E+4 (https://github.com/opensearch-project/data-prepper/issues/3840); binaries are base64.
 */
const EXPORT: Notation = {
  number: (text) => new JavaNumber(javaDecimal(text)),
  binary: (base64) => base64,
  binarySet: (set) => set,
};

/** Attribute values of the SDK for Java: numbers are texts, and a binary is what its toString gives. */
const STREAM: Notation = {
  number: (text) => text,
  binary: sdkBytes,
  binarySet: (set) => `[${set.map(sdkBytes).join(', ')}]`,
};

/** The item of an export. */
export function exportedItem(item: Readonly<Record<string, unknown>>): Record<string, Value> {
  return mapOf(item, converter(EXPORT));
}

/** The image of a stream's record. */
export function streamedItem(image: Readonly<Record<string, unknown>>): Record<string, Value> {
  return mapOf(image, converter(STREAM));
}

function mapOf(item: Readonly<Record<string, unknown>>, convert: Convert): Record<string, Value> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, convert(value as Attribute)]));
}

function converter(notation: Notation): Convert {
  const convert: Convert = (attribute) => {
    const [type, value] = Object.entries(attribute)[0] ?? ['none', undefined];
    switch (type) {
      case 'S':
        return value as string;
      case 'SS':
        return value as readonly string[];
      case 'N':
        return notation.number(value as string);
      case 'NS':
        return (value as readonly string[]).map(notation.number);
      case 'B':
        return notation.binary(value as string);
      case 'BS':
        return notation.binarySet(value as readonly string[]);
      case 'BOOL':
        return value as boolean;
      case 'NULL':
        return null;
      case 'L':
        return (value as readonly Attribute[]).map(convert);
      case 'M':
        return mapOf(value as Attribute, convert);
      default:
        throw new Error(`an attribute of type ${type} is none of DynamoDB's`);
    }
  };
  return convert;
}

function sdkBytes(base64: string): string {
  return `SdkBytes(bytes=0x${Buffer.from(base64, 'base64').toString('hex')})`;
}

/**
 * A number without its last zeros, as `BigDecimal.toString` has it.
 * https://docs.oracle.com/javase/8/docs/api/java/math/BigDecimal.html#toString--
 */
export function javaDecimal(number: string): string {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(number) ?? [];
  const all = `${whole}${fraction}`.replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  if (digits === '') return '0';
  const scale = fraction.length - Number(power) - (all.length - digits.length);
  const adjusted = digits.length - 1 - scale;
  const minus = sign === '-' ? '-' : '';
  if (scale < 0 || adjusted < -6) {
    const rest = digits.length > 1 ? `.${digits.slice(1)}` : '';
    return `${minus}${digits[0]}${rest}E${adjusted < 0 ? '-' : '+'}${Math.abs(adjusted)}`;
  }
  if (scale === 0) return `${minus}${digits}`;
  const padded = digits.padStart(scale + 1, '0');
  return `${minus}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

/** As JSON, with numbers of any length. */
export function toJson(value: Value): string {
  if (value instanceof JavaNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, inner]) => `${JSON.stringify(name)}:${toJson(inner as Value)}`)
    .join(',')}}`;
}

/** As Java's toString has it, which is what stands in an id made of the value. */
export function javaText(value: Value): string {
  if (value instanceof JavaNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(javaText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{${Object.entries(value)
    .map(([name, inner]) => `${name}=${javaText(inner as Value)}`)
    .join(', ')}}`;
}
