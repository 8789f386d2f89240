import { illegalArgument, NOT_HERE, SearchError } from './errors';
import { Json } from '../aws/protocol';

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads an object of a request; what is not of the kind that it should be is refused by name. */
export class Reader {
  /**
   * @param where for messages: `highlight`
   * @param refuse makes the error of a message
   */
  public constructor(
    private readonly given: Json,
    private readonly where: string,
    private readonly refuse: (reason: string) => SearchError = illegalArgument,
  ) {}

  /** Raises an error for a key that is not of the list. */
  public only(...known: readonly string[]): this {
    const other = Object.keys(this.given).find((key) => !known.includes(key));
    if (other !== undefined) throw this.refuse(`[${this.where}] unknown field [${other}], or ${NOT_HERE}`);
    return this;
  }

  public has(name: string): boolean {
    return this.given[name] !== undefined;
  }

  public value(name: string): unknown {
    return this.given[name];
  }

  public string(name: string): string {
    const value = this.given[name];
    if (typeof value !== 'string') throw this.wrong(name, 'a string');
    return value;
  }

  public optionalString(name: string): string | undefined {
    return this.has(name) ? this.string(name) : undefined;
  }

  /** One of a few words. */
  public word<Word extends string>(name: string, words: readonly Word[], fallback: Word): Word {
    const value = this.given[name];
    if (value === undefined) return fallback;
    const found = words.find((word) => word === value);
    if (found === undefined) throw this.wrong(name, `one of ${words.join(', ')}`);
    return found;
  }

  public boolean(name: string, fallback: boolean): boolean {
    const value = this.given[name] ?? fallback;
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    throw this.wrong(name, 'true or false');
  }

  /** A whole number; OpenSearch takes text of digits as well. */
  public integer(name: string, fallback: number, least = 0): number {
    const value = this.given[name] ?? fallback;
    const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw this.wrong(name, 'a whole number');
    if (number < least) throw this.refuse(`[${name}] parameter must be at least ${least}, found [${number}]`);
    return number;
  }

  public number(name: string, fallback: number): number {
    const value = this.given[name] ?? fallback;
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
      throw this.wrong(name, 'a number that is not negative');
    }
    return value;
  }

  public object(name: string): Json {
    const value = this.given[name];
    if (!isJson(value)) throw this.wrong(name, 'an object');
    return value;
  }

  public optionalObject(name: string): Json | undefined {
    return this.has(name) ? this.object(name) : undefined;
  }

  /** A string, or several. */
  public strings(name: string): readonly string[] {
    const value = this.given[name];
    const list: readonly unknown[] = Array.isArray(value) ? (value as readonly unknown[]) : [value];
    if (!list.every((item) => typeof item === 'string')) throw this.wrong(name, 'strings');
    return list;
  }

  /** Milliseconds of `500ms`, `2s`, `1m`, `1h`, `1d`; -1 for `-1`. */
  public duration(name: string): number | undefined {
    return this.has(name) ? parseDuration(this.given[name], name, this.refuse) : undefined;
  }

  private wrong(name: string, expected: string): SearchError {
    return this.refuse(`[${this.where}] [${name}] must be ${expected}, got ${JSON.stringify(this.given[name])}`);
  }
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function parseDuration(value: unknown, name: string, refuse = illegalArgument): number {
  if (value === '-1' || value === -1) return -1;
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(String(value));
  if (match === null) {
    throw refuse(
      `failed to parse setting [${name}] with value [${String(value)}] as a time value: unit is missing or unrecognized`,
    );
  }
  return Number(match[1]) * (UNITS[match[2]] ?? 1);
}

/** Compares as Lucene does: by the bytes of UTF-8. */
export function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}
