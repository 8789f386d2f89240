import { composeSchema } from '../../src/event-sourced-api/schema/compose';
import { readSchema } from '../../src/event-sourced-api/schema/user-schema';

/** What a domain's schema may not say: refused at synth, by the name of what is wrong. */

const DOMAIN = { commands: new Set(['openNote']), views: new Set(['notes', 'notes-v2']) };

interface Parts {
  readonly mutation?: string;
  readonly mutations?: string;
  readonly query?: string;
  readonly queries?: string;
  readonly note?: string;
  readonly more?: string;
}

const schema = ({ mutation = '', mutations = '', query = '', queries = '', note = '', more = '' }: Parts) => `
type Note { id: ID! secret: String ${note} }
type NotePage { items: [Note!]! nextToken: String }
type Mutation ${mutation} { openNote(id: ID!, commandId: ID!, text: String!): CommandResult! ${mutations} }
type Query ${query} { note(id: ID!): Note @view(name: "notes") ${queries} }
${more}`;

const read = (parts: Parts) => readSchema(schema(parts), DOMAIN);
const LIST = 'limit: Int, nextToken: String): NotePage! @list(view: "notes",';

test('a schema without faults is taken, and composed with what the library adds', () => {
  const user = read({ queries: `mine(${LIST} name: "by-owner", of: CALLER)` });
  const composed = composeSchema(user, ['commands', 'queries'], []);
  expect(composed).toContain('openNote(id: ID!, commandId: ID!, text: String!): CommandResult!');
  expect(composed).toContain('onViewChange(view: String!, id: ID!): ViewChange');
  expect(composed).not.toMatch(/@(view|list)\b/);
});

test('a reader alone is a list of one', () => {
  const { queryFields } = read({ queries: 'other(id: ID!): Note @view(name: "notes", readers: "staff")' });
  expect(queryFields[1]).toMatchObject({ readers: ['staff'] });
});

const STAFF = '@aws_cognito_user_pools(cognito_groups: ["staff"])';

test.each<[string, Parts, string]>([
  ['groups on all commands', { mutation: STAFF }, 'type Mutation: @aws_cognito_user_pools is refused on all of it'],
  ['groups on all queries', { query: STAFF }, 'type Query: @aws_cognito_user_pools is refused on all of it'],
  ['IAM on all commands', { mutation: '@aws_iam' }, 'type Mutation: @aws_iam is refused on all of it'],
  [
    'a field for groups that is not null',
    { note: `hidden: String! ${STAFF}` },
    'Note.hidden: what is for groups alone',
  ],
  [
    'a list for groups that is not null',
    { note: `hidden: [String!]! ${STAFF}` },
    'Note.hidden: what is for groups alone is null for others: it must not be [String!]!',
  ],
  ['a directive of another mode', { note: 'key: String @aws_api_key' }, 'Note.key: @aws_api_key is refused'],
  ['a reserved type', { more: 'type Event { id: ID! }' }, 'type Event: the name is reserved'],
  ['a reserved field', { queries: 'events(id: ID!): Note @view(name: "notes")' }, 'Query.events: the name is reserved'],
  ['a scalar of its own', { more: 'scalar Money' }, 'scalar Money: AppSync has no scalars but its own'],
  ['an extension', { more: 'extend type Note { more: String }' }, 'extend Note: AppSync takes no extensions'],
  [
    'a command that the domain has not',
    { mutations: 'closeNote(id: ID!, commandId: ID!): CommandResult!' },
    'Mutation.closeNote: the domain has no command of that name, but: openNote',
  ],
  [
    'a view that the domain has not',
    { queries: 'other(id: ID!): Note @view(name: "others")' },
    'Query.other: the domain has no view others, but: notes, notes-v2',
  ],
  [
    'a query that reads nothing',
    { queries: 'other(id: ID!): Note' },
    'Query.other: a query needs one of @view and @list',
  ],
  [
    'a row that must not be null',
    { queries: 'other(id: ID!): Note! @view(name: "notes")' },
    'Query.other: a row that is not there',
  ],
  [
    'a list for everybody without saying so',
    { queries: `all(of: String!, ${LIST} name: "all", of: ARGUMENT, argument: "of")` },
    'Query.all: @list(of: ARGUMENT) needs readers',
  ],
  [
    'a list of whom nobody knows',
    { queries: `mine(${LIST} name: "mine", of: OWNER)` },
    'Query.mine: @list: Argument "of" has invalid value OWNER.',
  ],
  [
    'an order that is none',
    { queries: `mine(${LIST} name: "mine", of: CALLER, order: ASC)` },
    'Query.mine: @list: Argument "order" has invalid value ASC.',
  ],
  [
    'readers that are no texts',
    { queries: 'other(id: ID!): Note @view(name: "notes", readers: [5])' },
    'Query.other: @view: Argument "readers" has invalid value [5].',
  ],
  [
    'a name of a list that is part of no key',
    { queries: `mine(${LIST} name: "by#owner", of: CALLER)` },
    'Query.mine: @list(name:) must be a letter, then letters, digits, _ and -, got: by#owner',
  ],
])('%s is refused', (_, parts, message) => {
  expect(() => read(parts)).toThrow(message);
});

test.each([
  ['id', 'openNote(commandId: ID!): CommandResult!', 'it needs the argument id: ID!, got: none'],
  ['commandId', 'openNote(id: ID!, commandId: ID): CommandResult!', 'it needs the argument commandId: ID!, got: ID'],
  [
    'expectedVersion',
    'openNote(id: ID!, commandId: ID!, expectedVersion: String): CommandResult!',
    'the argument expectedVersion must be Int, got: String',
  ],
  ['its answer', 'openNote(id: ID!, commandId: ID!): Note', 'a command is answered as CommandResult!, got: Note'],
])('a command is refused by its %s', (_, command, message) => {
  const text = schema({}).replace(/type Mutation.*/, `type Mutation { ${command} }`);
  expect(() => readSchema(text, DOMAIN)).toThrow(`Mutation.openNote: ${message}`);
});
