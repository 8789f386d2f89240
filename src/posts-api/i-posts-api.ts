import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import { IConstruct } from 'constructs';

/** A PostsApi, made in this app or imported. */
export interface IPostsApi extends IConstruct {
  /** Id of the REST API. */
  readonly restApiId: string;
  /** Where the API is served, with `/v1`. */
  readonly url: string;
  /** Where its documents are served. */
  readonly docsUrl: string;
  /** Who may sign in. */
  readonly userPool: cognito.IUserPool;

  /** Requests; sum over 5 minutes by default. */
  metricCount(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Answers with a status of 500 and above; sum over 5 minutes by default. */
  metricServerError(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Answers with a status of 400 to 499; sum over 5 minutes by default. */
  metricClientError(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Milliseconds between a request and its answer; average over 5 minutes by default. */
  metricLatency(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Answers from the method cache; sum over 5 minutes by default. */
  metricCacheHits(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Requests that the method cache had no answer for; sum over 5 minutes by default. */
  metricCacheMisses(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Attempts to sign in that Cognito throttled; sum over 1 minute by default. Cognito publishes them by pool and client.
   *
   * @param userPoolClientId the client that they came through
   */
  metricSignInThrottles(userPoolClientId: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Age of the oldest message that clean-up has not yet worked off, in seconds; the largest of 5 minutes by default. */
  metricCleanUpLag(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Messages that clean-up failed at too often; the most of 5 minutes by default. */
  metricCleanUpDeadLetters(options?: cloudwatch.MetricOptions): cloudwatch.Metric;
}
