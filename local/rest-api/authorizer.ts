import { isObject } from '../assembly';
import { GatewayRequest } from '../gateway/request';
import { decide, parsePolicy, Statement } from '../iam/policy';
import { FunctionInvoker } from '../types';
import { queryLists, RestTarget, toRequestAuthorizerEvent } from './event';
import { Refusal } from './gateway-responses';

type IdentitySource = (request: GatewayRequest, target: RestTarget) => string | undefined;

const CONTEXT: Readonly<Record<string, IdentitySource>> = {
  apiId: (_request, target) => target.apiId,
  httpMethod: (request) => request.method,
  'identity.sourceIp': (request) => request.sourceIp,
  'identity.userAgent': (request) => request.headers['user-agent'],
  path: (request) => request.path,
  resourceId: (_request, target) => target.resourceId,
  resourcePath: (_request, target) => target.resourcePath,
  stage: (_request, target) => target.stage,
};

/** @throws an Error naming an identity source that is not known */
export function parseRestIdentitySource(text: string, where: string): IdentitySource {
  const [, kind = '', name = ''] =
    /^(method\.request\.header|method\.request\.querystring|context|stageVariables)\.(.+)$/.exec(text.trim()) ?? [];
  const fromContext = kind === 'context' ? CONTEXT[name] : undefined;
  if (fromContext !== undefined) return fromContext;
  if (kind === 'method.request.header') return (request) => request.headers[name.toLowerCase()];
  if (kind === 'method.request.querystring') return (request) => queryLists(request.rawQuery)[name]?.at(-1);
  if (kind === 'stageVariables') return (_request, target) => target.stageVariables?.[name];
  throw new Error(`${where}: identity source ${text} is not supported here`);
}

/** A Lambda authorizer of a REST API. */
export interface RestAuthorizerSettings {
  readonly id: string;
  readonly type: 'TOKEN' | 'REQUEST';
  readonly functionArn: string;
  readonly identitySources: readonly IdentitySource[];
  /** What a token has to look like for the function to be asked. */
  readonly validation?: RegExp;
  /** 0 for no cache. */
  readonly ttlSeconds: number;
}

/** What an authorizer decided; `reason` says to the developer what the client is not told. */
export type RestAuthorization =
  | {
      readonly allowed: true;
      readonly context: Readonly<Record<string, unknown>>;
      /** Whether the policy allows `execute-api:InvalidateCache` too. */
      readonly mayInvalidate: boolean;
    }
  | { readonly allowed: false; readonly refusal: Refusal; readonly reason?: string };

/** An answer of the function, kept for all methods: the policy is judged for each. */
interface Answer {
  readonly statements: readonly Statement[];
  readonly context: Readonly<Record<string, unknown>>;
}

const UNAUTHORIZED: RestAuthorization = {
  allowed: false,
  refusal: { type: 'UNAUTHORIZED', message: 'Unauthorized' },
};

const INVALIDATE = 'execute-api:InvalidateCache';

class AuthorizerFault extends Error {
  public constructor(
    public readonly type: 'AUTHORIZER_FAILURE' | 'AUTHORIZER_CONFIGURATION_ERROR' | 'UNAUTHORIZED',
    message: string,
  ) {
    super(message);
  }
}

/**
 * Asks a function for a policy and judges the call by it. After "Use API Gateway Lambda authorizers" of the developer
 * guide: a caller without an identity source is 401 unasked; `Unauthorized` thrown by the function is 401, any other
 * failure 500; the policy is remembered by the identity sources, for every method of the stage.
 */
export class RestAuthorizer {
  private readonly cache = new Map<string, { readonly answer: Answer; readonly until: number }>();

  public constructor(
    public readonly settings: RestAuthorizerSettings,
    private readonly invoker: FunctionInvoker,
    private readonly now: () => number,
  ) {}

  public async authorize(request: GatewayRequest, target: RestTarget, methodArn: string): Promise<RestAuthorization> {
    const { identitySources, validation, ttlSeconds, type } = this.settings;
    const identity = identitySources.map((source) => source(request, target) ?? '');
    const [token = ''] = identity;
    if (identity.includes('') || (validation !== undefined && !validation.test(token))) return UNAUTHORIZED;
    const event =
      type === 'TOKEN'
        ? { type, methodArn, authorizationToken: token }
        : toRequestAuthorizerEvent(request, target, methodArn);
    const key = JSON.stringify([target.stage, ...identity]);
    try {
      const known = this.cache.get(key);
      const answer = known !== undefined && known.until > this.now() ? known.answer : await this.ask(event);
      if (answer !== known?.answer && ttlSeconds > 0) {
        this.cache.set(key, { answer, until: this.now() + ttlSeconds * 1000 });
      }
      return evaluatePolicy(answer, methodArn);
    } catch (error) {
      if (!(error instanceof AuthorizerFault)) throw error;
      if (error.type === 'UNAUTHORIZED') return UNAUTHORIZED;
      return { allowed: false, refusal: { type: error.type, message: null }, reason: `authorizer: ${error.message}` };
    }
  }

  private async ask(event: unknown): Promise<Answer> {
    const { functionError, payload } = await this.invoker
      .invoke(this.settings.functionArn, event)
      .catch((error: unknown) => {
        throw new AuthorizerFault('AUTHORIZER_FAILURE', error instanceof Error ? error.message : String(error));
      });
    if (functionError === undefined) return readAnswer(payload);
    const message = isObject(payload) ? payload.errorMessage : undefined;
    if (message === 'Unauthorized') throw new AuthorizerFault('UNAUTHORIZED', message);
    throw new AuthorizerFault('AUTHORIZER_FAILURE', `function error ${JSON.stringify(payload)}`);
  }
}

function readAnswer(payload: unknown): Answer {
  const malformed = (what: string): never => {
    throw new AuthorizerFault('AUTHORIZER_CONFIGURATION_ERROR', what);
  };
  if (!isObject(payload)) return malformed(`must answer an object, got ${JSON.stringify(payload)}`);
  const { principalId, policyDocument, context = {} } = payload;
  if (typeof principalId !== 'string') return malformed(`principalId must be a string, got ${String(principalId)}`);
  if (!isObject(context)) return malformed('context must be an object');
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(context)) {
    if (typeof value === 'object' || value === undefined) {
      return malformed(`context.${name} must be a string, number or boolean`);
    }
    texts[name] = String(value);
  }
  try {
    return { statements: parsePolicy(policyDocument, 'policyDocument', []), context: { principalId, ...texts } };
  } catch (error) {
    return malformed(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Requests to throw out a cached answer have to be signed, say those who tried ("authorised cache invalidation not
 * working" at re:Post), so that the policy of an authorizer would never do. Nothing documents that it does not: one that
 * allows every action of `execute-api` lets its caller do it here.
 */
function evaluatePolicy({ statements, context }: Answer, methodArn: string): RestAuthorization {
  const decision = decide(statements, 'execute-api:Invoke', methodArn);
  if (decision === 'Allow') {
    return { allowed: true, context, mayInvalidate: decide(statements, INVALIDATE, methodArn) === 'Allow' };
  }
  const explicit = decision === 'Deny' ? ' with an explicit deny' : '';
  const message = `User is not authorized to access this resource${explicit}`;
  return { allowed: false, refusal: { type: 'ACCESS_DENIED', message } };
}
