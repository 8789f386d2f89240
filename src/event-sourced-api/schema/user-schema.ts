import {
  buildASTSchema,
  DefinitionNode,
  DirectiveNode,
  DocumentNode,
  FieldDefinitionNode,
  GraphQLError,
  Kind,
  ObjectTypeDefinitionNode,
  parse,
  print,
  TypeDefinitionNode,
  validateSchema,
  visit,
} from 'graphql';
import { OWN_DIRECTIVES, REFUSED_DIRECTIVES, saidBy } from './directives';
import { COMMAND_TYPES, KNOWN, QUERY_TYPES, queryOperations, RESERVED_FIELDS, RESERVED_TYPES } from './own';
import { allowArgument, checkGroups, EVERYBODY, Known, queryField, wantArgument } from './query-checks';
import { QueryField } from './query-field';

/** What of a domain its schema is checked against. */
export interface DomainNames {
  /** Its mutations are these, no more and no fewer. */
  readonly commands: ReadonlySet<string>;
  readonly views: ReadonlySet<string>;
}

/** The schema that a user brings, checked. */
export interface UserSchema {
  /** Own types, without the root types. */
  readonly types: readonly TypeDefinitionNode[];
  /** Fields of `type Mutation`: the commands. */
  readonly mutations: readonly FieldDefinitionNode[];
  /** Fields of `type Query`, without the directives that are this library's. */
  readonly queries: readonly FieldDefinitionNode[];
  readonly queryFields: readonly QueryField[];
}

/** Kinds of definitions that AppSync's schemas have. */
const TYPES = new Map<string, string>([
  [Kind.OBJECT_TYPE_DEFINITION, 'type'],
  [Kind.INPUT_OBJECT_TYPE_DEFINITION, 'input'],
  [Kind.ENUM_TYPE_DEFINITION, 'enum'],
  [Kind.INTERFACE_TYPE_DEFINITION, 'interface'],
  [Kind.UNION_TYPE_DEFINITION, 'union'],
]);

const ROOTS = ['Query', 'Mutation'] as const;

/**
 * Reads and checks a schema of a domain.
 *
 * @throws Error that names the type and the field which is wrong
 * @internal
 */
export function readSchema(text: string, domain: DomainNames): UserSchema {
  const document = parsed(text);
  const types = document.definitions.map(typeDefinition);
  types.forEach(checkNames);
  const [queryType, mutationType] = ROOTS.map((root) => rootType(types, root));
  checkDirectives(document);
  checkAsGraphql(types);
  const byName = new Map(types.map((type) => [type.name.value, type]));
  const known: Known = {
    views: domain.views,
    isEnum: (name) => byName.get(name)?.kind === Kind.ENUM_TYPE_DEFINITION,
    fieldsOf: (name) => {
      const type = byName.get(name);
      return type?.kind === Kind.OBJECT_TYPE_DEFINITION
        ? new Map((type.fields ?? []).map((field) => [field.name.value, field]))
        : undefined;
    },
  };
  const mutations = mutationType.fields ?? [];
  mutations.forEach((field) => checkCommand(field, domain));
  const without = [...domain.commands].find((command) => !mutations.some(({ name }) => name.value === command));
  if (without !== undefined) {
    throw new Error(`type Mutation: the domain has a command ${without}, and there is no field of that name`);
  }
  const queries = queryType.fields ?? [];
  const queryFields = queries.map((field) => queryField(field, known, (problem) => refusal('Query', field, problem)));
  const rows = queryFields.filter(({ kind }) => kind === 'view').length;
  if (rows > MAX_ROW_QUERIES) {
    throw new Error(`type Query: at most ${MAX_ROW_QUERIES} fields may have @view, got: ${rows}`);
  }
  return {
    types: types.filter(({ name }) => !ROOTS.some((root) => root === name.value)),
    mutations,
    queries: queries.map(withoutOwnDirectives),
    queryFields,
  };
}

/** Steps that a pipeline of AppSync has at most; whoever watches a row is judged by one for each query of rows. */
const MAX_ROW_QUERIES = 10;

/**
 * The groups of the user pool that a schema names.
 *
 * @internal
 */
export function groupsOf({ types, mutations, queries, queryFields }: UserSchema): string[] {
  const groups = queryFields.flatMap(({ readers }) => readers.filter((reader) => reader !== EVERYBODY));
  for (const node of [...types, ...mutations, ...queries]) {
    visit(node, {
      Directive(directive: DirectiveNode) {
        const { cognito_groups: named } = directive.name.value === 'aws_cognito_user_pools' ? saidBy(directive) : {};
        groups.push(...(Array.isArray(named) ? named.map(String) : []));
      },
    });
  }
  return [...new Set(groups)];
}

const refusal = (type: string, field: FieldDefinitionNode, problem: string) =>
  new Error(`${type}.${field.name.value}: ${problem}`);

function parsed(text: string): DocumentNode {
  try {
    return parse(text);
  } catch (error) {
    throw placed(error);
  }
}

/** An error of GraphQL with the line that it is about. */
function placed(error: unknown): Error {
  if (error instanceof GraphQLError) {
    const [place] = error.locations ?? [];
    return new Error(`${error.message}${place === undefined ? '' : ` (line ${place.line})`}`);
  }
  return error as Error;
}

