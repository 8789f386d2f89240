import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { IRealWorldApi } from './i-realworld-api';
import { failure } from '../core/checks';

/**
 * What an owned and an imported RealWorldApi have in common.
 *
 * @internal
 */
export abstract class RealWorldApiBase extends Construct implements IRealWorldApi {
  public abstract readonly url: string;
  public abstract readonly docsUrl: string;
  /** @internal */
  protected abstract readonly _api: apigatewayv2.IHttpApi;
  /** The queues of clean-up, as far as they are known. @internal */
  protected abstract readonly _cleanUpQueues: {
    readonly cleanUpQueue?: sqs.IQueue;
    readonly cleanUpDeadLetterQueue?: sqs.IQueue;
  };

  public get httpApiId(): string {
    return this._api.apiId;
  }

  public metricCount(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this._api.metricCount(options);
  }

  public metricServerError(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this._api.metricServerError(options);
  }

  public metricClientError(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this._api.metricClientError(options);
  }

  public metricLatency(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this._api.metricLatency(options);
  }

  public metricCleanUpLag(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.partOfCleanUp('cleanUpQueue').metricApproximateAgeOfOldestMessage(options);
  }

  public metricCleanUpDeadLetters(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.partOfCleanUp('cleanUpDeadLetterQueue').metricApproximateNumberOfMessagesVisible(options);
  }

  private partOfCleanUp(name: 'cleanUpQueue' | 'cleanUpDeadLetterQueue'): sqs.IQueue {
    const queue = this._cleanUpQueues[name];
    if (!queue) {
      throw failure(`this metric needs ${name}: give it to fromRealWorldApiAttributes`, this);
    }
    return queue;
  }
}
