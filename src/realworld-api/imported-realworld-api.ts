import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import { Construct } from 'constructs';
import { RealWorldApiBase } from './realworld-api-base';
import { RealWorldApiAttributes } from './realworld-api-props';

/**
 * A RealWorldApi of another app.
 *
 * @internal
 */
export class ImportedRealWorldApi extends RealWorldApiBase {
  public readonly url: string;
  public readonly docsUrl: string;
  /** @internal */
  protected readonly _api: apigatewayv2.IHttpApi;
  /** @internal */
  protected readonly _cleanUpQueues: RealWorldApiAttributes;

  public constructor(scope: Construct, id: string, attrs: RealWorldApiAttributes) {
    super(scope, id);
    this.url = attrs.url;
    this.docsUrl = attrs.url.replace(/\/api\/?$/, '/docs');
    this._api = apigatewayv2.HttpApi.fromHttpApiAttributes(this, 'HttpApi', { httpApiId: attrs.httpApiId });
    this._cleanUpQueues = attrs;
  }
}
