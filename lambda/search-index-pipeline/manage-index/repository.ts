import type { RoleMapping } from './use-case';
import { ifThere, Indexes } from '../indexes';

/** Of one call, in ms. */
const TIMEOUT = 20_000;

const SECURITY = '/_plugins/_security/api';

/** Indexes, aliases and roles of a domain or a collection. */
export class IndexRepository extends Indexes {
  /** @see https://docs.opensearch.org/latest/security/access-control/api/ */
  public async putRole({ role, backendRoles, ...permissions }: RoleMapping): Promise<void> {
    const { clusterPermissions, indexPermissions, tenantPermissions } = permissions;
    await this.put(`${SECURITY}/roles/${encodeURIComponent(role)}`, {
      cluster_permissions: clusterPermissions,
      index_permissions: indexPermissions,
      ...(tenantPermissions ? { tenant_permissions: tenantPermissions } : {}),
    });
    await this.put(`${SECURITY}/rolesmapping/${encodeURIComponent(role)}`, { backend_roles: backendRoles });
  }

  public async removeRole(role: string): Promise<void> {
    // Who has it first: a role that is gone has nobody.
    for (const kind of ['rolesmapping', 'roles']) {
      const path = `${SECURITY}/${kind}/${encodeURIComponent(role)}`;
      await ifThere(this.client.request('DELETE', path, undefined, TIMEOUT));
    }
  }
}
