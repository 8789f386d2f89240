import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as opensearch from 'aws-cdk-lib/aws-opensearchservice';

/** Sign-in to OpenSearch Dashboards by Cognito. */
export interface DashboardsSignIn {
  /** The users' pool. It needs a domain. */
  readonly userPoolId: string;
  /** The pool of identities that they get. */
  readonly identityPoolId: string;
  /**
   * The role with which OpenSearch Service sets up the pools, with the managed policy
   * `AmazonOpenSearchServiceCognitoAccess`.
   */
  readonly role: iam.IRole;
}

/** What a domain of a pipeline's own is like. */
export interface SearchDomainOptions {
  /** @default opensearch.EngineVersion.OPENSEARCH_2_19 */
  readonly version?: opensearch.EngineVersion;
  /** Type of the nodes that hold data. @default 't3.small.search' */
  readonly instanceType?: string;
  /** Nodes that hold data (1 to 80); a multiple of `zones` is best. @default - as many as zones */
  readonly instanceCount?: number;
  /** Availability zones (1 to 3). With one, its loss is the loss of search until it is back. @default 1 */
  readonly zones?: number;
  /** Dedicated master nodes (3 or 5). @default - none */
  readonly masterCount?: number;
  /** Type of the dedicated master nodes; only with `masterCount`. @default 'm7g.medium.search' */
  readonly masterInstanceType?: string;
  /** Size of the volume (gp3) of each node that holds data, in GB (10 to 24,576). @default 10 */
  readonly volumeSize?: number;
  /**
   * Network of the domain, which then has no public address. The functions must reach it: give the construct `vpc` as
   * well. An account needs the service-linked role `AWSServiceRoleForAmazonOpenSearchService`.
   *
   * @default - a public address, where IAM decides on every request
   */
  readonly vpc?: ec2.IVpc;
  /** Subnets of the domain, one a zone; only with `vpc`. @default - private subnets of `vpc`, one a zone */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /** Security groups of the domain; only with `vpc`. @default - a group which the pipeline's functions may reach */
  readonly securityGroups?: ec2.ISecurityGroup[];
  /** Sign-in to OpenSearch Dashboards. @default - none */
  readonly dashboards?: DashboardsSignIn;
  /**
   * Roles that may do everything in the domain, such as the role of those who sign in to Dashboards.
   *
   * @default - nobody but the function that makes the index
   */
  readonly administrators?: iam.IRole[];
}

/** How a domain that is there already is used. */
export interface ExistingDomainOptions {
  /**
   * Whether the domain has fine-grained access control. Roles are then mapped by the function `manager` of the
   * construct, whose own role you map to `all_access`, or make the master user, before you deploy the index.
   *
   * @default false
   */
  readonly fineGrainedAccessControl?: boolean;
  /** Copies of each shard (0 to 10), fewer than the domain has nodes. @default 1 */
  readonly replicas?: number;
  /** Network through which an OpenSearch Ingestion pipeline reaches the domain. @default - the domain is public */
  readonly vpc?: ec2.IVpc;
  /** Subnets of the pipeline, at most three; only with `vpc`. @default - private subnets of `vpc` */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /** Security groups of the pipeline, which the domain lets in; needed with `vpc`. @default - none */
  readonly securityGroups?: ec2.ISecurityGroup[];
}
