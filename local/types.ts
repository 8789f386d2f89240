/** Who makes an AWS call: a function of the app (checked against its synthesized role) or the runner itself. */
export interface Principal {
  /** The function's physical name; `runner` for the runner's own calls, which are never checked. */
  readonly name: string;
  /** ARN of the role the call is checked against; absent for the runner itself. */
  readonly roleArn?: string;
}

/** One AWS call as the front saw it, kept for `/_local`, for tests that count calls, and for the IAM report. */
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

/** The caller behind an access key, and what it is doing now. */
export interface CallerIdentity {
  readonly principal: Principal;
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

/** Decides by the synthesized roles. */
export interface Authorizer {
  /**
   * Returns normally when the principal's role allows every action on every resource.
   *
   * @param context condition keys known for this call, for example `dynamodb:LeadingKeys` (list) or `aws:SourceArn`
   * @throws AccessDenied naming the principal, the action and the resource
   */
  authorize(
    principal: Principal,
    action: string,
    resources: readonly string[],
    context?: Readonly<Record<string, string | readonly string[]>>,
  ): void;
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

/** Lag and faults asked for on the command line, in milliseconds. */
export interface Lag {
  readonly gsi: number;
  readonly stream: number;
  readonly search: number;
}

/** What the runner needs to know of one run, shared by its parts. */
export interface RunContext {
  readonly region: string;
  readonly accountId: string;
  readonly lag: Lag;
  /** Seed of the fault schedule; no faults when absent. */
  readonly faultSeed?: number;
  /** Least time an AWS call takes, in ms, as over a network: calls made side by side then overlap for certain. */
  readonly callLatencyMs?: number;
  /** `dynoxide`, `dynamodb-local` or a URL. */
  readonly dynamodb?: string;
  /** Folder that outlives the run; in memory or temporary when absent. */
  readonly dataDir?: string;
  /** Folder of this run, removed at the end. */
  readonly workDir: string;
  readonly invoker: FunctionInvoker;
  readonly authorizer: Authorizer;
  /** Prints one line for a person. */
  log(line: string): void;
  /** The caller behind an access key id; undefined for an unknown key. */
  identify(accessKeyId: string): CallerIdentity | undefined;
  /** Called once for every AWS call. */
  record(call: AwsCall): void;
}
