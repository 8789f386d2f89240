import { ThrottleSettings, TokenBucket } from '../gateway/throttle';

/** What happens to a request that would throw out a cached answer, of a caller who may not. */
const STRATEGIES = ['FAIL_WITH_403', 'SUCCEED_WITH_RESPONSE_HEADER', 'SUCCEED_WITHOUT_RESPONSE_HEADER'] as const;

export type InvalidationStrategy = (typeof STRATEGIES)[number];

/** What a stage says of methods, by path and HTTP method, either of them `*`. */
export interface MethodSetting {
  readonly path: string;
  readonly httpMethod: string;
  readonly throttle?: ThrottleSettings;
  readonly cachingEnabled?: boolean;
  readonly cacheTtlSeconds?: number;
  /** Whether a caller has to be allowed to throw out a cached answer. */
  readonly requireAuthorization?: boolean;
  readonly strategy?: InvalidationStrategy;
}

/** How answers of a method are cached. */
export interface CachePolicy {
  readonly ttlMs: number;
  readonly requireAuthorization: boolean;
  readonly strategy: InvalidationStrategy;
}

/** Where the template says nothing. */
const DEFAULT_TTL_SECONDS = 300;

/** `/~1items~1{id}/GET/caching/…`, `/*` + `/*` for every method. */
const PATCH_PATH =
  /^\/(.+)\/([^/]+)\/caching\/(requireAuthorizationForCacheControl|unauthorizedCacheControlHeaderStrategy)$/;

interface RunningSetting extends MethodSetting {
  readonly bucket?: TokenBucket;
}

/** The settings of a stage as it runs: found for a request, and patched by UpdateStage. */
export class StageSettings {
  private readonly settings: RunningSetting[];

  /**
   * @param cluster whether the stage has a cache
   * @param now milliseconds
   */
  public constructor(
    settings: readonly MethodSetting[],
    private readonly cluster: boolean,
    now: () => number,
  ) {
    this.settings = settings.map((setting) =>
      setting.throttle === undefined ? setting : { ...setting, bucket: new TokenBucket(setting.throttle, now) },
    );
  }

  /** What bounds a method: its own settings come before those of its path, and those before the stage's. */
  public bucket(path: string, httpMethod: string): TokenBucket | undefined {
    return this.of(path, httpMethod).find(({ bucket }) => bucket !== undefined)?.bucket;
  }

  /**
   * How answers of a method are cached; undefined where they are not. The nearest settings say all of it: whether one
   * that leaves something open takes it from the stage's is not documented, so that it has what API Gateway says of a
   * stage with a cache, that GET is cached for 300 seconds and any client may throw out an answer.
   */
  public cache(path: string, httpMethod: string): CachePolicy | undefined {
    if (!this.cluster) return undefined;
    const [nearest] = this.of(path, httpMethod);
    const ttlSeconds = nearest?.cacheTtlSeconds ?? DEFAULT_TTL_SECONDS;
    if (!(nearest?.cachingEnabled ?? httpMethod === 'GET') || ttlSeconds === 0) return undefined;
    return {
      ttlMs: ttlSeconds * 1000,
      requireAuthorization: nearest?.requireAuthorization ?? false,
      strategy: nearest?.strategy ?? 'SUCCEED_WITH_RESPONSE_HEADER',
    };
  }

  /** @throws an Error naming the path or value that is not supported here */
  public replace(patchPath: string, value: string): void {
    const [, key, httpMethod = '', name] = PATCH_PATH.exec(patchPath) ?? [];
    if (key === undefined) throw new Error(`a patch of ${patchPath} is not supported by the local runner`);
    const path = key.replaceAll('~1', '/').replaceAll('~0', '~');
    const index = this.settings.findIndex((setting) => setting.path === path && setting.httpMethod === httpMethod);
    const setting = this.settings[index] ?? { path, httpMethod };
    const patched = { ...setting, ...readPatch(name, value) };
    if (index < 0) this.settings.push(patched);
    else this.settings[index] = patched;
  }

  /** Nearest first. */
  private of(path: string, httpMethod: string): RunningSetting[] {
    const keys: readonly (readonly [string, string])[] = [
      [path, httpMethod],
      [path, '*'],
      ['*', '*'],
    ];
    return keys.flatMap(([wantedPath, wantedMethod]) =>
      this.settings.filter((setting) => setting.path === wantedPath && setting.httpMethod === wantedMethod),
    );
  }
}

function readPatch(name: string | undefined, value: string): Partial<MethodSetting> {
  if (name === 'unauthorizedCacheControlHeaderStrategy') {
    const strategy = STRATEGIES.find((known) => known === value);
    if (strategy === undefined) throw new Error(`${name} must be one of ${STRATEGIES.join(', ')}, got ${value}`);
    return { strategy };
  }
  if (value !== 'true' && value !== 'false') throw new Error(`${name} must be true or false, got ${value}`);
  return { requireAuthorization: value === 'true' };
}
