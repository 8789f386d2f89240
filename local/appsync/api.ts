import { Kind, OperationDefinitionNode, OperationTypeNode } from 'graphql';
import { isObject, JsonObject } from '../assembly';
import { Authenticator } from './authenticator';
import { RequestRefused } from './caller';
import { GatewayRequest } from '../gateway/request';
import { GatewayResponse, RoutedResponse } from '../gateway/response';
import { Gateway } from '../gateway/server';
import { Executor, GraphqlRequest } from './execution/executor';

/** AppSync takes no larger request. */
const MOST_BYTES = 1024 * 1024;

/** What an API shows at `/` of its server. */
export type ApiPage = (request: GatewayRequest) => GatewayResponse | undefined;

/** What an API answers with. */
export interface GraphqlApiOptions {
  readonly name: string;
  readonly authenticator: Authenticator;
  readonly executor: () => Executor;
  /** @default - nothing */
  readonly page?: ApiPage;
}

/** A GraphQL API: requests to `/graphql`, any other path is not its. */
export class GraphqlApi implements Gateway {
  public constructor(private readonly options: GraphqlApiOptions) {}

  public get name(): string {
    return this.options.name;
  }

  public claims(): boolean {
    return false;
  }

  public async handle(request: GatewayRequest, bodyTooLarge: boolean): Promise<RoutedResponse> {
    const page = request.path === '/graphql' ? undefined : this.options.page?.(request);
    if (page !== undefined) return { response: page };
    try {
      if (request.path !== '/graphql') throw new RequestRefused(404, 'NotFoundException', 'Not found.');
      if (request.method === 'OPTIONS') return { response: jsonResponse(200, undefined, request) };
      if (request.method !== 'POST') throw new RequestRefused(405, 'MethodNotAllowedException', 'Only POST is taken.');
      if (bodyTooLarge || request.body.length > MOST_BYTES) {
        throw new RequestRefused(413, 'RequestEntityTooLargeException', 'The request is larger than 1 MB.');
      }
      return await this.answer(request);
    } catch (error) {
      if (!(error instanceof RequestRefused)) throw error;
      const type = { 'x-amzn-errortype': error.errorType };
      return { response: jsonResponse(error.status, error.body(), request, type) };
    }
  }

  private async answer(request: GatewayRequest): Promise<RoutedResponse> {
    const caller = await this.options.authenticator.authenticate(request);
    const executor = this.options.executor();
    const prepared = executor.prepare(readGraphqlRequest(parseBody(request.body.toString('utf8'))));
    if ('errors' in prepared) return { response: jsonResponse(200, { data: null, errors: prepared.errors }, request) };
    const { operation } = prepared;
    if (operation.operation === OperationTypeNode.SUBSCRIPTION) {
      throw new RequestRefused(400, 'BadRequestException', 'Subscriptions are made over WebSocket.');
    }
    const answer = await executor.run(prepared, { id: request.id, caller, headers: request.headers });
    // By the id the calls that resolvers made are found with the request.
    return { response: jsonResponse(200, answer, request), routeKey: routeKeyOf(operation), invocationId: request.id };
  }
}

/** `Query.post`: the first field that is asked for. */
function routeKeyOf({ operation, selectionSet }: OperationDefinitionNode): string {
  const type = operation === OperationTypeNode.MUTATION ? 'Mutation' : 'Query';
  const fields = selectionSet.selections.flatMap((selection) =>
    selection.kind === Kind.FIELD ? [selection.name.value] : [],
  );
  return `${type}.${fields.join(',')}`;
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw malformed('Request body is not valid JSON.');
  }
}

const malformed = (message: string): RequestRefused =>
  new RequestRefused(400, 'MalformedHttpRequestException', message);

/** @throws RequestRefused for what is no request */
export function readGraphqlRequest(body: unknown): GraphqlRequest {
  if (!isObject(body)) throw malformed('Request body is not a JSON object.');
  const { query, operationName } = body;
  if (typeof query !== 'string' || query === '') throw malformed('No GraphQL query found in request body.');
  if (operationName != null && typeof operationName !== 'string') throw malformed('operationName has to be a string.');
  return { query, variables: readVariables(body), operationName: operationName ?? undefined };
}

function readVariables({ variables }: JsonObject): JsonObject | undefined {
  if (variables === null || variables === undefined) return undefined;
  if (!isObject(variables)) throw malformed('variables has to be an object.');
  return variables;
}

function jsonResponse(
  status: number,
  body: unknown,
  { id }: GatewayRequest,
  headers: Readonly<Record<string, string>> = {},
): GatewayResponse {
  return {
    status,
    headers: {
      'content-type': 'application/json;charset=UTF-8',
      'x-amzn-requestid': id,
      // Browsers of any page may call an API of AppSync.
      'access-control-allow-origin': '*',
      'access-control-allow-headers':
        'authorization, content-type, x-amz-date, x-amz-security-token, x-amz-user-agent, x-api-key',
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      'access-control-expose-headers': 'x-amzn-requestid, x-amzn-errortype',
      ...headers,
    },
    cookies: [],
    body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
  };
}
