import type { Item } from '../../../lambda/core/dynamodb';

/**
 * Expressions of DynamoDB as this library writes them: conditions, filters, key conditions, projections and updates,
 * over plain values. Each text is read once. What is not known here is an error, so that nothing is passed over.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */

export type Values = Readonly<Record<string, unknown>>;

/** What placeholders stand for. */
export interface Placeholders {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Values;
}

type Read = (item: Item, given: Placeholders) => unknown;
export type Test = (item: Item, given: Placeholders) => boolean;
export type Change = (item: Item, before: Item, given: Placeholders) => void;

/** An expression, and the placeholders that it names. */
export interface Compiled<T> {
  readonly run: T;
  readonly used: ReadonlySet<string>;
}

const TOKEN = /\s*(<>|<=|>=|[=<>(),+-]|[#:]?[A-Za-z_][\w.]*)/y;
const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (!found) throw new Error(`Expression not understood at ${at}: ${text}`);
    tokens.push(found[1]);
  }
  return tokens;
}

const SURROGATE = /[\ud800-\udfff]/;

/** Do two texts sort so in DynamoDB: by the bytes of UTF-8, which is by their characters and not by halves of them? */
export function isBelow(a: string, b: string): boolean {
  return SURROGATE.test(a) || SURROGATE.test(b) ? Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0 : a < b;
}

/** NaN where two values have no order: attributes of different types are not equal and none is the smaller. */
function compare(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (typeof a === 'string' && typeof b === 'string') return isBelow(a, b) ? -1 : 1;
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : 1;
  const same = typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b);
  return same ? 0 : NaN;
}

class Parser {
  public readonly used = new Set<string>();
  private place = 0;
  private readonly tokens: readonly string[];

  public constructor(private readonly text: string) {
    this.tokens = tokensOf(text);
  }

  public test(): Test {
    const test = this.either();
    if (this.place < this.tokens.length) throw this.unknown();
    return test;
  }

  /** Names as they are given: to write there, not to read. */
  public changes(): Change[] {
    const all: Change[] = [];
    while (this.place < this.tokens.length) {
      const clause = this.next();
      do {
        all.push(this.change(clause));
      } while (this.take(','));
    }
    return all;
  }

  private change(clause: string): Change {
    const target = this.next();
    this.note(target);
    const nameOf = (given: Placeholders) => nameIn(target, given);
    if (clause === 'REMOVE') {
      return (item, _before, given) => void delete item[nameOf(given)];
    }
    if (clause === 'ADD') {
      const added = this.operand();
      return (item, before, given) => {
        const [old, more] = [before[nameOf(given)], added(before, given)];
        item[nameOf(given)] =
          more instanceof Set ? new Set([...((old as Set<unknown>) ?? []), ...more]) : Number(old ?? 0) + Number(more);
      };
    }
    if (clause !== 'SET' || !this.take('=')) throw this.unknown();
    const left = this.operand();
    const sign = this.take('+') ? 1 : this.take('-') ? -1 : 0;
    const right = sign === 0 ? undefined : this.operand();
    return (item, before, given) => {
      const value = left(before, given);
      item[nameOf(given)] = right === undefined ? value : Number(value) + sign * Number(right(before, given));
    };
  }

  private either(): Test {
    let left = this.both();
    while (this.take('OR')) {
      const [a, b] = [left, this.both()];
      left = (item, given) => a(item, given) || b(item, given);
    }
    return left;
  }

  private both(): Test {
    let left = this.single();
    while (this.take('AND')) {
      const [a, b] = [left, this.single()];
      left = (item, given) => a(item, given) && b(item, given);
    }
    return left;
  }

  private single(): Test {
    if (this.take('NOT')) {
      const test = this.single();
      return (item, given) => !test(item, given);
    }
    if (this.take('(')) {
      const test = this.either();
      this.expect(')');
      return test;
    }
    const word = this.tokens[this.place];
    if (this.tokens[this.place + 1] === '(') {
      return this.call(word);
    }
    const left = this.operand();
    if (this.take('BETWEEN')) {
      const low = this.operand();
      this.expect('AND');
      const high = this.operand();
      return (item, given) => {
        const value = left(item, given);
        return compare(value, low(item, given)) >= 0 && compare(value, high(item, given)) <= 0;
      };
    }
    const holds = COMPARISONS[this.next()];
    if (holds === undefined) throw this.unknown();
    const right = this.operand();
    return (item, given) => {
      const [a, b] = [left(item, given), right(item, given)];
      return a === undefined || b === undefined ? false : holds(compare(a, b));
    };
  }

  private call(name: string): Test {
    this.place += 2;
    const first = this.operand();
    const second = this.take(',') ? this.operand() : undefined;
    this.expect(')');
    switch (name) {
      case 'attribute_exists':
        return (item, given) => first(item, given) !== undefined;
      case 'attribute_not_exists':
        return (item, given) => first(item, given) === undefined;
      case 'begins_with':
        return (item, given) => String(first(item, given) ?? '').startsWith(String(second?.(item, given)));
      case 'contains':
        return (item, given) => {
          const [whole, part] = [first(item, given), second?.(item, given)];
          if (whole instanceof Set) return whole.has(part);
          return Array.isArray(whole) ? whole.includes(part) : String(whole ?? '').includes(String(part));
        };
      default:
        throw this.unknown();
    }
  }

  private operand(): Read {
    const word = this.next();
    if (word === 'if_not_exists') {
      this.expect('(');
      const first = this.operand();
      this.expect(',');
      const second = this.operand();
      this.expect(')');
      return (item, given) => first(item, given) ?? second(item, given);
    }
    this.note(word);
    if (word.startsWith(':')) {
      return (_item, { values }) => {
        if (values[word] === undefined) throw new Error(`${word} has no value: ${this.text}`);
        return values[word];
      };
    }
    return (item, given) => item[nameIn(word, given)];
  }

  private note(word: string): void {
    if (/^[#:]/.test(word)) this.used.add(word);
  }

  private next(): string {
    if (this.place >= this.tokens.length) throw this.unknown();
    return this.tokens[this.place++];
  }

  private take(word: string): boolean {
    if (this.tokens[this.place] !== word) return false;
    this.place++;
    return true;
  }

  private expect(word: string): void {
    if (!this.take(word)) throw this.unknown();
  }

  private unknown(): Error {
    return new Error(`Expression not understood near '${this.tokens[this.place] ?? 'its end'}': ${this.text}`);
  }
}

/** The attribute that a word of an expression names. */
export function nameIn(word: string, { names }: Placeholders): string {
  if (!word.startsWith('#')) return word;
  if (names[word] === undefined) throw new Error(`${word} has no name`);
  return names[word];
}

function cached<T>(compile: (parser: Parser) => T): (text: string) => Compiled<T> {
  const known = new Map<string, Compiled<T>>();
  return (text) => {
    let found = known.get(text);
    if (!found) {
      const parser = new Parser(text);
      found = { run: compile(parser), used: parser.used };
      known.set(text, found);
    }
    return found;
  };
}

export const condition = cached((parser) => parser.test());
export const update = cached((parser) => parser.changes());

const PROJECTIONS = new Map<string, readonly string[]>();

/** The attributes that a projection names. */
export function projected(text: string, given: Placeholders): readonly string[] {
  let words = PROJECTIONS.get(text);
  if (!words) PROJECTIONS.set(text, (words = text.split(',').map((word) => word.trim())));
  return words.map((word) => nameIn(word, given));
}
