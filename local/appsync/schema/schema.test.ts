import { ApiModes, ruleAllows } from './authorization';
import { AWS_SCALARS } from './scalars';
import { ApiSchema, readSchema } from './schema';

const BOTH: ApiModes = { main: 'AMAZON_COGNITO_USER_POOLS', additional: ['AWS_IAM'] };
const USERS: ApiModes = { main: 'AMAZON_COGNITO_USER_POOLS', additional: [] };

const read = (definition: string, modes = BOTH): ApiSchema => readSchema(definition, modes);

const SUBSCRIBED = 'type Query { a: A } type A { id: ID!, list: [String] } type Mutation { set(id: ID!): A }';

describe('a schema is refused', () => {
  test.each([
    ['{', 'Syntax Error'],
    ['type A { a: String }', 'Query root type must be provided'],
    ['type Query { a: B }', 'Unknown type "B"'],
    ['type Query { a: Date } scalar Date', 'scalar Date: AppSync has only its own'],
    ['type Query { a: String } extend type Query { b: String }', 'extend Query: AppSync takes no extensions'],
    ['type Query { a: String } directive @mine on FIELD_DEFINITION', 'directive @mine'],
    ['type Query { a: String @mine }', 'Unknown directive "@mine"'],
    ['type Query { a: String } type AWSThing { a: String }', 'type AWSThing: the name is reserved'],
    ['type Root { a: String } schema { query: Root }', 'root type Root is not supported here'],
    ['type Query { a: String @aws_api_key }', 'Query.a: @aws_api_key is not supported here'],
    ['type Query @aws_lambda { a: String }', 'Query.a: @aws_lambda is not supported here'],
    [
      'type Query { a: String @aws_auth(cognito_groups: ["x"]) }',
      'Query.a: @aws_auth works with Cognito user pools as the only mode',
    ],
    [`${SUBSCRIBED} type Subscription { on: A }`, 'Subscription.on needs @aws_subscribe'],
    [
      `${SUBSCRIBED} type Subscription { on: A @aws_subscribe(mutations: ["no"]) }`,
      'Subscription.on: there is no mutation no',
    ],
    [
      `${SUBSCRIBED} type Subscription { on: String @aws_subscribe(mutations: ["set"]) }`,
      'must return what mutation set returns, A',
    ],
    [
      `${SUBSCRIBED} type Subscription { on(x: ID): A @aws_subscribe(mutations: ["set"]) }`,
      'argument x must be a field of A',
    ],
    [
      `${SUBSCRIBED} type Subscription { on(id: Int): A @aws_subscribe(mutations: ["set"]) }`,
      'argument id must be a field of A',
    ],
    [
      'type Query { a: J } type J { j: AWSJSON } type Mutation { s: J } type Subscription { on: J @aws_subscribe(mutations: ["s"]) }',
      'Subscription.on: AWSJSON in what is delivered is not supported here',
    ],
    [
      'type Query { a: A } type A { b: I } interface I { c: ID } type Mutation { s: A } type Subscription { on: A @aws_subscribe(mutations: ["s"]) }',
      'I, which is an interface or a union,',
    ],
    [`type Query { a: String } # ${'x'.repeat(1024 * 1024)}`, 'larger than 1 MB'],
  ])('%s', (definition, message) => {
    expect(() => read(definition)).toThrow(message);
  });

  test('with a mode that the API does not have', () => {
    expect(() => read('type Query { a: String @aws_iam }', USERS)).toThrow(
      'Query.a: @aws_iam needs the authorization mode AWS_IAM, which the API does not have',
    );
  });
});

test('subscriptions are found by their mutations', () => {
  const definition = `${SUBSCRIBED} type Subscription { one(id: ID!): A @aws_subscribe(mutations: ["set"]) two: A! @aws_subscribe(mutations: ["set"]) }`;
  expect([...read(definition).subscriptions]).toEqual([['set', ['one', 'two']]]);
});

