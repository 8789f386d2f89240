import { list, map, number, text, util, UtilFunction, UtilFunctions, utilObject } from './functions';
import { fromVtl, isMap, VtlError, vtlKind, VtlMap, VtlObject, VtlValue } from '../values';

const typed = (type: string, value: VtlValue): VtlMap => new Map([[type, value]]);

/** The typed form of any value. Numbers stay numbers: the data source takes both. */
function toTyped(value: VtlValue): VtlMap {
  if (value === null) return typed('NULL', null);
  if (typeof value === 'string') return typed('S', value);
  if (typeof value === 'number') return typed('N', value);
  if (typeof value === 'boolean') return typed('BOOL', value);
  if (Array.isArray(value)) return typed('L', value.map(toTyped));
  if (isMap(value)) return typed('M', typedValues(value));
  throw new VtlError(`${vtlKind(value)} has no form in DynamoDB`);
}

const typedValues = (values: VtlMap): VtlMap => new Map([...values].map(([key, value]) => [key, toTyped(value)]));

function all<T extends VtlValue>(values: VtlValue, read: (value: VtlValue) => T): T[] {
  return list(values).map(read);
}

function flag(value: VtlValue): boolean {
  if (typeof value !== 'boolean') throw new VtlError(`true or false is needed, got ${vtlKind(value)}`);
  return value;
}

const CONVERSIONS: Readonly<Record<string, (value: VtlValue) => VtlMap>> = {
  toDynamoDB: toTyped,
  toString: (value: VtlValue) => typed('S', text(value)),
  toStringSet: (values) => typed('SS', all(values, text)),
  toNumber: (value) => typed('N', number(value)),
  toNumberSet: (values) => typed('NS', all(values, number)),
  toBinary: (value) => typed('B', text(value)),
  toBinarySet: (values) => typed('BS', all(values, text)),
  toBoolean: (value) => typed('BOOL', flag(value)),
  toList: (values) => typed('L', all(values, toTyped)),
  toMap: (value) => typed('M', typedValues(map(value))),
  toMapValues: (value) => typedValues(map(value)),
};

/** Each conversion, and with `Json` after its name its text. */
function conversions(): UtilFunctions {
  const functions = Object.entries(CONVERSIONS).flatMap(([name, convert]): [string, UtilFunction][] => [
    [name, util(1, convert)],
    [`${name}Json`, util(1, (value) => JSON.stringify(fromVtl(convert(value))))],
  ]);
  return {
    ...Object.fromEntries(functions),
    toNull: util(0, () => typed('NULL', null)),
    toNullJson: util(0, () => '{"NULL":null}'),
  };
}

/** `$util.dynamodb`, after "DynamoDB helpers in $util.dynamodb" of the AppSync developer guide. */
export const DYNAMODB: VtlObject = utilObject('$util.dynamodb', conversions());
