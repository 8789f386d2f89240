import { CustomResource, Duration, Lazy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { IndexNames, NamedPrincipal, namedPrincipal, SearchAccess } from './search-access';

/** A role of OpenSearch's security. */
interface SecurityRole {
  readonly clusterPermissions: readonly string[];
  readonly indexPermissions: readonly {
    readonly index_patterns: readonly string[];
    readonly allowed_actions: readonly string[];
  }[];
  readonly tenantPermissions?: readonly object[];
}

/**
 * One role of OpenSearch, and who of IAM has it: made and mapped by the function `manage-index`.
 *
 * @see https://docs.opensearch.org/latest/security/access-control/api/
 */
interface RoleMapping extends SecurityRole {
  readonly role: string;
  readonly backendRoles: readonly string[];
}

type MappedAccess = Exclude<SearchAccess, 'manage' | 'begin'> | 'administrators';

/**
 * What each kind of access may do, within the paths that IAM allows.
 *
 * @see https://docs.opensearch.org/latest/security/access-control/permissions/
 */
function definitionOf(access: MappedAccess, { patterns, writers, written }: IndexNames): SecurityRole {
  const on = (...allowed: string[]) => [{ index_patterns: patterns, allowed_actions: allowed }];
  switch (access) {
    case 'ingest':
      return {
        clusterPermissions: ['indices:data/write/bulk'],
        indexPermissions: [
          { index_patterns: [written, writers], allowed_actions: ['indices:admin/get', 'indices:data/write/*'] },
        ],
      };
    case 'reindex':
      return {
        clusterPermissions: ['indices:data/read/mget', 'indices:data/write/bulk'],
        indexPermissions: [
          {
            index_patterns: [...patterns, writers],
            allowed_actions: [
              'indices:admin/aliases*',
              'indices:admin/create',
              'indices:admin/delete',
              'indices:admin/get',
              'indices:admin/refresh*',
              'indices:data/read/mget*',
              'indices:data/read/search*',
              'indices:data/write/*',
            ],
          },
        ],
      };
    case 'search':
      return { clusterPermissions: [], indexPermissions: on('indices:data/read/search*') };
    case 'index':
      return { clusterPermissions: ['indices:data/write/bulk'], indexPermissions: on('indices:data/write/*') };
    case 'pipeline':
      // Its sink asks what it talks to before it writes.
      return {
        clusterPermissions: ['cluster_monitor', 'indices:data/write/bulk'],
        indexPermissions: on('indices:data/write/*', 'indices:admin/get'),
      };
    case 'administrators':
      return {
        clusterPermissions: ['*'],
        indexPermissions: [{ index_patterns: ['*'], allowed_actions: ['*'] }],
        tenantPermissions: [{ tenant_patterns: ['*'], allowed_actions: ['kibana_all_write'] }],
      };
  }
}

/**
 * Who of IAM has which role of OpenSearch. With fine-grained access control, what IAM allows is not enough: OpenSearch
 * knows only its master user, and whom that one has given a role.
 *
 * Principals of the pipeline's own stack are told of with the index; those of other stacks by a resource in theirs, so
 * that this stack refers to none of them.
 *
 * @see https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
 * @internal
 */
export class RoleMappings {
  private readonly own = new Map<MappedAccess, NamedPrincipal[]>();

  public constructor(
    private readonly scope: Construct,
    private readonly names: IndexNames,
    private readonly manager: lambda.IFunction,
    /** Whether the index is made in this stack, with which roles can be told of. */
    private readonly withIndex: boolean,
  ) {}

  /** @throws where the grantee is no role, by which alone OpenSearch is told of somebody */
  public add(access: MappedAccess, grantee: iam.IGrantable): void {
    const principal = namedPrincipal(grantee, this.scope);
    if (!this.withIndex || Stack.of(principal.construct) !== Stack.of(this.scope)) {
      this.addElsewhere(access, principal);
      return;
    }
    const known = this.own.get(access) ?? [];
    if (!known.some(({ construct }) => construct === principal.construct)) {
      this.own.set(access, [...known, principal]);
    }
  }

  /** As JSON, with all that is added until synthesis. */
  public get text(): string {
    return Lazy.string({
      produce: () => {
        const mappings = [...this.own].map(([access, principals]) => this.mapping(access, access, principals));
        return Stack.of(this.scope).toJsonString(mappings);
      },
    });
  }

  private mapping(access: MappedAccess, suffix: string, principals: readonly NamedPrincipal[]): RoleMapping {
    return {
      role: `${this.names.alias}-${suffix}`,
      backendRoles: principals.map(({ arn }) => arn),
      ...definitionOf(access, this.names),
    };
  }

  private addElsewhere(access: MappedAccess, principal: NamedPrincipal): void {
    const { construct } = principal;
    const id = `SearchRoleMapping-${access}-${this.scope.node.addr.slice(-8)}`;
    if (construct.node.tryFindChild(id)) {
      return;
    }
    const suffix = `${access}-${construct.node.addr.slice(-8)}`;
    new CustomResource(construct, id, {
      resourceType: 'Custom::SearchRoleMappings',
      serviceToken: this.manager.functionArn,
      properties: {
        RoleMappings: Stack.of(construct).toJsonString([this.mapping(access, suffix, [principal])]),
      },
      serviceTimeout: Duration.minutes(15),
    });
  }
}
