import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { clientConfig } from './client-config';

let documentClient: DynamoDBDocumentClient | undefined;

/** What only DynamoDB's client has, as the SDK finds it out itself at more cost. */
const OF_DYNAMODB = {
  // Endpoints of an account are for credentials that name it: Lambda's do not.
  accountIdEndpointMode: 'disabled',
  endpointDiscoveryEnabledProvider: async () => false,
} as const;

/**
 * The function's one DynamoDB client, made on first use and kept for the life of the sandbox.
 *
 * @param endpoint @default - `AWS_ENDPOINT_URL_DYNAMODB`, or that of all clients
 */
export function dynamoDb(endpoint = process.env.AWS_ENDPOINT_URL_DYNAMODB): DynamoDBDocumentClient {
  const config = clientConfig();
  const client = () => new DynamoDBClient({ ...config, ...OF_DYNAMODB, endpoint: endpoint ?? config.endpoint });
  documentClient ??= DynamoDBDocumentClient.from(client(), {
    marshallOptions: { removeUndefinedValues: true },
  });
  return documentClient;
}
