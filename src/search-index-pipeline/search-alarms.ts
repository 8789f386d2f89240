import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { ISearchIndexPipeline } from './i-search-index-pipeline';
import { WatchedMetric } from '../core/alarms';

/**
 * Thresholds at which a SearchIndexPipeline alarms, by severity: `{ Warning: 60000, Critical: 300000 }`. An empty record
 * makes no alarm of that kind.
 */
export interface SearchAlarmThresholds {
  /** How far the index is behind, in ms. @default - Critical: maxLag */
  readonly lag?: { readonly [severity: string]: number };
  /** What could not be indexed. @default - Critical: 0 */
  readonly deadLetters?: { readonly [severity: string]: number };
  /** Parts of a backfill or reindex that failed too often, with Lambda ingestion. @default - Critical: 0 */
  readonly jobDeadLetters?: { readonly [severity: string]: number };
  /** Exports of the table that failed, with zero-ETL. @default - Critical: 0 */
  readonly exportFailures?: { readonly [severity: string]: number };
  /** Primary shards that are missing, of a domain. @default - Critical: 0 */
  readonly clusterRed?: { readonly [severity: string]: number };
  /** Free space of the fullest node of a domain, in MB; alarms below it. @default - Critical: 2560, a quarter of 10 GB */
  readonly freeStorage?: { readonly [severity: string]: number };
  /** Processor of the busiest node of a domain, in percent, for 15 minutes. @default - Critical: 80 */
  readonly cpu?: { readonly [severity: string]: number };
  /** Java heap of the fullest node of a domain, in percent, for 15 minutes. @default - Critical: 95 */
  readonly jvmMemory?: { readonly [severity: string]: number };
}

const MINUTE: cloudwatch.MetricOptions = { period: Duration.minutes(1) };

interface Parts {
  readonly domain?: unknown;
  readonly pipelineName?: string;
}

/**
 * What is watched of a pipeline, with the thresholds that AWS recommends where it recommends any.
 *
 * @see https://docs.aws.amazon.com/opensearch-service/latest/developerguide/cloudwatch-alarms.html
 * @internal
 */
export function searchAlarms(
  pipeline: ISearchIndexPipeline,
  { domain, pipelineName }: Parts,
  maxLag: number,
  thresholds: SearchAlarmThresholds = {},
): WatchedMetric[] {
  return [
    {
      name: 'Lag',
      description: 'the search index is behind the table by more than readers overlay',
      metric: pipeline.metricLag(MINUTE),
      thresholds: thresholds.lag ?? { Critical: maxLag * 1000 },
    },
    {
      name: 'DeadLetter',
      description: 'a change could not be indexed: a document may be missing, stale or one too many',
      metric: pipeline.metricDeadLetters(MINUTE),
      thresholds: thresholds.deadLetters ?? { Critical: 0 },
    },
    ...(pipelineName === undefined ? jobAlarms(pipeline, thresholds) : ingestionAlarms(pipeline, thresholds)),
    ...(domain === undefined ? [] : domainAlarms(pipeline, thresholds)),
  ];
}

const jobAlarms = (pipeline: ISearchIndexPipeline, thresholds: SearchAlarmThresholds): WatchedMetric[] => [
  {
    name: 'JobDeadLetter',
    description: 'a part of a backfill or reindex failed too often, and waits for the command resume',
    metric: pipeline.metricJobDeadLetters(MINUTE),
    thresholds: thresholds.jobDeadLetters ?? { Critical: 0 },
  },
];

const ingestionAlarms = (pipeline: ISearchIndexPipeline, thresholds: SearchAlarmThresholds): WatchedMetric[] => [
  {
    name: 'ExportFailure',
    description: 'the table was not exported, and the index lacks what was in it before',
    metric: pipeline.metricIngestion('dynamodb.exportJobFailure.count', MINUTE),
    thresholds: thresholds.exportFailures ?? { Critical: 0 },
  },
];

const domainAlarms = (pipeline: ISearchIndexPipeline, thresholds: SearchAlarmThresholds): WatchedMetric[] => [
  {
    name: 'ClusterRed',
    description: 'a primary shard is missing, and with it a part of the index',
    metric: pipeline.metricClusterStatusRed(MINUTE),
    thresholds: thresholds.clusterRed ?? { Critical: 0 },
  },
  {
    name: 'FreeStorage',
    description: 'a node has little space left, without which it takes no writes',
    metric: pipeline.metricFreeStorageSpace(MINUTE),
    breach: 'below',
    thresholds: thresholds.freeStorage ?? { Critical: 2560 },
  },
  {
    name: 'Cpu',
    description: 'a node is busy, and searches are slow',
    metric: pipeline.metricCpuUtilization(),
    evaluationPeriods: 3,
    thresholds: thresholds.cpu ?? { Critical: 80 },
  },
  {
    name: 'JvmMemory',
    description: 'the heap of a node is full, and it will soon refuse requests',
    metric: pipeline.metricJvmMemoryPressure(),
    evaluationPeriods: 3,
    thresholds: thresholds.jvmMemory ?? { Critical: 95 },
  },
];