describe('a field is for', () => {
  const definition = `
    type Query { plain: T, iam: T @aws_iam, both: T @aws_iam @aws_cognito_user_pools, few: T @aws_cognito_user_pools(cognito_groups: ["a", "b"]) }
    type T @aws_iam { inherited: String, own: String @aws_cognito_user_pools }`;
  const allowed = (field: string, groups: string[] = []): unknown => {
    const rule = read(definition).rules.get(field) ?? [];
    return [ruleAllows(rule, 'AMAZON_COGNITO_USER_POOLS', groups), ruleAllows(rule, 'AWS_IAM', [])];
  };

  test.each<[string, string[], boolean, boolean]>([
    ['Query.plain', [], true, false],
    ['Query.iam', ['a'], false, true],
    ['Query.both', [], true, true],
    ['Query.few', [], false, false],
    ['Query.few', ['x', 'b'], true, false],
    ['T.inherited', [], false, true],
    ['T.own', [], true, false],
  ])('%s, in groups %j: users %s, roles %s', (field, groups, users, roles) => {
    expect(allowed(field, groups)).toEqual([users, roles]);
  });

  test('@aws_auth names groups where users are the only ones', () => {
    const rule = read('type Query { a: String @aws_auth(cognito_groups: ["x"]) }', USERS).rules.get('Query.a') ?? [];
    expect([
      ruleAllows(rule, 'AMAZON_COGNITO_USER_POOLS', ['x']),
      ruleAllows(rule, 'AMAZON_COGNITO_USER_POOLS', []),
    ]).toEqual([true, false]);
  });
});

describe("AppSync's scalars", () => {
  const VALUES: Readonly<Record<string, readonly [good: readonly unknown[], bad: readonly unknown[]]>> = {
    AWSDate: [
      ['1970-01-01', '1970-01-01Z', '2024-02-29+05:30'],
      ['1970-1-1', '2023-02-29', '1970-01-01T00:00Z', 1],
    ],
    AWSTime: [
      ['12:30', '12:30:59', '12:30:59.123456789Z', '12:30-07:00'],
      ['24:00', '12', '12:60', '12:30:59.1234567890'],
    ],
    AWSDateTime: [
      ['1970-01-01T12:30Z', '1970-01-01T12:30:00.000Z', '1970-01-01T12:30:00+01:00'],
      ['1970-01-01T12:30:00', '1970-01-01', '2023-02-30T00:00Z', '', 5],
    ],
    AWSTimestamp: [
      [0, -1, 1735787045],
      ['0', 1.5, null],
    ],
    AWSEmail: [['a.b+c@example.com'], ['a', 'a@b', '@example.com', 'a b@example.com']],
    AWSURL: [
      ['https://example.com/a?b', 'mailto:a@example.com'],
      ['example.com', 'https://a b'],
    ],
    AWSPhone: [
      ['+1 555 0100', '(555) 010-0000'],
      ['12', 'phone', '+'],
    ],
    AWSIPAddress: [
      ['127.0.0.1', '10.0.0.0/8', '::1', '2001:db8::/32'],
      ['256.0.0.1', '10.0.0.0/33', '1.2.3', '::1/129'],
    ],
  };

  test.each(Object.entries(VALUES))('%s', (name, [good, bad]) => {
    const scalar = AWS_SCALARS.get(name);
    for (const value of good) {
      expect(scalar?.parseValue(value)).toBe(value);
      expect(scalar?.serialize(value)).toBe(value);
    }
    for (const value of bad) {
      expect(() => scalar?.parseValue(value)).toThrow(`as ${name}`);
      expect(() => scalar?.serialize(value)).toThrow(`as a valid ${name.replace('AWS', '')} Object.`);
    }
  });

  test('AWSJSON goes in as text and comes out as text', () => {
    const json = AWS_SCALARS.get('AWSJSON');
    expect(json?.parseValue('{"a": [1]}')).toEqual({ a: [1] });
    expect(json?.parseValue('"text"')).toBe('text');
    expect(json?.serialize({ a: [1] })).toBe('{"a":[1]}');
    for (const value of ['text', '{', { a: 1 }, 1]) expect(() => json?.parseValue(value)).toThrow('as valid JSON');
    expect(() => json?.serialize('{}')).toThrow('a string for AWSJSON is not supported here');
  });
});
