import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { checkInteger, failure } from './checks';

/** What every function of this library may be given; each construct that has functions takes all of it. */
export interface FunctionOptions {
  /**
   * Memory of each function in MB (128 to 10,240). Lambda gives processor time in proportion.
   *
   * @default 512
   */
  readonly memorySize?: number;
  /**
   * Processor of the functions; their code runs on both.
   *
   * @default lambda.Architecture.ARM_64
   */
  readonly architecture?: lambda.Architecture;
  /**
   * Runtime of the functions: Node.js 20 or later, for which their code is built.
   *
   * @default lambda.Runtime.NODEJS_24_X
   */
  readonly runtime?: lambda.Runtime;
  /**
   * Variables that each function has besides its own, such as `NODE_OPTIONS`. Never a secret. A name that the library
   * sets itself is refused.
   *
   * @default - none
   */
  readonly environment?: { readonly [name: string]: string };
  /**
   * Whether requests are traced with AWS X-Ray. Without it, functions have no right to send traces.
   *
   * @default lambda.Tracing.ACTIVE
   */
  readonly tracing?: lambda.Tracing;
  /**
   * Invocations that each function may have at a time, taken from what the account has: Lambda refuses to leave fewer
   * than 100 to the others, or all of them in an account with a quota of 10.
   *
   * @default - the account's unreserved concurrency
   */
  readonly reservedConcurrentExecutions?: number;
  /**
   * One role for all functions of the construct, which is given the rights of all of them. An imported role is given
   * them where it may be changed.
   *
   * @default - a role for each function, with the rights which that function needs and no others
   */
  readonly role?: iam.IRole;
  /**
   * Network of the functions. They need to reach DynamoDB, and where they are used Secrets Manager, SQS and X-Ray: by
   * VPC endpoints, or through NAT.
   *
   * @default - functions are in no network of yours
   */
  readonly vpc?: ec2.IVpc;
  /** Subnets of the functions; only with `vpc`. @default - the private subnets of `vpc` */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * Security groups of the functions; only with `vpc`.
   *
   * @default - one group for all functions of the construct, which lets out everything and in nothing
   */
  readonly securityGroups?: ec2.ISecurityGroup[];
  /** How long the functions' logs are kept. @default logs.RetentionDays.ONE_MONTH */
  readonly logRetention?: logs.RetentionDays;
  /**
   * A customer managed key for the logs. A key made by CDK is told to let CloudWatch Logs use it; the policy of an
   * imported one must do so already.
   *
   * @default - encrypted under a key of CloudWatch Logs
   */
  readonly logEncryptionKey?: kms.IKey;
}

/** `nodejs20.x` and later, of those that Lambda has or will have. */
const NODE = /^nodejs(\d+)\.x$/;
const OLDEST_NODE = 20;

/**
 * Refuses options that Lambda would refuse, or that the library's code does not run on.
 *
 * @internal
 */
export function checkFunctionOptions(scope: Construct, options: FunctionOptions): void {
  checkInteger('memorySize', options.memorySize, { min: 128, max: 10_240 }, scope);
  checkInteger('reservedConcurrentExecutions', options.reservedConcurrentExecutions, { min: 0 }, scope);
  if (options.runtime !== undefined) {
    const version = Number(NODE.exec(options.runtime.name)?.[1] ?? 0);
    if (version < OLDEST_NODE) {
      throw failure(`runtime must be Node.js ${OLDEST_NODE} or later, got: ${options.runtime.name}`, scope);
    }
  }
  if (!options.vpc && (options.vpcSubnets || options.securityGroups)) {
    const given = options.vpcSubnets ? 'vpcSubnets' : 'securityGroups';
    throw failure(`${given} needs vpc, got no vpc`, scope);
  }
}

/**
 * The options of functions among a construct's props, checked, with the security group that its functions share: a
 * group for each would need network interfaces for each, since Lambda shares them by subnet and groups.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 * @internal
 */
export function sharedFunctionOptions(scope: Construct, props: FunctionOptions): FunctionOptions {
  checkFunctionOptions(scope, props);
  const shared =
    props.vpc && !props.securityGroups
      ? [
          new ec2.SecurityGroup(scope, 'FunctionSecurityGroup', {
            vpc: props.vpc,
            description: `Functions of ${scope.node.path}`,
          }),
        ]
      : props.securityGroups;
  return {
    memorySize: props.memorySize,
    architecture: props.architecture,
    runtime: props.runtime,
    environment: props.environment,
    tracing: props.tracing,
    reservedConcurrentExecutions: props.reservedConcurrentExecutions,
    role: props.role,
    vpc: props.vpc,
    vpcSubnets: props.vpcSubnets,
    securityGroups: shared,
    logRetention: props.logRetention,
    logEncryptionKey: props.logEncryptionKey,
  };
}
