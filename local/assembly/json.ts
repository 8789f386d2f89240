/** A JSON object of unknown shape. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for a plain JSON object (no array, no null). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a value is, for an error message: `a list`, `a string`, `null`. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** @throws naming `where` when the value is no object */
export function expectObject(value: unknown, where: string): JsonObject {
  if (!isObject(value)) throw new Error(`${where} must be an object, got ${kindOf(value)}`);
  return value;
}

/** @throws naming `where` when the value is no string */
export function expectString(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new Error(`${where} must be a string, got ${kindOf(value)}`);
  return value;
}

/** @throws naming `where` when the value is no list */
export function expectList(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${where} must be a list, got ${kindOf(value)}`);
  return value as readonly unknown[];
}

/** A list of strings, where CloudFormation also takes a single one. */
export function stringList(value: unknown, where: string): readonly string[] {
  const list = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  return list.map((item, index) => expectString(item, `${where}[${index}]`));
}
