import * as input from './schemas/input';
import { INJECTIONS, NO_STRING, UNICODE } from '../../test/support/payloads';
import { serviceApi } from '../core/http/service-api';

/** What is wrong with input, by its field. */
function errorsOf(parse: () => unknown): Record<string, readonly string[]> {
  try {
    parse();
    return {};
  } catch (error) {
    return (error as { messages: Record<string, readonly string[]> }).messages;
  }
}
const item = (given: object) => errorsOf(() => serviceApi.parse('body', input.itemContent, { name: 'Lamp', ...given }));
const user = (given: object) =>
  errorsOf(() => serviceApi.parse('body', input.newUser, { email: 'ada@example.com', name: 'Ada', ...given }));
const query = (given: object) => errorsOf(() => serviceApi.parse('query', input.itemsQuery, given));

const TEXTS = { name: item, description: item, category: item, email: user };

test('what is good is taken as it is', () => {
  const content = { name: 'Test Item', description: 'Lines\n\tof text', category: 'electronics' };
  expect(serviceApi.parse('body', input.itemContent, content)).toEqual(content);
  expect([item({}), user({}), user({ role: 'admin' }), query({})]).toEqual([{}, {}, {}, {}]);
});

test('what must be there is asked for by name', () => {
  expect(errorsOf(() => serviceApi.parse('body', input.itemContent, {}))).toEqual({ name: ['is required'] });
  expect(errorsOf(() => serviceApi.parse('body', input.newUser, {}))).toEqual({
    email: ['is required'],
    name: ['is required'],
  });
  for (const body of [undefined, null, [], 'x', 5]) {
    const [message] = errorsOf(() => serviceApi.parse('body', input.itemContent, body)).body;
    expect(message).toBe(body === undefined ? 'is required' : 'must be a JSON object');
  }
});

test.each(Object.entries(TEXTS))('%s takes text alone, within its bounds', (field, ask) => {
  for (const value of NO_STRING) {
    expect([value, ask({ [field]: value })]).toEqual([value, { [field]: ['must be a string'] }]);
  }
  expect(Object.keys(ask({ [field]: 'x\u0000' }))).toEqual([field]);
  expect(Object.keys(ask({ [field]: 'x\ud800' }))).toEqual([field]);
  const [message] = ask({ [field]: 'x'.repeat(1024 * 1024) })[field];
  expect(message).toMatch(/^is too long \(maximum is \d+ characters, got 1048576\)$/);
});

test('bounds are those that are told of', () => {
  expect(item({ name: 'x'.repeat(200), description: 'x'.repeat(4000), category: 'x'.repeat(100) })).toEqual({});
  expect(
    Object.keys(item({ name: 'x'.repeat(201), description: 'x'.repeat(4001), category: 'x'.repeat(101) })),
  ).toEqual(['name', 'description', 'category']);
  // Some letters are many when they are folded: a key has 2,048 bytes.
  expect(item({ category: '\ufdfa'.repeat(100) })).toEqual({ category: ['is too long'] });
});

test('names that nobody knows are refused, whatever they mean to JavaScript', () => {
  const body: unknown = JSON.parse('{"name":"Lamp","id":"1","PK":"x","__proto__":{"name":"y"}}');
  const errors = errorsOf(() => serviceApi.parse('body', input.itemContent, body));
  expect(Object.keys(errors).sort()).toEqual(['PK', '__proto__', 'id']);
  expect(Object.keys(query({ sort: 'x', page: '1' }))).toEqual(['sort', 'page']);
});

test('text that is dangerous elsewhere is text', () => {
  for (const text of [...INJECTIONS, ...UNICODE.map(([, odd]) => odd)].filter((one) => !/[\p{C}]/u.test(one))) {
    expect([text, item({ name: text, category: text, description: text })]).toEqual([text, {}]);
  }
});

test.each(['x', '@', 'a@', '@b', 'a b@c', 'a@b@c', ''])('"%s" is no e-mail', (email) => {
  expect(Object.keys(user({ email }))).toEqual(['email']);
});

test.each(['root', '', 'User', 1, null])('%j is no role', (role) => {
  expect(user({ role })).toEqual({ role: ['must be one of user, admin'] });
});

test.each(['2023-01-01', '2023-01-01T00:00:00Z', '2024-02-29', '2023-01-01T23:59:59.999Z', '2023-01-01T00:00:00.5Z'])(
  'since takes %s',
  (since) => expect(query({ since })).toEqual({}),
);
test.each(['2023-02-29', '2023-13-01', '2023-02-30T00:00:00Z', '2023-01-01T25:00:00Z', '2023-01-01T24:00:00Z'])(
  '%s does not exist',
  (since) => expect(query({ since })).toEqual({ since: ['must be a time that exists'] }),
);
test.each(['', 'yesterday', '2023', '1672531200000', '2023-01-01T00:00:00', '2023-01-01T00:00:00+01:00', '2023-1-1'])(
  'since does not take "%s"',
  (since) =>
    expect(query({ since })).toEqual({
      since: ['must be a day or a time such as 2027-01-31 or 2027-01-31T12:00:00Z'],
    }),
);
test.each(['0', '101', '-1', '1e3', 'abc', '1.5', '', '9'.repeat(20), '1,2'])('"%s" is no limit', (limit) => {
  expect(Object.keys(query({ limit }))).toEqual(['limit']);
});
