import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';
import * as ts from 'typescript';

/**
 * Leaves out of a bundle the schemas that it does not use: to a bundler, each call at the top of a module may do something.
 * Making a schema does nothing else, and takes long enough that all schemas of an API are a tenth of a first request.
 */
export const withoutUnusedSchemas: Plugin = {
  name: 'without-unused-schemas',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]lambda[\\/].*\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      return text.includes("from 'zod/mini'") ? { contents: withPureSchemas(text), loader: 'ts' } : undefined;
    });
  },
};

/** Whose calls make a schema, a check of one or a part of it; and what else is called where schemas are. */
const IMPURE = /\b(?:new|await|import|require|process|\w*[eE]nv)\b/;

/**
 * Marks what is called at the top of a module, if it is given a name, alone or in a list, as something that may be dropped
 * with the name.
 */
export function withPureSchemas(text: string): string {
  const source = ts.createSourceFile('schemas.ts', text, ts.ScriptTarget.Latest, false);
  const calls = source.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .flatMap(({ name, initializer }) => (initializer && ts.isIdentifier(name) ? [initializer] : []))
    .filter((initializer) => isMade(initializer) && !IMPURE.test(textOf(text, initializer)));
  return calls.reduceRight(
    (all, call) =>
      `${all.slice(0, call.getStart(source))}/* @__PURE__ */ (() => ${textOf(text, call)})()${all.slice(call.end)}`,
    text,
  );
}

/** By a call, or as a list of what is. */
function isMade(node: ts.Expression): boolean {
  const made = ts.isAsExpression(node) ? node.expression : node;
  return ts.isCallExpression(made) || (ts.isArrayLiteralExpression(made) && made.elements.some(isMade));
}

const textOf = (text: string, node: ts.Node): string => text.slice(node.pos, node.end).trimStart();
