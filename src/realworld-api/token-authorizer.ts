import { Duration } from 'aws-cdk-lib';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { BundledFunction } from '../core/bundled-function';
import { FunctionOptions } from '../core/function-options';

/**
 * Properties of a TokenAuthorizer.
 *
 * @internal
 */
export interface TokenAuthorizerProps {
  readonly functionOptions?: FunctionOptions;
}

/**
 * Verifies the API's tokens for routes of the user's own: it answers whether a request may go on, and tells the route's
 * function who asks, as `event.requestContext.authorizer.lambda.userId` and `username`.
 *
 * @internal
 */
export class TokenAuthorizer extends Construct {
  public readonly handler: lambda.Function;
  public readonly authorizer: apigatewayv2.IHttpRouteAuthorizer;

  public constructor(scope: Construct, id: string, props: TokenAuthorizerProps) {
    super(scope, id);
    this.handler = new BundledFunction(this, 'Function', {
      ...props.functionOptions,
      code: 'auth/authorizer',
      description: 'Verifies tokens for routes besides those of the API',
    });
    this.authorizer = new HttpLambdaAuthorizer('TokenAuthorizer', this.handler, {
      authorizerName: 'tokens',
      identitySource: ['$request.header.Authorization'],
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      // A token ends with a change of its password: what is cached would go on being good.
      resultsCacheTtl: Duration.seconds(0),
    });
  }
}
