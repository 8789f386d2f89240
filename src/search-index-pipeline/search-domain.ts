import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as opensearch from 'aws-cdk-lib/aws-opensearchservice';
import { Construct, Dependable, IConstruct, IDependable } from 'constructs';
import { RoleMappings } from './role-mappings';
import { IndexNames, namedPrincipal, SearchAccess } from './search-access';
import { ExistingDomainOptions, SearchDomainOptions } from './search-domain-options';
import { SearchStore, StoreProps } from './search-store';
import { acknowledgeWildcards } from './wildcards';
import { acknowledge } from '../core/acknowledge';
import { allowLogs } from '../core/bundled-function';
import { checkInteger, failure } from '../core/checks';

const HTTPS = ec2.Port.tcp(443);

/** What an ingestion pipeline takes. */
const MAX_PIPELINE_SUBNETS = 3;

const WILDCARDS =
  'Indexes of one alias by their numbers; a pipeline has what AWS names as its least, on this domain alone';

/** What domains of both kinds do. */
abstract class DomainStore implements SearchStore {
  public readonly service = 'es';
  public readonly sinkOptions = {};
  public abstract readonly domain: opensearch.IDomain;
  public abstract readonly replicas: number;
  public abstract readonly prerequisites: readonly IDependable[];
  public abstract readonly pipelineNetwork?: { readonly subnetIds: string[]; readonly securityGroupIds: string[] };
  protected abstract readonly mappings?: RoleMappings;

  protected constructor(
    protected readonly scope: Construct,
    private readonly names: IndexNames,
  ) {}

  public get endpoint(): string {
    return `https://${this.domain.domainEndpoint}`;
  }

  public get roleMappings(): string | undefined {
    return this.mappings?.text;
  }

  public abstract connect(fn: lambda.Function): void;

  public grant(grantee: iam.IGrantable, access: SearchAccess): iam.Grant {
    const { domainArn } = this.domain;
    // The manager is the master user.
    if (access !== 'manage' && access !== 'begin') {
      this.mappings?.add(access, grantee);
    }
    const allow = (actions: readonly string[], paths: readonly string[]) => {
      const resources = paths.map((path) => `${domainArn}/${path}`);
      const grant = iam.Grant.addToPrincipal({
        grantee,
        actions: actions.map((action) => `es:${action}`),
        resourceArns: resources,
      });
      acknowledgeWildcards(grantee, { actions: actions.map((action) => `es:${action}`), resources, reason: WILDCARDS });
      return grant;
    };
    const { alias } = this.names;
    switch (access) {
      case 'search':
        return allow(['ESHttpGet', 'ESHttpPost'], [`${alias}/_search`, `${alias}/_count`]);
      case 'index':
        return allow(['ESHttpPost'], [`${alias}/_bulk`]);
      case 'ingest':
        return allow(['ESHttpGet'], [this.names.writers]).combine(
          allow(['ESHttpPost'], [`${this.names.written}-writes/_bulk`]),
        );
      case 'reindex':
        return this.allowReindex(allow);
      case 'manage':
        return this.allowManage(allow);
      case 'begin':
        return allow(['ESHttpGet'], [this.names.writers]).combine(allow(['ESHttpDelete'], [this.names.written]));
      case 'pipeline':
        // What AWS names as the least that a pipeline's role may have.
        // https://docs.aws.amazon.com/opensearch-service/latest/developerguide/pipeline-domain-access.html
        return iam.Grant.addToPrincipal({
          grantee,
          actions: ['es:DescribeDomain'],
          resourceArns: [domainArn],
        }).combine(allow(['ESHttp*'], ['*']));
    }
  }

  /** As the function calls it: indexes and aliases, documents and their number. */
  private allowReindex(allow: (actions: readonly string[], paths: readonly string[]) => iam.Grant): iam.Grant {
    const { alias, written, writers } = this.names;
    const below = (...calls: string[]) => calls.map((call) => `${written}/${call}`);
    return allow(['ESHttpGet'], [`${alias}/_alias`, writers, written])
      .combine(allow(['ESHttpPut', 'ESHttpDelete'], [written]))
      .combine(allow(['ESHttpPost'], ['_aliases', `${written}-writes/_bulk`, ...below('_mget', '_refresh')]));
  }

