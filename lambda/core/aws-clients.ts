import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { requireEnv } from './env';

/**
 * Credentials as Lambda gives them. The SDK's default chain (files, SSO, instance metadata) is a third of its load
 * time, and a function never uses the rest of it.
 */
export async function lambdaCredentials() {
  return {
    accessKeyId: requireEnv('AWS_ACCESS_KEY_ID'),
    secretAccessKey: requireEnv('AWS_SECRET_ACCESS_KEY'),
    sessionToken: process.env.AWS_SESSION_TOKEN,
  };
}

/** What every client shares: bounded attempts and time-outs, well below the functions' own. */
export function clientConfig() {
  return {
    region: requireEnv('AWS_REGION'),
    endpoint: process.env.AWS_ENDPOINT_URL,
    credentials: lambdaCredentials,
    maxAttempts: 3,
    retryMode: 'standard',
    requestHandler: { connectionTimeout: 1000, requestTimeout: 3000 },
  };
}

let documentClient: DynamoDBDocumentClient | undefined;

/** The function's one DynamoDB client, made on first use and kept for the life of the sandbox. */
export function dynamoDb(): DynamoDBDocumentClient {
  documentClient ??= DynamoDBDocumentClient.from(new DynamoDBClient(clientConfig()), {
    marshallOptions: { removeUndefinedValues: true },
  });
  return documentClient;
}
