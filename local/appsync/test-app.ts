import { join } from 'node:path';
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { Stack } from 'aws-cdk-lib';
import {
  AuthorizationType,
  BaseDataSource,
  CfnGraphQLApi,
  Definition,
  GraphqlApi,
  MappingTemplate,
} from 'aws-cdk-lib/aws-appsync';
import { CfnUserPoolGroup, UserPool } from 'aws-cdk-lib/aws-cognito';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { AccountRootPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { synthesize } from '../assembly/test-assembly';
import { startApp } from '../runner';
import { RunningApp } from '../running-app';

/** A schema with a field for each way of authorization, and fields that templates resolve. */
const SCHEMA = `
type Note {
  id: ID!
  text: String
  at: AWSDateTime
  tags: [String!]
  secret: String @aws_cognito_user_pools(cognito_groups: ["admins"])
}
type NotePage { items: [Note!]!, nextToken: String }
type Change @aws_iam @aws_cognito_user_pools { id: ID!, owner: ID, text: String, more: More, hidden: String @aws_cognito_user_pools(cognito_groups: ["admins"]) }
type More @aws_iam @aws_cognito_user_pools { deep: String, count: Int, self: More }
type Query {
  note(id: ID!): Note
  notes(owner: ID!, limit: Int, nextToken: String): NotePage
  identity: AWSJSON @aws_iam @aws_cognito_user_pools
  admin: String @aws_cognito_user_pools(cognito_groups: ["admins"])
  robot: String @aws_iam
  context(a: String, b: AWSJSON): AWSJSON
  raise(kind: String!): Note
  ask(mode: String): AWSJSON
}
type Mutation {
  addNote(id: ID!, text: String!, tags: [String!], at: AWSDateTime): Note
  addNotes(ids: [ID!]!): [ID!]
  sequence(start: Int!): [String!]
  publish(id: ID!, owner: ID, text: String, deep: String): Change @aws_iam @aws_cognito_user_pools
}
type Subscription {
  onChange(id: ID, owner: ID): Change @aws_subscribe(mutations: ["publish"])
  onBoth: Change @aws_subscribe(mutations: ["publish"]) @aws_iam @aws_cognito_user_pools
  onMine(owner: ID!): Change @aws_subscribe(mutations: ["publish"])
  onSecret: Change @aws_subscribe(mutations: ["publish"]) @aws_cognito_user_pools(cognito_groups: ["admins"])
}
schema { query: Query, mutation: Mutation, subscription: Subscription }
`;

const FUNCTION = `exports.handler = async (event) => {
  if (event.mode === 'throw') throw new TypeError('boom');
  if (event.mode === 'slow') await new Promise(() => setInterval(() => {}, 1000));
  if (event.mode === 'large') return 'x'.repeat(5 * 1024 * 1024 + 1);
  return { got: event };
};`;

/** Templates by field: request, then response. */
type Templates = readonly [request: string, response: string];

const RESULT = `#if($ctx.error)$util.error($ctx.error.message, $ctx.error.type, $ctx.result)#end
$util.toJson($ctx.result)`;

const none = (payload: string): string => `{"version": "2018-05-29", "payload": ${payload}}`;

const TABLE_FIELDS: Readonly<Record<string, Templates>> = {
  'Query.note': [
    `{"version": "2018-05-29", "operation": "GetItem", "consistentRead": true,
      "key": {"PK": $util.dynamodb.toDynamoDBJson("NOTES#$ctx.identity.sub"), "SK": $util.dynamodb.toDynamoDBJson($ctx.args.id)}}`,
    RESULT,
  ],
  'Query.notes': [
    `{"version": "2018-05-29", "operation": "Query",
      "query": {"expression": "PK = :pk", "expressionValues": {":pk": {"S": "NOTES#$ctx.args.owner"}}},
      #if($ctx.args.limit)"limit": $ctx.args.limit,#end
      "nextToken": $util.toJson($ctx.args.nextToken)}`,
    RESULT,
  ],
  'Mutation.addNote': [
    `#set($values = {"id": $ctx.args.id, "text": $ctx.args.text})
#if($ctx.args.tags)$util.qr($values.put("tags", $ctx.args.tags))#end
#if($ctx.args.at)$util.qr($values.put("at", $ctx.args.at))#end
{"version": "2018-05-29", "operation": "PutItem",
  "key": {"PK": {"S": "NOTES#$ctx.identity.sub"}, "SK": {"S": "$ctx.args.id"}},
  "attributeValues": $util.dynamodb.toMapValuesJson($values),
  "condition": {"expression": "attribute_not_exists(PK)"}}`,
    RESULT,
  ],
  'Mutation.addNotes': [
    `{"version": "2018-05-29", "operation": "TransactWriteItems", "transactItems": [
#foreach($id in $ctx.args.ids)
  {"table": "TABLE", "operation": "PutItem", "key": {"PK": {"S": "NOTES#$ctx.identity.sub"}, "SK": {"S": "$id"}},
   "attributeValues": {"id": {"S": "$id"}, "text": {"S": "one of $ctx.args.ids.size()"}, "n": {"N": $foreach.count}},
   "condition": {"expression": "attribute_not_exists(PK)"}}#if($foreach.hasNext),#end
#end ]}`,
    `#if($ctx.error)
$util.error("not written", "Refused", null, {"type": $ctx.error.type, "reasons": $ctx.result.cancellationReasons})
#end
#set($ids = [])
#foreach($key in $ctx.result.keys)$util.qr($ids.add($key.SK))#end
$util.toJson($ids)`,
  ],
};

const PLAIN_FIELDS: Readonly<Record<string, Templates>> = {
  'Query.identity': [none('$util.toJson($ctx.identity)'), RESULT],
  'Query.admin': [none('"admin"'), RESULT],
  'Query.robot': [none('"robot"'), RESULT],
  'Query.context': [
    none(
      '{"args": $util.toJson($ctx.args), "info": $util.toJson($ctx.info), "agent": $util.toJson($ctx.request.headers.get("x-agent"))}',
    ),
    RESULT,
  ],
  'Query.raise': [
    `#if($ctx.args.kind == "error")$util.error("no", "Kind", {"id": "1", "text": "t", "hidden": 1}, {"why": "x"})#end
#if($ctx.args.kind == "append")$util.appendError("added", "Kind")#end
#if($ctx.args.kind == "unauthorized")$util.unauthorized()#end
#if($ctx.args.kind == "validate")$util.validate(false, "wrong", "Validation")#end
#if($ctx.args.kind == "unknown")$util.nothing()#end
#if($ctx.args.kind == "return")#return({"id": "early"})#end
${none('#if($ctx.args.kind == "json"){#else{"id": "late"}#end')}`,
    RESULT,
  ],
  'Mutation.publish': [
    none(
      '{"id": $util.toJson($ctx.args.id), "owner": $util.toJson($ctx.args.owner), "text": $util.toJson($ctx.args.text), "more": {"deep": $util.toJson($ctx.args.deep), "count": 1}}',
    ),
    RESULT,
  ],
  'Subscription.onMine': [
    none('{}'),
    `#if($ctx.args.owner != $ctx.identity.sub)$util.unauthorized()#end
null`,
  ],
};

/** An app with one API, running. */
export interface TestApi {
  readonly app: RunningApp;
  readonly url: string;
  readonly lines: readonly string[];
  /** Signs in, the first time as a new user. @returns the tokens and the id of the user */
  signIn(
    username: string,
    group?: string,
  ): Promise<{ readonly token: string; readonly idToken: string; readonly sub: string }>;
  close(): Promise<void>;
}

function resolve(source: BaseDataSource, fields: Readonly<Record<string, Templates>>, tableName = ''): void {
  for (const [field, [request, response]] of Object.entries(fields)) {
    const [typeName = '', fieldName = ''] = field.split('.');
    source.createResolver(field, {
      ...{ typeName, fieldName },
      requestMappingTemplate: MappingTemplate.fromString(request.replaceAll('TABLE', tableName)),
      responseMappingTemplate: MappingTemplate.fromString(response),
    });
  }
}

function define(stack: Stack, code: string): void {
  const pool = new UserPool(stack, 'Users');
  pool.addClient('Web', { authFlows: { userPassword: true, userSrp: true } });
  new CfnUserPoolGroup(stack, 'Admins', { userPoolId: pool.userPoolId, groupName: 'admins' });
  const api = new GraphqlApi(stack, 'Api', {
    name: 'notes',
    definition: Definition.fromFile(join(code, 'schema.graphql')),
    xrayEnabled: true,
    queryDepthLimit: 3,
    authorizationConfig: {
      defaultAuthorization: { authorizationType: AuthorizationType.USER_POOL, userPoolConfig: { userPool: pool } },
      additionalAuthorizationModes: [{ authorizationType: AuthorizationType.IAM }],
    },
  });
  // Not by the construct's own property, which adds a function that sets how long logs are kept.
  const logs = new Role(stack, 'Logs', { assumedBy: new ServicePrincipal('appsync.amazonaws.com') });
  const logging = { cloudWatchLogsRoleArn: logs.roleArn, fieldLogLevel: 'ERROR' };
  (api.node.defaultChild as CfnGraphQLApi).logConfig = logging;
  const table = new Table(stack, 'Table', {
    tableName: 'notes',
    partitionKey: { name: 'PK', type: AttributeType.STRING },
    sortKey: { name: 'SK', type: AttributeType.STRING },
  });
  resolve(api.addDynamoDbDataSource('Notes', table), TABLE_FIELDS, 'notes');
  const plain = api.addNoneDataSource('Plain');
  resolve(plain, PLAIN_FIELDS);
  const handler = new LambdaFunction(stack, 'Function', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromAsset(code),
  });
  const invoke = '{"version": "2018-05-29", "operation": "Invoke", "payload": {"mode": $util.toJson($ctx.args.mode)}}';
  resolve(api.addLambdaDataSource('Asked', handler), { 'Query.ask': [invoke, RESULT] });
  const steps = [1, 2].map((step) =>
    plain.createFunction(`Step${step}`, {
      name: `step${step}`,
      requestMappingTemplate: MappingTemplate.fromString(none(`"${step} after $ctx.prev.result"`)),
      responseMappingTemplate: MappingTemplate.fromString(
        '$util.qr($ctx.stash.list.add($ctx.result))$util.toJson($ctx.result)',
      ),
    }),
  );
  api.createResolver('Sequence', {
    ...{ typeName: 'Mutation', fieldName: 'sequence', pipelineConfig: steps },
    requestMappingTemplate: MappingTemplate.fromString(
      '$util.qr($ctx.stash.put("list", []))$util.toJson($ctx.args.start)',
    ),
    responseMappingTemplate: MappingTemplate.fromString(
      '$util.qr($ctx.stash.list.add($ctx.result))$util.toJson($ctx.stash.list)',
    ),
  });
  const robot = new Role(stack, 'Robot', { assumedBy: new AccountRootPrincipal() });
  api.grantQuery(robot, 'robot', 'identity');
  api.grantMutation(robot, 'publish');
  api.grantSubscription(robot, 'onBoth');
  new Role(stack, 'Stranger', { assumedBy: new AccountRootPrincipal() });
}

