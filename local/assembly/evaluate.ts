import { expectList, expectString, isObject, JsonObject, kindOf } from './json';

/** Stands for `AWS::NoValue`: whoever holds it drops the property or list element. */
const NO_VALUE = Symbol('AWS::NoValue');

/** What an evaluation may look up. */
export interface Scope {
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  readonly parameters: ReadonlyMap<string, unknown>;
  readonly mappings: JsonObject;
  readonly conditions: JsonObject;
  /** `Ref` of a resource of the same stack; undefined where there is no such resource. */
  ref(logicalId: string): string | undefined;
  /** Attribute of a resource; throws an Error that names the attribute where the resource has none of it. */
  attribute(logicalId: string, name: string): unknown;
  /** Value of an export of a stack deployed before; undefined where there is none. */
  exported(name: string): unknown;
}

type Intrinsic = (argument: unknown, path: string) => unknown;

/** True for `{"Ref": ...}`, `{"Condition": ...}` and `{"Fn::...": ...}`. */
export function intrinsicName(value: JsonObject): string | undefined {
  const keys = Object.keys(value);
  const [name] = keys;
  return keys.length === 1 && name !== undefined && (name === 'Ref' || name.startsWith('Fn::')) ? name : undefined;
}

/** The variables of an `Fn::Sub` text, with their place in it; `${!Literal}` is no variable. */
export function substitutions(text: string): string[] {
  return [...text.matchAll(/\$\{([^!}][^}]*)\}/g)].map((match) => (match[1] ?? '').trim());
}

/** Resolves the intrinsics of one stack. Anything unknown is refused by name with stack, logical id and path. */
export class Evaluator {
  private readonly decided = new Map<string, boolean>();
  private readonly deciding = new Set<string>();

  private readonly intrinsics: Readonly<Record<string, Intrinsic>> = {
    Ref: (argument, path) => this.ref(expectString(argument, path), path),
    'Fn::GetAtt': (argument, path) => this.getAtt(argument, path),
    'Fn::Join': (argument, path) => this.join(argument, path),
    'Fn::Sub': (argument, path) => this.sub(argument, path),
    'Fn::Select': (argument, path) => this.select(argument, path),
    'Fn::Split': (argument, path) => this.split(argument, path),
    'Fn::ImportValue': (argument, path) => this.importValue(argument, path),
    'Fn::If': (argument, path) => this.choose(argument, path),
    'Fn::FindInMap': (argument, path) => this.findInMap(argument, path),
    'Fn::Base64': (argument, path) =>
      Buffer.from(expectString(this.value(argument, path), path), 'utf8').toString('base64'),
    'Fn::GetAZs': () => ['a', 'b', 'c'].map((zone) => `${this.scope.region}${zone}`),
  };

  private readonly conditionIntrinsics: Readonly<Record<string, (argument: unknown, path: string) => boolean>> = {
    'Fn::Equals': (argument, path) => {
      const [left, right] = this.arguments(argument, path, 2);
      return JSON.stringify(this.value(left, path)) === JSON.stringify(this.value(right, path));
    },
    'Fn::And': (argument, path) => expectList(argument, path).every((item) => this.decide(item, path)),
    'Fn::Or': (argument, path) => expectList(argument, path).some((item) => this.decide(item, path)),
    'Fn::Not': (argument, path) => !this.decide(this.arguments(argument, path, 1)[0], path),
    Condition: (argument, path) => this.condition(expectString(argument, path)),
  };

  public constructor(private readonly scope: Scope) {}

  /**
   * Resolves every intrinsic in a value.
   *
   * @param path where the value stands, for messages: `Stack/LogicalId.Properties.Name`
   * @returns the value; undefined for `AWS::NoValue`
   */
  public evaluate(value: unknown, path: string): unknown {
    const result = this.value(value, path);
    return result === NO_VALUE ? undefined : result;
  }

  /** Decides a named condition of the template. */
  public condition(name: string): boolean {
    const known = this.decided.get(name);
    if (known !== undefined) return known;
    const body = this.scope.conditions[name];
    const path = `${this.scope.stackName}: condition ${name}`;
    if (body === undefined) throw new Error(`${path} is not in the template`);
    if (this.deciding.has(name)) throw new Error(`${path} depends on itself`);
    this.deciding.add(name);
    const result = this.decide(body, path);
    this.deciding.delete(name);
    this.decided.set(name, result);
    return result;
  }

