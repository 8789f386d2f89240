import { Json, AwsError } from '../aws/protocol';
import { matches } from '../iam/pattern';
import { functionNameOf } from '../lambda/reference';
import { Functions, InvocationResult } from '../types';
import { UserPool } from './pool';
import { TriggerName } from './settings';
import { User } from './user';

/**
 * "it must respond within 5 seconds. If it doesn't and if the call can be retried, Amazon Cognito retries the call. After
 * three unsuccessful attempts, the function times out."
 * https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-identity-pools-working-with-aws-lambda-triggers.html
 */
const TIMEOUT_MS = 5000;
const TRIES = 3;

/** What a trigger is told. */
export interface TriggerCall {
  readonly trigger: TriggerName;
  /** `PostConfirmation_ConfirmSignUp`. */
  readonly source: string;
  readonly userName: string;
  /** Undefined where no client has a part in it. */
  readonly clientId?: string;
  readonly request: Json;
  readonly response?: Json;
}

/** Invokes the functions of the template that Cognito asks on its way. */
export class Triggers {
  public constructor(
    private readonly region: string,
    private readonly functions: () => Functions,
    private readonly timeoutMs = TIMEOUT_MS,
  ) {}

  /**
   * Runs a trigger.
   *
   * @returns the `response` of the event that the function gave back; undefined where the pool has no such trigger
   * @throws what AWS says of a function that may not be invoked, fails, is late, or gives back no event
   */
  public async run(pool: UserPool, call: TriggerCall): Promise<Json | undefined> {
    const { trigger, source, userName, clientId = 'CLIENT_ID_NOT_APPLICABLE', request, response = {} } = call;
    const arn = pool.settings.triggers[trigger];
    if (arn === undefined) return undefined;
    this.checkPermission(pool, trigger, arn);
    const event = {
      version: '1',
      region: this.region,
      userPoolId: pool.settings.id,
      userName,
      callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId },
      triggerSource: source,
      request,
      response,
    };
    const { payload, functionError } = await this.invoke(trigger, arn, event);
    if (functionError !== undefined) {
      const { errorMessage } = (payload ?? {}) as { readonly errorMessage?: unknown };
      const message = `${trigger} failed with error ${String(errorMessage)}.`;
      throw new AwsError('UserLambdaValidationException', message);
    }
    return responseOf(payload, event);
  }

  private checkPermission({ settings }: UserPool, trigger: TriggerName, arn: string): void {
    const name = functionNameOf(arn);
    const allowed = this.functions().permissions.some(
      ({ functionName, action, principal, sourceArn }) =>
        functionName === name &&
        matches(action, 'lambda:InvokeFunction') &&
        principal === 'cognito-idp.amazonaws.com' &&
        (sourceArn === undefined || matches(sourceArn, settings.arn)),
    );
    if (allowed) return;
    const message = `${trigger} invocation failed due to error AccessDeniedException.`;
    throw new AwsError('UnexpectedLambdaException', message);
  }

  /** A function that is late goes on by itself, and is asked again beside it. */
  private async invoke(trigger: TriggerName, arn: string, event: Json): Promise<InvocationResult> {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const result = await this.inTime(this.functions().invoke(arn, event));
      if (result !== undefined) return result;
    }
    const message = `${trigger} invocation failed due to error Socket timeout while invoking Lambda function.`;
    throw new AwsError('UnexpectedLambdaException', message);
  }

  private async inTime(answer: Promise<InvocationResult>): Promise<InvocationResult | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), this.timeoutMs);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
      answer.catch(() => undefined);
    }
  }
}

/** The event must come back; what of it Cognito reads is `response`. */
function responseOf(payload: unknown, event: Json): Json {
  const given = (typeof payload === 'object' && payload !== null ? payload : {}) as Json;
  const { response } = given;
  const same = ['version', 'triggerSource', 'userPoolId', 'userName'].every((name) => given[name] === event[name]);
  if (!same || typeof response !== 'object' || response === null || Array.isArray(response)) {
    throw new AwsError('InvalidLambdaResponseException', 'Unrecognizable lambda output');
  }
  return response as Json;
}

/** The attributes of a user as triggers see them. */
export function triggerAttributes({ sub, status, attributes }: User): Json {
  return { sub, 'cognito:user_status': status, ...attributes };
}
