import { Duration, Names } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { CLEAN_UP_TIMING } from './clean-up';
import { REALWORLD_ENDPOINTS, RealWorldEndpoint, RealWorldSetting, SEARCH_FALLBACK } from './contract';
import { RealWorldApiProps } from './realworld-api-props';
import { WatchedMetric } from '../core/alarms';
import { failure, knownSeconds, numberText } from '../core/checks';
import { ItemRights } from '../core/endpoint';
import { ISearchIndexPipeline } from '../search-index-pipeline/i-search-index-pipeline';

/** A row says when its request began: until it was written, a function has its 10 s, and clocks differ. */
const WRITE_SECONDS = 15;

/** What functions have of their 10 s for the index; the rest is for the table. */
const TIMEOUT = { min: 50, max: 5_000, default: 1_000 };

const METRICS_NAMESPACE = 'RealWorldApi';

/**
 * The search index of an API, as its functions use it.
 *
 * @internal
 */
export class ArticleSearch {
  /** Seconds that what was written may be missing in the index. */
  public readonly window: number;
  private readonly timeoutMs: number;
  private readonly metricName: string;

  public constructor(
    private readonly scope: Construct,
    private readonly pipeline: ISearchIndexPipeline,
    timeout: Duration | undefined,
  ) {
    this.timeoutMs = knownMillis(timeout ?? Duration.millis(TIMEOUT.default), scope);
    this.window = WRITE_SECONDS + knownSeconds('search.overlayWindow', pipeline.overlayWindow, { min: 1 }, scope);
    this.metricName = `SearchFallbacks-${Names.uniqueResourceName(scope, { maxLength: 200, separator: '-' })}`;
  }

  /** Lets a function search, and counts how often the table answered instead. */
  public bind(operation: string, fn: lambda.Function): void {
    fn.addEnvironment('SEARCH_ENDPOINT', this.pipeline.endpoint);
    fn.addEnvironment('SEARCH_SERVICE', this.pipeline.signingService);
    fn.addEnvironment('SEARCH_ALIAS', this.pipeline.alias);
    fn.addEnvironment('SEARCH_TIMEOUT_MS', String(this.timeoutMs));
    this.pipeline.grantSearch(fn);
    new logs.MetricFilter(this.scope, `${operation}SearchFallbacks`, {
      logGroup: fn.logGroup,
      filterPattern: logs.FilterPattern.stringValue('$.message', '=', SEARCH_FALLBACK),
      metricNamespace: METRICS_NAMESPACE,
      metricName: this.metricName,
      metricValue: '1',
    });
  }

  public metricFallbacks(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: METRICS_NAMESPACE,
      metricName: this.metricName,
      statistic: cloudwatch.Stats.SUM,
      ...options,
    });
  }

  public watched(thresholds: WatchedMetric['thresholds'] = { Critical: 10 }): WatchedMetric {
    return {
      name: 'SearchFallback',
      description: 'the search index does not answer in time: lists are read from the table, searches find less',
      metric: this.metricFallbacks(),
      thresholds,
    };
  }
}

const joined = <Kind extends string>(a: ItemRights<Kind> = {}, b: ItemRights<Kind> = {}): ItemRights<Kind> => {
  const actions = [...new Set([...Object.keys(a), ...Object.keys(b)])] as (keyof ItemRights<Kind>)[];
  return Object.fromEntries(actions.map((action) => [action, [...(a[action] ?? []), ...(b[action] ?? [])]]));
};

/**
 * An endpoint as it is with a search index, or without.
 *
 * @internal
 */
export function withSearch(endpoint: RealWorldEndpoint, search: ArticleSearch | undefined): RealWorldEndpoint {
  const { search: more, ...plain } = endpoint;
  return search === undefined || more === undefined
    ? plain
    : {
        ...endpoint,
        social: joined(endpoint.social, more.social),
        settings: [...(endpoint.settings ?? []), ...(more.settings ?? [])],
      };
}

/**
 * The endpoints of an API by their ids, with a search index or without.
 *
 * @internal
 */
export const endpointsWith = (search: ISearchIndexPipeline | undefined): [string, RealWorldEndpoint][] =>
  Object.entries<RealWorldEndpoint>(REALWORLD_ENDPOINTS).filter(
    ([, endpoint]) => search !== undefined || endpoint.search?.code !== 'only',
  );

/**
 * What the documents have of search, as JSON pointers.
 *
 * @internal
 */
export const DOCUMENTED_SEARCH = ['/paths/~1search', '/components/schemas/SearchResult'];

/**
 * What functions are told of how far the index may be behind.
 *
 * @internal
 */
export function searchSettings(search: ArticleSearch | undefined) {
  const window = search?.window ?? 0;
  return {
    SEARCH_WINDOW_SECONDS: numberText(window),
    // The document of a deleted article goes when the clean-up has removed its text.
    SEARCH_DELETED_WINDOW_SECONDS: numberText(window + CLEAN_UP_TIMING.overlayWindow),
    RECENT_UPDATES: 'true',
  } satisfies Partial<Record<RealWorldSetting, string>>;
}

/**
 * @throws where the index is of another table than the API, or has a time-out and is not there
 * @internal
 */
export function checkSearch({ table, feed, search, searchTimeout }: RealWorldApiProps, scope: Construct): void {
  const [own, searched] = [table ?? feed?.table, search?.table];
  if (searched && own && searched !== own && searched.tableArn !== own.tableArn) {
    const [other, path] = [searched.node.path, own.node.path];
    throw failure(`search must be of the same table as the API: it is of ${other}, and table is ${path}`, scope);
  }
  if (searchTimeout && !search) {
    throw failure('searchTimeout needs search', scope);
  }
}

function knownMillis(timeout: Duration, scope: Construct): number {
  const { min, max } = TIMEOUT;
  const millis = timeout.isUnresolved() ? NaN : timeout.toMilliseconds();
  if (!(millis >= min && millis <= max)) {
    const got = timeout.isUnresolved() ? 'a token' : `${millis}`;
    throw failure(`searchTimeout must be from ${min} to ${max} milliseconds, known at synth, got: ${got}`, scope);
  }
  return millis;
}
