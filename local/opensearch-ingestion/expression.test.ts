import { compileCondition } from './expression';
import { JavaNumber, Value } from './values';

const DATA: Readonly<Record<string, Value>> = {
  kind: 'Book',
  quoted: 'a "b"',
  flag: true,
  text: '5',
  number: new JavaNumber('5.0'),
  deep: { kind: 'inner' },
  list: ['Book'],
};

test.each<[expression: string, holds: boolean]>([
  ['/kind == "Book"', true],
  ['/kind != "Book"', false],
  ['/kind != "Film" and /kind != "Song"', true],
  ['/kind != "Film" and /kind != "Book"', false],
  ['/none != "Book"', true],
  ['/none == null', true],
  ['/kind == null', false],
  ['"Book" == /kind', true],
  ['/quoted == "a \\"b\\""', true],
  ['/flag == true', true],
  ['/flag == "true"', false],
  ['/number == 5', true],
  ['/text == 5', false],
  ['/deep/kind == "inner"', true],
  ['/kind/deep == null', true],
  ['/list == "Book"', false],
  ['not (/kind == "Book")', false],
  ['not (/kind == "Book" or /flag == true)', false],
  ['/kind == "Film" or /flag == true', true],
  ['(/kind == "Book") and (/flag == false or /text == "5")', true],
  // From left to right: `and` binds no closer.
  ['/flag == true or /flag == true and /kind == "Film"', false],
  ['/flag == true or (/flag == true and /kind == "Film")', true],
])('%s: %s', (expression, holds) => {
  expect(compileCondition(expression)(DATA)).toBe(holds);
});

test.each<[expression: string, message: string]>([
  ['/kind', 'a comparison by == or != is expected, got the end'],
  ['/kind =~ "B.*"', 'a comparison by == or != is expected, got =~'],
  ['/number > 4', 'a comparison by == or != is expected, got >'],
  ['/kind in {"Book"}', 'in is not supported'],
  ['length(/kind) == 4', 'length is not supported'],
  ['getMetadata("x") == "y"', 'getMetadata is not supported'],
  ['/kind == "/Book"', '"/Book" is an attribute, which must be without quotes'],
  ['/kind == "cost $5"', 'what begins with "cost $5" is not supported'],
  ['/kind == "Book" and', 'and must have blanks beside it'],
  ['(/kind == "Book")and (/flag == true)', 'and must have blanks beside it'],
  ['not /flag == true', 'not is supported before parentheses alone'],
  ['(/kind == "Book"', 'a parenthesis is not closed'],
  ['/kind == "Book")', ') is not expected there'],
  ['/kind == ', 'an attribute or a value is expected, got the end'],
  ['/kind == /flag == true', '== is not expected there'],
])('%s is refused: %s', (expression, message) => {
  expect(() => compileCondition(expression)).toThrow(message);
});
