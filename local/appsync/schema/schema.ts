import {
  buildASTSchema,
  concatAST,
  DocumentNode,
  getNamedType,
  GraphQLObjectType,
  GraphQLOutputType,
  GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  Kind,
  parse,
  validateSchema,
} from 'graphql';
import { ApiModes, FieldRule, fieldRule } from './authorization';
import { AWS_SCALARS } from './scalars';

/** "AWS AppSync directives" of its developer guide; what has no meaning here is not among them. */
const DIRECTIVES = parse(`
  directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION
  directive @aws_auth(cognito_groups: [String!]!) on OBJECT | FIELD_DEFINITION
  directive @aws_cognito_user_pools(cognito_groups: [String!]) on OBJECT | FIELD_DEFINITION
  directive @aws_iam on OBJECT | FIELD_DEFINITION
  directive @aws_api_key on OBJECT | FIELD_DEFINITION
  directive @aws_oidc on OBJECT | FIELD_DEFINITION
  directive @aws_lambda on OBJECT | FIELD_DEFINITION
`);

const SCALARS = parse([...AWS_SCALARS.keys()].map((name) => `scalar ${name}`).join('\n'));

/** "Maximum schema document size" of AppSync's quotas. */
const MOST_BYTES = 1024 * 1024;

/** Root types have these names in AppSync unless `schema` says otherwise, which is not supported here. */
const ROOTS = ['Query', 'Mutation', 'Subscription'] as const;

/** A schema of an API, with who may see what. */
export interface ApiSchema {
  readonly schema: GraphQLSchema;
  /** Rules by `Type.field`. */
  readonly rules: ReadonlyMap<string, FieldRule>;
  /** Subscription fields by the mutation field that sets them off. */
  readonly subscriptions: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads a schema as AppSync takes it.
 *
 * @throws an Error that names what is wrong, or is not supported here
 */
export function readSchema(definition: string, modes: ApiModes): ApiSchema {
  if (Buffer.byteLength(definition) > MOST_BYTES) throw new Error('the schema is larger than 1 MB');
  const document = parse(definition);
  checkDefinitions(document);
  const schema = buildASTSchema(concatAST([DIRECTIVES, SCALARS, document]));
  const [problem] = validateSchema(schema);
  if (problem !== undefined) throw new Error(problem.message);
  setScalars(schema);
  return { schema, rules: readRules(schema, modes), subscriptions: readSubscriptions(schema) };
}

function checkDefinitions(document: DocumentNode): void {
  for (const node of document.definitions) {
    const name = 'name' in node ? (node.name?.value ?? '') : '';
    if (/Extension$/.test(node.kind)) throw new Error(`extend ${name}: AppSync takes no extensions`);
    if (node.kind === Kind.DIRECTIVE_DEFINITION) {
      throw new Error(`directive @${name}: only AppSync's own are supported here`);
    }
    if (node.kind === Kind.SCALAR_TYPE_DEFINITION) throw new Error(`scalar ${name}: AppSync has only its own`);
    if (/^(__|AWS)/.test(name)) throw new Error(`type ${name}: the name is reserved`);
    if (node.kind === Kind.SCHEMA_DEFINITION) {
      const other = node.operationTypes.find(({ type }) => !ROOTS.some((root) => root === type.name.value));
      if (other !== undefined) {
        throw new Error(`root type ${other.type.name.value} is not supported here, only ${ROOTS.join(', ')}`);
      }
    }
  }
}

/** Gives the scalars of the schema the checks of AppSync's. */
function setScalars(schema: GraphQLSchema): void {
  for (const [name, scalar] of AWS_SCALARS) {
    const type = schema.getType(name);
    if (!isScalarType(type)) continue;
    type.serialize = scalar.serialize;
    type.parseValue = scalar.parseValue;
    type.parseLiteral = scalar.parseLiteral;
  }
}

function readRules(schema: GraphQLSchema, modes: ApiModes): ReadonlyMap<string, FieldRule> {
  const rules = new Map<string, FieldRule>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || !(isObjectType(type) || isInterfaceType(type))) continue;
    for (const field of Object.values(type.getFields())) {
      const where = `${type.name}.${field.name}`;
      rules.set(where, fieldRule(field.astNode?.directives, type.astNode?.directives, modes, where));
    }
  }
  return rules;
}

function readSubscriptions(schema: GraphQLSchema): ReadonlyMap<string, readonly string[]> {
  const byMutation = new Map<string, string[]>();
  const mutations = schema.getMutationType()?.getFields() ?? {};
  for (const field of fieldsOf(schema.getSubscriptionType())) {
    const where = `Subscription.${field.name}`;
    const directive = field.astNode?.directives?.find(({ name }) => name.value === 'aws_subscribe');
    const other = undeliverable(field.type);
    if (other !== undefined) throw new Error(`${where}: ${other} in what is delivered is not supported here`);
    // "All the subscription arguments must exist as a field in the returning type", of the same type.
    const returned = getNamedType(field.type);
    const fields = isObjectType(returned) ? returned.getFields() : {};
    for (const { name, type } of field.args) {
      const same = Object.hasOwn(fields, name) && nullable(fields[name].type) === nullable(type);
      if (!same) throw new Error(`${where}: argument ${name} must be a field of ${returned.name}, of the same type`);
    }
    const names = directive?.arguments?.[0]?.value;
    if (names?.kind !== Kind.LIST) throw new Error(`${where} needs @aws_subscribe(mutations: [...])`);
    for (const name of names.values.flatMap((value) => (value.kind === Kind.STRING ? [value.value] : []))) {
      const mutation = Object.hasOwn(mutations, name) ? mutations[name] : undefined;
      if (mutation === undefined) throw new Error(`${where}: there is no mutation ${name}`);
      // "The return type of the subscription field must match the return type of the mutation."
      if (nullable(mutation.type) !== nullable(field.type)) {
        throw new Error(`${where} must return what mutation ${name} returns, ${nullable(mutation.type)}`);
      }
      byMutation.set(name, [...(byMutation.get(name) ?? []), field.name]);
    }
  }
  return byMutation;
}

const nullable = (type: unknown): string => String(type).replace(/!$/, '');

function fieldsOf(type: GraphQLObjectType | null | undefined): ReturnType<GraphQLObjectType['getFields']>[string][] {
  return Object.values(type?.getFields() ?? {});
}

/**
 * What of a type no subscriber gets here: of values that are one of several types nothing says which one was delivered,
 * and AWSJSON comes encoded twice (https://github.com/awslabs/aws-mobile-appsync-sdk-js/issues/533), or not.
 *
 * @returns undefined where there is nothing of it
 */
function undeliverable(type: GraphQLOutputType, seen = new Set<string>()): string | undefined {
  const named = getNamedType(type);
  if (isAbstractType(named)) return `${named.name}, which is an interface or a union,`;
  if (named.name === 'AWSJSON') return 'AWSJSON';
  if (!isObjectType(named) || seen.has(named.name)) return undefined;
  seen.add(named.name);
  for (const field of Object.values(named.getFields())) {
    const found = undeliverable(field.type, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}
