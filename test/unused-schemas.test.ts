import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { runInNewContext } from 'node:vm';
import { build } from 'esbuild';
import { withPureSchemas } from '../scripts/unused-schemas';

/** Schemas that a function does not use are not in its bundle, and those that it does are as they were written. */

const ROOT = path.join(__dirname, '..');

const TEXT = `
  import * as z from 'zod/mini';
  const line = (max: number) => z.string().check(z.maxLength(max));
  export const title = line(7).check(z.regex(/\\S/));
  export const other = z.object({ body: line(9), 'not asked for': z.optional(z.string()) });
  export const both = [title, line(11)] as const;
  export const { length } = [title];
  export const names = ['title', 'other'];
  export const fromEnv = numberEnv('SIZE');
  export const made = z.string({ error: new Error('x').message });
  title.check();
`;

test('what is made by a call and has a name may be dropped, but not what reads the environment or makes anew', () => {
  const marked = withPureSchemas(TEXT);
  const [open, close] = ['/* @__PURE__ */ (() => ', ')()'];
  expect(marked.split(open)).toHaveLength(4);
  expect(marked).toContain(`export const title = ${open}line(7).check(z.regex(/\\S/))${close};`);
  expect(marked).toContain(`export const both = ${open}[title, line(11)] as const${close};`);
  expect(marked).toContain(`export const other = ${open}z.object({ body: line(9),`);
  expect(marked.replaceAll(open, '').replaceAll(`)${close};`, ');').replaceAll(`const${close};`, 'const;')).toBe(TEXT);
});

test('a bundler then takes what is used, and it is as it was', async () => {
  const contents = withPureSchemas(TEXT.split('\n').slice(0, 6).join('\n')).replaceAll('export ', '');
  const { outputFiles } = await build({
    stdin: {
      contents: `${contents}\nglobalThis.check = (text) => title.safeParse(text).success;`,
      loader: 'ts',
      resolveDir: ROOT,
    },
    ...{ bundle: true, write: false, format: 'iife', logLevel: 'warning' },
  });
  const [{ text }] = outputFiles;
  expect(text).not.toContain('not asked for');
  expect(text).not.toContain('11');
  const context = { check: (_: string): boolean => false };
  runInNewContext(text, { globalThis: context });
  expect(['title', ' ', 'longer than 7'].map(context.check)).toEqual([true, false, false]);
});

test.each<[string, string, readonly string[]]>([
  ['tags of an article', 'must be a list of strings', ['create-article', 'update-article']],
])('of the RealWorld API, the schema of %s is in the functions that check them', (_, message, users) => {
  const assets = path.join(ROOT, 'assets', 'realworld-api');
  const all = [
    'create-article',
    'update-article',
    'create-article-comment',
    'get-articles',
    'get-articles-feed',
    'login',
  ];
  const having = all.filter((name) => readFileSync(path.join(assets, name, 'index.js'), 'utf8').includes(message));
  expect(having).toEqual(users);
});
