import { ExpressionParser } from './expressions';
import { Source } from './source';
import { Branch, Node } from './syntax';

/** Directives of Velocity that AppSync's documentation does not name, or that need files. */
const REFUSED = ['include', 'parse', 'macro', 'stop', 'define', 'evaluate', 'literal'];

const KNOWN = ['set', 'if', 'elseif', 'else', 'end', 'foreach', 'break', 'return', ...REFUSED];

/** White space and the end of the line after a directive are not written. */
const REST_OF_LINE = /[ \t]*\r?\n/;

/** What a block ends at. */
type Terminator = 'elseif' | 'else' | 'end';

interface Directive {
  readonly name: string;
  readonly length: number;
}

/**
 * Reads a template. It takes what Apache Velocity 1.7 and its successors read alike, and `#return` of AppSync ("AWS AppSync
 * directives" of its developer guide); the rest is refused with its place.
 *
 * @throws TemplateRefused
 */
export function parseTemplate(text: string): readonly Node[] {
  return new Parser(new Source(text), false).all();
}

class Parser {
  private readonly expressions: ExpressionParser;

  public constructor(
    private readonly source: Source,
    private readonly withinText: boolean,
  ) {
    this.expressions = new ExpressionParser(source, (text) => new Parser(text, true).all());
  }

  public all(): readonly Node[] {
    const { nodes, end } = this.block();
    if (end !== undefined) this.source.refuse(`#${end.name} without a block`);
    return nodes;
  }

  /** Nodes up to the end, or up to a directive that ends a block, which is taken. */
  private block(): { readonly nodes: Node[]; readonly end?: { readonly name: Terminator } } {
    const { source } = this;
    const nodes: Node[] = [];
    let raw = '';
    const add = (node?: Node): void => {
      if (raw !== '') nodes.push({ kind: 'raw', text: raw });
      raw = '';
      if (node !== undefined) nodes.push(node);
    };
    while (!source.done) {
      this.refuseEscape();
      const directive = this.directive();
      if (directive !== undefined && isTerminator(directive.name)) {
        source.position += directive.length;
        if (directive.name === 'end') source.take(REST_OF_LINE);
        add();
        return { nodes, end: { name: directive.name } };
      }
      if (directive !== undefined) add(this.statement(directive));
      else if (this.expressions.startsReference()) add(this.expressions.reference());
      else if (!this.comment()) raw += this.rawText();
    }
    add();
    return { nodes };
  }

  /** Takes a comment, or `#[[...]]#`; false where there is none. */
  private comment(): boolean {
    const { source } = this;
    const opening = source.peek(/##|#\*|#\[\[/)?.[0];
    if (opening === undefined) return false;
    if (this.withinText) source.refuse(`${opening} in a text is a comment to Velocity`);
    if (opening === '#[[') source.refuse('#[[ is not supported here');
    const taken = opening === '##' ? source.take(/##[^\n]*\n?/) : source.take(/#\*[\s\S]*?\*#/);
    if (taken === undefined) source.refuse('a comment is not closed');
    return true;
  }

  /** The first character is text, whatever it is. */
  private rawText(): string {
    return this.source.take(/[^][^$#\\]*/) ?? '';
  }

  /** `\$` and `\#` are text or not by rules of their own, other ones in each version. */
  private refuseEscape(): void {
    if (this.source.peek(/\\+(?:\$!?\{?[A-Za-z_]|#[A-Za-z{@*#])/) !== undefined) {
      this.source.refuse('a backslash before $ or # is read differently by different Velocities');
    }
  }

  private directive(): Directive | undefined {
    const { source } = this;
    const found = source.peek(/#(?:\{([A-Za-z@]\w*)\}|([A-Za-z@]\w*))/);
    if (found === undefined) return undefined;
    const [text, braced, plain = ''] = found;
    const name = braced ?? plain;
    if (KNOWN.includes(name)) return { name, length: text.length };
    // Without one of that name Velocity takes it for text; with arguments it looks like a macro.
    if (braced !== undefined || source.text[source.position + text.length] === '(' || name.startsWith('@')) {
      source.refuse(`#${name} is no directive, and macros are not supported here`);
    }
    return undefined;
  }

  private statement({ name, length }: Directive): Node {
    const { source } = this;
    const place = source.place();
    if (REFUSED.includes(name)) source.refuse(`#${name} is not supported here`);
    source.position += length;
    switch (name) {
      case 'set':
        return this.set();
      case 'if':
        return this.conditional();
      case 'foreach':
        return this.foreach();
      case 'break':
        source.take(REST_OF_LINE);
        return { kind: 'break', place };
      default:
        return this.returning();
    }
  }

  private set(): Node {
    const { source } = this;
    source.expect('(', '#set');
    source.skipSpace();
    if (!this.expressions.startsReference()) source.refuse('#set needs a reference to set');
    const target = this.expressions.reference();
    if (target.steps.at(-1)?.kind === 'method') source.refuse(`#set cannot set what ${target.text} returns`);
    source.expect('=', '#set');
    const value = this.expressions.expression();
    source.expect(')', '#set');
    source.take(REST_OF_LINE);
    return { kind: 'set', target, value };
  }

  private conditional(): Node {
    const branches: Branch[] = [];
    for (let name = 'if'; name !== 'end';) {
      const place = this.source.place();
      if (branches.length > 0 && branches.at(-1)?.condition === undefined) {
        this.source.refuse(`#${name} after #else`);
      }
      const condition = name === 'else' ? undefined : this.condition(`#${name}`);
      this.source.take(REST_OF_LINE);
      const { nodes, end } = this.block();
      if (end === undefined) return this.source.refuse('#if without #end');
      branches.push({ condition, body: nodes, place });
      name = end.name;
    }
    return { kind: 'if', branches };
  }

  private condition(where: string): Branch['condition'] {
    this.source.expect('(', where);
    const condition = this.expressions.expression();
    this.source.expect(')', where);
    return condition;
  }

  private foreach(): Node {
    const { source } = this;
    const place = source.place();
    source.expect('(', '#foreach');
    source.skipSpace();
    const name = source.take(/\$\{?[A-Za-z_]\w*\}?/)?.replace(/[${}]/g, '');
    if (name === undefined) return source.refuse(`#foreach needs a reference here, got ${source.rest()}`);
    if (source.take(/\s+in\s+/) === undefined) source.refuse(`#foreach needs " in " here, got ${source.rest()}`);
    const of = this.expressions.expression();
    source.expect(')', '#foreach');
    source.take(REST_OF_LINE);
    const { nodes, end } = this.block();
    if (end?.name === 'else') source.refuse('#else of #foreach is not known to every Velocity');
    if (end?.name !== 'end') return source.refuse('#foreach without #end');
    return { kind: 'foreach', name, of, body: nodes, place };
  }

  private returning(): Node {
    const { source } = this;
    if (!source.startsWith('(')) {
      source.take(REST_OF_LINE);
      return { kind: 'return' };
    }
    source.position += 1;
    source.skipSpace();
    if (source.startsWith(')')) source.refuse('#return() is not documented: write #return or #return(value)');
    const value = this.expressions.expression();
    source.expect(')', '#return');
    source.take(REST_OF_LINE);
    return { kind: 'return', value };
  }
}

function isTerminator(name: string): name is Terminator {
  return name === 'elseif' || name === 'else' || name === 'end';
}
