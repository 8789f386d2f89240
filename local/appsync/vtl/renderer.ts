import { callMethod, readProperty } from './methods';
import { Expression, Node, Place, Reference, Step } from './syntax';
import { isMap, isVtlObject, sameValue, textOf, VOID, VtlError, vtlKind, VtlValue } from './values';

/** "Maximum number of iterations in a foreach loop", a quota of AppSync. */
const MOST_ITERATIONS = 1000;

/** Ends a loop. */
class Break extends Error {}

/** Ends a template, with a value. */
class Return extends Error {
  public constructor(public readonly value: VtlValue) {
    super('#return');
  }
}

/** What a template gives: text, or what `#return` gave. */
export type Rendered =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'return'; readonly value: VtlValue };

/**
 * Renders a template as Apache Velocity does, 1.7 and its successors alike. Where they differ, or where Velocity would
 * write a reference as it stands because it has no value, it throws.
 *
 * @throws VtlError with the place, and whatever `$util.error` throws
 */
export function render(nodes: readonly Node[], variables: Readonly<Record<string, VtlValue>>): Rendered {
  const renderer = new Renderer(new Map(Object.entries(variables)), new Set(Object.keys(variables)));
  try {
    return { kind: 'text', text: renderer.all(nodes) };
  } catch (error) {
    if (error instanceof Return) return { kind: 'return', value: error.value };
    if (error instanceof Break) throw new VtlError('#break outside of #foreach');
    throw error;
  }
}

class Renderer {
  public constructor(
    private readonly variables: Map<string, VtlValue>,
    private readonly reserved: ReadonlySet<string>,
  ) {}

  public all(nodes: readonly Node[]): string {
    return nodes.map((node) => this.node(node)).join('');
  }

  private node(node: Node): string {
    switch (node.kind) {
      case 'raw':
        return node.text;
      case 'reference':
        return this.written(node);
      case 'set':
        at(node.target.place, () => this.set(node.target, node.value));
        return '';
      case 'if':
        return this.conditional(node.branches);
      case 'foreach':
        return this.foreach(node);
      case 'break':
        throw new Break();
      case 'return':
        throw new Return(node.value === undefined ? null : this.given(node.value));
    }
  }

  private written(reference: Reference): string {
    return at(reference.place, () => {
      const value = this.resolve(reference);
      if (value === VOID || (value === null && reference.quiet)) return '';
      return textOf(value, reference.text);
    });
  }

  private conditional(branches: Extract<Node, { kind: 'if' }>['branches']): string {
    for (const { condition, body, place } of branches) {
      if (condition === undefined || at(place, () => this.isTrue(condition))) return this.all(body);
    }
    return '';
  }

  /** 1.7 takes all but null and false for true, later ones not what is empty or 0. */
  private isTrue(expression: Expression): boolean {
    const value = this.given(expression);
    if (value === null || typeof value === 'boolean') return value === true;
    const empty = value === '' || value === 0 || (Array.isArray(value) && value.length === 0);
    if (empty || (isMap(value) && value.size === 0)) {
      throw new VtlError(
        `whether ${vtlKind(value)} that is empty or 0 holds, is not the same in every Velocity: ask for it`,
      );
    }
    return true;
  }

  private foreach({ name, of, body, place }: Extract<Node, { kind: 'foreach' }>): string {
    const items = at(place, () => this.iterated(of));
    const before = [this.variables.get(name), this.variables.get('foreach')] as const;
    let written = '';
    try {
      for (const [position, item] of items.entries()) {
        this.variables.set(name, item);
        this.variables.set('foreach', loopState(position, items.length));
        written += this.all(body);
      }
    } catch (error) {
      if (!(error instanceof Break)) throw error;
    } finally {
      this.restore(name, before[0]);
      this.restore('foreach', before[1]);
    }
    return written;
  }

  private restore(name: string, value: VtlValue | undefined): void {
    if (value === undefined) this.variables.delete(name);
    else this.variables.set(name, value);
  }

  private iterated(of: Expression): VtlValue[] {
    const value = this.given(of);
    if (value === null) return [];
    const items = isMap(value) ? [...value.values()] : value;
    if (!Array.isArray(items)) throw new VtlError(`#foreach goes over lists and maps, got ${vtlKind(value)}`);
    if (items.length > MOST_ITERATIONS) {
      throw new VtlError(`#foreach goes over at most ${MOST_ITERATIONS} elements, got ${items.length}`);
    }
    return [...items];
  }

  private set(target: Reference, expression: Expression): void {
    const { name, steps, text } = target;
    const value = this.given(expression);
    const last = steps.at(-1);
    if (last === undefined) {
      if (this.reserved.has(name)) throw new VtlError(`${text} is set, which AppSync gives`);
      if (value === null && (this.variables.get(name) ?? null) !== null) {
        throw new VtlError(`${text} is set to what has no value: some Velocities leave it as it was`);
      }
      this.variables.set(name, value);
      return;
    }
    const holder = this.follow(name, steps.slice(0, -1));
    if (value === null) throw new VtlError(`${text} is set to what has no value: some Velocities leave it as it was`);
    if (isMap(holder)) callMethod(holder, 'put', [this.keyOf(last), value]);
    else if (Array.isArray(holder) && last.kind === 'index') callMethod(holder, 'set', [this.keyOf(last), value]);
    else throw new VtlError(`${text} cannot be set: it is in ${holder === VOID ? 'nothing' : vtlKind(holder)}`);
  }

  private keyOf(step: Step): VtlValue {
    return step.kind === 'index' ? this.given(step.of) : step.name;
  }

