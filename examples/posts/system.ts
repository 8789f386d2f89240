import { type App, CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { PostsApi, type PostsApiProps } from 'cdk-social-backend';
import type { Construct } from 'constructs';

/** What `-c` says of a deployment: what becomes of its data, and whether answers are cached. */
export function postsOptions(scope: Construct): PostsApiProps {
  const ephemeral = scope.node.tryGetContext('ephemeral') === 'true';
  return {
    removalPolicy: ephemeral ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    // Beside SRP, which needs a program, whoever has rights in the account may sign somebody in: `aws cognito-idp`.
    authFlows: { userSrp: true, adminUserPassword: true },
    // A cache is paid for by the hour, whether it is asked or not.
    cache: scope.node.tryGetContext('cache') === 'true' ? {} : undefined,
  };
}

/** What a client has to know. */
export function postsOutputs(scope: Construct, api: PostsApi): void {
  new CfnOutput(scope, 'ApiUrl', { value: api.url, description: 'Posts API' });
  new CfnOutput(scope, 'DocsUrl', { value: api.docsUrl, description: 'Posts API documents' });
  new CfnOutput(scope, 'UserPoolId', { value: api.userPool.userPoolId, description: 'User pool' });
  new CfnOutput(scope, 'UserPoolClientId', {
    value: api.userPoolClients[0].userPoolClientId,
    description: 'Client of the user pool',
  });
}

/** The posts API alone, with a table and a user pool of its own. */
class PostsStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    postsOutputs(this, new PostsApi(this, 'Api', postsOptions(this)));
  }
}

/** The posts API in one stack. */
export function posts(app: App): Stack {
  return new PostsStack(app, 'Posts', { description: 'Posts API' });
}
