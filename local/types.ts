/** Who makes an AWS call: a function or a pipeline of the app (checked against its synthesized role) or the runner itself. */
export interface Principal {
  /** The function's or pipeline's physical name; `runner` for the runner's own calls, which are never checked. */
  readonly name: string;
  /** ARN of the role the call is checked against; absent for the runner itself. */
  readonly roleArn?: string;
}

/** One AWS call as the endpoint saw it, kept for `/_local`, for tests that count calls, and for the IAM report. */
export interface AwsCall {
  /** Id of the Lambda invocation that made the call; absent for the runner's own. */
  readonly invocationId?: string;
  readonly principal: string;
  /** IAM service prefix: `dynamodb`, `sqs`, `secretsmanager`. */
  readonly service: string;
  /** Operation as in IAM without the prefix, for example `GetItem`. */
  readonly operation: string;
  /** ARNs the call was checked against. */
  readonly resources: readonly string[];
  /** `performance.now()` at arrival and at the end of the answer, in ms. */
  readonly start: number;
  readonly end: number;
  readonly status: number;
  /** Error code of a failed call, for example `ConditionalCheckFailedException`. */
  readonly errorCode?: string;
  /** DynamoDB only: capacity units by table name, as the engine reported them. */
  readonly readUnits?: Readonly<Record<string, number>>;
  readonly writeUnits?: Readonly<Record<string, number>>;
}

/** What a caller signs with. */
export interface CallerCredentials {
  readonly secretAccessKey: string;
  /** Of a role's session. */
  readonly sessionToken?: string;
}

/** The caller behind an access key, and what it is doing now. */
export interface CallerIdentity {
  readonly principal: Principal;
  /** By which its signatures are checked where they are: at routes with AWS_IAM. */
  readonly credentials?: CallerCredentials;
  /** The invocation the process is working on at this moment. */
  readonly invocationId?: string;
}

/** Answer of an invocation of a function, as the Invoke API gives it. */
export interface InvocationResult {
  readonly invocationId: string;
  /** What the handler returned, parsed; for a function error the `{errorType, errorMessage}` object. */
  readonly payload: unknown;
  /** Set when the handler threw, timed out or died: `Unhandled`. */
  readonly functionError?: string;
}

/** Invokes a deployed function. */
export interface FunctionInvoker {
  /** @param functionArn ARN or name of the function. */
  invoke(functionArn: string, payload: unknown): Promise<InvocationResult>;
}

/** Who may call a function, as AWS::Lambda::Permission says. */
export interface FunctionPermission {
  readonly functionName: string;
  /** Version or alias: a permission of it is none of the function, and the other way round. */
  readonly qualifier?: string;
  readonly action: string;
  readonly principal: string;
  readonly sourceArn?: string;
}

/** One line a function wrote. */
export interface LogLine {
  readonly time: number;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** The functions of the app. A reference is a name, an ARN or the invocation URI that API Gateway is given. */
export interface Functions extends FunctionInvoker {
  readonly permissions: readonly FunctionPermission[];
  has(reference: string): boolean;
  /** As whom a function calls AWS. Throws an Error naming a function that is not part of the app. */
  roleOf(reference: string): Principal;
  /** The function behind an access key id; undefined for a key of no function. */
  identify(accessKeyId: string): CallerIdentity | undefined;
  /** Lines of one function, or of all, oldest first. */
  logs(reference?: string): (LogLine & { readonly functionName: string })[];
}

/** An action a role allows and no call has used. */
export interface UnusedAction {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
}

/** Condition keys of a call: a single value or, for multi-valued keys, a list. */
export type ConditionContext = Readonly<Record<string, string | readonly string[]>>;

/** Decides by the synthesized roles. */
export interface Authorizer {
  /**
   * Returns normally when the principal's role allows every action on every resource.
   *
   * @param context condition keys known for this call, for example `dynamodb:LeadingKeys` (list) or `aws:SourceArn`
   * @throws AccessDenied naming the principal, the action and the resource
   */
  authorize(principal: Principal, action: string, resources: readonly string[], context?: ConditionContext): void;
  /**
   * True where the trust policy of a role lets an AWS service assume it.
   *
   * @param service `osis-pipelines.amazonaws.com`
   * @param context condition keys that the service sends: `aws:SourceArn`, `aws:SourceAccount`
   * @throws an Error naming a role that is not part of the app
   */
  mayAssume(roleArn: string, service: string, context: ConditionContext): boolean;
  /** Says that a function or a pipeline runs with a role; throws an Error naming a role that is not part of the app. */
  useRole(roleArn: string, user: string, where: string): void;
  /** What the roles of functions allow of the services that answer calls here, and no call has used so far. */
  unusedActions(): UnusedAction[];
}

/** Raised by an authorizer; becomes AccessDeniedException on the wire. */
export class AccessDenied extends Error {
  public constructor(principal: Principal, action: string, resource: string) {
    super(`${principal.name} is not authorized to perform: ${action} on resource: ${resource}`);
    this.name = 'AccessDenied';
  }
}

/** A resource of the app with every intrinsic resolved. */
export interface DeployedResource {
  readonly stackName: string;
  readonly logicalId: string;
  /** CloudFormation type, for example `AWS::DynamoDB::Table`. */
  readonly type: string;
  /** Construct path from the metadata, where there is one. */
  readonly path?: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What creating a resource gives to `Ref` and `Fn::GetAtt`. */
export interface CreatedResource {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Creates resources of some CloudFormation types on this machine. */
export interface ResourceProvider {
  readonly types: readonly string[];
  /** Throws an Error that names the resource and the property for what is not supported here. */
  create(resource: DeployedResource): Promise<CreatedResource>;
}

/** Milliseconds by which something is behind, by the name that a service gives it (`gsi`, `stream`). */
export type Lag = Readonly<Record<string, number>>;

/** One request that an API of the app answered. */
export interface RequestRecord {
  readonly id: string;
  readonly api: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  readonly routeKey?: string;
  readonly functionName?: string;
  readonly invocationId?: string;
}
