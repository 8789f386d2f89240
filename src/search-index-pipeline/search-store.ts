import { RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as opensearch from 'aws-cdk-lib/aws-opensearchservice';
import { IDependable } from 'constructs';
import { IndexNames, SearchAccess } from './search-access';

/**
 * Where an index lives, as the parts of a pipeline use it.
 *
 * @internal
 */
export interface SearchStore {
  /** Address with its scheme. */
  readonly endpoint: string;
  /** What requests are signed for. */
  readonly service: 'es' | 'aoss';
  /** Copies of each shard; undefined where that is no setting of the index. */
  readonly replicas?: number;
  readonly domain?: opensearch.IDomain;
  /** As JSON, the roles of OpenSearch and who has them; undefined where IAM alone decides. */
  readonly roleMappings?: string;
  /** What the sink of an ingestion pipeline is told besides the address. */
  readonly sinkOptions: Readonly<Record<string, unknown>>;
  /** The network in which an ingestion pipeline reaches it. */
  readonly pipelineNetwork?: { readonly subnetIds: string[]; readonly securityGroupIds: string[] };
  /** Resources that are there before it can be written to. */
  readonly prerequisites: readonly IDependable[];
  /** Lets a function of the pipeline reach it. */
  connect(fn: lambda.Function): void;
  grant(grantee: iam.IGrantable, access: SearchAccess): iam.Grant;
}

/**
 * What a target is given of the construct it is for.
 *
 * @internal
 */
export interface StoreProps {
  readonly names: IndexNames;
  /** The function that makes indexes; it is the master user of an own domain. */
  readonly manager: lambda.Function;
  readonly removalPolicy: RemovalPolicy;
  readonly encryptionKey?: kms.IKey;
  readonly logRetention: logs.RetentionDays;
  readonly logEncryptionKey?: kms.IKey;
  readonly functionsVpc?: ec2.IVpc;
  /** Whether an ingestion pipeline writes to it. */
  readonly zeroEtl: boolean;
}
