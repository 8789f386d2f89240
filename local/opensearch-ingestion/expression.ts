import { JavaNumber, Value } from './values';

/** An expression, compiled. */
export type Condition = (data: Readonly<Record<string, Value>>) => boolean;

type Operand = (data: Readonly<Record<string, Value>>) => Value;

interface Token {
  readonly kind: 'pointer' | 'text' | 'number' | 'word' | 'operator' | 'mark';
  readonly text: string;
}

const WORDS = ['and', 'or', 'not', 'true', 'false', 'null'];
const ESCAPES: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r' };

/** Of each kind of token, from where it begins. */
const TOKENS: readonly (readonly [Token['kind'], RegExp])[] = [
  ['pointer', /^\/\w+(?:\/\w+)*/],
  ['text', /^"(?:[^"\\$]|\\[btnfr"'\\/$])*"/],
  ['number', /^(?:0|[1-9]\d*)(?:\.\d+)?/],
  ['word', /^[A-Za-z_]\w*/],
  ['operator', /^(?:==|!=|<=|>=|=~|!~|<|>)/],
  ['mark', /^[()]/],
];

/**
 * Compiles the condition of a processor: comparisons by `==` and `!=` of attributes with texts, numbers, `true`, `false`
 * and `null`, joined by `and`, `or`, `not (...)` and parentheses. As in Data Prepper, `and` and `or` bind alike, from
 * left to right, and an attribute that is not there is `null`.
 *
 * https://docs.opensearch.org/latest/data-prepper/pipelines/expression-syntax/ and
 * https://github.com/opensearch-project/data-prepper/blob/main/data-prepper-expression/src/main/antlr/DataPrepperExpression.g4
 *
 * @throws an Error saying what is not supported
 */
export function compileCondition(expression: string): Condition {
  const parser = new Parser(tokenize(expression));
  const condition = parser.conditions();
  parser.end();
  return condition;
}

function tokenize(expression: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < expression.length) {
    if (/\s/.test(expression[at])) {
      at += 1;
      continue;
    }
    const rest = expression.slice(at);
    const [kind, text] = TOKENS.map(([name, form]) => [name, form.exec(rest)?.[0]] as const).find(
      ([, match]) => match !== undefined,
    ) ?? ['mark', undefined];
    if (text === undefined) throw new Error(`what begins with ${rest.slice(0, 20)} is not supported`);
    if (kind === 'word') checkWord(expression, text, at);
    tokens.push({ kind, text });
    at += text.length;
  }
  return tokens;
}

/** The blanks beside a word belong to it. */
function checkWord(expression: string, word: string, at: number): void {
  if (!WORDS.includes(word)) throw new Error(`${word} is not supported`);
  const before = word === 'and' || word === 'or' ? [expression[at - 1]] : [];
  const after = ['and', 'or', 'not'].includes(word) ? [expression[at + word.length]] : [];
  if ([...before, ...after].some((blank) => blank !== ' ')) throw new Error(`${word} must have blanks beside it`);
}

class Parser {
  private at = 0;

  public constructor(private readonly tokens: readonly Token[]) {}

  public conditions(): Condition {
    let left = this.condition();
    for (;;) {
      const [before, word] = [left, this.peek('word')];
      if (word !== 'and' && word !== 'or') return left;
      this.at += 1;
      const right = this.condition();
      left = word === 'and' ? (data) => before(data) && right(data) : (data) => before(data) || right(data);
    }
  }

  public end(): void {
    if (this.at < this.tokens.length) throw new Error(`${this.tokens[this.at].text} is not expected there`);
  }

  private condition(): Condition {
    if (this.peek('word') === 'not') {
      this.at += 1;
      if (this.peek('mark') !== '(') throw new Error('not is supported before parentheses alone');
      const inner = this.condition();
      return (data) => !inner(data);
    }
    if (this.peek('mark') === '(') {
      this.at += 1;
      const inner = this.conditions();
      if (this.peek('mark') !== ')') throw new Error('a parenthesis is not closed');
      this.at += 1;
      return inner;
    }
    return this.comparison();
  }

  private comparison(): Condition {
    const left = this.operand();
    const operator = this.tokens[this.at]?.text;
    if (operator !== '==' && operator !== '!=') {
      throw new Error(`a comparison by == or != is expected, got ${operator ?? 'the end'}`);
    }
    this.at += 1;
    const right = this.operand();
    return (data) => equal(left(data), right(data)) === (operator === '==');
  }

  private operand(): Operand {
    const token = this.tokens[this.at];
    this.at += 1;
    switch (token?.kind) {
      case 'pointer': {
        const names = token.text.slice(1).split('/');
        return (data) => valueAt(data, names);
      }
      case 'text': {
        // The grammar takes it for a pointer in quotes.
        if (token.text.startsWith('"/')) throw new Error(`${token.text} is an attribute, which must be without quotes`);
        const text = token.text.slice(1, -1).replace(/\\(.)/g, (_, mark: string) => ESCAPES[mark] ?? mark);
        return () => text;
      }
      case 'number': {
        const number = new JavaNumber(token.text);
        return () => number;
      }
      case 'word':
        if (token.text === 'true' || token.text === 'false') {
          const value = token.text === 'true';
          return () => value;
        }
        if (token.text === 'null') return () => null;
        break;
      default:
    }
    throw new Error(`an attribute or a value is expected, got ${token?.text ?? 'the end'}`);
  }

  private peek(kind: Token['kind']): string | undefined {
    const token = this.tokens[this.at];
    return token?.kind === kind ? token.text : undefined;
  }
}

/** The value below a path; null where there is none. */
export function valueAt(data: Readonly<Record<string, Value>>, names: readonly string[]): Value {
  return names.reduce<Value>((value, name) => {
    const isMap =
      typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JavaNumber);
    return isMap ? ((value as Readonly<Record<string, Value>>)[name] ?? null) : null;
  }, data);
}

/** A text of digits is no number. */
function equal(a: Value, b: Value): boolean {
  if (a instanceof JavaNumber && b instanceof JavaNumber) return Number(a.text) === Number(b.text);
  return a === b;
}
