import { Cluster } from './cluster';
import { documentRoutes } from './document-routes';
import { DomainAnswer } from './domains';
import { SearchError } from './errors';
import { indexRoutes } from './index-routes';
import { Refresh } from './refresh';
import { dispatch, RestRequest, Route } from './routes';

/** Who a domain is, as `GET /` says. */
export interface ClusterInfo {
  /** `000000000000:name`. */
  readonly clusterName: string;
  /** `3.1.0`. */
  readonly version: string;
}

/** The embedded subset of OpenSearch. */
export class Embedded {
  public readonly cluster: Cluster;
  private readonly refresh = new Refresh();
  private readonly routes: readonly Route[];
  private busy = 0;
  private done = 0;

  /** @param file where the data lasts; undefined where it does not */
  public constructor(info: ClusterInfo, lagMs: number, file: string | undefined) {
    this.cluster = new Cluster(lagMs, file);
    const about = {
      name: 'local',
      cluster_name: info.clusterName,
      cluster_uuid: 'local',
      version: {
        distribution: 'opensearch',
        number: info.version,
        build_type: 'local',
        minimum_wire_compatibility_version: '2.19.0',
        minimum_index_compatibility_version: '2.0.0',
      },
      tagline: 'The OpenSearch Project: https://opensearch.org/',
    };
    this.routes = [...indexRoutes(this.cluster, about), ...documentRoutes(this.cluster, this.refresh)];
  }

  /** Requests under way. */
  public get pending(): number {
    return this.busy;
  }

  /** Requests answered. */
  public get completed(): number {
    return this.done;
  }

  public async answer(request: RestRequest): Promise<DomainAnswer> {
    this.busy += 1;
    try {
      return await dispatch(this.routes, request);
    } catch (error) {
      if (!(error instanceof SearchError)) throw error;
      return { status: error.status, body: error.body() };
    } finally {
      this.busy -= 1;
      this.done += 1;
      this.cluster.flush();
    }
  }

  /** Resolves when searches see what was written so far. */
  public async settle(): Promise<void> {
    await Promise.all(this.cluster.all().map(async (index) => this.refresh.seen(index)));
  }

  public close(): void {
    this.refresh.close();
  }
}
