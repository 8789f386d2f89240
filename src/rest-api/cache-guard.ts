import { CustomResource, Duration, Lazy } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { StageSettings } from './stage-settings';
import { BundledFunction } from '../core/bundled-function';
import { FunctionOptions } from '../core/function-options';

/** @internal */
export interface CacheGuardProps {
  readonly restApiId: string;
  readonly stage: apigateway.Stage;
  readonly settings: StageSettings;
  readonly functionOptions?: FunctionOptions;
}

/**
 * Keeps callers from throwing entries out of the cache of a stage, which they would by `Cache-Control: max-age=0`, as
 * browsers send it with a reload: "if you don't impose an InvalidateCache policy (or choose the Require authorization
 * check box in the console), any client can invalidate the API cache", says the guide. Others have found the box checked
 * for stages of CloudFormation (SAM issue 788, Terraform AWS provider issue 1550). CloudFormation cannot say it, so that
 * a function does, for the stage and for each cached method: authorization is required, for which a request must be
 * signed and its caller allowed `execute-api:InvalidateCache`; the header is passed over where it is missing.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html#manage-invalidation
 * @see https://docs.aws.amazon.com/apigateway/latest/api/API_MethodSetting.html
 * @see https://github.com/aws/serverless-application-model/issues/788
 * @internal
 */
export class CacheGuard extends Construct {
  public constructor(scope: Construct, id: string, { restApiId, stage, settings, functionOptions }: CacheGuardProps) {
    super(scope, id);
    const fn = new BundledFunction(this, 'Function', {
      ...functionOptions,
      code: 'rest-api/cache-guard',
      description: 'Keeps callers of an API from emptying its cache',
      // On a first deployment it waits for its own rights, which IAM may have for all its servers a minute later.
      timeout: Duration.minutes(2),
    });
    iam.Grant.addToPrincipal({
      grantee: fn,
      actions: ['apigateway:PATCH'],
      resourceArns: [stage.stageArn],
    });
    new CustomResource(this, 'Protection', {
      resourceType: 'Custom::RestApiCacheProtection',
      serviceToken: fn.functionArn,
      properties: {
        RestApiId: restApiId,
        StageName: stage.stageName,
        MethodKeys: Lazy.list({ produce: () => settings.keys }),
        // A change of any of them makes CloudFormation write them anew, and what it does not know of may go.
        MethodSettings: Lazy.any({ produce: () => settings.all }),
      },
      serviceTimeout: Duration.minutes(5),
    });
  }
}
