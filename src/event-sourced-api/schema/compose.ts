import {
  ASTNode,
  buildASTSchema,
  DefinitionNode,
  FieldDefinitionNode,
  Kind,
  ObjectTypeDefinitionNode,
  parse,
  print,
  StringValueNode,
  TypeDefinitionNode,
  visit,
} from 'graphql';
import { COMMAND_QUERIES, COMMAND_TYPES, KNOWN, QUERY_TYPES, queryOperations } from './own';
import { UserSchema } from './user-schema';

/** What an API serves: one of the two, or both. */
export type Part = 'commands' | 'queries';

const ROOTS = ['Query', 'Mutation', 'Subscription'] as const;

const isObject = (node: DefinitionNode): node is ObjectTypeDefinitionNode => node.kind === Kind.OBJECT_TYPE_DEFINITION;
const nameOf = (node: DefinitionNode) => (node as TypeDefinitionNode).name.value;

/**
 * The schema that AppSync is given.
 *
 * @param auditors groups that may read events
 * @internal
 */
export function composeSchema(user: UserSchema, parts: readonly Part[], auditors: readonly string[]): string {
  const own = [
    ...(parts.includes('commands') ? [COMMAND_TYPES, COMMAND_QUERIES] : []),
    ...(parts.includes('queries') ? [QUERY_TYPES, queryOperations(auditors, isWatchable(user))] : []),
  ].flatMap((text) => parse(text).definitions);
  const roots = ROOTS.flatMap((root) => {
    const users = [
      ...(root === 'Query' && parts.includes('queries') ? user.queries : []),
      ...(root === 'Mutation' && parts.includes('commands') ? user.mutations : []),
    ];
    const added = own.filter(isObject).filter((type) => nameOf(type) === root);
    return rootOf(root, [...users, ...added.flatMap(({ fields }) => fields ?? [])]);
  });
  const others = [...own.filter((node) => !ROOTS.some((root) => root === nameOf(node))), ...user.types];
  const definitions = [...roots, ...reachable(roots, others as TypeDefinitionNode[])];
  // What is composed is what is checked.
  buildASTSchema({ kind: Kind.DOCUMENT, definitions: [...parse(KNOWN).definitions, ...definitions] });
  return printed(definitions);
}

/** Whether there are rows that somebody may read, and watch. @internal */
export const isWatchable = ({ queryFields }: Pick<UserSchema, 'queryFields'>): boolean =>
  queryFields.some(({ kind }) => kind === 'view');

const rootOf = (name: string, fields: readonly FieldDefinitionNode[]): ObjectTypeDefinitionNode[] =>
  fields.length === 0 ? [] : [{ kind: Kind.OBJECT_TYPE_DEFINITION, name: { kind: Kind.NAME, value: name }, fields }];

/** The types that the roots lead to, in their order: two APIs have what they show, and not each other's. */
function reachable(
  roots: readonly ObjectTypeDefinitionNode[],
  types: readonly TypeDefinitionNode[],
): TypeDefinitionNode[] {
  const found = new Set<string>();
  const waiting: ASTNode[] = [...roots];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    visit(node, {
      NamedType({ name }) {
        if (found.has(name.value)) {
          return;
        }
        found.add(name.value);
        // An interface is answered as one of the types that have it.
        const having = types.filter(
          (type) => 'interfaces' in type && type.interfaces?.some((one) => one.name.value === name.value),
        );
        const named = types.filter((type) => type.name.value === name.value);
        having.forEach((type) => found.add(type.name.value));
        waiting.push(...named, ...having);
      },
    });
  }
  return types.filter((type) => found.has(type.name.value));
}

/** Stands for a description while all else is printed. */
const MARK = /^( *)"""described (\d+)"""$/gm;

/**
 * As text, with descriptions as comments: AppSync took no others for long, and takes these as descriptions.
 *
 * @see https://docs.aws.amazon.com/appsync/latest/devguide/designing-your-schema.html
 */
function printed(definitions: readonly DefinitionNode[]): string {
  const descriptions: string[] = [];
  const marked = visit(
    { kind: Kind.DOCUMENT, definitions },
    {
      StringValue(node: StringValueNode, key) {
        return key === 'description'
          ? { ...node, block: true, value: `described ${descriptions.push(node.value) - 1}` }
          : undefined;
      },
    },
  );
  const lines = (index: string) => descriptions[Number(index)].split('\n');
  return `${print(marked).replace(MARK, (_, indent: string, index: string) =>
    lines(index)
      .map((line) => `${indent}# ${line}`.trimEnd())
      .join('\n'),
  )}\n`;
}
