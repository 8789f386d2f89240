import { type App, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { ItemsApi, ServiceAuthorizer, ServiceStage } from 'cdk-social-backend';
import type { Construct } from 'constructs';
import { readSettings, type Settings } from './settings';

/** A secret by what it is known by. */
function secretOf(scope: Construct, secretsId: string): secretsmanager.ISecret {
  if (!secretsId.startsWith('arn:')) {
    return secretsmanager.Secret.fromSecretNameV2(scope, 'ApiKeys', secretsId);
  }
  // A whole ARN ends with six characters that Secrets Manager has made.
  return /-[A-Za-z0-9]{6}$/.test(secretsId)
    ? secretsmanager.Secret.fromSecretCompleteArn(scope, 'ApiKeys', secretsId)
    : secretsmanager.Secret.fromSecretPartialArn(scope, 'ApiKeys', secretsId);
}

/** Who may call: whom a function of yours lets in, who has a key, or everybody. */
function authorizerOf(scope: Construct, { authorizerArn, secretsId }: Settings): ServiceAuthorizer {
  if (authorizerArn) {
    return ServiceAuthorizer.lambdaArn(authorizerArn);
  }
  return secretsId ? ServiceAuthorizer.apiKeys(secretOf(scope, secretsId)) : ServiceAuthorizer.open();
}

/** What a client has to know. */
export function itemsOutputs(scope: Construct, api: ItemsApi): void {
  new CfnOutput(scope, 'ApiUrl', { value: api.url, description: 'Items API' });
  new CfnOutput(scope, 'DocsUrl', { value: api.docsUrl, description: 'Items API documents' });
}

interface ItemsStackProps extends StackProps {
  readonly settings: Settings;
}

/** The items API of a stage. */
class ItemsStack extends Stack {
  public constructor(scope: Construct, id: string, props: ItemsStackProps) {
    super(scope, id, props);
    const { settings } = props;
    const api = new ItemsApi(this, 'Api', {
      stage: ServiceStage.named(settings.stage),
      authorizer: authorizerOf(this, settings),
    });
    itemsOutputs(this, api);
  }
}

/** The items API of a stage in one stack of its own: `-c stage=dev`, `test` or `prod`. */
export function items(app: App, settings?: Settings): Stack {
  const stage = app.node.tryGetContext('stage') as string | undefined;
  const known = settings ?? readSettings(stage, process.env);
  const id = known.stage === 'dev' ? 'Items' : `Items-${known.stage}`;
  return new ItemsStack(app, id, { description: `Items API, ${known.stage}`, env: known.env, settings: known });
}
