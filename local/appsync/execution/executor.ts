import {
  createSourceEventStream,
  DocumentNode,
  execute,
  ExecutionArgs,
  ExecutionResult,
  getOperationAST,
  GraphQLError,
  GraphQLFieldResolver,
  GraphQLResolveInfo,
  isObjectType,
  OperationDefinitionNode,
  parse,
} from 'graphql';
import { ApiCaller, RequestRefused } from '../caller';
import { ownValue } from '../schema/scalars';
import { ApiSchema } from '../schema/schema';
import { notAuthorized } from '../vtl';
import { AnswerError, executionError, filterData, raisedError, variableError } from './errors';
import { RequestRun } from './request';
import { FieldError, FieldResolver, FieldRun, notAnswered, ResolverOptions } from './resolver';
import { depthOf, RequestLimits, validateDocument } from './validation';
import { ruleAllows } from '../schema/authorization';

/** "Maximum request execution time for all request types" of AppSync's quotas. */
const LONGEST_MS = 30_000;

/** A request as a client sends it. */
export interface GraphqlRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

/** Who sends it, and from what. */
export interface RequestOrigin {
  readonly id: string;
  readonly caller: ApiCaller;
  readonly headers: Readonly<Record<string, string>>;
}

/** What goes back. */
export interface GraphqlAnswer {
  readonly data: unknown;
  readonly errors?: readonly AnswerError[];
}

/** A request that may be executed. */
export interface PreparedRequest {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly request: GraphqlRequest;
}

/** What an executor is made of. */
export interface ExecutorOptions extends ResolverOptions {
  readonly api: ApiSchema;
  /** By `Type.field`. */
  readonly resolvers: ReadonlyMap<string, FieldResolver>;
  readonly limits: RequestLimits;
  /** Told what a field of type Mutation gave, as the client that sent it sees it. */
  readonly mutated: (fieldName: string, value: unknown) => void;
  /** @default - AppSync's */
  readonly longestMs?: number;
}

const ROOTS = ['Query', 'Mutation', 'Subscription'];

/** Executes requests: who may see each field, its resolver, the value of the field. */
export class Executor {
  public constructor(private readonly options: ExecutorOptions) {
    for (const type of Object.values(options.api.schema.getTypeMap())) {
      if (type.name.startsWith('__') || !isObjectType(type)) continue;
      for (const field of Object.values(type.getFields())) {
        field.resolve = this.resolve;
        if (type.name === 'Subscription') field.subscribe = this.begin;
      }
    }
  }

  /**
   * Reads a request.
   *
   * @returns what is wrong with it, where it is GraphQL and not of this schema
   * @throws RequestRefused for what is none
   */
  public prepare(request: GraphqlRequest): PreparedRequest | { readonly errors: readonly AnswerError[] } {
    const { api, limits } = this.options;
    let document: DocumentNode;
    try {
      document = parse(request.query, { maxTokens: 15_000 });
    } catch {
      throw new RequestRefused(400, 'MalformedHttpRequestException', 'Unable to parse GraphQL query.');
    }
    const operation = getOperationAST(document, request.operationName);
    if (operation == null) {
      const message =
        request.operationName === undefined
          ? 'Must provide operation name if query contains multiple operations.'
          : `Unknown operation named '${request.operationName}'.`;
      throw new RequestRefused(400, 'BadRequestException', message);
    }
    const errors = validateDocument(api.schema, document, limits);
    if (errors.length > 0) return { errors };
    const depth = depthOf(operation, document);
    if (limits.depth !== undefined && depth > limits.depth) {
      return {
        errors: [{ path: null, locations: null, message: `Query depth ${depth} exceeds the limit of ${limits.depth}` }],
      };
    }
    return { document, operation, request };
  }

  /** Executes a query or a mutation. */
  public async run({ document, request }: PreparedRequest, origin: RequestOrigin): Promise<GraphqlAnswer> {
    const run = begin(origin);
    const executed = execute({ ...this.argumentsOf(document, request), contextValue: run });
    const result = await this.inTime(Promise.resolve(executed), run);
    if (result === undefined) return LATE;
    this.tell(run, result.data ?? {});
    return answerOf(result, run);
  }

