import { isDeepStrictEqual } from 'node:util';
import {
  FieldNode,
  FragmentDefinitionNode,
  getDirectiveValues,
  GraphQLIncludeDirective,
  GraphQLObjectType,
  GraphQLOutputType,
  GraphQLSkipDirective,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  SelectionSetNode,
} from 'graphql';
import { isObject, JsonObject } from '../../assembly';
import { ApiCaller } from '../caller';
import { AnswerError } from '../execution/errors';
import { PreparedRequest } from '../execution/executor';
import { ruleAllows } from '../schema/authorization';
import { ownValue } from '../schema/scalars';
import { ApiSchema } from '../schema/schema';
import { notAuthorized } from '../vtl';

/** What a subscriber gets of a mutation. */
export interface Delivery {
  readonly data: JsonObject;
  readonly errors?: readonly AnswerError[];
}

/** A subscription that has begun. */
export interface Subscription {
  readonly prepared: PreparedRequest;
  readonly caller: ApiCaller;
  readonly fieldName: string;
  /** Those that were given: one that was left out filters nothing. */
  readonly args: JsonObject;
}

/**
 * "A null argument value will filter the results differently than omitting the argument entirely": null waits for what
 * has none, as does an argument whose field the mutation was not asked for.
 */
export function isMeant({ args }: Subscription, value: unknown): boolean {
  return Object.entries(args).every(([name, wanted]) => isDeepStrictEqual(ownValue(value, name) ?? null, wanted));
}

type Path = readonly (string | number)[];

/** Something that must not be null is: what holds it becomes null. */
class NullIsNotAllowed extends Error {}

/**
 * The fields that a subscription asks for, out of what the mutation answered: what the mutation was not asked for is
 * null. No resolver is run.
 */
export function deliver(api: ApiSchema, subscription: Subscription, value: unknown): Delivery {
  const projection = new Projection(api, subscription);
  const type = api.schema.getSubscriptionType();
  if (type == null) throw new Error('the schema has no subscriptions');
  const data = projection.object(
    type,
    [subscription.prepared.operation.selectionSet],
    { [subscription.fieldName]: value },
    [],
  );
  return { data: data ?? {}, ...(projection.errors.length > 0 ? { errors: projection.errors } : {}) };
}

class Projection {
  public readonly errors: AnswerError[] = [];
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;

  public constructor(
    private readonly api: ApiSchema,
    private readonly subscription: Subscription,
  ) {
    const { definitions } = subscription.prepared.document;
    this.fragments = new Map(
      definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [])),
    );
  }

  public object(
    type: GraphQLObjectType,
    sets: readonly SelectionSetNode[],
    value: unknown,
    path: Path,
  ): JsonObject | null {
    const result: Record<string, unknown> = {};
    for (const [key, nodes] of this.collect(type, sets)) {
      const [{ name }] = nodes;
      result[key] = name.value === '__typename' ? type.name : this.field(type, nodes, value, [...path, key]);
    }
    return result;
  }

  private field(
    parent: GraphQLObjectType,
    nodes: readonly [FieldNode, ...FieldNode[]],
    value: unknown,
    path: Path,
  ): unknown {
    const name = nodes[0].name.value;
    const { type } = parent.getFields()[name];
    const { caller } = this.subscription;
    const rule = this.api.rules.get(`${parent.name}.${name}`) ?? [];
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    if (!ruleAllows(rule, caller.mode, caller.groups)) {
      this.errors.push({ ...notAuthorized(name, parent.name), path, locations: null });
      return this.orNull(type, () => this.missing(parent, name, type, path));
    }
    return this.orNull(type, () => {
      const completed = this.complete(type, sets, ownValue(value, name) ?? null, path);
      return completed ?? this.missing(parent, name, type, path);
    });
  }

  private missing(parent: GraphQLObjectType, name: string, type: GraphQLOutputType, path: Path): null {
    if (!isNonNullType(type)) return null;
    const message = `Cannot return null for non-nullable type: '${name}' within parent '${parent.name}' (/${path.join('/')})`;
    this.errors.push({ path, locations: null, message });
    throw new NullIsNotAllowed();
  }

  private orNull(type: GraphQLOutputType, complete: () => unknown): unknown {
    try {
      return complete();
    } catch (error) {
      if (error instanceof NullIsNotAllowed && !isNonNullType(type)) return null;
      throw error;
    }
  }

  private complete(type: GraphQLOutputType, sets: readonly SelectionSetNode[], value: unknown, path: Path): unknown {
    if (isNonNullType(type)) return this.complete(type.ofType, sets, value, path);
    if (value === null || value === undefined) return null;
    if (isListType(type)) {
      const items = Array.isArray(value) ? (value as unknown[]) : [];
      return items.map((item, index) =>
        this.orNull(type.ofType, () => this.complete(type.ofType, sets, item, [...path, index])),
      );
    }
    return isObjectType(type) && isObject(value) ? this.object(type, sets, value, path) : value;
  }

  private collect(
    type: GraphQLObjectType,
    sets: readonly SelectionSetNode[],
  ): Map<string, [FieldNode, ...FieldNode[]]> {
    const fields = new Map<string, [FieldNode, ...FieldNode[]]>();
    const visit = (set: SelectionSetNode): void => {
      for (const selection of set.selections) {
        const variables = this.subscription.prepared.request.variables;
        const skipped = getDirectiveValues(GraphQLSkipDirective, selection, variables)?.if === true;
        if (skipped || getDirectiveValues(GraphQLIncludeDirective, selection, variables)?.if === false) continue;
        if (selection.kind === Kind.FIELD) {
          const key = (selection.alias ?? selection.name).value;
          const known = fields.get(key);
          if (known === undefined) fields.set(key, [selection]);
          else known.push(selection);
          continue;
        }
        const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.fragments.get(selection.name.value);
        const condition = fragment?.typeCondition?.name.value ?? type.name;
        if (fragment !== undefined && condition === type.name) visit(fragment.selectionSet);
      }
    };
    sets.forEach(visit);
    return fields;
  }
}
