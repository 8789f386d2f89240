import * as ts from 'typescript';

/**
 * What the types of contracts hold: a schema that is missing, or that no fact of the endpoint asks for, does not
 * compile.
 */

const FACTS = `{ method: 'PUT', path: '/notes/{id}', summary: '', tag: '', auth: 'none', input: ['body'], success: 200 }`;
const NO_CONTENT = FACTS.replace('success: 200', 'success: 204');

/** Contracts, the facts they are for, and what the compiler says of them; nothing where they are right. */
const CASES = [
  { name: 'of all that its facts ask for', contract: 'PutNote: { path: id, body: note, answer: note }' },
  { name: 'without an answer, where there is no content', contract: 'PutNote: { path: id, body: note }', none: true },
  {
    name: 'with an answer, where there is no content',
    contract: 'PutNote: { path: id, body: note, answer: note }',
    none: true,
    error: "not assignable to type 'undefined'",
  },
  { name: 'without the body', contract: 'PutNote: { path: id, answer: note }', error: "Property 'body' is missing" },
  { name: 'without the path', contract: 'PutNote: { body: note, answer: note }', error: "Property 'path' is missing" },
  { name: 'without the answer', contract: 'PutNote: { path: id, body: note }', error: "Property 'answer' is missing" },
  {
    name: 'with a query that nobody reads',
    contract: 'PutNote: { path: id, body: note, answer: note, query: id }',
    error: "not assignable to type 'undefined'",
  },
  {
    name: 'with another path parameter',
    contract: 'PutNote: { path: note, body: note, answer: note }',
    error: "Property 'id' is missing",
  },
  {
    name: 'for no endpoint',
    contract: 'PutNote: { path: id, body: note, answer: note }, GetNote: {}',
    error: "'GetNote' does not exist",
  },
  { name: 'that leaves an endpoint out', contract: '', error: "Property 'PutNote' is missing" },
];

const FILE = `${__dirname}/contract-under-test.ts`;
const HEAD = [
  "import * as z from 'zod/mini';",
  "import type { Contracts } from '../lambda/core/http/endpoint';",
  'const id = z.object({ id: z.string() });',
  'const note = z.object({ title: z.string() });',
  `const ENDPOINTS = { PutNote: ${FACTS} } as const;`,
  `const NO_CONTENT = { PutNote: ${NO_CONTENT} } as const;`,
];

/** What the compiler says, by case: one program for all, a line for each. */
function compile(): string[][] {
  const lines = CASES.map(
    ({ contract, none }, index) =>
      `export const C${index} = { ${contract} } satisfies Contracts<typeof ${none ? 'NO_CONTENT' : 'ENDPOINTS'}>;`,
  );
  const source = [...HEAD, ...lines].join('\n');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: ['node'],
  };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, language) =>
    name === FILE ? ts.createSourceFile(name, source, language) : read(name, language);
  const exists = host.fileExists.bind(host);
  host.fileExists = (name) => name === FILE || exists(name);
  const program = ts.createProgram([FILE], options, host);
  const file = program.getSourceFile(FILE) as ts.SourceFile;
  const errors = CASES.map((): string[] => []);
  for (const { start, messageText } of program.getSemanticDiagnostics(file)) {
    const { line } = file.getLineAndCharacterOfPosition(start ?? 0);
    errors[line - HEAD.length].push(ts.flattenDiagnosticMessageText(messageText, '\n'));
  }
  return errors;
}

let errors: string[][];
beforeAll(() => {
  errors = compile();
});

test.each(CASES.map((one, index) => ({ ...one, index, verdict: one.error ? 'does not compile' : 'compiles' })))(
  'a contract $name $verdict',
  ({ index, error }) => {
    expect(errors[index]).toEqual(error === undefined ? [] : [expect.stringContaining(error)]);
  },
);