  private value(value: unknown, path: string): unknown {
    if (Array.isArray(value)) {
      return (value as unknown[])
        .map((item, index) => this.value(item, `${path}[${index}]`))
        .filter((item) => item !== NO_VALUE);
    }
    if (!isObject(value)) return value;
    const name = intrinsicName(value);
    if (name !== undefined) {
      const intrinsic = this.intrinsics[name];
      if (intrinsic === undefined) throw new Error(`${path}: intrinsic ${name} is not supported here`);
      return intrinsic(value[name], path);
    }
    const resolved: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) {
      const result = this.value(item, `${path}.${key}`);
      if (result !== NO_VALUE) resolved[key] = result;
    }
    return resolved;
  }

  private decide(value: unknown, path: string): boolean {
    const name = isObject(value) ? Object.keys(value)[0] : undefined;
    const decider = name === undefined ? undefined : this.conditionIntrinsics[name];
    if (!isObject(value) || name === undefined || decider === undefined) {
      throw new Error(`${path}: condition function ${name ?? kindOf(value)} is not supported here`);
    }
    return decider(value[name], path);
  }

  private arguments(argument: unknown, path: string, count: number): readonly unknown[] {
    const list = expectList(argument, path);
    if (list.length !== count) throw new Error(`${path}: needs ${count} arguments, got ${list.length}`);
    return list;
  }

  private ref(name: string, path: string): unknown {
    switch (name) {
      case 'AWS::Region':
        return this.scope.region;
      case 'AWS::AccountId':
        return this.scope.accountId;
      case 'AWS::Partition':
        return 'aws';
      case 'AWS::URLSuffix':
        return 'amazonaws.com';
      case 'AWS::StackName':
        return this.scope.stackName;
      case 'AWS::StackId':
        return stackId(this.scope);
      case 'AWS::NoValue':
        return NO_VALUE;
      default:
        break;
    }
    if (name.startsWith('AWS::')) throw new Error(`${path}: pseudo parameter ${name} is not supported here`);
    if (this.scope.parameters.has(name)) return this.scope.parameters.get(name);
    const value = this.scope.ref(name);
    if (value === undefined) throw new Error(`${path}: Ref to ${name}, which is neither a resource nor a parameter`);
    return value;
  }

  private getAtt(argument: unknown, path: string): unknown {
    if (typeof argument === 'string') {
      const dot = argument.indexOf('.');
      if (dot < 1) throw new Error(`${path}: Fn::GetAtt needs Resource.Attribute, got ${argument}`);
      return this.scope.attribute(argument.slice(0, dot), argument.slice(dot + 1));
    }
    const [logicalId, attribute] = this.arguments(argument, path, 2);
    const name = expectString(this.value(attribute, path), `${path}: attribute of Fn::GetAtt`);
    return this.scope.attribute(expectString(logicalId, `${path}: resource of Fn::GetAtt`), name);
  }

  private join(argument: unknown, path: string): string {
    const [delimiter, parts] = this.arguments(argument, path, 2);
    const list = expectList(this.value(parts, path), `${path}: list of Fn::Join`);
    return list.map((part) => this.text(part, path)).join(expectString(delimiter, `${path}: delimiter of Fn::Join`));
  }

  private sub(argument: unknown, path: string): string {
    const [text, given] = typeof argument === 'string' ? [argument, {}] : this.arguments(argument, path, 2);
    const variables = isObject(given) ? given : {};
    return expectString(text, `${path}: text of Fn::Sub`)
      .replace(/\$\{([^!}][^}]*)\}/g, (_match, raw: string) => {
        const name = raw.trim();
        if (name in variables) return this.text(this.value(variables[name], path), path);
        const dot = name.indexOf('.');
        if (dot > 0) return this.text(this.scope.attribute(name.slice(0, dot), name.slice(dot + 1)), path);
        return this.text(this.ref(name, path), path);
      })
      .replace(/\$\{!/g, '${');
  }

  private select(argument: unknown, path: string): unknown {
    const [index, list] = this.arguments(argument, path, 2);
    const items = expectList(this.value(list, path), `${path}: list of Fn::Select`);
    const at = Number(this.value(index, path));
    if (!Number.isInteger(at) || at < 0 || at >= items.length) {
      throw new Error(`${path}: Fn::Select index must be 0 to ${items.length - 1}, got ${String(index)}`);
    }
    return items[at];
  }

  private split(argument: unknown, path: string): string[] {
    const [delimiter, text] = this.arguments(argument, path, 2);
    const by = expectString(delimiter, `${path}: delimiter of Fn::Split`);
    return expectString(this.value(text, path), `${path}: text of Fn::Split`).split(by);
  }

  private importValue(argument: unknown, path: string): unknown {
    const name = expectString(this.value(argument, path), `${path}: name of Fn::ImportValue`);
    const value = this.scope.exported(name);
    if (value === undefined) throw new Error(`${path}: no stack deployed before exports ${name}`);
    return value;
  }

  private choose(argument: unknown, path: string): unknown {
    const [condition, yes, no] = this.arguments(argument, path, 3);
    return this.value(this.condition(expectString(condition, `${path}: condition of Fn::If`)) ? yes : no, path);
  }

  private findInMap(argument: unknown, path: string): unknown {
    const [map, top, second] = this.arguments(argument, path, 3).map((item) =>
      expectString(this.value(item, path), `${path}: argument of Fn::FindInMap`),
    );
    const level = this.scope.mappings[map ?? ''];
    const entry = isObject(level) ? level[top ?? ''] : undefined;
    const value = isObject(entry) ? entry[second ?? ''] : undefined;
    if (value === undefined) throw new Error(`${path}: mapping ${map} holds no ${top}.${second}`);
    return value;
  }

  private text(value: unknown, path: string): string {
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw new Error(
      `${path}: needs a string to put into a text, got ${kindOf(value === NO_VALUE ? undefined : value)}`,
    );
  }
}

/** The id of a stack, as `AWS::StackId` gives it; the same in every run. */
export function stackId(scope: Pick<Scope, 'stackName' | 'region' | 'accountId'>): string {
  return `arn:aws:cloudformation:${scope.region}:${scope.accountId}:stack/${scope.stackName}/local`;
}
