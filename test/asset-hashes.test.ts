import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { hashOfFolder } from '../scripts/asset-hashes';
import { functionEntries } from '../scripts/bundle';
import { BundledFunction } from '../src/core/bundled-function';

/** By what CDK knows the code of a function: it changes when the code does, and at no other time. */

const ASSETS = join(__dirname, '..', 'assets');
const hashes = JSON.parse(readFileSync(join(ASSETS, 'hashes.json'), 'utf8')) as Record<string, string>;

describe('the hash of a folder', () => {
  let root: string;
  const folder = () => join(root, 'function');
  const write = (name: string, content: string) => writeFileSync(join(folder(), name), content);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'hashes-'));
    mkdirSync(join(folder(), 'deep'), { recursive: true });
    write('index.js', 'exports.handler = 1;');
    write('deep/page.js', 'two');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test.each([
    ['one letter of a file', () => write('index.js', 'exports.handler = 2;')],
    ['a file in a folder of it', () => write('deep/page.js', 'Two')],
    ['a file more', () => write('other.js', '')],
    ['a file less', () => rmSync(join(folder(), 'deep', 'page.js'))],
    ['what lies in which file', () => (write('index.js', 'two'), write('deep/page.js', 'exports.handler = 1;'))],
    ['where a file ends', () => (write('index.js', 'exports.handler = 1'), write('index.js;', ''))],
  ])('changes with %s', (_, change) => {
    const before = hashOfFolder(folder());
    change();
    expect(hashOfFolder(folder())).not.toBe(before);
  });

  test('does not change by where the folder is, in what order it was written, or when', () => {
    const before = hashOfFolder(folder());
    const copy = join(root, 'copy');
    mkdirSync(join(copy, 'deep'), { recursive: true });
    cpSync(join(folder(), 'deep', 'page.js'), join(copy, 'deep', 'page.js'));
    cpSync(join(folder(), 'index.js'), join(copy, 'index.js'));
    utimesSync(join(copy, 'index.js'), 1, 1);
    expect(hashOfFolder(copy)).toBe(before);
  });
});

describe('what is built', () => {
  test('has a hash of every function, and of nothing else', () => {
    expect(Object.keys(hashes).sort()).toEqual(Object.keys(functionEntries()).sort());
  });

  test('has hashes of what is in its folders', () => {
    const wrong = Object.entries(hashes).filter(([name, hash]) => hashOfFolder(join(ASSETS, name)) !== hash);
    expect(wrong).toEqual([]);
  });
});

describe('the key of the code in a template', () => {
  const CODE = 'http-service/docs';
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

  function keyOf(code: string, files?: Readonly<Record<string, string>>, id = 'Function'): string {
    const stack = new Stack(new App(), 'Stack');
    new BundledFunction(stack, id, { code, files, description: 'd' });
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function'));
    return (Properties as { Code: { S3Key: string } }).Code.S3Key;
  }

  test('is made of the hash with which it was built, as CDK makes it, and of nothing else', () => {
    expect(keyOf(CODE)).toBe(`${sha256(hashes[CODE])}.zip`);
    expect(keyOf(join(ASSETS, CODE), undefined, 'Other')).toBe(keyOf(CODE));
    expect(keyOf('http-service/not-found')).not.toBe(keyOf(CODE));
  });

  test('changes with each file that is put beside it, and not by where the function is', () => {
    const beside: (Readonly<Record<string, string>> | undefined)[] = [
      { 'a.json': '1' },
      { 'a.json': '2' },
      { 'b.json': '1' },
      undefined,
    ];
    const keys = beside.map((files) => keyOf(CODE, files));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keyOf(CODE, { 'a.json': '1' }, 'Other')).toBe(keys[0]);
  });

  test('is what CDK makes of the files where the code is not the library’s', () => {
    const own = mkdtempSync(join(tmpdir(), 'own-'));
    const code = (content: string) => {
      const folder = join(own, content);
      mkdirSync(folder);
      writeFileSync(join(folder, 'index.js'), content);
      return keyOf(folder);
    };
    expect(code('one')).not.toBe(code('two'));
    rmSync(own, { recursive: true });
  });
});
