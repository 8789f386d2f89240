import { existsSync } from 'fs';
import * as path from 'path';
import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge';
import { builtCode, codeDirectory, CodeFiles } from './built-code';
import { failure } from './checks';
import { checkFunctionOptions, FunctionOptions } from './function-options';

/**
 * Properties of a `BundledFunction`.
 *
 * @internal
 */
export interface BundledFunctionProps extends FunctionOptions {
  /** Folder of the built code below `assets/`, for example `realworld-api/get-article`; or any folder, by its full path. */
  readonly code: string;
  /** Files that are put beside the code when the app is synthesized, by name. @default - none */
  readonly files?: CodeFiles;
  /** What log lines call the service. @default - the folder in which that of the code is */
  readonly serviceName?: string;
  /** What the function does, shown in the console. */
  readonly description: string;
  /** Names of tables, queues and the like that the code needs; never a secret. @default - none */
  readonly ownEnvironment?: Record<string, string>;
  /** @default Duration.seconds(10) */
  readonly timeout?: Duration;
  /**
   * Whether the function hands on what is left of its work to its own queue. It ends by design; without this, Lambda
   * stops such a chain at sixteen.
   *
   * @default false
   */
  readonly continuesItself?: boolean;
}

/** What X-Ray's active tracing sends, for no resource in particular: these actions allow no other. */
const TRACING_ACTIONS = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];

/**
 * What Lambda needs to connect a function to a VPC: the EC2 actions of the managed policy AWSLambdaVPCAccessExecutionRole,
 * without its rights to every log group. Lambda refuses a function whose role has them for some interfaces only.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 * @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaVPCAccessExecutionRole.html
 */
const NETWORK_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** What Lambda itself does in a function's name, where no resource can be named. */
function unboundedStatements(props: FunctionOptions): Record<string, iam.PolicyStatement> {
  const all = (actions: string[]) => new iam.PolicyStatement({ actions, resources: ['*'] });
  return {
    ...((props.tracing ?? lambda.Tracing.ACTIVE) === lambda.Tracing.ACTIVE ? { Tracing: all(TRACING_ACTIONS) } : {}),
    ...(props.vpc ? { Network: all(NETWORK_ACTIONS) } : {}),
  };
}

const UNBOUNDED = {
  id: 'AwsSolutions-IAM5[Resource::*]',
  reason: 'X-Ray takes traces, and Lambda makes network interfaces, for no resource in particular',
};

/** Lambda's managed policy allows every log group of the account; this role gets its own one alone. */
function ownRole(scope: Construct, id: string, props: FunctionOptions): iam.IRole {
  const statements = Object.entries(unboundedStatements(props));
  const role = new iam.Role(scope, `${id}Role`, {
    assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: Object.fromEntries(
      statements.map(([name, statement]) => [name, new iam.PolicyDocument({ statements: [statement] })]),
    ),
  });
  if (statements.length > 0) {
    // On this resource alone: what others add to the role is in a policy of its own, where it is still found.
    acknowledge(role.node.defaultChild, UNBOUNDED);
  }
  return role;
}

/** Gives the role of the user what Lambda needs of it: once, in a policy of its own. */
function prepare(role: iam.IRole, props: FunctionOptions): iam.IRole {
  for (const [name, statement] of Object.entries(unboundedStatements(props))) {
    if (!role.node.tryFindChild(`Functions${name}`)) {
      // Within the role, which every function waits for.
      const policy = new iam.Policy(role as unknown as Construct, `Functions${name}`, { statements: [statement] });
      policy.attachToRole(role);
      acknowledge(policy.node.defaultChild, UNBOUNDED);
    }
  }
  return role;
}

/**
 * Lets CloudWatch Logs use a key for log groups of the stack's account and region. The groups are not named one by one:
 * a key in another stack would then refer back to this one.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 * @internal
 */
export function allowLogs(scope: Construct, key: kms.IKey): void {
  const stack = Stack.of(scope);
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
      actions: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
      resources: ['*'],
      conditions: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': stack.formatArn({
            service: 'logs',
            resource: 'log-group',
            resourceName: '*',
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        },
      },
    }),
  );
}

/**
 * A function whose code this library has built before publishing: JSON logs in a log group with retention, X-Ray
 * tracing, and a role that may write to that log group and no other.
 *
 * @internal
 */
export class BundledFunction extends lambda.Function {
  private readonly given?: ReadonlySet<string>;

  public constructor(scope: Construct, id: string, props: BundledFunctionProps) {
    checkFunctionOptions(scope, props);
    const isOwn = !path.isAbsolute(props.code);
    const directory = codeDirectory(props.code);
    if (!['index.js', ...(isOwn ? [] : ['index.mjs'])].some((file) => existsSync(path.join(directory, file)))) {
      throw failure(
        `No built code for function '${isOwn ? props.code : id}' (looked in ${directory}). Run ${isOwn ? "'npm run bundle'" : 'your bundler'}.`,
        scope,
      );
    }
    const taken = Object.keys(props.environment ?? {}).find((name) => name in (props.ownEnvironment ?? {}));
    if (taken !== undefined) {
      throw failure(`environment must not set what the library sets itself, got: ${taken}`, scope);
    }
    const logGroup = new logs.LogGroup(scope, `${id}Logs`, {
      retention: props.logRetention ?? logs.RetentionDays.ONE_MONTH,
      encryptionKey: props.logEncryptionKey,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    if (props.logEncryptionKey) {
      allowLogs(scope, props.logEncryptionKey);
    }
    const role = props.role ? prepare(props.role, props) : ownRole(scope, id, props);
    super(scope, id, {
      description: props.description,
      code: builtCode(scope, props.code, props.files),
      handler: 'index.handler',
      runtime: props.runtime ?? lambda.Runtime.NODEJS_24_X,
      architecture: props.architecture ?? lambda.Architecture.ARM_64,
      memorySize: props.memorySize ?? 512,
      timeout: props.timeout ?? Duration.seconds(10),
      reservedConcurrentExecutions: props.reservedConcurrentExecutions,
      environment: {
        // What log lines call the service; a user may choose another name.
        POWERTOOLS_SERVICE_NAME: props.serviceName ?? path.basename(path.dirname(directory)),
        ...props.ownEnvironment,
        ...props.environment,
      },
      recursiveLoop: props.continuesItself ? lambda.RecursiveLoop.ALLOW : undefined,
      vpc: props.vpc,
      vpcSubnets: props.vpcSubnets,
      securityGroups: props.securityGroups,
      role,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
    });
    this.given = new Set(Object.keys(props.environment ?? {}));
    logGroup.grantWrite(role);
    const tracing = props.tracing ?? lambda.Tracing.ACTIVE;
    if (tracing !== lambda.Tracing.DISABLED) {
      // Not by the `tracing` prop, which would add its rights to the policy that everything else is added to.
      (this.node.defaultChild as lambda.CfnFunction).tracingConfig = { mode: tracing };
    }
  }

  public override addEnvironment(key: string, value: string, options?: lambda.EnvironmentOptions): this {
    if (this.given?.has(key)) {
      throw failure(`environment must not set what the library sets itself, got: ${key}`, this);
    }
    return super.addEnvironment(key, value, options);
  }
}