  /** As the function calls it: indexes, the alias, and with fine-grained access control the roles of OpenSearch. */
  private allowManage(allow: (actions: readonly string[], paths: readonly string[]) => iam.Grant): iam.Grant {
    const [alias, ...indexes] = this.names.patterns;
    const grant = allow(['ESHttpGet'], [`${alias}/_alias`, ...indexes])
      .combine(allow(['ESHttpPut'], indexes))
      .combine(allow(['ESHttpPost'], ['_aliases']));
    const roles = ['roles', 'rolesmapping'].map((kind) => `_plugins/_security/api/${kind}/${alias}-*`);
    return this.mappings ? grant.combine(allow(['ESHttpDelete', 'ESHttpPut'], roles)) : grant;
  }
}

/** @internal */
export class ExistingDomainStore extends DomainStore {
  /** A domain that a pipeline of another app fills. */
  public static _imported(
    scope: Construct,
    domain: opensearch.IDomain,
    names: IndexNames,
    manager?: lambda.IFunction,
  ): ExistingDomainStore {
    const options = { fineGrainedAccessControl: manager !== undefined };
    return new ExistingDomainStore(scope, domain, options, { names, manager }, false);
  }

  public readonly replicas: number;
  public readonly prerequisites = [];
  public readonly pipelineNetwork?: { readonly subnetIds: string[]; readonly securityGroupIds: string[] };
  protected readonly mappings?: RoleMappings;

  public constructor(
    scope: Construct,
    public readonly domain: opensearch.IDomain,
    options: ExistingDomainOptions,
    { names, manager }: Pick<StoreProps, 'names'> & { readonly manager?: lambda.IFunction },
    withIndex = true,
  ) {
    super(scope, names);
    checkInteger('target.replicas', options.replicas, { min: 0, max: 10 }, scope);
    checkNetwork(scope, options);
    this.replicas = options.replicas ?? 1;
    if (options.vpc) {
      if (!options.securityGroups) {
        throw failure('target.vpc of an existing domain needs securityGroups, got: none', scope);
      }
      this.pipelineNetwork = {
        subnetIds: options.vpc.selectSubnets(options.vpcSubnets).subnetIds.slice(0, MAX_PIPELINE_SUBNETS),
        securityGroupIds: options.securityGroups.map(({ securityGroupId }) => securityGroupId),
      };
    }
    if (options.fineGrainedAccessControl && manager) {
      this.mappings = new RoleMappings(scope, names, manager, withIndex);
    }
  }

  public connect(): void {
    // Whoever made the domain lets the functions' security groups in.
  }
}

function checkNetwork(
  scope: Construct,
  options: Pick<SearchDomainOptions, 'vpc' | 'vpcSubnets' | 'securityGroups'>,
): void {
  if (!options.vpc && (options.vpcSubnets || options.securityGroups)) {
    const given = options.vpcSubnets ? 'vpcSubnets' : 'securityGroups';
    throw failure(`target.${given} needs target.vpc, got no vpc`, scope);
  }
}

const DEFAULT_INSTANCE = 't3.small.search';

/** @internal */
export class OwnDomainStore extends DomainStore {
  public readonly domain: opensearch.Domain;
  public readonly replicas: number;
  public readonly prerequisites: readonly IDependable[];
  public readonly pipelineNetwork?: { readonly subnetIds: string[]; readonly securityGroupIds: string[] };
  protected readonly mappings: RoleMappings;
  private readonly inNetwork: boolean;
  private readonly logGroups: logs.LogGroup[] = [];

