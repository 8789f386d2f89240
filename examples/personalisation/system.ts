import { type App, CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { PersonalisationApi, type PersonalisationApiProps, ServiceAuthorizer } from 'cdk-social-backend';
import type { Construct } from 'constructs';

/** What `-c` says of a deployment: what becomes of its data. */
function personalisationOptions(scope: Construct): PersonalisationApiProps {
  const ephemeral = scope.node.tryGetContext('ephemeral') === 'true';
  return {
    removalPolicy: ephemeral ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    // Whoever calls it from services of their own has `ServiceAuthorizer.iam()` instead.
    authorizer: ServiceAuthorizer.open(),
  };
}

/** The personalisation API, with a table of its own. */
export class PersonalisationStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const api = new PersonalisationApi(this, 'Api', personalisationOptions(this));
    new CfnOutput(this, 'ApiUrl', { value: api.url, description: 'Personalisation API' });
    new CfnOutput(this, 'DocsUrl', { value: api.docsUrl, description: 'Personalisation API documents' });
    new CfnOutput(this, 'TableName', { value: api.table.tableName, description: 'Table of both designs' });
  }
}

/** The personalisation API in one stack. */
export function personalisation(app: App): Stack {
  return new PersonalisationStack(app, 'Personalisation', { description: 'Personalisation API' });
}
