import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { IEventSourcedApi } from './i-event-sourced-api';
import { failure } from '../core/checks';

/** By what the metrics of the projector are known, as far as they are. */
export interface ProjectorParts {
  readonly projector?: lambda.IFunction;
  readonly deadLetterQueue?: sqs.IQueue;
  readonly metricNamespace?: string;
}

/** @internal */
export const PUBLISH_FAILURES = 'PublishFailures';

/**
 * What an owned and an imported EventSourcedApi have in common.
 *
 * @internal
 */
export abstract class EventSourcedApiBase extends Construct implements IEventSourcedApi {
  public abstract readonly commandApiId: string;
  public abstract readonly queryApiId: string;
  public abstract readonly commandUrl: string;
  public abstract readonly queryUrl: string;
  public abstract readonly realtimeUrl: string;
  public abstract readonly userPool: cognito.IUserPool;
  /** @internal */
  protected abstract readonly _parts: ProjectorParts;

  public metricCommands(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.ofApi(this.commandApiId, metricName, options);
  }

  public metricQueries(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.ofApi(this.queryApiId, metricName, options);
  }

  public metricProjectionLag(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.part('projector').metric('IteratorAge', { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  public metricDeadLetters(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.part('deadLetterQueue').metricApproximateNumberOfMessagesVisible(options);
  }

  public metricPublishFailures(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: this.part('metricNamespace'),
      metricName: PUBLISH_FAILURES,
      statistic: cloudwatch.Stats.SUM,
      ...options,
    }).attachTo(this);
  }

  private ofApi(apiId: string, metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/AppSync',
      metricName,
      // https://docs.aws.amazon.com/appsync/latest/devguide/monitoring.html
      dimensionsMap: { GraphQLAPIId: apiId },
      ...options,
    }).attachTo(this);
  }

  private part<Name extends keyof ProjectorParts>(name: Name): NonNullable<ProjectorParts[Name]> {
    const part = this._parts[name];
    if (part === undefined) {
      throw failure(`this metric needs ${name}: give it to fromEventSourcedApiAttributes`, this);
    }
    return part as NonNullable<ProjectorParts[Name]>;
  }
}