  public constructor(scope: Construct, options: SearchDomainOptions, props: StoreProps) {
    super(scope, props.names);
    const zones = options.zones ?? 1;
    const nodes = options.instanceCount ?? zones;
    this.check(options, zones, nodes, props);
    this.inNetwork = options.vpc !== undefined;
    const subnets = options.vpc?.selectSubnets(options.vpcSubnets).subnets.slice(0, zones);
    this.domain = new opensearch.Domain(scope, 'Domain', {
      version: options.version ?? opensearch.EngineVersion.OPENSEARCH_2_19,
      capacity: {
        dataNodes: nodes,
        dataNodeInstanceType: options.instanceType ?? DEFAULT_INSTANCE,
        masterNodes: options.masterCount,
        masterNodeInstanceType: options.masterCount ? (options.masterInstanceType ?? 'm7g.medium.search') : undefined,
        // Needs three zones and dedicated masters, and is refused on T3 nodes.
        multiAzWithStandbyEnabled: false,
      },
      zoneAwareness: zones > 1 ? { enabled: true, availabilityZoneCount: zones } : { enabled: false },
      ebs: { volumeSize: options.volumeSize ?? 10, volumeType: ec2.EbsDeviceVolumeType.GP3 },
      encryptionAtRest: { enabled: true, kmsKey: props.encryptionKey },
      nodeToNodeEncryption: true,
      enforceHttps: true,
      tlsSecurityPolicy: opensearch.TLSSecurityPolicy.TLS_1_2,
      // Requests are signed: nobody has a password. The function that makes the index gives the others their roles.
      fineGrainedAccessControl: { masterUserArn: props.manager.role!.roleArn },
      cognitoDashboardsAuth: options.dashboards,
      vpc: options.vpc,
      vpcSubnets: subnets && [{ subnets }],
      securityGroups: options.securityGroups,
      logging: this.logging(props),
      // Its own way is a custom resource, with a function and rights of its own.
      suppressLogsResourcePolicy: true,
      enableAutoSoftwareUpdate: true,
      removalPolicy: props.removalPolicy,
    });
    const resource = this.domain.node.defaultChild as opensearch.CfnDomain;
    this.allowLogging(resource);
    this.acknowledge(resource, options, zones, props.zeroEtl);
    this.replicas = nodes > 1 ? 1 : 0;
    this.prerequisites = [besides(resource, this.domain)];
    if (subnets) {
      this.pipelineNetwork = {
        subnetIds: subnets.map(({ subnetId }) => subnetId).slice(0, MAX_PIPELINE_SUBNETS),
        securityGroupIds: this.domain.connections.securityGroups.map(({ securityGroupId }) => securityGroupId),
      };
      // The pipeline is in the domain's own groups.
      this.domain.connections.allowInternally(HTTPS, 'Ingestion');
    }
    this.mappings = new RoleMappings(scope, props.names, props.manager, true);
    for (const administrator of options.administrators ?? []) {
      this.mappings.add('administrators', administrator);
      const everything = { actions: ['es:ESHttp*'], resources: [`${this.domain.domainArn}/*`] };
      const { actions, resources: resourceArns } = everything;
      iam.Grant.addToPrincipal({ grantee: administrator, actions, resourceArns });
      acknowledgeWildcards(administrator, { ...everything, reason: 'Administrators do everything in this domain' });
    }
  }

  public connect(fn: lambda.Function): void {
    if (this.inNetwork) {
      this.domain.connections.allowFrom(fn, HTTPS, `From ${fn.node.id}`);
    }
  }

  public override grant(grantee: iam.IGrantable, access: SearchAccess): iam.Grant {
    if (access === 'pipeline') {
      this.admit(namedPrincipal(grantee, this.scope).arn);
    }
    return super.grant(grantee, access);
  }

  private check(options: SearchDomainOptions, zones: number, nodes: number, props: StoreProps): void {
    const { scope } = this;
    checkInteger('target.zones', zones, { min: 1, max: 3 }, scope);
    checkInteger('target.instanceCount', nodes, { min: 1, max: 80 }, scope);
    checkInteger('target.volumeSize', options.volumeSize, { min: 10, max: 24_576 }, scope);
    if (nodes < zones) {
      throw failure(`target.instanceCount must be at least target.zones (${zones}), got: ${nodes}`, scope);
    }
    const { masterCount } = options;
    if (masterCount !== undefined && masterCount !== 3 && masterCount !== 5) {
      throw failure(`target.masterCount must be 3 or 5, got: ${masterCount}`, scope);
    }
    if (options.masterInstanceType !== undefined && masterCount === undefined) {
      throw failure('target.masterInstanceType needs target.masterCount, got no masterCount', scope);
    }
    for (const [prop, type] of Object.entries({
      instanceType: options.instanceType,
      masterInstanceType: options.masterInstanceType,
    })) {
      if (type !== undefined && !type.toLowerCase().endsWith('.search')) {
        throw failure(`target.${prop} must end with .search, got: ${type}`, scope);
      }
    }
    checkNetwork(scope, options);
    if (options.vpc && !props.functionsVpc) {
      throw failure('target.vpc needs the functions in a network that reaches it: give vpc as well, got none', scope);
    }
    const found = options.vpc?.selectSubnets(options.vpcSubnets).subnets.length;
    if (found !== undefined && found < zones) {
      throw failure(`target.vpcSubnets must give a subnet for each of ${zones} zones, got: ${found}`, scope);
    }
  }

