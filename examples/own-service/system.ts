import * as path from 'node:path';
import { type App, CfnOutput, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { HttpService, ServiceAuthorizer } from 'cdk-social-backend';
import { ENDPOINTS } from './contract';

/** Built from the folder `lambda` beside this file: one folder an endpoint, and the API document. */
const BUILT = path.join(__dirname, 'assets', 'own-service');

/** What each function may do with the table. */
const RIGHTS = {
  CreateEntry: 'dynamodb:PutItem',
  ListEntries: 'dynamodb:Query',
  GetEntry: 'dynamodb:GetItem',
  UpdateEntry: 'dynamodb:UpdateItem',
  DeleteEntry: 'dynamodb:DeleteItem',
} as const satisfies Record<keyof typeof ENDPOINTS, string>;

/** A guestbook that everybody may read, and who has a key may write into. */
export function ownService(app: App): Stack {
  const stack = new Stack(app, 'OwnService', { description: 'A service of its own on HttpService' });
  const table = new dynamodb.Table(stack, 'Entries', {
    partitionKey: { name: 'PK', type: dynamodb.AttributeType.STRING },
    sortKey: { name: 'SK', type: dynamodb.AttributeType.STRING },
    billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
  });
  const keys = new secretsmanager.Secret(stack, 'ApiKeys', {
    description: 'Keys by the names of who has them',
    generateSecretString: { secretStringTemplate: '{}', generateStringKey: 'first', excludePunctuation: true },
  });
  const service = new HttpService(stack, 'Guestbook', {
    directory: BUILT,
    openApi: path.join(BUILT, 'openapi.json'),
    endpoints: ENDPOINTS,
    authorizer: ServiceAuthorizer.apiKeys(keys),
    environment: { TABLE_NAME: table.tableName },
  });
  for (const [endpoint, action] of Object.entries(RIGHTS)) {
    table.grant(service.functionOf(endpoint), action);
  }
  new CfnOutput(stack, 'Url', { value: service.url });
  new CfnOutput(stack, 'DocsUrl', { value: service.docsUrl });
  new CfnOutput(stack, 'ApiKeysSecret', { value: keys.secretArn });
  return stack;
}
