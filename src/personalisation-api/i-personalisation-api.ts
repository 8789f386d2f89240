import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { IConstruct } from 'constructs';

/** A PersonalisationApi, made in this app or imported. */
export interface IPersonalisationApi extends IConstruct {
  /** Id of the HTTP API. */
  readonly httpApiId: string;
  /** Where the API is served, with `/api/v1`. */
  readonly url: string;
  /** Where its documents are served. */
  readonly docsUrl: string;

  /** Requests; sum over 5 minutes by default. */
  metricCount(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Answers with a status of 500 and above; sum over 5 minutes by default. */
  metricServerError(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Answers with a status of 400 to 499; sum over 5 minutes by default. */
  metricClientError(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Milliseconds between a request and its answer; average over 5 minutes by default. */
  metricLatency(options?: cloudwatch.MetricOptions): cloudwatch.Metric;
}
