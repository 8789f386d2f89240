import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as opensearch from 'aws-cdk-lib/aws-opensearchservice';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ISearchIndexPipeline } from './i-search-index-pipeline';
import { pipelineMetric } from './zero-etl';
import { failure } from '../core/checks';
import { ISocialTable } from '../social-table/i-social-table';

/**
 * The resources that fill the index; an imported SearchIndexPipeline knows some of them.
 *
 * @internal
 */
export interface SearchResources {
  readonly domain?: opensearch.IDomain;
  readonly indexer?: lambda.IFunction;
  readonly deadLetterQueue?: sqs.IQueue;
  readonly jobsDeadLetterQueue?: sqs.IQueue;
  readonly pipelineName?: string;
}

/**
 * What an owned and an imported SearchIndexPipeline have in common.
 *
 * @internal
 */
export abstract class SearchIndexPipelineBase extends Construct implements ISearchIndexPipeline {
  public readonly table?: ISocialTable;
  public abstract readonly alias: string;
  public abstract readonly endpoint: string;
  public abstract readonly signingService: string;
  public abstract readonly overlayWindow: Duration;
  /** @internal */
  protected abstract readonly _resources: SearchResources;

  public abstract grantSearch(grantee: iam.IGrantable): iam.Grant;

  public abstract grantIndex(grantee: iam.IGrantable): iam.Grant;

  public metricLag(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    const { pipelineName } = this._resources;
    const largest = { statistic: cloudwatch.Stats.MAXIMUM, ...options };
    return pipelineName === undefined
      ? this.part('indexer').metric('IteratorAge', largest)
      : pipelineMetric(pipelineName, 'opensearch.EndToEndLatency.max', largest);
  }

  public metricDeadLetters(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    const { pipelineName } = this._resources;
    return pipelineName === undefined
      ? this.part('deadLetterQueue').metricApproximateNumberOfMessagesVisible(options)
      : pipelineMetric(pipelineName, 'opensearch.s3.dlqS3RecordsSuccess.count', options);
  }

  public metricJobDeadLetters(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.part('jobsDeadLetterQueue').metricApproximateNumberOfMessagesVisible(options);
  }

  public metricIngestion(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return pipelineMetric(this.part('pipelineName'), metricName, options);
  }

  public metricClusterStatusRed(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.part('domain').metricClusterStatusRed({ period: Duration.minutes(1), ...options });
  }

  public metricFreeStorageSpace(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.part('domain').metricFreeStorageSpace({ period: Duration.minutes(1), ...options });
  }

  public metricCpuUtilization(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.part('domain').metricCPUUtilization(options);
  }

  public metricJvmMemoryPressure(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.part('domain').metricJVMMemoryPressure(options);
  }

  private part<K extends keyof SearchResources>(name: K): NonNullable<SearchResources[K]> {
    const part = this._resources[name];
    if (part === undefined) {
      throw failure(`this metric needs ${name}, of which this pipeline has none or was told of none`, this);
    }
    return part;
  }
}
