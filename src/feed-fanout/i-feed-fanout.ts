import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { ISocialTable } from '../social-table/i-social-table';

/** A FeedFanout, made in this app or imported. */
export interface IFeedFanout extends IConstruct {
  /** The table whose articles and follows fill the feeds; undefined where they are of tables of your own. */
  readonly table?: ISocialTable;
  /** The feeds. */
  readonly feedTable: dynamodb.ITable;
  /** Articles that a feed shows at most. */
  readonly readCap: number;
  /** How long after its creation an article is in feeds. */
  readonly feedTtl: Duration;
  /** How long somebody who does not read their feed counts as active; undefined where everybody does. */
  readonly activeWithin?: Duration;
  /** How far back readers overlay recent writes: up to this age, a write may be missing in feeds without an alarm. */
  readonly overlayWindow: Duration;

  /** Lets the grantee read feeds. */
  grantReadFeed(grantee: iam.IGrantable): iam.Grant;

  /** Age of the records that the router reads from the stream, in ms; the largest of 5 minutes by default. */
  metricRouterLag(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Age of the oldest message that is not yet worked off, in seconds; the largest of 5 minutes by default. */
  metricWorkerLag(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Messages that failed too often and wait in the dead-letter queue; the most of 5 minutes by default. */
  metricDeadLetters(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Records of the stream that could not be routed; the most of 5 minutes by default. */
  metricRouterDeadLetters(options?: cloudwatch.MetricOptions): cloudwatch.Metric;
}
