/**
 * What the library adds to the schema of a domain. Where AppSync has several modes of authorization, a field or type
 * without a directive is for the default one alone, which is Cognito's here: what the projector gets by IAM says both.
 *
 * @see https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html
 * @internal
 */
export const COMMAND_TYPES = `
"What a command came to."
type CommandResult {
  commandId: ID!
  id: ID!
  "The version after it: what the next command expects."
  version: Int!
  status: CommandStatus!
  "Types of the events that it appended."
  events: [String!]!
}

enum CommandStatus {
  ACCEPTED
  REJECTED
}

"What is kept of a command for good."
type CommandOutcome {
  commandId: ID!
  command: String!
  id: ID!
  status: CommandStatus!
  version: Int
  "Why it was rejected."
  code: String
  message: String
  occurredAt: AWSDateTime!
}
`;

/** @internal */
export const COMMAND_QUERIES = `
type Query {
  "A command of the caller, accepted or rejected."
  command(commandId: ID!): CommandOutcome
}
`;

/** @internal */
export const QUERY_TYPES = `
"A fact: it never changes."
type Event @aws_cognito_user_pools @aws_iam {
  id: ID!
  version: Int!
  type: String!
  schemaVersion: Int!
  data: AWSJSON!
  occurredAt: AWSDateTime!
  actor: String!
  commandId: ID!
  correlationId: ID!
  causationId: ID
}

"A page may hold fewer than asked for, and none, while there is a token for the next."
type EventPage @aws_cognito_user_pools @aws_iam {
  items: [Event!]!
  nextToken: String
}

"That a row of a view has changed, and nothing of what it shows."
type ViewChange @aws_cognito_user_pools @aws_iam {
  view: String!
  id: ID!
  owner: ID
  "The row is of this version, or a later one."
  version: Int!
  occurredAt: AWSDateTime!
  commandId: ID!
  correlationId: ID!
}
`;

/**
 * @param auditors groups of the user pool that may read events; none for roles with that right alone
 * @internal
 */
export function queryOperations(auditors: readonly string[], isWatchable: boolean): string {
  const cognito = auditors.length > 0 ? ` @aws_cognito_user_pools(cognito_groups: ${JSON.stringify(auditors)})` : '';
  const onViewChange = `
  "Changes of one row of a view, for those who may read it."
  onViewChange(view: String!, id: ID!): ViewChange @aws_subscribe(mutations: ["publishViewChange"])`;
  return `
type Query {
  "The events of an aggregate, oldest first."
  events(id: ID!, limit: Int, nextToken: String): EventPage!${cognito} @aws_iam
}

type Mutation {
  "For the projector alone."
  publishViewChange(
    view: String!
    id: ID!
    owner: ID
    version: Int!
    occurredAt: AWSDateTime!
    commandId: ID!
    correlationId: ID!
  ): ViewChange! @aws_iam
}

type Subscription {${isWatchable ? onViewChange : ''}
  "Changes of the caller's rows: \`owner\` is their \`sub\`."
  onMyChanges(owner: ID!): ViewChange @aws_subscribe(mutations: ["publishViewChange"])
}
`;
}

/** What users may not call anything of theirs. @internal */
export const RESERVED_TYPES: ReadonlySet<string> = new Set([
  'CommandResult',
  'CommandStatus',
  'CommandOutcome',
  'Event',
  'EventPage',
  'ViewChange',
  'Subscription',
]);

/** By root type. @internal */
export const RESERVED_FIELDS: Readonly<Record<string, ReadonlySet<string>>> = {
  Query: new Set(['command', 'events']),
  Mutation: new Set(['publishViewChange']),
};

/**
 * What AppSync knows without being told, and the directives that are this library's own.
 *
 * @see https://docs.aws.amazon.com/appsync/latest/devguide/scalars.html
 * @internal
 */
export const KNOWN = `
scalar AWSDate
scalar AWSTime
scalar AWSDateTime
scalar AWSTimestamp
scalar AWSEmail
scalar AWSJSON
scalar AWSURL
scalar AWSPhone
scalar AWSIPAddress

directive @aws_iam on OBJECT | FIELD_DEFINITION
directive @aws_cognito_user_pools(cognito_groups: [String!]) on OBJECT | FIELD_DEFINITION
directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION

enum ListOf_ { CALLER ARGUMENT }
enum ListOrder_ { ASCENDING DESCENDING }
directive @view(name: String!, readers: [String!]) on FIELD_DEFINITION
directive @list(
  view: String!
  name: String!
  of: ListOf_!
  argument: String
  readers: [String!]
  order: ListOrder_
) on FIELD_DEFINITION
`;
