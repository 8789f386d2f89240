import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { CredentialRepository } from './repository';
import { authorize, type AuthorizerContext } from './use-case';
import { UserPoolVerifier } from '../../auth/cognito-jwt';
import { InvalidToken } from '../../auth/tokens';
import { dynamoDb } from '../../core/aws-clients';
import { requireEnv } from '../../core/env';
import { logError } from '../../core/logger';

const pool = new UserPoolVerifier({
  userPoolId: requireEnv('USER_POOL_ID'),
  clientIds: requireEnv('USER_POOL_CLIENT_IDS').split(','),
  endpoint: process.env.AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER ?? process.env.AWS_ENDPOINT_URL,
});
const ports = {
  store: new CredentialRepository(dynamoDb(), requireEnv('TABLE_NAME'), requireEnv('ACCOUNTS_TABLE_NAME')),
  verify: (token: string) => pool.verify(token),
  now: () => Date.now(),
};

/** Every `Authorization` that was sent, however its name is written: `headers` has the last of each spelling alone. */
function authorizationOf({ headers, multiValueHeaders }: APIGatewayRequestAuthorizerEvent): string[] {
  return Object.entries(multiValueHeaders ?? headers ?? {}).flatMap(([name, values]) =>
    name.toLowerCase() === 'authorization' && values !== undefined ? values : [],
  );
}

/**
 * Allows this one request, of this one method and path. That a client may throw an answer out of the cache is nobody's
 * right: by default a request with `Cache-Control: max-age=0` does.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html
 */
const allow = (methodArn: string, context: AuthorizerContext): APIGatewayAuthorizerResult => ({
  principalId: context.userId,
  policyDocument: {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: methodArn },
      { Effect: 'Deny', Action: 'execute-api:InvalidateCache', Resource: methodArn },
    ],
  },
  context,
});

/**
 * A Lambda authorizer of a REST API, for requests and without a cache of its answers: a token that was revoked must be
 * refused at once.
 *
 * @throws Error `Unauthorized`, from which alone API Gateway makes a 401; every other error is a 500
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
 */
export async function handler(event: APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult> {
  try {
    return allow(event.methodArn, await authorize(ports, authorizationOf(event)));
  } catch (error) {
    if (error instanceof InvalidToken) {
      throw new Error('Unauthorized');
    }
    await logError('a token could not be checked', error, { requestId: event.requestContext.requestId });
    // What is thrown is logged as it is: nothing of what went wrong is in it.
    throw new Error('The token could not be checked');
  }
}
