import { Lazy } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import { EndpointCache } from './method-cache';
import { RestApiEndpoint } from './rest-api-options';

/** Requests a second and at once. */
interface Throttle {
  readonly throttlingRateLimit: number;
  readonly throttlingBurstLimit: number;
}

type Settings = apigateway.CfnStage.MethodSettingProperty;

/**
 * What a stage says of its methods: of all of them, and of those that are throttled or cached in a way of their own.
 * Each entry is complete, as none takes over what another says.
 *
 * @internal
 */
export class StageSettings {
  private readonly own: Settings[] = [];

  public constructor(
    private readonly throttle: Throttle,
    private readonly cached: boolean,
  ) {}

  /** Takes the settings of one endpoint, if it has any. */
  public add(endpoint: RestApiEndpoint, cache: EndpointCache | undefined): void {
    const { throttlingRateLimit, throttlingBurstLimit } = endpoint;
    const isCached = this.cached && cache !== undefined;
    if (throttlingRateLimit === undefined && throttlingBurstLimit === undefined && !isCached) {
      return;
    }
    this.own.push({
      ...this.general,
      httpMethod: endpoint.method,
      // As a JSON pointer: `/` within a name is `~1`.
      resourcePath: `/${endpoint.path.replace(/~/g, '~0').replace(/\//g, '~1')}`,
      throttlingRateLimit: throttlingRateLimit ?? this.throttle.throttlingRateLimit,
      throttlingBurstLimit: throttlingBurstLimit ?? this.throttle.throttlingBurstLimit,
      ...(isCached ? { cachingEnabled: true, cacheTtlInSeconds: cache.ttl.toSeconds() } : {}),
    });
  }

  /** The settings as the template has them, those of endpoints added later included. */
  public applyTo(stage: apigateway.CfnStage): void {
    stage.methodSettings = Lazy.any({ produce: () => this.all });
  }

  /** Every entry. */
  public get all(): Settings[] {
    return [this.general, ...this.own];
  }

  /** The keys of the entries in the paths of patches to a stage: method path and HTTP method. */
  public get keys(): string[] {
    return this.all.map(({ resourcePath, httpMethod }) => `${resourcePath?.slice(1)}/${httpMethod}`);
  }

  private get general(): Settings {
    return {
      httpMethod: '*',
      resourcePath: '/*',
      dataTraceEnabled: false,
      ...this.throttle,
      // Without this, a stage with a cache caches every GET.
      ...(this.cached ? { cachingEnabled: false, cacheDataEncrypted: true } : {}),
    };
  }
}