  private logging(props: StoreProps): opensearch.LoggingOptions {
    const group = (name: string) => {
      const made = new logs.LogGroup(this.scope, `Domain${name}Logs`, {
        retention: props.logRetention,
        encryptionKey: props.logEncryptionKey,
        removalPolicy: RemovalPolicy.DESTROY,
      });
      this.logGroups.push(made);
      return made;
    };
    if (props.logEncryptionKey) {
      allowLogs(this.scope, props.logEncryptionKey);
    }
    return {
      appLogEnabled: true,
      appLogGroup: group('Error'),
      slowSearchLogEnabled: true,
      slowSearchLogGroup: group('SlowSearch'),
      slowIndexLogEnabled: true,
      slowIndexLogGroup: group('SlowIndex'),
    };
  }

  /**
   * Lets OpenSearch Service write these logs. A region of an account has ten such policies.
   *
   * @see https://docs.aws.amazon.com/opensearch-service/latest/developerguide/createdomain-configure-slow-logs.html
   */
  private allowLogging(resource: opensearch.CfnDomain): void {
    const policy = new logs.ResourcePolicy(this.scope, 'DomainLogsPolicy', {
      policyStatements: [
        new iam.PolicyStatement({
          principals: [new iam.ServicePrincipal('es.amazonaws.com')],
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:PutLogEventsBatch'],
          resources: this.logGroups.map(({ logGroupArn }) => logGroupArn),
          conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this.scope).account } },
        }),
      ],
    });
    resource.node.addDependency(policy);
  }

  /**
   * Names the role of the ingestion pipeline, as AWS asks, and no one else: a policy of the domain would allow more than
   * IAM does, and what IAM allows is enough for all others of the account. Not by the `accessPolicies` of the L2, which
   * is a custom resource with a function of its own.
   *
   * @see https://docs.aws.amazon.com/opensearch-service/latest/developerguide/pipeline-domain-access.html
   * @see https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html
   */
  private admit(pipelineRoleArn: string): void {
    (this.domain.node.defaultChild as opensearch.CfnDomain).accessPolicies = new iam.PolicyDocument({
      statements: [
        new iam.PolicyStatement({
          principals: [new iam.ArnPrincipal(pipelineRoleArn)],
          actions: ['es:DescribeDomain', 'es:ESHttp*'],
          // Of this domain, which cannot name itself here.
          resources: ['*'],
        }),
      ],
    });
  }

  private acknowledge(
    resource: opensearch.CfnDomain,
    options: SearchDomainOptions,
    zones: number,
    zeroEtl: boolean,
  ): void {
    const accepted: Record<string, string | false> = {
      OS1: options.vpc ? false : 'Every request is signed, and IAM decides on it; a network is an option',
      OS3: 'Access is by roles of IAM, whatever their address',
      OS4: options.masterCount ? false : 'Small by default; dedicated master nodes are an option',
      OS5: zeroEtl ? false : 'Without a policy of the domain, nobody is allowed but whom IAM allows',
      OS7: zones > 1 ? false : 'Small by default; zones are an option, and the table has the data',
    };
    for (const [rule, reason] of Object.entries(accepted)) {
      if (reason) {
        acknowledge(resource, { id: `AwsSolutions-${rule}`, reason });
      }
    }
  }
}

/**
 * What a domain has beside its resource, such as its access policy, also where that comes later. The resource itself is
 * waited for by whoever refers to its endpoint.
 */
function besides(resource: IConstruct, domain: opensearch.Domain): IDependable {
  const others: IDependable = {};
  Dependable.implement(others, {
    get dependencyRoots() {
      return domain.node.children.filter((child) => child !== resource);
    },
  });
  return others;
}
