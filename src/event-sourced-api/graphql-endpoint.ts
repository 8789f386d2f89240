import { ArnFormat, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as appsync from 'aws-cdk-lib/aws-appsync';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { acknowledge } from '../core/acknowledge';
import { allowLogs } from '../core/bundled-function';

/** What both APIs have alike. */
export interface GraphqlEndpointOptions {
  readonly userPool: cognito.IUserPool;
  readonly userPoolClients: readonly cognito.IUserPoolClient[];
  readonly xrayEnabled: boolean;
  readonly fieldLogLevel: appsync.FieldLogLevel;
  readonly excludeVerboseContent: boolean;
  readonly logRetention: logs.RetentionDays;
  readonly logEncryptionKey?: kms.IKey;
  readonly introspection: boolean;
  readonly queryDepthLimit?: number;
  readonly resolverCountLimit?: number;
  readonly webAclArn?: string;
}

/** A schema that is made at synth, and stands in the template. */
class ComposedSchema implements appsync.ISchema {
  public constructor(private readonly definition: string) {}

  public bind(api: appsync.IGraphqlApi): appsync.ISchemaConfig {
    return { apiId: api.apiId, definition: this.definition };
  }
}

/**
 * A GraphQL API for users of a pool. IAM is a second mode: what is for the projector alone is directed to it, and with
 * two modes AppSync heeds the directives for groups.
 *
 * @internal
 */
export function makeGraphqlApi(
  scope: Construct,
  id: string,
  schema: string,
  options: GraphqlEndpointOptions,
): appsync.GraphqlApi {
  const role = new iam.Role(scope, `${id}LogsRole`, { assumedBy: new iam.ServicePrincipal('appsync.amazonaws.com') });
  const clientIds = options.userPoolClients.map(({ userPoolClientId }) => userPoolClientId);
  const api = new appsync.GraphqlApi(scope, id, {
    name: `${Names.uniqueResourceName(scope, { maxLength: 50 })}-${id}`,
    definition: appsync.Definition.fromSchema(new ComposedSchema(schema)),
    authorizationConfig: {
      defaultAuthorization: {
        authorizationType: appsync.AuthorizationType.USER_POOL,
        userPoolConfig: { userPool: options.userPool, appIdClientRegex: `^(${clientIds.join('|')})$` },
      },
      additionalAuthorizationModes: [{ authorizationType: appsync.AuthorizationType.IAM }],
    },
    xrayEnabled: options.xrayEnabled,
    introspectionConfig: options.introspection
      ? appsync.IntrospectionConfig.ENABLED
      : appsync.IntrospectionConfig.DISABLED,
    queryDepthLimit: options.queryDepthLimit,
    resolverCountLimit: options.resolverCountLimit,
  });
  // Not by the prop, which would bring a custom resource for the retention of the logs.
  (api.node.defaultChild as appsync.CfnGraphQLApi).logConfig = {
    cloudWatchLogsRoleArn: role.roleArn,
    fieldLogLevel: options.fieldLogLevel,
    excludeVerboseContent: options.excludeVerboseContent,
  };
  if (options.excludeVerboseContent) {
    acknowledge(api.node.defaultChild, {
      id: 'AwsSolutions-ASC3',
      reason: 'Logs of whole requests would hold tokens and data: excludeVerboseContent: false has them',
    });
  }
  makeLogs(scope, id, api, role, options);
  if (options.webAclArn !== undefined) {
    new wafv2.CfnWebACLAssociation(scope, `${id}WebAcl`, { resourceArn: api.arn, webAclArn: options.webAclArn });
  }
  return api;
}

/**
 * AppSync writes to a group of this one name, and makes it where it is not there, kept for ever: so it is there before
 * the schema, without which nobody is answered.
 *
 * @see https://docs.aws.amazon.com/appsync/latest/devguide/monitoring.html
 */
function makeLogs(
  scope: Construct,
  id: string,
  api: appsync.GraphqlApi,
  role: iam.Role,
  { logRetention, logEncryptionKey }: GraphqlEndpointOptions,
): void {
  if (logEncryptionKey) {
    allowLogs(scope, logEncryptionKey);
  }
  const name = `/aws/appsync/apis/${api.apiId}`;
  const group = new logs.LogGroup(scope, `${id}Logs`, {
    logGroupName: name,
    retention: logRetention,
    encryptionKey: logEncryptionKey,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const arnOf = (resourceName: string) =>
    Stack.of(scope).formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  role.addToPolicy(
    new iam.PolicyStatement({
      actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [arnOf(name), group.logGroupArn],
    }),
  );
  api.node.findChild('Schema').node.addDependency(group, role);
}