  /** The value of an expression, as an argument or to be set. */
  private given(expression: Expression): VtlValue {
    switch (expression.kind) {
      case 'literal':
        return expression.value;
      case 'text':
        return this.all(expression.body);
      case 'reference': {
        const value = at(expression.place, () => this.resolve(expression));
        return value === VOID ? null : value;
      }
      case 'list':
        return expression.items.map((item) => this.given(item));
      case 'range':
        return at(expression.place, () => rangeOf(this.given(expression.from), this.given(expression.to)));
      case 'map':
        return this.mapOf(expression.entries);
      case 'not':
        return at(expression.place, () => !this.isTrue(expression.operand));
      case 'binary':
        return at(expression.place, () => this.binary(expression));
    }
  }

  private mapOf(entries: readonly (readonly [Expression, Expression])[]): VtlValue {
    return new Map(
      entries.map(([key, value]) => {
        const name = this.given(key);
        if (typeof name !== 'string') throw new VtlError(`a key of a map has to be a string, got ${vtlKind(name)}`);
        return [name, this.given(value)];
      }),
    );
  }

  private binary({ operator, left, right }: Extract<Expression, { kind: 'binary' }>): VtlValue {
    if (operator === '&&') return this.isTrue(left) && this.isTrue(right);
    if (operator === '||') return this.isTrue(left) || this.isTrue(right);
    const [a, b] = [this.given(left), this.given(right)];
    if (operator === '==' || operator === '!=') return areEqual(a, b) === (operator === '==');
    if (operator === '+' && (typeof a === 'string' || typeof b === 'string')) {
      return textOf(a, 'the left side of +') + textOf(b, 'the right side of +');
    }
    if (typeof a !== 'number' || typeof b !== 'number') {
      throw new VtlError(`${operator} needs numbers, got ${vtlKind(a)} and ${vtlKind(b)}`);
    }
    switch (operator) {
      case '<':
        return a < b;
      case '>':
        return a > b;
      case '<=':
        return a <= b;
      case '>=':
        return a >= b;
      default:
        return calculate(operator, a, b);
    }
  }

  private resolve({ name, steps }: Reference): VtlValue | typeof VOID {
    return this.follow(name, steps);
  }

  /** What is asked of nothing, is nothing. */
  private follow(name: string, steps: readonly Step[]): VtlValue | typeof VOID {
    const given = this.variables.get(name);
    if (given === undefined && steps.length > 0) throw new VtlError(`$${name} is not known here, and is never set`);
    let value: VtlValue | typeof VOID = given ?? null;
    for (const step of steps) {
      if (value === null || value === VOID) return null;
      value = this.step(value, step);
    }
    return value;
  }

  private step(value: VtlValue, step: Step): VtlValue | typeof VOID {
    if (step.kind === 'property') return readProperty(value, step.name);
    if (step.kind === 'method') {
      const args = step.args.map((argument) => this.given(argument));
      return callMethod(value, step.name, args);
    }
    if (isVtlObject(value)) throw new VtlError(`${value.vtlName} has no index`);
    return callMethod(value, 'get', [this.given(step.of)]);
  }
}

/** Adds the place to what a template does wrong. */
function at<T>(place: Place, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof VtlError) || / \(line \d+, column \d+\)$/.test(error.message)) throw error;
    throw new VtlError(`${error.message} (line ${place.line}, column ${place.column})`);
  }
}

/** `$foreach`. */
function loopState(position: number, length: number): VtlValue {
  const properties: Readonly<Record<string, VtlValue>> = {
    index: position,
    count: position + 1,
    hasNext: position + 1 < length,
    first: position === 0,
    last: position + 1 === length,
  };
  return {
    vtlName: '$foreach',
    property: (name) => properties[name],
    call: (name) => {
      throw new VtlError(`$foreach has no method ${name} here`);
    },
  };
}

function rangeOf(from: VtlValue, to: VtlValue): VtlValue {
  if (!Number.isInteger(from) || !Number.isInteger(to)) {
    throw new VtlError(`a range needs whole numbers, got ${vtlKind(from)} and ${vtlKind(to)}`);
  }
  const [start, end] = [Number(from), Number(to)];
  const step = start <= end ? 1 : -1;
  const length = Math.abs(end - start) + 1;
  if (length > MOST_ITERATIONS) throw new VtlError(`a range of ${length} is too long here`);
  return Array.from({ length }, (_, position) => start + position * step);
}

/** Numbers by value, the same kinds by `equals`, others by their text. */
function areEqual(a: VtlValue, b: VtlValue): boolean {
  if (a === null || b === null || typeof a === typeof b) return sameValue(a, b);
  if (typeof a === 'object' || typeof b === 'object') {
    throw new VtlError(`${vtlKind(a)} is not compared with ${vtlKind(b)}`);
  }
  return String(a) === String(b);
}

/** Whole numbers stay whole: 7 / 2 is 3. */
function calculate(operator: '+' | '-' | '*' | '/' | '%', a: number, b: number): number {
  if (b === 0 && (operator === '/' || operator === '%')) throw new VtlError(`${operator} by 0 has no value`);
  const whole = Number.isInteger(a) && Number.isInteger(b);
  const results = { '+': a + b, '-': a - b, '*': a * b, '/': whole ? Math.trunc(a / b) : a / b, '%': a % b };
  const result = results[operator];
  if (whole ? !Number.isSafeInteger(result) : Number.isInteger(result)) {
    throw new VtlError(`${a} ${operator} ${b} is written differently by Velocity`);
  }
  return result;
}
