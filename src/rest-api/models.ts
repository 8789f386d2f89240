import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import { Construct } from 'constructs';
import { RestApiEndpoint } from './rest-api-options';
import { failure } from '../core/checks';

const DRAFT_4 = /^http:\/\/json-schema\.org\/draft-04\/schema#?$/;

/**
 * Makes the model of an endpoint's body. "If no matching content type is found, request validation is not performed. To
 * use the same model regardless of the content type, set the content type for your data model to $default": by that, a
 * body of another type does not slip past.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
 * @returns the models by content type, as a method has them
 * @internal
 */
export function addBodyModel(
  scope: Construct,
  api: apigateway.RestApi,
  { id, bodySchema, methodOptions }: RestApiEndpoint,
): Record<string, apigateway.IModel> {
  if (methodOptions?.requestModels) {
    throw failure(`Either provide bodySchema of endpoint ${id} or requestModels, but not both`, scope);
  }
  const schema = { $schema: 'http://json-schema.org/draft-04/schema#', ...bodySchema };
  if (typeof schema.$schema !== 'string' || !DRAFT_4.test(schema.$schema)) {
    throw failure(`bodySchema of endpoint ${id} must be of draft 4, got: ${String(schema.$schema)}`, scope);
  }
  // Not the construct of the CDK, which takes a schema with names of its own for some keywords.
  const model = new apigateway.CfnModel(scope, `${id}Body`, {
    restApiId: api.restApiId,
    contentType: 'application/json',
    schema,
  });
  const deployment = api.latestDeployment;
  deployment?.node.addDependency(model);
  deployment?.addToLogicalId({ model: id, schema });
  const reference = { modelId: model.ref };
  return { 'application/json': reference, $default: reference };
}
