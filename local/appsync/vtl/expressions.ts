import { Source } from './source';
import { BinaryOperator, Expression, Node, Reference, Step } from './syntax';

const NAME = /[A-Za-z_][A-Za-z0-9_]*/;

/** Operators by how tightly they bind, the loosest first; a word stands for a sign. */
const OPERATORS: readonly Readonly<Record<string, BinaryOperator>>[] = [
  { '||': '||', or: '||' },
  { '&&': '&&', and: '&&' },
  { '==': '==', '!=': '!=', eq: '==', ne: '!=' },
  { '<=': '<=', '>=': '>=', '<': '<', '>': '>', le: '<=', ge: '>=', lt: '<', gt: '>' },
  { '+': '+', '-': '-' },
  { '*': '*', '/': '/', '%': '%' },
];

/** Reads a text in double quotes as a template. */
type ReadText = (text: Source) => readonly Node[];

/**
 * Reads references and expressions as Apache Velocity 1.7 has them, which is what both it and later versions take: a
 * method's arguments and the elements of lists and maps are no expressions, a reference is not negated by `-`.
 */
export class ExpressionParser {
  public constructor(
    private readonly source: Source,
    private readonly readText: ReadText,
  ) {}

  public startsReference(): boolean {
    return this.source.peek(/\$!?\{?[A-Za-z_]/) !== undefined;
  }

  public reference(): Reference {
    const { source } = this;
    const start = source.position;
    const place = source.place();
    const opening = source.take(/\$!?\{?/) ?? '';
    const name = source.take(NAME);
    if (name === undefined) return source.refuse(`a reference needs a name here, got ${source.rest()}`);
    const steps: Step[] = [];
    for (let step = this.step(); step !== undefined; step = this.step()) steps.push(step);
    this.refuseHyphen(opening, steps.at(-1));
    if (opening.endsWith('{') && !source.takeText('}')) {
      if (source.startsWith('|')) source.refuse('a default value in a reference is not known to every Velocity');
      source.refuse(`a reference in braces needs } here, got ${source.rest()}`);
    }
    const text = source.text.slice(start, source.position);
    return { kind: 'reference', name, steps, quiet: opening.startsWith('$!'), text, place };
  }

  /** Velocity 1.7 takes `-` for a part of the name, later versions do not. */
  private refuseHyphen(opening: string, last: Step | undefined): void {
    const afterName = last === undefined || last.kind === 'property';
    if (afterName && this.source.startsWith('-') && !opening.endsWith('{')) {
      this.source.refuse(
        'a name followed by - is read differently by different Velocities: put the reference in braces',
      );
    }
    if (afterName && opening.endsWith('{') && this.source.startsWith('-')) {
      this.source.refuse('a name with - is not known to every Velocity: use ["..."]');
    }
  }

  private step(): Step | undefined {
    const { source } = this;
    if (source.startsWith('[')) return this.index();
    if (source.peek(/\.[A-Za-z_]/) === undefined) return undefined;
    source.position += 1;
    const name = source.take(NAME) ?? '';
    if (!source.startsWith('(')) return { kind: 'property', name };
    return { kind: 'method', name, args: this.args() };
  }

  private index(): Step {
    const { source } = this;
    source.position += 1;
    source.skipSpace();
    const of = this.parameter('an index');
    source.expect(']', 'an index');
    return { kind: 'index', of };
  }

  private args(): Expression[] {
    const { source } = this;
    source.position += 1;
    if (source.takeText(')')) return [];
    const args: Expression[] = [];
    do {
      source.skipSpace();
      args.push(this.argument());
      source.skipSpace();
    } while (source.takeText(','));
    if (!source.takeText(')')) {
      source.refuse(`the arguments of a method are no expressions: , or ) is needed here, got ${source.rest()}`);
    }
    return args;
  }

  /** `null` is known as an argument only. */
  private argument(): Expression {
    if (this.source.take(/null(?![A-Za-z0-9_-])/) !== undefined) return { kind: 'literal', value: null };
    return this.parameter('an argument');
  }

  public expression(level = 0): Expression {
    const operators = OPERATORS[level];
    if (operators === undefined) return this.operand();
    let left = this.expression(level + 1);
    for (;;) {
      const place = this.source.place();
      const operator = this.operator(operators);
      if (operator === undefined) return left;
      left = { kind: 'binary', operator, left, right: this.expression(level + 1), place };
    }
  }

  private operator(operators: Readonly<Record<string, BinaryOperator>>): BinaryOperator | undefined {
    const { source } = this;
    const before = source.position;
    source.skipSpace();
    const found = source.take(/\|\||&&|[=!<>]=|[<>+*/%-]|(?:or|and|eq|ne|le|ge|lt|gt)(?![A-Za-z0-9_-])/) ?? '';
    const operator = Object.hasOwn(operators, found) ? operators[found] : undefined;
    if (operator === undefined) {
      source.position = before;
    } else if (operator === '-' && source.peek(/\d/) !== undefined) {
      source.refuse('a space is needed between - and a number');
    }
    return operator;
  }

  private operand(): Expression {
    const { source } = this;
    source.skipSpace();
    const place = source.place();
    if (source.take(/!(?!=)|not(?![A-Za-z0-9_-])/) !== undefined) {
      return { kind: 'not', operand: this.operand(), place };
    }
    if (!source.takeText('(')) return this.parameter('an expression');
    const inner = this.expression();
    source.expect(')', 'an expression');
    return inner;
  }

  /** What may stand in a list, a map or an index. */
  private parameter(where: string): Expression {
    const { source } = this;
    if (this.startsReference()) return this.reference();
    if (source.startsWith('"')) return this.quoted();
    if (source.startsWith("'")) return this.literalText();
    if (source.startsWith('[')) return this.list();
    if (source.startsWith('{')) return this.map();
    const number = source.take(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/);
    if (number !== undefined) return { kind: 'literal', value: this.number(number) };
    const word = source.take(/(?:true|false)(?![A-Za-z0-9_-])/);
    if (word !== undefined) return { kind: 'literal', value: word === 'true' };
    return source.refuse(`${where} has to be a reference, text, number, list or map, got ${source.rest()}`);
  }

  private number(text: string): number {
    const number = Number(text);
    if (/[.eE]/.test(text) && Number.isInteger(number)) {
      this.source.refuse(`${text} is a decimal in Velocity and a whole number here: write it without a point`);
    }
    if (!/[.eE]/.test(text) && !Number.isSafeInteger(number)) this.source.refuse(`${text} is too large`);
    return number;
  }

  private literalText(): Expression {
    const text = this.source.take(/'[^']*'/);
    return { kind: 'literal', value: this.content(text) };
  }

  /** The content of a text with its quotes. A quote twice stands for one in some versions, a `\"` in others. */
  private content(text: string | undefined): string {
    const { source } = this;
    if (text === undefined) return source.refuse('a text is not closed');
    if (source.startsWith(text.slice(-1)) || text.endsWith(`\\${text.slice(-1)}`)) {
      source.refuse('a quote within a text is read differently by different Velocities');
    }
    if (/\\u[0-9a-fA-F]{4}/.test(text)) {
      source.refuse('a \\u within a text is read differently by different Velocities');
    }
    return text.slice(1, -1);
  }

  private quoted(): Expression {
    const { source } = this;
    const place = source.place(source.position + 1);
    const text = this.content(source.take(/"[^"]*"/));
    if (!/[$#]/.test(text)) return { kind: 'literal', value: text };
    return { kind: 'text', body: this.readText(new Source(text, place)) };
  }

  private list(): Expression {
    const { source } = this;
    const place = source.place();
    source.position += 1;
    if (source.takeText(']')) return { kind: 'list', items: [] };
    source.skipSpace();
    const first = this.parameter('a list');
    source.skipSpace();
    if (source.takeText('..')) {
      source.skipSpace();
      const to = this.parameter('a range');
      source.expect(']', 'a range');
      return { kind: 'range', from: first, to, place };
    }
    const items = [first];
    while (source.takeText(',')) {
      source.skipSpace();
      items.push(this.parameter('a list'));
      source.skipSpace();
    }
    source.expect(']', 'a list, whose elements are no expressions,');
    return { kind: 'list', items };
  }

  private map(): Expression {
    const { source } = this;
    source.position += 1;
    source.skipSpace();
    if (source.takeText('}')) return { kind: 'map', entries: [] };
    const entries: (readonly [Expression, Expression])[] = [];
    do {
      source.skipSpace();
      const key = this.parameter('a key of a map');
      source.expect(':', 'a map');
      source.skipSpace();
      entries.push([key, this.parameter('a value of a map')]);
      source.skipSpace();
    } while (source.takeText(','));
    source.expect('}', 'a map, whose values are no expressions,');
    return { kind: 'map', entries };
  }
}
