import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { ISocialTable } from '../social-table/i-social-table';

/** A SearchIndexPipeline, made in this app or imported. */
export interface ISearchIndexPipeline extends IConstruct {
  /** The table whose articles are in the index; undefined for another source, and where the pipeline is imported. */
  readonly table?: ISocialTable;
  /** The name by which the index is read and written. */
  readonly alias: string;
  /** Address of the domain or collection, with its scheme. */
  readonly endpoint: string;
  /** What requests to it are signed for: `es` for a domain, `aoss` for a serverless collection. */
  readonly signingService: string;
  /** How far back readers overlay recent writes: up to this age, a write may be missing in the index without an alarm. */
  readonly overlayWindow: Duration;

  /** Lets the grantee search and count by the alias. */
  grantSearch(grantee: iam.IGrantable): iam.Grant;

  /** Lets the grantee write documents by the alias, in bulk. */
  grantIndex(grantee: iam.IGrantable): iam.Grant;

  /**
   * How far the index is behind the table, in ms; the largest of 5 minutes by default. With zero-ETL it is
   * `EndToEndLatency` of the pipeline, otherwise the `IteratorAge` of the indexer.
   */
  metricLag(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * What could not be indexed: messages that wait in the dead-letter queue, the most of 5 minutes by default; with
   * zero-ETL, documents that were put into the dead-letter bucket, their sum over 5 minutes.
   */
  metricDeadLetters(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Parts of a backfill or reindex that failed too often; the most of 5 minutes by default.
   *
   * @throws where ingestion is zero-ETL
   */
  metricJobDeadLetters(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Any metric of the ingestion pipeline by its documented name without the sub-pipeline, such as
   * `opensearch.documentsSuccess.count`; sum over 5 minutes by default.
   *
   * @throws where ingestion is by Lambda
   */
  metricIngestion(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** 1 while a primary shard is missing; the most of a minute. @throws where there is no domain */
  metricClusterStatusRed(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Free space of the fullest node, in MB; the least of a minute. @throws where there is no domain */
  metricFreeStorageSpace(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Processor of the busiest node, in percent; over 5 minutes by default. @throws where there is no domain */
  metricCpuUtilization(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Java heap of the fullest node, in percent; over 5 minutes by default. @throws where there is no domain */
  metricJvmMemoryPressure(options?: cloudwatch.MetricOptions): cloudwatch.Metric;
}
