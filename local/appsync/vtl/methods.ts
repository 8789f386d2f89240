import { isMap, isVtlObject, sameValue, VOID, VtlError, vtlKind, VtlMap, VtlValue } from './values';

/** A method of a Java class: its receiver, and as many arguments as it takes. */
interface Method<Receiver> {
  readonly takes: readonly number[];
  readonly run: (receiver: Receiver, ...args: VtlValue[]) => VtlValue | typeof VOID;
}

type Methods<Receiver> = Readonly<Record<string, Method<Receiver>>>;

function method<Receiver>(takes: number | readonly number[], run: Method<Receiver>['run']): Method<Receiver> {
  return { takes: [takes].flat(), run };
}

function text(value: VtlValue, what = 'an argument'): string {
  if (typeof value !== 'string') throw new VtlError(`${what} has to be a string, got ${vtlKind(value)}`);
  return value;
}

/** Java compares Integer, Long and Double by their class first. */
function comparable(value: VtlValue): VtlValue {
  if (typeof value === 'number') throw new VtlError('numbers are compared by ==, whatever their classes');
  return value;
}

function index(value: VtlValue, end: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw new VtlError(`an index has to be a whole number, got ${vtlKind(value)}`);
  }
  if (value < 0 || value >= end) throw new VtlError(`the index ${value} is out of bounds: 0 to ${end - 1}`);
  return value;
}

function list(value: VtlValue): VtlValue[] {
  if (!Array.isArray(value)) throw new VtlError(`an argument has to be a list, got ${vtlKind(value)}`);
  return value;
}

function map(value: VtlValue): VtlMap {
  if (!isMap(value)) throw new VtlError(`an argument has to be a map, got ${vtlKind(value)}`);
  return value;
}

/** What the two read differently. */
const OTHER_IN_JAVA = /\(\?[a-zA-Z]|\\[QEAZGhHRX]|\(\?>|[*+?}]\+|&&|\[[^\]]*\[|\\p\{(?!L\}|N\}|Lu\}|Ll\})/;

/** To Java `$` is also before a line break at the end, and `\z` is the end alone. */
const ENDS: Readonly<Record<string, string>> = { $: '(?=(?:\\r\\n|[\\n\\r\\u0085\\u2028\\u2029])?$)', '\\z': '$' };

/** An expression of Java as one of JavaScript. */
function javaPattern(source: string, flags = 'u'): RegExp {
  if (OTHER_IN_JAVA.test(source)) throw new VtlError(`the expression ${source} is read differently by Java`);
  // Classes and escapes stay as they are.
  const own = source.replace(/\\[^]|\[(?:\\[^]|[^\]])*\]|\$/g, (part) =>
    Object.hasOwn(ENDS, part) ? ENDS[part] : part,
  );
  try {
    return new RegExp(own, flags);
  } catch (error) {
    throw new VtlError(error instanceof Error ? error.message : String(error));
  }
}

/**
 * `$util.matches`: nothing documents whether the expression has to cover the text, as `Pattern.matches` of Java, or to be
 * found in it. Where that is not the same it is refused.
 */
export function javaMatches(source: string, value: string): boolean {
  const found = javaPattern(source).test(value);
  const covers = javaPattern(`^(?:${source})\\z`).test(value);
  if (found !== covers) {
    throw new VtlError(`${source} is found in the text and does not cover it: write it from ^ to \\z`);
  }
  return found;
}

/** Java leaves out empty texts at the end. */
function split(receiver: string, separator: string): string[] {
  const parts = receiver.split(javaPattern(separator));
  while (parts.length > 1 && parts.at(-1) === '') parts.pop();
  return parts;
}

const TEXT: Methods<string> = {
  length: method(0, (self) => self.length),
  isEmpty: method(0, (self) => self === ''),
  equals: method(1, (self, other) => self === other),
  equalsIgnoreCase: method(1, (self, other) => self.toLowerCase() === text(other).toLowerCase()),
  contains: method(1, (self, part) => self.includes(text(part))),
  startsWith: method(1, (self, part) => self.startsWith(text(part))),
  endsWith: method(1, (self, part) => self.endsWith(text(part))),
  indexOf: method(1, (self, part) => self.indexOf(text(part))),
  lastIndexOf: method(1, (self, part) => self.lastIndexOf(text(part))),
  substring: method([1, 2], (self, from, to) => {
    const end = to === undefined ? self.length : index(to, self.length + 1);
    return self.slice(index(from, end + 1), end);
  }),
  concat: method(1, (self, other) => self + text(other)),
  toUpperCase: method(0, (self) => self.toUpperCase()),
  toLowerCase: method(0, (self) => self.toLowerCase()),
  trim: method(0, (self) => self.trim()),
  toString: method<string>(0, (self) => self),
  replace: method(2, (self, from, to) => self.split(text(from)).join(text(to))),
  replaceAll: method(2, (self, pattern, to) => self.replace(javaPattern(text(pattern), 'gu'), text(to))),
  matches: method(1, (self, pattern) => javaPattern(`^(?:${text(pattern)})\\z`).test(self)),
  split: method(1, (self, separator) => split(self, text(separator))),
  compareTo: method(1, (self, other) => (self === text(other) ? 0 : self < text(other) ? -1 : 1)),
};

