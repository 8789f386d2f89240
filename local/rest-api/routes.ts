/** A resource of a REST API as the template has it. */
export interface RestResource<Method> {
  readonly id: string;
  /** Undefined for the root. */
  readonly parentId?: string;
  /** `items`, `{id}` or `{proxy+}`; empty for the root. */
  readonly part: string;
  /** By HTTP method, `ANY` among them. */
  readonly methods: ReadonlyMap<string, Method>;
}

/** A resource that takes a path. */
export interface RestMatch<Method> {
  readonly resourceId: string;
  /** `/items/{id}`. */
  readonly resourcePath: string;
  /** Undefined where the resource has no such method. */
  readonly method?: Method;
  /**
   * As they stand in the path, `%2F` within one of them: REST APIs decode none, also for functions
   * (https://github.com/serverless/serverless/issues/5037).
   */
  readonly parameters: Readonly<Record<string, string>>;
}

interface Node<Method> extends RestResource<Method> {
  readonly path: string;
  readonly children: Node<Method>[];
}

const isGreedy = (part: string): boolean => part.endsWith('+}');
const isVariable = (part: string): boolean => part.startsWith('{') && !isGreedy(part);

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Finds the node with its parameters: literal before variable before greedy, at each part. */
function find<Method>(
  node: Node<Method>,
  parts: readonly string[],
  parameters: Readonly<Record<string, string>>,
): { readonly node: Node<Method>; readonly parameters: Readonly<Record<string, string>> } | undefined {
  const [part, ...rest] = parts;
  if (part === undefined) return { node, parameters };
  const literal = node.children.find((child) => child.part === decoded(part));
  const byName = literal === undefined ? undefined : find(literal, rest, parameters);
  if (byName !== undefined || part === '') return byName;
  const variable = node.children.find((child) => isVariable(child.part));
  const byVariable =
    variable === undefined ? undefined : find(variable, rest, { ...parameters, [variable.part.slice(1, -1)]: part });
  if (byVariable !== undefined) return byVariable;
  const greedy = node.children.find((child) => isGreedy(child.part));
  if (greedy === undefined) return undefined;
  return { node: greedy, parameters: { ...parameters, [greedy.part.slice(1, -2)]: parts.join('/') } };
}

/**
 * The resources of a deployment. The path alone decides which of them takes a request: one that lacks the method does
 * not leave it to another.
 */
export class Routes<Method> {
  private readonly root: Node<Method>;

  public constructor(resources: readonly RestResource<Method>[]) {
    const build = (resource: RestResource<Method>, parentPath: string): Node<Method> => {
      const path = resource.parentId === undefined ? '' : `${parentPath}/${resource.part}`;
      const children = resources.filter(({ parentId }) => parentId === resource.id);
      return { ...resource, path: path || '/', children: children.map((child) => build(child, path)) };
    };
    const root = resources.find(({ parentId }) => parentId === undefined);
    if (root === undefined) throw new Error('a REST API has a root');
    this.root = build(root, '');
  }

  /** @param path undecoded, without stage and query */
  public match(httpMethod: string, path: string): RestMatch<Method> | undefined {
    const parts = path === '/' || path === '' ? [] : path.slice(1).split('/');
    const found = find(this.root, parts, {});
    if (found === undefined) return undefined;
    const { node, parameters } = found;
    const method = node.methods.get(httpMethod) ?? node.methods.get('ANY');
    return { resourceId: node.id, resourcePath: node.path, method, parameters };
  }

  /** Every method with the path of its resource. */
  public all(): { readonly path: string; readonly httpMethod: string; readonly method: Method }[] {
    const of = (node: Node<Method>): { path: string; httpMethod: string; method: Method }[] => [
      ...[...node.methods].map(([httpMethod, method]) => ({ path: node.path, httpMethod, method })),
      ...node.children.flatMap(of),
    ];
    return of(this.root);
  }
}
