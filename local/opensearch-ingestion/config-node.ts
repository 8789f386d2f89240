import { isObject, JsonObject } from '../assembly';

/** Says what of a configuration is not supported, with its path, and ends. */
export type Refuse = (message: string) => never;

/** A map of the configuration, with its path for messages. */
export class ConfigNode {
  /**
   * @param path `search-index.source`
   * @param known the keys that it may have; another is refused by its path
   */
  public constructor(
    private readonly values: JsonObject,
    public readonly path: string,
    private readonly known: readonly string[],
    private readonly refuseAll: Refuse,
  ) {
    const other = Object.keys(values).find((name) => !known.includes(name));
    if (other !== undefined) refuseAll(`${this.pathOf(other)} is not supported here`);
  }

  public has(name: string): boolean {
    return this.values[this.checked(name)] !== undefined;
  }

  public text(name: string): string {
    const value = this.values[this.checked(name)];
    if (typeof value === 'string' && value !== '') return value;
    return this.refuse(name, `must be a text, got ${JSON.stringify(value)}`);
  }

  public optionalText(name: string): string | undefined {
    return this.has(name) ? this.text(name) : undefined;
  }

  /** A value that is the only one supported. */
  public only(name: string, wanted: string | boolean): void {
    const value = this.values[this.checked(name)];
    if (value !== wanted) this.refuse(name, `must be ${wanted}, got ${JSON.stringify(value)}`);
  }

  /** One of a few words. */
  public word<Word extends string>(name: string, words: readonly Word[], fallback: Word): Word {
    const value = this.values[this.checked(name)] ?? fallback;
    return (
      words.find((word) => word === value) ??
      this.refuse(name, `must be one of ${words.join(', ')}, got ${String(value)}`)
    );
  }

  public texts(name: string): readonly string[] {
    const value = this.values[this.checked(name)];
    if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string')) return value;
    return this.refuse(name, `must be a list of texts, got ${JSON.stringify(value)}`);
  }

  /** A map below this one. */
  public node(name: string, known: readonly string[]): ConfigNode {
    const value = this.values[this.checked(name)];
    if (!isObject(value)) return this.refuse(name, `must be a map, got ${JSON.stringify(value)}`);
    return new ConfigNode(value, this.pathOf(name), known, this.refuseAll);
  }

  public optionalNode(name: string, known: readonly string[]): ConfigNode | undefined {
    return this.has(name) ? this.node(name, known) : undefined;
  }

  /** Maps of a list below this one. */
  public nodes(name: string, known: readonly string[]): ConfigNode[] {
    const value = this.values[this.checked(name)] ?? [];
    if (!Array.isArray(value)) return this.refuse(name, `must be a list, got ${JSON.stringify(value)}`);
    return (value as readonly unknown[]).map((item, index) => {
      const path = `${this.pathOf(name)}[${index}]`;
      if (!isObject(item)) return this.refuseAll(`${path} must be a map, got ${JSON.stringify(item)}`);
      return new ConfigNode(item, path, known, this.refuseAll);
    });
  }

  /** The one map of a list that may have no other. */
  public onlyNode(name: string, known: readonly string[]): ConfigNode {
    const [first, ...others] = this.nodes(name, known);
    if (first === undefined || others.length > 0) {
      return this.refuse(name, `must have one entry, got ${others.length + (first === undefined ? 0 : 1)}`);
    }
    return first;
  }

  /** Raises an error that names the path of a key. */
  public refuse(name: string, message: string): never {
    return this.refuseAll(`${this.pathOf(name)} ${message}`);
  }

  private pathOf(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  private checked(name: string): string {
    if (!this.known.includes(name)) throw new Error(`${this.pathOf(name)} is read, and not known`);
    return name;
  }
}
