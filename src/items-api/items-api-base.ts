import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { IItemsApi } from './i-items-api';

/**
 * What an owned and an imported ItemsApi have in common.
 *
 * @internal
 */
export abstract class ItemsApiBase extends Construct implements IItemsApi {
  public abstract readonly url: string;
  public abstract readonly docsUrl: string;
  /** @internal */
  protected abstract readonly _api: apigatewayv2.IHttpApi;

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
}