/** @throws Error for what AppSync takes in no schema, or not in this one */
function typeDefinition(definition: DefinitionNode): TypeDefinitionNode {
  if (TYPES.has(definition.kind)) {
    return definition as TypeDefinitionNode;
  }
  const name = 'name' in definition && definition.name ? ` ${definition.name.value}` : '';
  switch (definition.kind) {
    case Kind.SCALAR_TYPE_DEFINITION:
      throw new Error(`scalar${name}: AppSync has no scalars but its own (AWSDate, AWSJSON and so on)`);
    case Kind.SCHEMA_DEFINITION:
      throw new Error('schema: the root types are Query and Mutation, and need no saying');
    case Kind.DIRECTIVE_DEFINITION:
      throw new Error(`directive${name ? ` @${name.trim()}` : ''}: nobody would heed it`);
    default:
      throw new Error(
        /Extension$/.test(definition.kind)
          ? `extend${name}: AppSync takes no extensions: put its fields into the type itself`
          : `a schema has types alone, got: ${print(definition).split('\n')[0]}`,
      );
  }
}

function checkNames(type: TypeDefinitionNode): void {
  const name = type.name.value;
  const kind = TYPES.get(type.kind);
  if (RESERVED_TYPES.has(name)) {
    throw new Error(`${kind} ${name}: the name is reserved for what the library adds`);
  }
  if (/^AWS/.test(name)) {
    throw new Error(`${kind} ${name}: names that begin with AWS are AppSync's`);
  }
  const reserved = RESERVED_FIELDS[name];
  if (reserved && type.kind === Kind.OBJECT_TYPE_DEFINITION) {
    const taken = type.fields?.find((field) => reserved.has(field.name.value));
    if (taken) {
      throw refusal(name, taken, 'the name is reserved for what the library adds');
    }
  }
}

function rootType(types: readonly TypeDefinitionNode[], name: string): ObjectTypeDefinitionNode {
  const type = types.find((one) => one.name.value === name);
  if (type?.kind !== Kind.OBJECT_TYPE_DEFINITION || (type.fields ?? []).length === 0) {
    throw new Error(`type ${name}: the schema needs it, with at least one field`);
  }
  return type;
}

/** Directives stand on types and on fields; each is told by where it stands. */
function checkDirectives(document: DocumentNode): void {
  for (const definition of document.definitions) {
    const type = (definition as TypeDefinitionNode).name.value;
    const isRoot = ROOTS.some((root) => root === type);
    visit(definition, {
      Directive(node: DirectiveNode, _key, _parent, _path, ancestors) {
        const field = ancestors.find(
          (one) => !Array.isArray(one) && 'kind' in one && one.kind === Kind.FIELD_DEFINITION,
        ) as FieldDefinitionNode | undefined;
        const place = field ? `${type}.${field.name.value}` : type;
        const name = node.name.value;
        if (isRoot && !field) {
          // The library puts fields of its own into these types, which it would say something of too.
          throw new Error(`type ${type}: @${name} is refused on all of it: put it on each field that it is for`);
        }
        if (Object.hasOwn(REFUSED_DIRECTIVES, name)) {
          throw new Error(`${place}: @${name} is refused: ${REFUSED_DIRECTIVES[name]}`);
        }
        if (OWN_DIRECTIVES.has(name) && type !== 'Query') {
          throw new Error(`${place}: @${name} is for fields of type Query`);
        }
        if (name === 'aws_iam' && isRoot) {
          throw new Error(`${place}: @aws_iam is refused: whoever sends a command or a query is a user of the pool`);
        }
        const { cognito_groups: groups } = said(node, place);
        if (groups !== undefined && field?.type.kind === Kind.NON_NULL_TYPE && !isRoot) {
          // What a caller may not see is null, and takes everything around it along that must not be null.
          throw new Error(`${place}: what is for groups alone is null for others: it must not be ${print(field.type)}`);
        }
        checkGroups(Array.isArray(groups) ? groups.map(String) : [], (problem) => new Error(`${place}: ${problem}`));
      },
    });
  }
}

/** What a directive says. @throws Error that names where it stands, for a value of another type */
function said(node: DirectiveNode, place: string) {
  try {
    return saidBy(node);
  } catch (error) {
    throw new Error(`${place}: @${node.name.value}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** That it is GraphQL, with what the library and AppSync add. */
function checkAsGraphql(types: readonly TypeDefinitionNode[]): void {
  try {
    const added = parse(`${KNOWN}${COMMAND_TYPES}${QUERY_TYPES}`).definitions;
    const { definitions } = parse(queryOperations([], true));
    const subscription = definitions.filter((one) => 'name' in one && one.name?.value === 'Subscription');
    const schema = buildASTSchema({ kind: Kind.DOCUMENT, definitions: [...added, ...subscription, ...types] });
    const [problem] = validateSchema(schema);
    if (problem) {
      throw problem;
    }
  } catch (error) {
    throw placed(error);
  }
}

function checkCommand(field: FieldDefinitionNode, domain: DomainNames): void {
  const refuse = (problem: string) => refusal('Mutation', field, problem);
  if (!domain.commands.has(field.name.value)) {
    throw refuse(`the domain has no command of that name, but: ${[...domain.commands].join(', ')}`);
  }
  wantArgument(field, 'id', 'ID!', refuse);
  wantArgument(field, 'commandId', 'ID!', refuse);
  allowArgument(field, 'expectedVersion', 'Int', refuse);
  allowArgument(field, 'correlationId', 'ID', refuse);
  allowArgument(field, 'causationId', 'ID', refuse);
  if (print(field.type) !== 'CommandResult!') {
    throw refuse(`a command is answered as CommandResult!, got: ${print(field.type)}`);
  }
}

const withoutOwnDirectives = (field: FieldDefinitionNode): FieldDefinitionNode => ({
  ...field,
  directives: field.directives?.filter(({ name }) => !OWN_DIRECTIVES.has(name.value)),
});
