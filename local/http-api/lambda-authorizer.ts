import { isObject } from '../assembly';
import { decide, parsePolicy, Statement } from '../iam/policy';
import { FunctionInvoker } from '../types';
import { Authorization, AuthorizerCall, IdentitySource, RouteAuthorizer } from './authorizer';
import { toAuthorizerEvent, toAuthorizerEventOfFormat1 } from './event';

/** A Lambda authorizer of an HTTP API. */
export interface LambdaAuthorizerSettings {
  readonly id: string;
  readonly functionArn: string;
  /** Of the event, and of the answer: `1.0` knows policies alone. */
  readonly payloadFormat: '1.0' | '2.0';
  /** Whether the function answers `isAuthorized` in the place of a policy. */
  readonly simpleResponses: boolean;
  readonly identitySources: readonly IdentitySource[];
  /** 0 for no cache. */
  readonly ttlSeconds: number;
}

/** What a function answered, which is judged for each call. */
type Answer = { readonly context: unknown } & (
  { readonly isAuthorized: boolean } | { readonly statements: readonly Statement[] }
);

/** An answer that could not be had, or is malformed: 500. */
class AuthorizerFault extends Error {}

/**
 * Asks a function whether a caller may call a route, and remembers its answer by the identity sources, for all routes
 * of the authorizer.
 *
 * After "Control access to HTTP APIs with AWS Lambda authorizers" of the API Gateway developer guide: a caller without
 * an identity source is 401 and the function is not called; what the function refuses is 403; a function that fails or
 * whose answer is malformed is 500. A policy is judged for each call anew, by the path that is called.
 */
export class LambdaAuthorizer implements RouteAuthorizer {
  private readonly cache = new Map<string, { readonly answer: Answer; readonly until: number }>();

  /** @param missingPermission says why the gateway may not invoke the function */
  public constructor(
    private readonly settings: LambdaAuthorizerSettings,
    private readonly invoker: FunctionInvoker,
    private readonly missingPermission: () => string | undefined,
    private readonly now: () => number,
  ) {}

  public async authorize(call: AuthorizerCall): Promise<Authorization> {
    const missing = this.missingPermission();
    if (missing !== undefined) return { allowed: false, status: 500, reason: missing };
    const { identitySources, ttlSeconds } = this.settings;
    const identity = identitySources.map((source) => source(call.request, call.target) ?? '');
    if (identity.includes('')) return { allowed: false, status: 401 };
    const key = JSON.stringify(identity);
    try {
      const known = this.cache.get(key);
      if (known !== undefined && known.until > this.now()) return judge(known.answer, call.arn);
      const answer = await this.ask(this.eventOf(call, identity));
      // What went wrong is not remembered.
      if (ttlSeconds > 0) this.cache.set(key, { answer, until: this.now() + ttlSeconds * 1000 });
      return judge(answer, call.arn);
    } catch (error) {
      if (!(error instanceof AuthorizerFault)) throw error;
      return { allowed: false, status: 500, reason: `authorizer: ${error.message}` };
    }
  }

  private eventOf({ request, target, arn }: AuthorizerCall, identity: readonly string[]): unknown {
    const given = identity.length === 0 ? null : identity;
    return this.settings.payloadFormat === '1.0'
      ? toAuthorizerEventOfFormat1(request, target, arn, given)
      : toAuthorizerEvent(request, target, arn, given);
  }

  private async ask(event: unknown): Promise<Answer> {
    const { functionError, payload } = await this.invoker
      .invoke(this.settings.functionArn, event)
      .catch((error: unknown) => {
        throw new AuthorizerFault(error instanceof Error ? error.message : String(error));
      });
    if (functionError !== undefined) throw new AuthorizerFault(`function error ${JSON.stringify(payload)}`);
    return this.settings.simpleResponses ? readSimple(payload) : readPolicy(payload);
  }
}

function readSimple(payload: unknown): Answer {
  if (!isObject(payload) || typeof payload.isAuthorized !== 'boolean') {
    throw new AuthorizerFault(`isAuthorized must be true or false, got ${JSON.stringify(payload)}`);
  }
  return { isAuthorized: payload.isAuthorized, context: payload.context ?? null };
}

function readPolicy(payload: unknown): Answer {
  const { principalId, policyDocument, context = null } = isObject(payload) ? payload : {};
  if (typeof principalId !== 'string') {
    throw new AuthorizerFault(`principalId must be a string, got ${JSON.stringify(payload)}`);
  }
  if (context !== null && !isObject(context)) {
    throw new AuthorizerFault(`context must be an object, got ${JSON.stringify(context)}`);
  }
  try {
    return { statements: parsePolicy(policyDocument, 'policyDocument', []), context };
  } catch (error) {
    throw new AuthorizerFault(error instanceof Error ? error.message : String(error));
  }
}

function judge(answer: Answer, arn: string): Authorization {
  const allowed =
    'isAuthorized' in answer ? answer.isAuthorized : decide(answer.statements, 'execute-api:Invoke', arn) === 'Allow';
  return allowed ? { allowed: true, authorizer: { lambda: answer.context } } : { allowed: false, status: 403 };
}
