import { GraphQLResolveInfo, Kind, print, SelectionSetNode } from 'graphql';
import { ApiCaller } from '../caller';
import { RaisedError, TemplateInfo } from '../vtl';

/** A request on its way through the fields that it asks for. */
export interface RequestRun {
  readonly id: string;
  readonly caller: ApiCaller;
  /** `$ctx.request.headers`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Errors that templates added, with the fields they are of. */
  readonly appended: AppendedError[];
  /** Fields of type Mutation that were resolved, in order. */
  readonly mutations: MutatedField[];
  /** The field of a subscription that begins, once it is let in. */
  subscribed?: { readonly fieldName: string; readonly args: Readonly<Record<string, unknown>> };
  /** Resolvers that were run. */
  resolvers: number;
  /** Set when the answer has been given up: no further resolver is run. */
  ended: boolean;
}

/** A field of type Mutation, by its key in the answer. */
export interface MutatedField {
  readonly fieldName: string;
  readonly key: string;
}

/** An error of `$util.appendError`. */
export interface AppendedError {
  readonly raised: RaisedError;
  readonly path: readonly (string | number)[];
  readonly info: GraphQLResolveInfo;
}

/** The path of a field in the answer. */
export function pathOf(info: GraphQLResolveInfo): (string | number)[] {
  const path: (string | number)[] = [];
  for (let part: GraphQLResolveInfo['path'] | undefined = info.path; part !== undefined; part = part.prev) {
    path.unshift(part.key);
  }
  return path;
}

/** `$ctx.info`, after "Resolver mapping template context reference". */
export function infoOf(info: GraphQLResolveInfo): TemplateInfo {
  const [first] = info.fieldNodes;
  return {
    fieldName: info.fieldName,
    parentTypeName: info.parentType.name,
    variables: info.variableValues,
    selectionSetList: info.fieldNodes.flatMap(({ selectionSet }) => selectionList(selectionSet, info, '')),
    selectionSetGraphQL: first?.selectionSet === undefined ? '' : print(first.selectionSet),
  };
}

/** `id`, `comments`, `comments/id`: an alias stands for its field. */
export function selectionList(
  set: SelectionSetNode | undefined,
  info: Pick<GraphQLResolveInfo, 'fragments'>,
  prefix: string,
): string[] {
  return (set?.selections ?? []).flatMap((selection): string[] => {
    if (selection.kind === Kind.FIELD) {
      const name = prefix + (selection.alias ?? selection.name).value;
      return [name, ...selectionList(selection.selectionSet, info, `${name}/`)];
    }
    if (selection.kind === Kind.INLINE_FRAGMENT) return selectionList(selection.selectionSet, info, prefix);
    return selectionList(info.fragments[selection.name.value]?.selectionSet, info, prefix);
  });
}
