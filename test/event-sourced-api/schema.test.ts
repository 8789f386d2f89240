import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildSchema } from 'graphql';
import { composeSchema } from '../../src/event-sourced-api/schema/compose';
import { groupsOf, readSchema } from '../../src/event-sourced-api/schema/user-schema';

/** The schema that a user brings: what is refused, and what is made of it. */

const NAMES = { commands: new Set(['open']), views: new Set(['things']) };
const MUTATION = 'type Mutation { open(id: ID!, commandId: ID!): CommandResult! }';
const QUERY = 'type Query { thing(id: ID!): Thing @view(name: "things") }';
const TYPES = 'type Thing { id: ID! } type Page { items: [Thing!]! nextToken: String } enum State { OPEN SHUT }';
const schemaOf = ({ mutation = MUTATION, query = QUERY, types = TYPES } = {}) => [mutation, query, types].join('\n');
const read = (text: string) => readSchema(text, NAMES);

const PAGE = 'limit: Int, nextToken: String';
const query = (fields: string) => schemaOf({ query: `type Query { ${fields} }` });
const mutation = (fields: string) => schemaOf({ mutation: `type Mutation { ${fields} }` });
const types = (more: string) => schemaOf({ types: `${TYPES} ${more}` });

test.each([
  ['what is no GraphQL', 'type Thing {', /Syntax Error.*\(line 1\)/],
  ['a type that is not there', types('type Other { of: Missing }'), /Unknown type "Missing"/],
  ['an extension', types('extend type Thing { more: Int }'), 'extend Thing: AppSync takes no extensions'],
  ['a scalar', types('scalar Money'), 'scalar Money: AppSync has no scalars but its own'],
  ['a directive', types('directive @mine on OBJECT'), 'directive @mine: nobody would heed it'],
  ['a schema definition', types('schema { query: Query }'), 'schema: the root types are Query and Mutation'],
  ['an operation', types('{ thing }'), 'a schema has types alone, got: {'],
  ['a directive that nobody knows', types('type Other @cached { id: ID }'), /Unknown directive "@cached"/],
  ['a type of the library', types('type CommandResult { id: ID }'), 'type CommandResult: the name is reserved'],
  ['a subscription', types('type Subscription { id: ID }'), 'type Subscription: the name is reserved'],
  ['a type of AppSync', types('enum AWSThing { A }'), 'enum AWSThing: names that begin with AWS'],
  [
    'a query of the library',
    query('events: Int thing(id: ID!): Thing @view(name: "things")'),
    'Query.events: the name',
  ],
  ['a mutation of the library', mutation('publishViewChange: Int'), 'Mutation.publishViewChange: the name is reserved'],
  ['no queries', [MUTATION, TYPES].join(), 'type Query: the schema needs it'],
  ['no commands', [QUERY, TYPES].join(), 'type Mutation: the schema needs it'],
  ['@aws_auth', types('type Other { id: ID @aws_auth(cognito_groups: ["a"]) }'), 'Other.id: @aws_auth is refused: use'],
  ['keys', types('type Other @aws_api_key { id: ID }'), 'Other: @aws_api_key is refused: this API takes tokens'],
  ['queries by IAM', query('thing(id: ID!): Thing @view(name: "things") @aws_iam'), 'Query.thing: @aws_iam is refused'],
  [
    '@view elsewhere',
    types('type Other { id: ID @view(name: "things") }'),
    'Other.id: @view is for fields of type Query',
  ],
  [
    'groups that no template could hold',
    types(`type Other { id: ID @aws_cognito_user_pools(cognito_groups: ["it's"]) }`),
    "Other.id: groups must be of letters, digits and _+=,.@:-, got: it's",
  ],
])('%s is refused', (_, text, message) => {
  expect(() => read(text)).toThrow(message);
});

