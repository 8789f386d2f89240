import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { clientConfig } from './client-config';

let documentClient: DynamoDBDocumentClient | undefined;
let wireClient: DynamoDBClient | undefined;

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
  documentClient ??= DynamoDBDocumentClient.from(new DynamoDBClient(configOf(endpoint)), {
    marshallOptions: { removeUndefinedValues: true },
  });
  return documentClient;
}

/**
 * For calls by the thousand with items as they are sent: over the connections of `dynamoDb()`, and each kind of call is put
 * together from its middleware once, not again for every call. Commands of the document client must not be sent by it:
 * what is kept of their kind has the values of the first.
 *
 * @param endpoint @default - as of `dynamoDb()`
 * @see https://github.com/smithy-lang/smithy-typescript/blob/main/packages/smithy-client/src/client.ts (cacheMiddleware)
 */
export function dynamoDbWire(endpoint = process.env.AWS_ENDPOINT_URL_DYNAMODB): DynamoDBClient {
  const { requestHandler } = dynamoDb(endpoint).config;
  wireClient ??= new DynamoDBClient({ ...configOf(endpoint), requestHandler, cacheMiddleware: true });
  return wireClient;
}

function configOf(endpoint: string | undefined) {
  const config = clientConfig();
  return { ...config, ...OF_DYNAMODB, endpoint: endpoint ?? config.endpoint };
}