const LIST: Methods<VtlValue[]> = {
  size: method(0, (self) => self.length),
  isEmpty: method(0, (self) => self.length === 0),
  get: method(1, (self, at) => self[index(at, self.length)] ?? null),
  add: method([1, 2], (self, first, second) => {
    if (second === undefined) self.push(first);
    else self.splice(index(first, self.length + 1), 0, second);
    return second === undefined ? true : VOID;
  }),
  addAll: method(1, (self, others) => self.push(...list(others)) > 0 && list(others).length > 0),
  set: method(2, (self, at, value) => self.splice(index(at, self.length), 1, value)[0] ?? null),
  remove: method(1, (self, at) => {
    if (typeof at === 'number') return self.splice(index(at, self.length), 1)[0] ?? null;
    const found = self.findIndex((item) => sameValue(item, at));
    if (found >= 0) self.splice(found, 1);
    return found >= 0;
  }),
  clear: method(0, (self) => {
    self.length = 0;
    return VOID;
  }),
  contains: method(1, (self, value) => self.some((item) => sameValue(item, comparable(value)))),
  containsAll: method(1, (self, others) => list(others).every((other) => self.some((item) => sameValue(item, other)))),
  indexOf: method(1, (self, value) => self.findIndex((item) => sameValue(item, comparable(value)))),
  subList: method(2, (self, from, to) => {
    const end = index(to, self.length + 1);
    return self.slice(index(from, end + 1), end);
  }),
  equals: method(1, (self, other) => sameValue(self, other)),
};

const MAP: Methods<VtlMap> = {
  size: method(0, (self) => self.size),
  isEmpty: method(0, (self) => self.size === 0),
  get: method(1, (self, key) => (typeof key === 'string' ? (self.get(key) ?? null) : null)),
  getOrDefault: method(2, (self, key, other: VtlValue) =>
    self.has(text(key)) ? (self.get(text(key)) ?? null) : other,
  ),
  put: method(2, (self, key, value) => {
    const before = self.get(text(key, 'a key')) ?? null;
    self.set(text(key), value);
    return before;
  }),
  putIfAbsent: method(2, (self, key, value) => {
    const before = self.get(text(key, 'a key')) ?? null;
    if (before === null) self.set(text(key), value);
    return before;
  }),
  putAll: method(1, (self, other) => {
    for (const [key, value] of map(other)) self.set(key, value);
    return VOID;
  }),
  remove: method(1, (self, key) => {
    const before = self.get(text(key, 'a key')) ?? null;
    self.delete(text(key));
    return before;
  }),
  clear: method(0, (self) => {
    self.clear();
    return VOID;
  }),
  containsKey: method(1, (self, key) => typeof key === 'string' && self.has(key)),
  containsValue: method(1, (self, value) => [...self.values()].some((item) => sameValue(item, comparable(value)))),
  keySet: method(0, (self) => [...self.keys()]),
  values: method(0, (self) => [...self.values()]),
  entrySet: method(0, (self) => [...self].map(([key, value]) => entryOf(key, value))),
  equals: method(1, (self, other) => sameValue(self, other)),
};

const NUMBER: Methods<number> = {
  intValue: method(0, (self) => Math.trunc(self)),
  longValue: method(0, (self) => Math.trunc(self)),
  toString: method<number>(0, (self) => String(self)),
  equals: method(1, (_self, other) => {
    comparable(0);
    return other;
  }),
};

const BOOLEAN: Methods<boolean> = {
  equals: method(1, (self, other) => self === other),
  booleanValue: method(0, (self) => self),
  toString: method<boolean>(0, (self) => String(self)),
};

/** An entry of `entrySet()`: `$entry.key`, `$entry.value`, and the methods for them. */
function entryOf(key: string, value: VtlValue): VtlValue {
  const properties: Readonly<Record<string, VtlValue>> = { key, value };
  return {
    vtlName: 'an entry of a map',
    property: (name) => properties[name],
    call: (name, args) => {
      if (args.length === 0 && name === 'getKey') return key;
      if (args.length === 0 && name === 'getValue') return value;
      throw new VtlError(`an entry of a map has no method ${name} here`);
    },
  };
}

function invoke<Receiver extends VtlValue>(
  methods: Methods<Receiver>,
  self: Receiver,
  name: string,
  args: readonly VtlValue[],
): VtlValue | typeof VOID {
  const found = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (!found?.takes.includes(args.length)) {
    throw new VtlError(`${vtlKind(self)} has no method ${name} with ${args.length} arguments here`);
  }
  return found.run(self, ...args);
}

/** Calls a method of Java's, on a value that is there. */
export function callMethod(self: VtlValue, name: string, args: readonly VtlValue[]): VtlValue | typeof VOID {
  if (typeof self === 'string') return invoke(TEXT, self, name, args);
  if (typeof self === 'number') return invoke(NUMBER, self, name, args);
  if (typeof self === 'boolean') return invoke(BOOLEAN, self, name, args);
  if (Array.isArray(self)) return invoke(LIST, self, name, args);
  if (isMap(self)) return invoke(MAP, self, name, args);
  if (isVtlObject(self)) return self.call(name, args);
  throw new VtlError(`nothing has no method ${name}`);
}

/** A property, on a value that is there: of a map what is under the key, of a list only whether it is empty. */
export function readProperty(self: VtlValue, name: string): VtlValue {
  if (isMap(self)) {
    // Velocity asks for getClass() before it asks the map.
    if (name === 'class') throw new VtlError('the property class is what Java has of it');
    return self.get(name) ?? null;
  }
  if (isVtlObject(self)) {
    const value = self.property(name);
    if (value === undefined) throw new VtlError(`${self.vtlName} has no property ${name} here`);
    return value;
  }
  if (name === 'empty' && (Array.isArray(self) || typeof self === 'string')) return self.length === 0;
  throw new VtlError(`${vtlKind(self)} has no property ${name}`);
}
