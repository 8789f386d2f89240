import type { APIGatewayRequestSimpleAuthorizerHandlerV2WithContext } from 'aws-lambda';
import { type AuthorizerContext, TokenVerifier } from './authorize';
import { dynamoDb } from '../../core/aws-clients';
import { requireEnv } from '../../core/env';

const verifier = new TokenVerifier({
  db: dynamoDb(),
  social: requireEnv('TABLE_NAME'),
  accounts: requireEnv('ACCOUNTS_TABLE_NAME'),
});

/** A Lambda authorizer of an HTTP API, simple responses: may the bearer of this token go on, and who is it? */
export const handler: APIGatewayRequestSimpleAuthorizerHandlerV2WithContext<AuthorizerContext> = async (event) => {
  const asking = await verifier.contextOf(event.headers?.authorization);
  return { isAuthorized: asking !== undefined, context: asking ?? {} };
};
