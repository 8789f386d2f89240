import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FieldDefinitionNode, Kind, parse, print } from 'graphql';

/** The schema of expense claims, as users of the library read it: what the tests send is made of it. */
const SCHEMA = parse(
  readFileSync(
    join(__dirname, '..', '..', '..', 'lambda', 'event-sourced-api', 'expense-claims', 'schema.graphql'),
    'utf8',
  ),
);

const fieldsOf = (type: string): readonly FieldDefinitionNode[] =>
  SCHEMA.definitions.flatMap((node) =>
    node.kind === Kind.OBJECT_TYPE_DEFINITION && node.name.value === type ? (node.fields ?? []) : [],
  );

const RESULT = 'commandId id version status events';

/** Fields of a claim that are for groups alone. */
export const GUARDED = ['decidedBy', 'paidBy', 'paymentReference'] as const;

const ALL = fieldsOf('Claim').map(({ name }) =>
  name.value === 'expenses' ? 'expenses { id description category amountCents spentOn }' : name.value,
);

/** Selections of a claim: what each of its readers may see, and all of it. */
export const CLAIM = ALL.filter((field) => !(GUARDED as readonly string[]).includes(field)).join(' ');
export const WHOLE_CLAIM = ALL.join(' ');

function documentOf(kind: 'query' | 'mutation', field: FieldDefinitionNode, selection: string): string {
  const args = field.arguments ?? [];
  const variables = args.map(({ name, type }) => `$${name.value}: ${print(type)}`).join(', ');
  const given = args.map(({ name }) => `${name.value}: $${name.value}`).join(', ');
  const [of, by] = args.length === 0 ? ['', ''] : [`(${variables})`, `(${given})`];
  return `${kind} ${field.name.value}${of} { ${field.name.value}${by} { ${selection} } }`;
}

/** Names of the commands that there are. */
export const COMMANDS: readonly string[] = fieldsOf('Mutation').map(({ name }) => name.value);

/** Arguments of a command beside those that every command has, with their types. */
export const argumentsOf = (command: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    fieldsOf('Mutation')
      .filter(({ name }) => name.value === command)
      .flatMap(({ arguments: args = [] }) => args.map(({ name, type }) => [name.value, print(type)])),
  );

const MUTATIONS = new Map(
  fieldsOf('Mutation').map((field) => [field.name.value, documentOf('mutation', field, RESULT)]),
);

/** @throws Error where there is no such command */
export function commandDocument(command: string): string {
  const document = MUTATIONS.get(command);
  if (document === undefined) throw new Error(`There is no command ${command}, but ${COMMANDS.join(', ')}`);
  return document;
}

export const claimQuery = (selection: string): string => `query claim($id: ID!) { claim(id: $id) { ${selection} } }`;

export const myClaimsQuery = (selection = CLAIM): string =>
  `query myClaims($limit: Int, $nextToken: String) {
    myClaims(limit: $limit, nextToken: $nextToken) { items { ${selection} } nextToken }
  }`;

export const claimsByStatusQuery = (selection = CLAIM): string =>
  `query claimsByStatus($status: ClaimStatus!, $limit: Int, $nextToken: String) {
    claimsByStatus(status: $status, limit: $limit, nextToken: $nextToken) { items { ${selection} } nextToken }
  }`;

export const COMMAND_QUERY = `query command($commandId: ID!) {
  command(commandId: $commandId) { commandId command id status version code message occurredAt }
}`;

export const EVENTS_QUERY = `query events($id: ID!, $limit: Int, $nextToken: String) {
  events(id: $id, limit: $limit, nextToken: $nextToken) {
    items { id version type schemaVersion data occurredAt actor commandId correlationId causationId }
    nextToken
  }
}`;

export const PUBLISH = `mutation publishViewChange(
  $view: String!, $id: ID!, $owner: ID, $version: Int!, $occurredAt: AWSDateTime!, $commandId: ID!, $correlationId: ID!
) {
  publishViewChange(
    view: $view, id: $id, owner: $owner, version: $version, occurredAt: $occurredAt, commandId: $commandId,
    correlationId: $correlationId
  ) { view id owner version occurredAt commandId correlationId }
}`;
