/** What a template is made of, read by `parser.ts` and rendered by `renderer.ts`. */

/** Where something stands: line and column from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A template that is no VTL, or is VTL that the runner refuses. */
export class TemplateRefused extends Error {
  public constructor(message: string, place: Place) {
    super(`${message} (line ${place.line}, column ${place.column})`);
  }
}

/** One step of a reference: `.name`, `.name(...)` or `[...]`. */
export type Step =
  | { readonly kind: 'property'; readonly name: string }
  | { readonly kind: 'method'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'index'; readonly of: Expression };

/** `$name`, with all that follows. */
export interface Reference {
  readonly kind: 'reference';
  readonly name: string;
  readonly steps: readonly Step[];
  /** `$!name`: nothing is written where it has no value. */
  readonly quiet: boolean;
  /** As it stands in the template. */
  readonly text: string;
  readonly place: Place;
}

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '==' | '!=' | '<' | '>' | '<=' | '>=' | '&&' | '||';

export type Expression =
  | Reference
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  /** A text in double quotes with references in it. */
  | { readonly kind: 'text'; readonly body: readonly Node[] }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'range'; readonly from: Expression; readonly to: Expression; readonly place: Place }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: 'not'; readonly operand: Expression; readonly place: Place }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly place: Place;
    };

/** A branch of `#if`; `#else` has no condition. */
export interface Branch {
  readonly condition?: Expression;
  readonly body: readonly Node[];
  readonly place: Place;
}

export type Node =
  | { readonly kind: 'raw'; readonly text: string }
  | Reference
  | { readonly kind: 'set'; readonly target: Reference; readonly value: Expression }
  | { readonly kind: 'if'; readonly branches: readonly Branch[] }
  | {
      readonly kind: 'foreach';
      readonly name: string;
      readonly of: Expression;
      readonly body: readonly Node[];
      readonly place: Place;
    }
  | { readonly kind: 'break'; readonly place: Place }
  | { readonly kind: 'return'; readonly value?: Expression };