const PASSWORD = 'Passw0rd!';

/** Starts the app. */
export async function startTestApi(): Promise<TestApi> {
  const assembly = synthesize((cdk, code) =>
    define(new Stack(cdk, 'App'), code({ 'index.js': FUNCTION, 'schema.graphql': SCHEMA })),
  );
  const lines: string[] = [];
  const app = await startApp({ assembly: assembly.directory, port: 0, log: (line) => lines.push(line) }).catch(
    (error: unknown) => {
      assembly.remove();
      throw error;
    },
  );
  const cognito = new CognitoIdentityProviderClient({ ...app.aws });
  const [UserPoolId, ClientId] = [app.physicalId('Users'), app.physicalId('Users/Web')];
  return {
    ...{ app, lines },
    url: app.urls.find(({ name }) => name === 'GraphQL notes')?.url ?? '',
    signIn: async (username, group) => {
      await cognito.send(new AdminCreateUserCommand({ UserPoolId, Username: username, MessageAction: 'SUPPRESS' }));
      await cognito.send(
        new AdminSetUserPasswordCommand({ UserPoolId, Username: username, Password: PASSWORD, Permanent: true }),
      );
      if (group !== undefined) {
        await cognito.send(new AdminAddUserToGroupCommand({ UserPoolId, Username: username, GroupName: group }));
      }
      const { AuthenticationResult: result } = await cognito.send(
        new InitiateAuthCommand({
          ...{ ClientId, AuthFlow: 'USER_PASSWORD_AUTH' },
          AuthParameters: { USERNAME: username, PASSWORD },
        }),
      );
      const token = result?.AccessToken ?? '';
      const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sub: string };
      return { token, idToken: result?.IdToken ?? '', sub: claims.sub };
    },
    close: async () => {
      await app.close();
      assembly.remove();
    },
  };
}
