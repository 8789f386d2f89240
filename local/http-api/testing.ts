import { HttpServers } from '../http/server';
import { FunctionInvoker, InvocationResult, RequestRecord } from '../types';
import { HttpApi, HttpApiOptions, Stage } from './http-api';
import { JwtAuthorizerSettings } from './jwt-authorizer';
import { LambdaAuthorizerSettings } from './lambda-authorizer';
import { RouteAuthorization } from './router';
import { GatewayHandler } from '../gateway/server';

/** An event as a function gets it. */
export type Event = Record<string, unknown> & { headers: Record<string, string> };

/** The function behind every route of a test. */
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:fn';

/** What an API of a test is made of. */
export interface Setup extends Partial<Omit<HttpApiOptions, 'invoker'>> {
  readonly routes?: readonly string[];
  readonly stages?: readonly Partial<Stage>[];
  readonly timeoutMs?: number;
  /** Asked before every route; its function is `authorizer`. */
  readonly authorizer?: Partial<LambdaAuthorizerSettings>;
  /** Asked before every route, which needs one of the scopes. */
  readonly jwt?: Omit<JwtAuthorizerSettings, 'id'> & { readonly scopes?: readonly string[] };
  /** Gets what any function is called with. An Error that it gives is a function error. */
  readonly handler?: (got: Event, functionName: string) => Promise<unknown>;
}

/** An API that listens, with what it said. */
export interface StartedApi {
  readonly url: string;
  readonly api: HttpApi;
  readonly records: readonly RequestRecord[];
  readonly logged: readonly string[];
  close(): Promise<void>;
}

/** An API before a function that is the given handler. */
export async function startApi(setup: Setup = {}): Promise<StartedApi> {
  const { routes = ['$default'], stages = [{}], timeoutMs = 5000 } = setup;
  const handler = setup.handler ?? (async (got: Event): Promise<unknown> => got);
  const records: RequestRecord[] = [];
  const logged: string[] = [];
  const invoker: FunctionInvoker = {
    invoke: async (arn, payload): Promise<InvocationResult> => {
      const result = await handler(payload as Event, arn.split(':').pop() ?? '');
      return result instanceof Error
        ? { invocationId: 'i', functionError: 'Unhandled', payload: { errorMessage: result.message } }
        : { invocationId: 'i', payload: JSON.parse(JSON.stringify(result ?? null)) as unknown };
    },
  };
  const permission = { action: 'lambda:InvokeFunction', principal: 'apigateway.amazonaws.com' };
  const api = new HttpApi({
    id: 'abcdefghij',
    name: 'test',
    region: 'us-east-1',
    accountId: '000000000000',
    domainName: 'localhost:3000',
    permissions: [
      { ...permission, functionName: 'fn' },
      { ...permission, functionName: 'authorizer' },
    ],
    log: (line) => logged.push(line),
    ...setup,
    invoker,
  });
  const authorization = addAuthorizer(api, setup);
  for (const key of routes) api.router.add({ key, functionArn: FUNCTION, timeoutMs, authorization });
  for (const stage of stages) api.addStage({ name: '$default', routeThrottle: {}, ...stage });
  const gateway = new GatewayHandler((record) => records.push(record));
  gateway.api = api;
  const servers = new HttpServers(0);
  const url = `http://127.0.0.1:${await servers.open(gateway)}`;
  return { url, api, records, logged, close: async () => servers.close() };
}

function addAuthorizer(api: HttpApi, { authorizer, jwt }: Setup): RouteAuthorization | undefined {
  const authorizerId = 'auth01';
  if (jwt !== undefined) {
    api.addJwtAuthorizer({ id: authorizerId, ...jwt });
    return { authorizerId, scopes: jwt.scopes };
  }
  if (authorizer === undefined) return undefined;
  const defaults = { payloadFormat: '2.0', simpleResponses: true, identitySources: [], ttlSeconds: 0 } as const;
  const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:authorizer';
  api.addLambdaAuthorizer({ id: authorizerId, functionArn, ...defaults, ...authorizer });
  return { authorizerId };
}
