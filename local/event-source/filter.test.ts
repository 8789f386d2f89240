import { compileFilters } from './filter';

describe('event filter patterns', () => {
  const passes = (pattern: unknown, event: unknown): boolean => compileFilters([JSON.stringify(pattern)])(event);

  it.each([
    ['exact', { a: ['x', 'y'] }, { a: 'y' }, { a: 'z' }],
    ['prefix', { a: { b: [{ prefix: 'x#' }] } }, { a: { b: 'x#1' } }, { a: { b: 'y#1' } }],
    ['suffix', { a: [{ suffix: '.png' }] }, { a: 'i.png' }, { a: 'i.gif' }],
    ['exists', { a: { b: [{ exists: true }] } }, { a: { b: 1 } }, { a: {} }],
    ['not exists', { a: { b: [{ exists: false }] } }, {}, { a: { b: 'x' } }],
    ['anything-but', { a: [{ 'anything-but': ['x', 'y'] }] }, { a: 'z' }, { a: 'x' }],
    ['anything-but prefix', { a: [{ 'anything-but': { prefix: 'x' } }] }, { a: 'yx' }, { a: 'xy' }],
    ['numeric', { a: [{ numeric: ['>', 1, '<=', 3] }] }, { a: 3 }, { a: 1 }],
    ['numeric on a text', { a: [{ numeric: ['=', 1] }] }, { a: 1 }, { a: '1' }],
    ['ignored case', { a: [{ 'equals-ignore-case': 'AbC' }] }, { a: 'aBc' }, { a: 'ab' }],
    ['or', { $or: [{ a: ['x'] }, { b: ['y'] }] }, { b: 'y' }, { b: 'x' }],
    ['both keys', { a: ['x'], b: ['y'] }, { a: 'x', b: 'y' }, { a: 'x' }],
    ['null', { a: [null] }, { a: null }, {}],
    ['a list in the event', { a: ['x'] }, { a: ['w', 'x'] }, { a: ['w'] }],
  ])('%s', (_, pattern, match, other) => {
    expect(passes(pattern, match)).toBe(true);
    expect(passes(pattern, other)).toBe(false);
  });

  it('lets everything through when there is no pattern, and any of several', () => {
    expect(compileFilters([])({})).toBe(true);
    expect(compileFilters(['{"a":["x"]}', '{"a":["y"]}'])({ a: 'y' })).toBe(true);
  });

  it('refuses an unknown operator and a bare value', () => {
    expect(() => compileFilters(['{"a":{"b":[{"wildcard":"*"}]}}'])).toThrow(
      'operator wildcard of a.b is not supported',
    );
    expect(() => compileFilters(['{"a":"x"}'])).toThrow('a must be a list or an object, got "x"');
  });
});
