import { refused } from './errors';
import { UserPool } from './pool';
import { ClientSettings } from './settings';

/** The user pools of the run. */
export class Pools {
  private readonly byId = new Map<string, UserPool>();

  public add(pool: UserPool): void {
    this.byId.set(pool.settings.id, pool);
  }

  public all(): readonly UserPool[] {
    return [...this.byId.values()];
  }

  public find(id: string): UserPool | undefined {
    return this.byId.get(id);
  }

  /** @throws ResourceNotFoundException */
  public pool(id: string): UserPool {
    const pool = this.byId.get(id);
    if (pool === undefined) throw refused.noPool(id);
    return pool;
  }

  /** The pool of a client. @throws ResourceNotFoundException */
  public ofClient(clientId: string): { readonly pool: UserPool; readonly client: ClientSettings } {
    for (const pool of this.byId.values()) {
      const client = pool.clients.get(clientId);
      if (client !== undefined) return { pool, client };
    }
    throw refused.noClient(clientId);
  }
}