test.each([
  ['without an id', 'open(commandId: ID!): CommandResult!', 'Mutation.open: it needs the argument id: ID!, got: none'],
  ['without a command id', 'open(id: ID!): CommandResult!', 'Mutation.open: it needs the argument commandId: ID!'],
  ['with an id that may be null', 'open(id: ID, commandId: ID!): CommandResult!', 'the argument id: ID!, got: ID'],
  [
    'with a version that is a text',
    'open(id: ID!, commandId: ID!, expectedVersion: String): CommandResult!',
    'Mutation.open: the argument expectedVersion must be Int, got: String',
  ],
  [
    'with another answer',
    'open(id: ID!, commandId: ID!): Thing',
    'Mutation.open: a command is answered as CommandResult!',
  ],
  [
    'that the domain does not know',
    'shut(id: ID!, commandId: ID!): CommandResult!',
    'Mutation.shut: the domain has no',
  ],
])('a command %s is refused', (_, field, message) => {
  expect(() => read(mutation(field))).toThrow(message);
});

test('a command of the domain without a field is told', () => {
  expect(() => readSchema(schemaOf(), { ...NAMES, commands: new Set(['open', 'shut']) })).toThrow(
    'type Mutation: the domain has a command shut, and there is no field of that name',
  );
});

test.each([
  ['that says not where it reads', 'thing(id: ID!): Thing', 'Query.thing: a query needs one of @view and @list'],
  [
    'of no view',
    'thing(id: ID!): Thing @view(name: "others")',
    'Query.thing: the domain has no view others, but: things',
  ],
  ['of a row without an id', 'thing: Thing @view(name: "things")', 'Query.thing: it needs the argument id: ID!'],
  ['of a row that is never null', 'thing(id: ID!): Thing! @view(name: "things")', 'it must not be Thing!'],
  [
    'with what nobody heeds',
    'thing(id: ID!, deep: Int): Thing @view(name: "things")',
    'argument deep would be heeded by',
  ],
  ['for everybody and some', 'thing(id: ID!): Thing @view(name: "things", readers: ["*", "a"])', '* alone or groups'],
  ['without a limit', 'all: Page! @list(view: "things", name: "mine", of: CALLER)', 'needs the argument limit: Int'],
  [
    'of the caller, with readers',
    `all(${PAGE}): Page! @list(view: "things", name: "mine", of: CALLER, readers: ["a"])`,
    'Query.all: @list(of: CALLER) is for the caller alone: readers is for of: ARGUMENT',
  ],
  [
    'of a list without a name for it',
    `all(${PAGE}): Page! @list(view: "things", name: "some", of: ARGUMENT, readers: ["a"])`,
    'Query.all: @list(of: ARGUMENT) needs argument',
  ],
  [
    'of a list that may be read by nobody',
    `all(state: State!, ${PAGE}): Page! @list(view: "things", name: "some", of: ARGUMENT, argument: "state")`,
    'Query.all: @list(of: ARGUMENT) needs readers',
  ],
  [
    'of a list by a number',
    `all(state: Int!, ${PAGE}): Page! @list(view: "things", name: "some", of: ARGUMENT, argument: "state", readers: ["a"])`,
    'it must be ID!, String! or an enum that is not null, got: Int!',
  ],
  [
    'of a list that is no page',
    `all(${PAGE}): [Thing] @list(view: "things", name: "mine", of: CALLER)`,
    'Query.all: a list is answered as a type with items: [Row!]! and nextToken: String, got: [Thing]',
  ],
  [
    'of a list with a name that is none',
    `all(${PAGE}): Page! @list(view: "things", name: "a#b", of: CALLER)`,
    '@list(name:) must be a letter, then letters, digits, _ and -, got: a#b',
  ],
])('a query %s is refused', (_, fields, message) => {
  expect(() => read(query(fields))).toThrow(message);
});

