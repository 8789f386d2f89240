import { Lazy, Names, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as serverless from 'aws-cdk-lib/aws-opensearchserverless';
import { Construct } from 'constructs';
import { IndexNames, namedPrincipal, SearchAccess } from './search-access';
import { SearchStore, StoreProps } from './search-store';
import { acknowledgeWildcards } from './wildcards';
import { failure } from '../core/checks';

/** What a serverless collection of a pipeline's own is like. */
export interface SearchCollectionOptions {
  /**
   * Whether each compute unit has a standby in another zone. It doubles the least that is charged, and cannot be changed
   * later.
   *
   * @default true
   */
  readonly standbyReplicas?: boolean;
  /**
   * Endpoints of OpenSearch Serverless through which alone the collection is reached: put the functions into their
   * network.
   *
   * @default - a public address, where IAM and the data access policies decide on every request
   */
  readonly vpcEndpointIds?: string[];
}

interface Rule {
  readonly ResourceType: 'index' | 'collection';
  readonly Resource: readonly string[];
  readonly Permission: readonly string[];
}

/** What names of collections and their policies may have: 3 to 32 lower-case letters, digits and hyphens. */
const NAME_LENGTH = 32;

/** A name of that form, made from the place of a construct. */
function nameOf(scope: Construct, suffix: string): string {
  const readable = Names.uniqueResourceName(scope, { maxLength: 200, separator: '-', allowedSpecialCharacters: '-' });
  const begin = readable.toLowerCase().replace(/^[^a-z]+/, '');
  const end = `${scope.node.addr.slice(-8)}${suffix}`;
  return `${begin.slice(0, NAME_LENGTH - end.length - 1)}-${end}`;
}

/** @internal */
export class CollectionStore implements SearchStore {
  public readonly service = 'aoss';
  public readonly sinkOptions: Readonly<Record<string, unknown>>;
  public readonly prerequisites: readonly Construct[];
  private readonly collection: serverless.CfnCollection;
  private readonly collectionName: string;
  private readonly names: IndexNames;
  private readonly own = new Map<SearchAccess, { readonly principals: string[]; readonly policy: Construct }>();
  private readonly made: Construct[] = [];

  public constructor(
    private readonly scope: Construct,
    private readonly options: SearchCollectionOptions,
    props: StoreProps,
  ) {
    if (options.vpcEndpointIds?.length === 0) {
      throw failure('target.vpcEndpointIds must name at least one endpoint, got: none', scope);
    }
    this.names = props.names;
    this.collectionName = nameOf(scope, '');
    const resource = `collection/${this.collectionName}`;
    const encryption = new serverless.CfnSecurityPolicy(scope, 'CollectionEncryption', {
      name: nameOf(scope, '-key'),
      type: 'encryption',
      policy: Stack.of(scope).toJsonString({
        Rules: [{ ResourceType: 'collection', Resource: [resource] }],
        ...(props.encryptionKey ? { KmsARN: props.encryptionKey.keyArn } : { AWSOwnedKey: true }),
      }),
    });
    const networkName = nameOf(scope, '-net');
    const network = new serverless.CfnSecurityPolicy(scope, 'CollectionNetwork', {
      name: networkName,
      type: 'network',
      policy: Stack.of(scope).toJsonString([
        {
          Rules: [{ ResourceType: 'collection', Resource: [resource] }],
          ...(options.vpcEndpointIds
            ? { AllowFromPublic: false, SourceVPCEs: options.vpcEndpointIds }
            : { AllowFromPublic: true }),
        },
      ]),
    });
    this.collection = new serverless.CfnCollection(scope, 'Collection', {
      name: this.collectionName,
      type: 'SEARCH',
      standbyReplicas: (options.standbyReplicas ?? true) ? 'ENABLED' : 'DISABLED',
    });
    this.collection.applyRemovalPolicy(props.removalPolicy);
    for (const policy of [encryption, network]) {
      // Without its policies a collection cannot be made, nor be read once they are gone.
      policy.applyRemovalPolicy(props.removalPolicy);
      this.collection.node.addDependency(policy);
    }
    this.sinkOptions = {
      serverless: true,
      ...(options.vpcEndpointIds ? { serverless_options: { network_policy_name: networkName } } : {}),
    };
    this.prerequisites = this.made;
  }

  public get endpoint(): string {
    return this.collection.attrCollectionEndpoint;
  }

  public connect(): void {
    // Who reaches it is in its network policy.
  }

  public grant(grantee: iam.IGrantable, access: SearchAccess): iam.Grant {
    const principal = namedPrincipal(grantee, this.scope);
    if (Stack.of(principal.construct) === Stack.of(this.scope)) {
      this.addOwn(access, principal.arn);
    } else {
      this.policy(principal.construct, access, () => [principal.arn]);
    }
    const grant = this.allow(grantee, ['aoss:APIAccessAll'], [this.collection.attrArn]);
    return access === 'pipeline' ? grant.combine(this.allowPipeline(grantee)) : grant;
  }

  /** @see https://docs.aws.amazon.com/opensearch-service/latest/developerguide/pipeline-collection-access.html */
  private allowPipeline(grantee: iam.IGrantable): iam.Grant {
    const reason = 'AWS takes no resource for these actions; their condition names the collection';
    const condition = { StringEquals: { 'aoss:collection': this.collectionName } };
    const describe = this.allow(grantee, ['aoss:BatchGetCollection'], ['*']);
    const network = this.options.vpcEndpointIds
      ? iam.Grant.addToPrincipal({
          grantee,
          actions: ['aoss:CreateSecurityPolicy', 'aoss:GetSecurityPolicy', 'aoss:UpdateSecurityPolicy'],
          resourceArns: ['*'],
          conditions: condition,
        })
      : undefined;
    acknowledgeWildcards(grantee, { resources: ['*'], reason });
    return network ? describe.combine(network) : describe;
  }

  private allow(grantee: iam.IGrantable, actions: string[], resourceArns: string[]): iam.Grant {
    return iam.Grant.addToPrincipal({ grantee, actions, resourceArns });
  }

  private addOwn(access: SearchAccess, arn: string): void {
    const known = this.own.get(access);
    if (known) {
      known.principals.push(arn);
      return;
    }
    const principals = [arn];
    const policy = this.policy(this.scope, access, () => principals);
    this.own.set(access, { principals, policy });
    this.made.push(policy);
  }

  private policy(scope: Construct, access: SearchAccess, principals: () => string[]): Construct {
    const id = `CollectionAccess-${access}-${this.scope.node.addr.slice(-8)}`;
    const known = scope.node.tryFindChild(id) as Construct | undefined;
    return (
      known ??
      new serverless.CfnAccessPolicy(scope, id, {
        name: nameOf(scope, `-${access}`),
        type: 'data',
        policy: Lazy.string({
          produce: () =>
            Stack.of(scope).toJsonString([{ Rules: this.rules(access), Principal: [...new Set(principals())] }]),
        }),
      })
    );
  }

  /** @see https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-data-access.html */
  private rules(access: SearchAccess): Rule[] {
    const { alias } = this.names;
    const indexes = (...permissions: string[]): Rule => ({
      ResourceType: 'index',
      Resource: [`index/${this.collectionName}/${alias}`, `index/${this.collectionName}/${alias}-*`],
      Permission: permissions.map((permission) => `aoss:${permission}`),
    });
    switch (access) {
      case 'search':
        return [indexes('DescribeIndex', 'ReadDocument')];
      case 'index':
        return [indexes('DescribeIndex', 'WriteDocument')];
      case 'ingest':
        return [indexes('DescribeIndex', 'WriteDocument')];
      case 'reindex':
        return [
          indexes('CreateIndex', 'DeleteIndex', 'DescribeIndex', 'ReadDocument', 'UpdateIndex', 'WriteDocument'),
          this.aliasRule(),
        ];
      case 'pipeline':
        return [indexes('CreateIndex', 'DescribeIndex', 'UpdateIndex', 'WriteDocument')];
      case 'manage':
        return [indexes('CreateIndex', 'DescribeIndex', 'UpdateIndex'), this.aliasRule()];
      case 'begin':
        return [indexes('DeleteIndex', 'DescribeIndex')];
    }
  }

  private aliasRule(): Rule {
    return {
      ResourceType: 'collection',
      Resource: [`collection/${this.collectionName}`],
      Permission: ['aoss:CreateCollectionItems', 'aoss:DescribeCollectionItems', 'aoss:UpdateCollectionItems'],
    };
  }
}
