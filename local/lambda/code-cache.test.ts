import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { codeCacheDirectory } from './code-cache-directory';
import { FunctionPools } from './function-pools';

let root: string;
let code: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'code-cache-test-'));
  code = join(root, 'code');
  mkdirSync(code);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const folder = (): string => codeCacheDirectory(root) ?? 'none';
const kept = (): string[] => readdirSync(folder()).filter((name) => !name.includes('.'));

/** What a function with this code answers in a process of a run of its own. */
async function answerOf(text: string, afterwards: () => boolean = () => true): Promise<unknown> {
  writeFileSync(join(code, 'index.js'), text);
  const workDir = mkdtempSync(join(root, 'work-'));
  const pools = new FunctionPools({ region: 'us-east-1', workDir, codeCacheRoot: root });
  try {
    pools.configure('http://127.0.0.1:1');
    pools.add({
      name: 'fn',
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:fn',
      roleArn: 'arn:aws:iam::000000000000:role/fn',
      handler: 'index.handler',
      runtime: 'nodejs24.x',
      codeDirectory: code,
      timeoutSeconds: 3,
      memoryMegabytes: 128,
      architecture: 'arm64',
      environment: {},
      logGroup: '/aws/lambda/fn',
    });
    const { payload } = await pools.invoke('fn', {});
    while (!afterwards()) await new Promise((resolve) => setImmediate(resolve));
    return payload;
  } finally {
    await pools.close();
  }
}

test('a process runs the code that one of an earlier run has compiled', async () => {
  expect(await answerOf('exports.handler = async () => 1', () => kept().length === 1)).toBe(1);
  const [one] = kept();
  expect(await answerOf('exports.handler = async () => 2', () => kept().length === 2)).toBe(2);
  const [two] = kept().filter((name) => name !== one);
  // Of the same length, by which V8 knows sources apart.
  copyFileSync(join(folder(), two), join(folder(), one));
  expect(await answerOf('exports.handler = async () => 1')).toBe(2);
});

test('what is kept and broken is compiled again', async () => {
  await answerOf('exports.handler = async () => 1', () => kept().length === 1);
  writeFileSync(join(folder(), kept()[0]), 'nonsense');
  expect(await answerOf('exports.handler = async () => 1')).toBe(1);
});

test('code has its own names and place, compiled or kept', async () => {
  const text =
    'exports.handler = async () => [__filename, require.resolve("./index"), new Error("x").stack.split("\\n")[1]]';
  const file = join(code, 'index.js');
  const expected = [file, file, expect.stringContaining(`${file}:1:${text.indexOf('new Error') + 1}`) as string];
  expect(await answerOf(text, () => kept().length === 1)).toEqual(expected);
  expect(await answerOf(text)).toEqual(expected);
});

test('code that imports as it runs is not kept, and imports', async () => {
  const text = 'exports.handler = async () => (await import("node:path")).sep';
  expect(await answerOf(text)).toBe('/');
  expect(await answerOf(text)).toBe('/');
  expect(kept()).toEqual([]);
});

test('code is kept in no folder that others may write into', () => {
  chmodSync(folder(), 0o777);
  expect(codeCacheDirectory(root)).toBeUndefined();
});

test('code is kept in no folder whose root is not there: it is not made', () => {
  const missing = join(root, 'missing');
  expect(codeCacheDirectory(missing)).toBeUndefined();
  expect(readdirSync(root)).not.toContain('missing');
});

test('code is not kept where a file has the name of the folder', () => {
  const name = basename(folder());
  rmSync(folder(), { recursive: true });
  writeFileSync(join(root, name), '', { mode: 0o700 });
  expect(codeCacheDirectory(root)).toBeUndefined();
});

test('what was kept more than a day ago is forgotten', () => {
  const [old, young] = ['old', 'young'].map((name) => join(folder(), name));
  for (const file of [old, young]) writeFileSync(file, '');
  utimesSync(old, new Date(), new Date(Date.now() - 25 * 3_600_000));
  codeCacheDirectory(root);
  expect(kept()).toEqual(['young']);
});