test('eleven queries of rows are one too many for whoever watches', () => {
  const fields = Array.from({ length: 11 }, (_, index) => `t${index}(id: ID!): Thing @view(name: "things")`);
  expect(() => read(query(fields.join(' ')))).toThrow('type Query: at most 10 fields may have @view, got: 11');
  expect(read(query(fields.slice(1).join(' '))).queryFields).toHaveLength(10);
});

describe('what AppSync is given', () => {
  const user = read(
    schemaOf({
      mutation: 'type Mutation { "Opens it." open(id: ID!, commandId: ID!, with: Extra): CommandResult! }',
      query: `type Query {
        "One of them."
        thing(id: ID!): Thing @view(name: "things", readers: ["staff"]) @aws_cognito_user_pools(cognito_groups: ["staff"])
        all(state: State!, ${PAGE}): Page!
          @list(view: "things", name: "byState", of: ARGUMENT, argument: "state", readers: ["*"], order: ASCENDING)
      }`,
      types: `${TYPES} input Extra { a: Int = 1 } interface Named { name: String }
        """
        Two
        lines.
        """
        type Unused { id: ID }`,
    }),
  );
  const WITH_APPSYNC = readFileSync(join(resolve(__dirname, '..', 'support'), 'appsync-prelude.graphql'), 'utf8');

  test('are settings of resolvers, and no directives that AppSync does not know', () => {
    expect(user.queryFields).toEqual([
      { kind: 'view', name: 'thing', view: 'things', readers: ['staff'] },
      {
        kind: 'list',
        name: 'all',
        view: 'things',
        list: 'byState',
        argument: 'state',
        readers: ['*'],
        isAscending: true,
      },
    ]);
    const text = composeSchema(user, ['commands', 'queries'], ['auditors']);
    expect(text).not.toMatch(/@view|@list|"""/);
    expect(text).toContain('thing(id: ID!): Thing @aws_cognito_user_pools(cognito_groups: ["staff"])');
    expect(text).toContain('# One of them.');
    expect(groupsOf(user)).toEqual(['staff']);
  });

  test.each([[['commands']], [['queries']], [['commands', 'queries']]] as const)('of %j is whole', (parts) => {
    expect(() => buildSchema(`${WITH_APPSYNC}${composeSchema(user, parts, [])}`)).not.toThrow();
  });

  test('of each part has the types that it leads to, and no others', () => {
    const commands = composeSchema(user, ['commands'], []);
    const queries = composeSchema(user, ['queries'], []);
    expect(commands).toMatch(/input Extra[^]*|type CommandOutcome/);
    expect(commands).not.toMatch(/type Thing|ViewChange|Unused|type Event/);
    expect(queries).toMatch(/type Thing/);
    expect(queries).not.toMatch(/CommandResult|Extra|Unused/);
  });

  test('lets IAM publish and read events, groups read events where they are named, and nobody else', () => {
    const without = composeSchema(user, ['queries'], []);
    expect(without).toMatch(/events\(.*\): EventPage! @aws_iam\n/);
    expect(without).toMatch(/publishViewChange\([^)]*\): ViewChange! @aws_iam\n/);
    expect(without).toMatch(/type ViewChange @aws_cognito_user_pools @aws_iam \{/);
    expect(composeSchema(user, ['queries'], ['auditors'])).toMatch(
      /events\(.*\): EventPage! @aws_cognito_user_pools\(cognito_groups: \["auditors"\]\) @aws_iam\n/,
    );
    const directed = [...without.matchAll(/^ {2}(\w+).*@aws_iam$/gm)].map(([, field]) => field);
    expect(directed).toEqual(['events', 'publishViewChange']);
  });

  test('offers no subscription to rows where there is no query of one', () => {
    const lists = read(query(`all(${PAGE}): Page! @list(view: "things", name: "mine", of: CALLER)`));
    expect(composeSchema(lists, ['queries'], [])).not.toContain('onViewChange');
    expect(composeSchema(user, ['queries'], [])).toContain(
      'onViewChange(view: String!, id: ID!): ViewChange @aws_subscribe',
    );
  });
});
