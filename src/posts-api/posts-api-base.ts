import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { IPostsApi } from './i-posts-api';
import { failure } from '../core/checks';

/**
 * What an owned and an imported PostsApi have in common.
 *
 * @internal
 */
export abstract class PostsApiBase extends Construct implements IPostsApi {
  public abstract readonly restApiId: string;
  public abstract readonly url: string;
  public abstract readonly docsUrl: string;
  public abstract readonly userPool: cognito.IUserPool;
  /** By which its metrics are published; undefined where they are not known. @internal */
  protected abstract readonly _names: { readonly apiName?: string; readonly stageName?: string };
  /** The queues of clean-up, as far as they are known. @internal */
  protected abstract readonly _cleanUpQueues: {
    readonly cleanUpQueue?: sqs.IQueue;
    readonly cleanUpDeadLetterQueue?: sqs.IQueue;
  };

  public metricCount(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.ofStage('Count', { statistic: cloudwatch.Stats.SUM, ...options });
  }

  public metricServerError(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.ofStage('5XXError', { statistic: cloudwatch.Stats.SUM, ...options });
  }

  public metricClientError(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.ofStage('4XXError', { statistic: cloudwatch.Stats.SUM, ...options });
  }

  public metricLatency(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.ofStage('Latency', options);
  }

  public metricCacheHits(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.ofStage('CacheHitCount', { statistic: cloudwatch.Stats.SUM, ...options });
  }

  public metricCacheMisses(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.ofStage('CacheMissCount', { statistic: cloudwatch.Stats.SUM, ...options });
  }

  public metricSignInThrottles(userPoolClientId: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/Cognito',
      metricName: 'SignInThrottles',
      // https://docs.aws.amazon.com/cognito/latest/developerguide/metrics-for-cognito-user-pools.html
      dimensionsMap: { UserPool: this.userPool.userPoolId, UserPoolClient: userPoolClientId },
      statistic: cloudwatch.Stats.SUM,
      period: Duration.minutes(1),
      ...options,
    }).attachTo(this);
  }

  public metricCleanUpLag(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.partOfCleanUp('cleanUpQueue').metricApproximateAgeOfOldestMessage(options);
  }

  public metricCleanUpDeadLetters(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.partOfCleanUp('cleanUpDeadLetterQueue').metricApproximateNumberOfMessagesVisible(options);
  }

  /** API Gateway publishes a REST API's metrics by its name, not by its id. */
  private ofStage(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    const { apiName, stageName } = this._names;
    if (apiName === undefined || stageName === undefined) {
      throw failure('this metric needs apiName and stageName: give them to fromPostsApiAttributes', this);
    }
    return new cloudwatch.Metric({
      namespace: 'AWS/ApiGateway',
      metricName,
      // https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
      dimensionsMap: { ApiName: apiName, Stage: stageName },
      ...options,
    }).attachTo(this);
  }

  private partOfCleanUp(name: 'cleanUpQueue' | 'cleanUpDeadLetterQueue'): sqs.IQueue {
    const queue = this._cleanUpQueues[name];
    if (!queue) {
      throw failure(`this metric needs ${name}: give it to fromPostsApiAttributes`, this);
    }
    return queue;
  }
}
