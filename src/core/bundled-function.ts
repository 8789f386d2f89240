import { existsSync } from 'fs';
import * as path from 'path';
import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { FunctionSettings } from './function-settings';

/**
 * Properties of a `BundledFunction`.
 *
 * @internal
 */
export interface BundledFunctionProps extends FunctionSettings {
  /** Folder of the built code below `assets/`, for example `realworld-api/get-article`. */
  readonly code: string;
  /** What the function does, shown in the console. */
  readonly description: string;
  /** Names of tables, queues and the like; never a secret. @default - none */
  readonly environment?: Record<string, string>;
  /** @default Duration.seconds(10) */
  readonly timeout?: Duration;
  /**
   * Whether the function hands on what is left of its work to its own queue. It ends by design; without this, Lambda
   * stops such a chain at sixteen.
   *
   * @default false
   */
  readonly continuesItself?: boolean;
  /** @default - the account's unreserved concurrency */
  readonly reservedConcurrentExecutions?: number;
}

const TRACING = new iam.PolicyDocument({
  statements: [
    new iam.PolicyStatement({
      actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
      resources: ['*'],
    }),
  ],
});

/** The package's folder of built functions: two levels up from `lib/core` and from `src/core` alike. */
const ASSETS = path.join(__dirname, '..', '..', 'assets');

/**
 * A function whose code this library has built before publishing: arm64, JSON logs in a log group with retention,
 * X-Ray tracing, and a role that may write to that log group and no other.
 *
 * @internal
 */
export class BundledFunction extends lambda.Function {
  public constructor(scope: Construct, id: string, props: BundledFunctionProps) {
    const directory = path.join(ASSETS, ...props.code.split('/'));
    if (!existsSync(path.join(directory, 'index.js'))) {
      throw new Error(`No built code for function '${props.code}' (looked in ${directory}). Run 'npm run bundle'.`);
    }
    const logGroup = new logs.LogGroup(scope, `${id}Logs`, {
      retention: props.logRetention ?? logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // Lambda's managed policy allows every log group of the account; this role gets its own one alone.
    const role = new iam.Role(scope, `${id}Role`, {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { Tracing: TRACING },
    });
    // On this resource alone: what others add to the role is in a policy of its own, where it is still found.
    Validations.of(role.node.defaultChild!).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'X-Ray takes traces for no resource in particular: these two actions allow no other',
    });
    super(scope, id, {
      description: props.description,
      code: lambda.Code.fromAsset(directory),
      handler: 'index.handler',
      runtime: props.runtime ?? lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: props.memorySize ?? 512,
      timeout: props.timeout ?? Duration.seconds(10),
      reservedConcurrentExecutions: props.reservedConcurrentExecutions,
      environment: props.environment,
      recursiveLoop: props.continuesItself ? lambda.RecursiveLoop.ALLOW : undefined,
      role,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
    });
    logGroup.grantWrite(role);
    // Not by the `tracing` prop, which would add its rights to the policy that everything else is added to.
    (this.node.defaultChild as lambda.CfnFunction).tracingConfig = { mode: lambda.Tracing.ACTIVE };
  }
}