  /**
   * Begins a subscription: judges its field, and runs the field's resolver, whose value nobody sees.
   *
   * @returns the field with the arguments that were given, or what refuses it
   */
  public async subscribe(
    { document, request }: PreparedRequest,
    origin: RequestOrigin,
  ): Promise<NonNullable<RequestRun['subscribed']> | { readonly errors: readonly AnswerError[] }> {
    const run = begin(origin);
    const begun = createSourceEventStream({ ...this.argumentsOf(document, request), contextValue: run });
    const result = await this.inTime(begun, run);
    if (result === undefined) return { errors: LATE.errors };
    const errors =
      'errors' in result ? (answerOf(result, run).errors ?? []) : (answerOf({ data: {} }, run).errors ?? []);
    if (errors.length > 0 || run.subscribed === undefined) return { errors };
    return run.subscribed;
  }

  private argumentsOf(document: DocumentNode, { variables, operationName }: GraphqlRequest): ExecutionArgs {
    return { schema: this.options.api.schema, document, variableValues: variables, operationName };
  }

  /** A mutation without a value tells nobody. */
  private tell({ mutations }: RequestRun, data: Readonly<Record<string, unknown>>): void {
    for (const { fieldName, key } of mutations) {
      const value = data[key];
      if (value !== null && value !== undefined) this.options.mutated(fieldName, value);
    }
  }

  private async inTime<T>(executed: Promise<T>, run: RequestRun): Promise<T | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), this.options.longestMs ?? LONGEST_MS);
    });
    try {
      return await Promise.race([executed, late]);
    } finally {
      clearTimeout(timer);
      run.ended = true;
    }
  }

  private readonly resolve: GraphQLFieldResolver<unknown, RequestRun> = async (source, args, run, info) => {
    const { fieldName, parentType } = info;
    this.authorize(run, info);
    if (parentType.name === 'Mutation') run.mutations.push({ fieldName, key: String(info.path.key) });
    return this.resolveBy(run, info, source, args as Readonly<Record<string, unknown>>);
  };

  private readonly begin: GraphQLFieldResolver<unknown, RequestRun> = async (source, args, run, info) => {
    this.authorize(run, info);
    const given = args as Readonly<Record<string, unknown>>;
    await this.resolveBy(run, info, source, given);
    run.subscribed = { fieldName: info.fieldName, args: given };
    return nothing();
  };

  private async resolveBy(
    run: RequestRun,
    info: GraphQLResolveInfo,
    source: unknown,
    args: Readonly<Record<string, unknown>>,
  ): Promise<unknown> {
    const { resolvers, limits } = this.options;
    const resolver = resolvers.get(`${info.parentType.name}.${info.fieldName}`);
    if (resolver === undefined) return ownValue(source, info.fieldName);
    if (run.resolvers >= limits.resolvers) {
      const message = `Resolver limit of ${limits.resolvers} exceeded`;
      throw new FieldError({ message, errorType: 'ResolverCountLimitExceeded', data: null, errorInfo: null });
    }
    try {
      return await new FieldRun(run, this.options, info, source, args).resolve(resolver);
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      throw new FieldError({ ...error.raised, data: filterData(error.raised.data, info) });
    }
  }

  private authorize({ caller }: RequestRun, { fieldName, parentType }: GraphQLResolveInfo): void {
    const rule = this.options.api.rules.get(`${parentType.name}.${fieldName}`) ?? [];
    const allowed =
      ruleAllows(rule, caller.mode, caller.groups) &&
      (!ROOTS.includes(parentType.name) || caller.mayCall(parentType.name, fieldName));
    if (!allowed) throw new FieldError(notAuthorized(fieldName, parentType.name));
  }
}

const LATE = { data: null, errors: [{ ...raisedError(notAnswered(), [], undefined), path: null }] };

function begin(origin: RequestOrigin): RequestRun {
  return { ...origin, appended: [], mutations: [], resolvers: 0, ended: false };
}

/** What a subscription gets comes from mutations, not from its field. */
async function* nothing(): AsyncGenerator<never> {}

function answerOf({ data, errors = [] }: ExecutionResult, run: RequestRun): GraphqlAnswer {
  // Without a path nothing was resolved: the variables were wrong.
  const own = errors.map((error) => (error.path === undefined ? variableError(error) : executionError(error)));
  const appended = run.appended.map(({ raised, path, info }) => {
    const locations = new GraphQLError(raised.message, { nodes: info.fieldNodes }).locations;
    return raisedError({ ...raised, data: filterData(raised.data, info) }, path, locations);
  });
  const all = [...own, ...appended];
  return { data: data ?? null, ...(all.length > 0 ? { errors: all } : {}) };
}
