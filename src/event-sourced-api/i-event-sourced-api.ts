import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import { IConstruct } from 'constructs';

/** An EventSourcedApi, made in this app or imported. */
export interface IEventSourcedApi extends IConstruct {
  /** Id of the GraphQL API that takes commands. */
  readonly commandApiId: string;
  /** Id of the GraphQL API that answers queries; the same where there is one API. */
  readonly queryApiId: string;
  /** Where commands are sent to. */
  readonly commandUrl: string;
  /** Where queries are sent to. */
  readonly queryUrl: string;
  /** Where subscriptions connect to, by WebSocket. */
  readonly realtimeUrl: string;
  /** Who may sign in. */
  readonly userPool: cognito.IUserPool;

  /**
   * A metric of the command API, as AppSync publishes it by the API's id: `5XXError`, `4XXError`, `Latency`, `Requests`
   * and so on; the average of 5 minutes by default.
   */
  metricCommands(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** A metric of the query API, as AppSync publishes it by the API's id; the average of 5 minutes by default. */
  metricQueries(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** How long the oldest event has waited for the projector, in milliseconds; the most of 5 minutes by default. */
  metricProjectionLag(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Aggregates that are parked, and parts of the stream that failed; the most of 5 minutes by default. */
  metricDeadLetters(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Changes of which nobody could be told, though views show them; sum over 5 minutes by default. */
  metricPublishFailures(options?: cloudwatch.MetricOptions): cloudwatch.Metric;
}
