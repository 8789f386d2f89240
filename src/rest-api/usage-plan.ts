import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import { Construct } from 'constructs';
import { RestUsagePlan } from './rest-api-options';
import { checkInteger, failure } from '../core/checks';

/** @internal */
export interface UsagePlanProps extends RestUsagePlan {
  readonly api: apigateway.RestApi;
  readonly stage: apigateway.Stage;
}

/**
 * Makes the usage plan of an API with its keys. What it bounds is best effort: it is no means against attacks.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
 * @internal
 */
export function addUsagePlan(scope: Construct, props: UsagePlanProps): apigateway.UsagePlan {
  const { rateLimit, burstLimit, quotaLimit, quotaPeriod } = props;
  checkInteger('usagePlan.rateLimit', rateLimit, { min: 1 }, scope);
  checkInteger('usagePlan.burstLimit', burstLimit, { min: 1 }, scope);
  checkInteger('usagePlan.quotaLimit', quotaLimit, { min: 1 }, scope);
  if (quotaPeriod !== undefined && quotaLimit === undefined) {
    throw failure('usagePlan.quotaPeriod needs usagePlan.quotaLimit, got none', scope);
  }
  if (props.apiKeys?.length === 0) {
    throw failure('usagePlan.apiKeys must have a key, or nobody can call the API, got none', scope);
  }
  const plan = new apigateway.UsagePlan(scope, 'UsagePlan', {
    apiStages: [{ api: props.api, stage: props.stage }],
    throttle: rateLimit === undefined && burstLimit === undefined ? undefined : { rateLimit, burstLimit },
    quota: quotaLimit === undefined ? undefined : { limit: quotaLimit, period: quotaPeriod ?? apigateway.Period.MONTH },
  });
  for (const key of props.apiKeys ?? [new apigateway.ApiKey(scope, 'ApiKey')]) {
    plan.addApiKey(key);
  }
  return plan;
}
