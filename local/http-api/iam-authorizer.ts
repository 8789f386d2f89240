import { callerNames } from '../aws/caller';
import { SignatureRefused, verifySignature } from '../aws/signature';
import { Authorizer, CallerIdentity } from '../types';
import { Authorization, AuthorizerCall, RouteAuthorizer } from './authorizer';

/** Id of the authorizer of routes with AWS_IAM, for which a template has no resource. */
export const IAM_AUTHORIZER = 'AWS_IAM';

/** What the authorization by IAM asks of the run. */
export interface IamAuthorization {
  readonly region: string;
  readonly accountId: string;
  readonly authorizer: () => Pick<Authorizer, 'authorize'>;
  identify(accessKeyId: string): CallerIdentity | undefined;
}

/**
 * Lets in who signs with credentials of this run and may `execute-api:Invoke` the path.
 *
 * After "Control access to HTTP APIs with IAM authorization in API Gateway" of the developer guide. Whatever is wrong, an
 * HTTP API says `{"message":"Forbidden"}` with 403 (https://github.com/aws/aws-cdk/issues/21182), a REST API says more:
 * what it is, is printed here.
 */
export class IamRouteAuthorizer implements RouteAuthorizer {
  public constructor(private readonly options: IamAuthorization) {}

  public authorize({ request, arn }: AuthorizerCall): Authorization {
    const { region, authorizer } = this.options;
    try {
      const accessKeyId = verifySignature(request, {
        region,
        service: 'execute-api',
        // Callers have the clock of the machine, whatever that of a test.
        now: Date.now(),
        credentials: (key) => this.options.identify(key)?.credentials,
      });
      const caller = this.options.identify(accessKeyId);
      if (caller === undefined) throw new SignatureRefused('the security token included in the request is invalid');
      authorizer().authorize(caller.principal, 'execute-api:Invoke', [arn]);
      return { allowed: true, authorizer: { iam: this.identityOf(accessKeyId, caller) } };
    } catch (error) {
      const known = error instanceof SignatureRefused || (error instanceof Error && error.name === 'AccessDenied');
      if (!known) throw error;
      return { allowed: false, status: 403, reason: `AWS_IAM: ${error.message}` };
    }
  }

  /** Fields as in "Create AWS Lambda proxy integrations for HTTP APIs", payload format 2.0. */
  private identityOf(accessKey: string, { principal }: CallerIdentity): Readonly<Record<string, unknown>> {
    const { accountId } = this.options;
    const { userArn, userId } = callerNames(principal, accountId);
    return {
      accessKey,
      accountId,
      callerId: userId,
      cognitoIdentity: null,
      principalOrgId: null,
      userArn,
      userId,
    };
  }
}
