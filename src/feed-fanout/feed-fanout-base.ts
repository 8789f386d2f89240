import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { IFeedFanout } from './i-feed-fanout';
import { FEED_KEY_PREFIXES } from './key-prefixes';
import { failure } from '../core/checks';
import { leadingKeys } from '../core/leading-keys';
import { grantOnKeys } from '../core/table-grants';
import { ISocialTable } from '../social-table/i-social-table';

/**
 * The resources that fill the feeds; an imported FeedFanout knows some of them.
 *
 * @internal
 */
export interface FeedResources {
  readonly router?: lambda.IFunction;
  readonly queue?: sqs.IQueue;
  readonly deadLetterQueue?: sqs.IQueue;
  readonly routerDeadLetterQueue?: sqs.IQueue;
}

/**
 * What an owned and an imported FeedFanout have in common.
 *
 * @internal
 */
export abstract class FeedFanoutBase extends Construct implements IFeedFanout {
  public abstract readonly table?: ISocialTable;
  public abstract readonly feedTable: dynamodb.ITable;
  public abstract readonly readCap: number;
  public abstract readonly feedTtl: Duration;
  public abstract readonly activeWithin?: Duration;
  public abstract readonly overlayWindow: Duration;
  /** @internal */
  protected abstract readonly _resources: FeedResources;

  public grantReadFeed(grantee: iam.IGrantable): iam.Grant {
    return grantOnKeys(
      this.feedTable,
      grantee,
      ['dynamodb:Query'],
      leadingKeys(FEED_KEY_PREFIXES, ['feed', 'authored', 'pulled']),
    );
  }

  public metricRouterLag(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.part('router').metric('IteratorAge', { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  public metricWorkerLag(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.part('queue').metricApproximateAgeOfOldestMessage(options);
  }

  public metricDeadLetters(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.part('deadLetterQueue').metricApproximateNumberOfMessagesVisible(options);
  }

  public metricRouterDeadLetters(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.part('routerDeadLetterQueue').metricApproximateNumberOfMessagesVisible(options);
  }

  private part<K extends keyof FeedResources>(name: K): NonNullable<FeedResources[K]> {
    const part = this._resources[name];
    if (part === undefined) {
      throw failure(`this metric needs ${name}: give it to fromFeedFanoutAttributes`, this);
    }
    return part;
  }
}
