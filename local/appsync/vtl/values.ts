import { isObject, kindOf } from '../../assembly/json';

/** Something of the runner that a template calls: `$util.time`. */
export interface VtlObject {
  /** As a template names it: `$util.time`. */
  readonly vtlName: string;
  /** @throws an Error for a method that it does not have */
  call(method: string, args: readonly VtlValue[]): VtlValue | typeof VOID;
  /** Undefined for a property that it does not have. */
  property(name: string): VtlValue | undefined;
}

/** A Java map, as JSON objects are in a template: in order, and with any text for a key. */
export type VtlMap = Map<string, VtlValue>;

/** A value of a template; `null` is also what a reference without a value has. */
export type VtlValue = string | number | boolean | null | VtlValue[] | VtlMap | VtlObject;

/** What a method without a result returns: nothing is written of it. */
export const VOID = Symbol('void');

/** Something that a template does that Velocity would refuse, read otherwise in each version, or write as it stands. */
export class VtlError extends Error {}

export function isMap(value: unknown): value is VtlMap {
  return value instanceof Map;
}

export function isVtlObject(value: unknown): value is VtlObject {
  return typeof value === 'object' && value !== null && 'vtlName' in value;
}

/** JSON as a template sees it. What is undefined is not there. */
export function toVtl(value: unknown): VtlValue {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return (value as unknown[]).map(toVtl);
  if (isMap(value) || isVtlObject(value)) return value;
  if (isObject(value)) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return new Map(entries.map(([key, item]) => [key, toVtl(item)]));
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw new VtlError(`a ${typeof value} is nothing that a template can have`);
}

/** JSON of what a template has. */
export function fromVtl(value: VtlValue): unknown {
  if (Array.isArray(value)) return value.map(fromVtl);
  if (isVtlObject(value)) throw new VtlError(`${value.vtlName} has no form in JSON`);
  if (!isMap(value)) return value;
  const object: Record<string, unknown> = {};
  for (const [key, item] of value) {
    // By assignment `__proto__` would set what it names.
    Object.defineProperty(object, key, { value: fromVtl(item), enumerable: true, writable: true, configurable: true });
  }
  return object;
}

/** What a value is, for a message. */
export function vtlKind(value: VtlValue): string {
  if (isVtlObject(value)) return value.vtlName;
  return isMap(value) ? 'a map' : kindOf(value);
}

/** Text as Velocity writes it. What Java writes of maps and lists is no JSON: nobody wants it. */
export function textOf(value: VtlValue, where: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null) throw new VtlError(`${where} has no value: Velocity would write it as it stands`);
  throw new VtlError(`${where} is ${vtlKind(value)}, and would not be written as JSON: use $util.toJson`);
}

/** True where two values are the same to `equals` of Java. */
export function sameValue(a: VtlValue, b: VtlValue): boolean {
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameValue(item, b[index] ?? null));
  }
  if (!isMap(a)) return a === b;
  return (
    isMap(b) && a.size === b.size && [...a].every(([key, item]) => b.has(key) && sameValue(item, b.get(key) ?? null))
  );
}
