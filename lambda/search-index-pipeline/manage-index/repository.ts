import type { IndexBody, IndexPorts, Mappings, RoleMapping } from './use-case';
import { type SearchClient, statusOf } from '../client';

/** Of one call, in ms. */
const TIMEOUT = 20_000;

const SECURITY = '/_plugins/_security/api';

const segment = (name: string) => encodeURIComponent(name);

/** Answers with undefined instead of a 404. */
async function ifThere<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (statusOf(error) === 404) {
      return undefined;
    }
    throw error;
  }
}

type Aliases = Readonly<Record<string, { readonly aliases: Readonly<Record<string, { is_write_index?: boolean }>> }>>;
type Described = Readonly<Record<string, { settings?: { index?: Record<string, unknown> }; mappings?: Mappings }>>;

/** Indexes, aliases and roles of a domain or a collection. */
export class IndexRepository implements IndexPorts {
  public constructor(private readonly client: Pick<SearchClient, 'request'>) {}

  public async writtenBy(alias: string): Promise<string | undefined> {
    const found = Object.entries(
      (await ifThere(this.client.request<Aliases>('GET', `/_alias/${segment(alias)}`, undefined, TIMEOUT))) ?? {},
    );
    return (found.find(([, { aliases }]) => aliases[alias]?.is_write_index) ?? found[0])?.[0];
  }

  public async read(index: string): Promise<Required<IndexBody> | undefined> {
    const found = await ifThere(this.client.request<Described>('GET', `/${segment(index)}`, undefined, TIMEOUT));
    return found && { settings: found[index]?.settings?.index ?? {}, mappings: found[index]?.mappings ?? {} };
  }

  public async create(index: string, body: IndexBody, alias: string): Promise<void> {
    await this.put(`/${segment(index)}`, { ...body, aliases: { [alias]: { is_write_index: true } } });
  }

  public async putAlias(index: string, alias: string): Promise<void> {
    const add = { index, alias, is_write_index: true };
    await this.client.request('POST', '/_aliases', { actions: [{ add }] }, TIMEOUT);
  }

  public async putSettings(index: string, settings: Readonly<Record<string, unknown>>): Promise<void> {
    await this.put(`/${segment(index)}/_settings`, { index: settings });
  }

  public async putMappings(index: string, properties: Readonly<Record<string, unknown>>): Promise<void> {
    await this.put(`/${segment(index)}/_mapping`, { properties });
  }

  /** @see https://docs.opensearch.org/latest/security/access-control/api/ */
  public async putRole({ role, backendRoles, ...permissions }: RoleMapping): Promise<void> {
    const { clusterPermissions, indexPermissions, tenantPermissions } = permissions;
    await this.put(`${SECURITY}/roles/${segment(role)}`, {
      cluster_permissions: clusterPermissions,
      index_permissions: indexPermissions,
      ...(tenantPermissions ? { tenant_permissions: tenantPermissions } : {}),
    });
    await this.put(`${SECURITY}/rolesmapping/${segment(role)}`, { backend_roles: backendRoles });
  }

  public async removeRole(role: string): Promise<void> {
    // Who has it first: a role that is gone has nobody.
    for (const kind of ['rolesmapping', 'roles']) {
      await ifThere(this.client.request('DELETE', `${SECURITY}/${kind}/${segment(role)}`, undefined, TIMEOUT));
    }
  }

  private async put(path: string, body: object): Promise<void> {
    await this.client.request('PUT', path, body, TIMEOUT);
  }
}
