import { FieldDefinitionNode, InputValueDefinitionNode, print } from 'graphql';
import { directivesOf, Said } from './directives';
import { ListField, QueryField, ViewField } from './query-field';

/** What there is in the domain and its schema that fields may name. */
export interface Known {
  /** Names of the domain's views. */
  readonly views: ReadonlySet<string>;
  /** The fields of an object type, by name; undefined where it is no such type. */
  fieldsOf(type: string): ReadonlyMap<string, FieldDefinitionNode> | undefined;
  isEnum(type: string): boolean;
}

/** Says what is wrong, with the field that it is about. */
export type Refuse = (problem: string) => Error;

/** Names of lists, which are parts of keys. */
const LIST = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** Names of groups that templates may hold as they are; Cognito takes some more. */
const GROUP = /^[\w+=,.@:-]{1,128}$/;

/** Everybody who has signed in. @internal */
export const EVERYBODY = '*';

/** Refuses names of groups that Cognito would not take, or that a template could not hold. @internal */
export function checkGroups(groups: readonly string[], refuse: Refuse): void {
  const wrong = groups.find((group) => !GROUP.test(group));
  if (wrong !== undefined) {
    throw refuse(`groups must be of letters, digits and _+=,.@:-, got: ${wrong}`);
  }
}

/**
 * Makes of a field of `type Query` what its resolver is made from.
 *
 * @internal
 */
export function queryField(field: FieldDefinitionNode, known: Known, refuse: Refuse): QueryField {
  const views = directivesOf(field, 'view');
  const lists = directivesOf(field, 'list');
  if (views.length + lists.length !== 1) {
    throw refuse('a query needs one of @view and @list, which say where it reads');
  }
  return views.length === 1 ? viewField(field, views[0], known, refuse) : listField(field, lists[0], known, refuse);
}

function viewField(field: FieldDefinitionNode, said: Said, known: Known, refuse: Refuse): ViewField {
  const { name: view, readers = [] } = said as { name: string; readers?: string[] };
  checkView(view, known, refuse);
  checkReaders(readers, refuse);
  wantArgument(field, 'id', 'ID!', refuse);
  refuseOthers(field, ['id'], refuse);
  if (field.type.kind !== 'NamedType') {
    throw refuse(`a row that is not there, or not for the caller, is null: it must not be ${print(field.type)}`);
  }
  return { kind: 'view', name: field.name.value, view, readers };
}

function listField(field: FieldDefinitionNode, said: Said, known: Known, refuse: Refuse): ListField {
  const {
    view,
    name: list,
    of,
    argument,
    readers = [],
    order,
  } = said as {
    view: string;
    name: string;
    of: 'CALLER' | 'ARGUMENT';
    argument?: string;
    readers?: string[];
    order?: 'ASCENDING' | 'DESCENDING';
  };
  checkView(view, known, refuse);
  if (!LIST.test(list)) {
    throw refuse(`@list(name:) must be a letter, then letters, digits, _ and -, got: ${list}`);
  }
  if (of === 'CALLER' && (argument !== undefined || readers.length > 0)) {
    throw refuse(
      `@list(of: CALLER) is for the caller alone: ${argument === undefined ? 'readers' : 'argument'} is for of: ARGUMENT`,
    );
  }
  wantArgument(field, 'limit', 'Int', refuse);
  wantArgument(field, 'nextToken', 'String', refuse);
  if (of === 'ARGUMENT') {
    checkListArgument(field, argument, known, refuse);
    if (readers.length === 0) {
      throw refuse('@list(of: ARGUMENT) needs readers: the groups that may read it, or "*" for everybody signed in');
    }
  }
  checkReaders(readers, refuse);
  refuseOthers(field, ['limit', 'nextToken', ...(argument === undefined ? [] : [argument])], refuse);
  checkPage(field, known, refuse);
  return {
    kind: 'list',
    name: field.name.value,
    view,
    list,
    ...(argument === undefined ? {} : { argument }),
    readers,
    isAscending: order === 'ASCENDING',
  };
}

function checkView(view: string, known: Known, refuse: Refuse): void {
  if (!known.views.has(view)) {
    throw refuse(`the domain has no view ${view}, but: ${[...known.views].join(', ') || 'none'}`);
  }
}

function checkReaders(readers: readonly string[], refuse: Refuse): void {
  if (readers.length > 1 && readers.includes(EVERYBODY)) {
    throw refuse(`readers must be ${EVERYBODY} alone or groups, got: ${readers.join(', ')}`);
  }
  checkGroups(
    readers.filter((reader) => reader !== EVERYBODY),
    refuse,
  );
}

/** Refuses a field that has no such argument, or has it of another type. @internal */
export function wantArgument(field: FieldDefinitionNode, name: string, type: string, refuse: Refuse): void {
  const given = argumentOf(field, name);
  if (given === undefined || print(given.type) !== type) {
    throw refuse(`it needs the argument ${name}: ${type}, got: ${given === undefined ? 'none' : print(given.type)}`);
  }
}

/** Refuses an argument that is of another type where it is there. @internal */
export function allowArgument(field: FieldDefinitionNode, name: string, type: string, refuse: Refuse): void {
  const given = argumentOf(field, name);
  if (given !== undefined && print(given.type) !== type) {
    throw refuse(`the argument ${name} must be ${type}, got: ${print(given.type)}`);
  }
}

const argumentOf = (field: FieldDefinitionNode, name: string): InputValueDefinitionNode | undefined =>
  field.arguments?.find((argument) => argument.name.value === name);

function refuseOthers(field: FieldDefinitionNode, wanted: readonly string[], refuse: Refuse): void {
  const other = field.arguments?.find(({ name }) => !wanted.includes(name.value));
  if (other) {
    throw refuse(`the argument ${other.name.value} would be heeded by nobody: it takes ${wanted.join(', ')}`);
  }
}

function checkListArgument(
  field: FieldDefinitionNode,
  argument: string | undefined,
  known: Known,
  refuse: Refuse,
): void {
  if (argument === undefined) {
    throw refuse('@list(of: ARGUMENT) needs argument: which of them says the list');
  }
  const given = argumentOf(field, argument);
  const type =
    given && given.type.kind === 'NonNullType' && given.type.type.kind === 'NamedType'
      ? given.type.type.name.value
      : undefined;
  if (type === undefined || !(type === 'ID' || type === 'String' || known.isEnum(type))) {
    throw refuse(
      `the argument ${argument} says the list: it must be ID!, String! or an enum that is not null, got: ${given === undefined ? 'none' : print(given.type)}`,
    );
  }
}

/** A page is `{ items: [Row!]!, nextToken: String }`. */
function checkPage(field: FieldDefinitionNode, known: Known, refuse: Refuse): void {
  const named = field.type.kind === 'NonNullType' ? field.type.type : field.type;
  const fields = named.kind === 'NamedType' ? known.fieldsOf(named.name.value) : undefined;
  const items = fields?.get('items');
  const token = fields?.get('nextToken');
  const isPage = items && /^\[\w+!\]!$/.test(print(items.type)) && token && print(token.type) === 'String';
  if (!isPage) {
    throw refuse(`a list is answered as a type with items: [Row!]! and nextToken: String, got: ${print(field.type)}`);
  }
}
