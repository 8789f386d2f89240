import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { clientConfig } from './client-config';

let documentClient: DynamoDBDocumentClient | undefined;

/**
 * The function's one DynamoDB client, made on first use and kept for the life of the sandbox.
 *
 * @param endpoint @default - that of all clients
 */
export function dynamoDb(endpoint?: string): DynamoDBDocumentClient {
  const config = clientConfig();
  const client = () => new DynamoDBClient({ ...config, endpoint: endpoint ?? config.endpoint });
  documentClient ??= DynamoDBDocumentClient.from(client(), {
    marshallOptions: { removeUndefinedValues: true },
  });
  return documentClient;
}
