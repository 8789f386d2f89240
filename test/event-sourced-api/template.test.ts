import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as appsync from 'aws-cdk-lib/aws-appsync';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { itemRightsOf, one, resourcesOf, statementsOf, synthesize } from './synthesized';
import { EventSourcedApi } from '../../src';

const { api, stack, template } = synthesize();
const single = synthesize({ singleApi: true });

/** Fields that have a resolver, by their API's construct id. */
const resolversOf = (of: typeof template, id: string) =>
  Object.values(resourcesOf(of, 'AWS::AppSync::Resolver'))
    .filter(({ Properties }) => JSON.stringify(Properties.ApiId).includes(`"Api${id}`))
    .map(({ Properties }) => `${String(Properties.TypeName)}.${String(Properties.FieldName)}`)
    .sort();

const COMMANDS = ['addExpense', 'approveClaim', 'openClaim', 'payClaim', 'rejectClaim', 'removeExpense'];
const COMMAND_FIELDS = [...COMMANDS, 'submitClaim', 'withdrawClaim'].map((name) => `Mutation.${name}`);
const QUERY_FIELDS = [
  'Mutation.publishViewChange',
  ...['claim', 'claimsByStatus', 'events', 'myClaims'].map((name) => `Query.${name}`),
  'Subscription.onMyChanges',
  'Subscription.onViewChange',
];

test('alone it is a whole back end below 400 resources, and nothing that CloudFormation does not make itself', () => {
  const types = Object.values(template.toJSON().Resources as Record<string, { Type: string }>).map(({ Type }) => Type);
  expect(types.length).toBeLessThan(400);
  expect(types.filter((type) => type.startsWith('Custom::'))).toEqual([]);
  expect(Object.keys(resourcesOf(template, 'AWS::AppSync::GraphQLApi'))).toHaveLength(2);
  expect(Object.keys(resourcesOf(single.template, 'AWS::AppSync::GraphQLApi'))).toHaveLength(1);
});

describe('resolvers', () => {
  test('there is one for each field that reads or writes, in the API of its part', () => {
    expect(resolversOf(template, 'CommandApi')).toEqual([...COMMAND_FIELDS, 'Query.command'].sort());
    expect(resolversOf(template, 'QueryApi')).toEqual(QUERY_FIELDS.sort());
  });

  test('are in one API where there is one', () => {
    expect(resolversOf(single.template, '')).toEqual([...COMMAND_FIELDS, ...QUERY_FIELDS, 'Query.command'].sort());
    expect(single.api.commandApi).toBe(single.api.queryApi);
    expect(single.api.queryUrl).toBe(single.api.commandUrl);
  });

  test('of commands ask the function, and then append', () => {
    const { Properties } = one(template, 'AWS::AppSync::Resolver', 'CommandApiMutationOpenClaim');
    const steps = (Properties.PipelineConfig as { Functions: unknown[] }).Functions;
    expect(JSON.stringify(steps)).toMatch(/DecideStep.*AppendStep/);
  });
});

describe('the APIs', () => {
  const apis = Object.values(resourcesOf(template, 'AWS::AppSync::GraphQLApi'));

  test('take tokens of the one client, and IAM for what is directed to it', () => {
    for (const { Properties } of apis) {
      expect(Properties).toMatchObject({
        AuthenticationType: 'AMAZON_COGNITO_USER_POOLS',
        UserPoolConfig: {
          AppIdClientRegex: { 'Fn::Join': ['', ['^(', { Ref: expect.stringMatching(/^ApiUserPoolClient/) }, ')$']] },
        },
        AdditionalAuthenticationProviders: [{ AuthenticationType: 'AWS_IAM' }],
      });
    }
  });

  test('log errors without what is in requests, and keep logs for as long as functions do', () => {
    for (const { Properties } of apis) {
      expect(Properties).toMatchObject({
        LogConfig: { FieldLogLevel: 'ERROR', ExcludeVerboseContent: true },
        XrayEnabled: true,
        IntrospectionConfig: 'ENABLED',
        QueryDepthLimit: 20,
        ResolverCountLimit: 50,
      });
    }
    const groups = Object.values(resourcesOf(template, 'AWS::Logs::LogGroup'));
    expect(groups.map(({ Properties }) => Properties.RetentionInDays)).toEqual([30, 30, 30, 30, 30]);
    expect(
      groups.filter(({ Properties }) => JSON.stringify(Properties.LogGroupName ?? '').includes('appsync')),
    ).toHaveLength(2);
  });

  test('do otherwise where they are told to', () => {
    const { template: other } = synthesize({
      singleApi: true,
      fieldLogLevel: appsync.FieldLogLevel.ALL,
      excludeVerboseContent: false,
      introspection: false,
      queryDepthLimit: 5,
      resolverCountLimit: 10,
      logRetention: logs.RetentionDays.ONE_WEEK,
      webAclArn: 'arn:aws:wafv2:eu-north-1:123456789012:regional/webacl/mine/1',
    });
    expect(one(other, 'AWS::AppSync::GraphQLApi').Properties).toMatchObject({
      LogConfig: { FieldLogLevel: 'ALL', ExcludeVerboseContent: false },
      IntrospectionConfig: 'DISABLED',
      QueryDepthLimit: 5,
      ResolverCountLimit: 10,
    });
    expect(one(other, 'AWS::Logs::LogGroup', 'ApiLogs').Properties.RetentionInDays).toBe(7);
    expect(one(other, 'AWS::WAFv2::WebACLAssociation').Properties).toMatchObject({
      WebACLArn: 'arn:aws:wafv2:eu-north-1:123456789012:regional/webacl/mine/1',
      ResourceArn: { 'Fn::GetAtt': [expect.stringMatching(/^Api[0-9A-F]{8}$/), 'Arn'] },
    });
    expect(Object.keys(resourcesOf(template, 'AWS::WAFv2::WebACLAssociation'))).toEqual([]);
  });
});

describe('rights', () => {
  const EVENTS = 'EventTable';
  const ROWS = 'ReadModelTable';

  test('of what appends, decides, reads and projects are for the keys of each alone', () => {
    expect(itemRightsOf(template, 'CommandApiCommandStoreRole')).toEqual([
      [['PutItem'], EVENTS, ['COMMAND#*', 'ExpenseClaim#*']],
      [['GetItem'], EVENTS, ['COMMAND#*']],
    ]);
    expect(itemRightsOf(template, 'DecideRole')).toEqual([[['Query'], EVENTS, ['ExpenseClaim#*']]]);
    expect(itemRightsOf(template, 'QueryApiReadModelRole')).toEqual([
      [['GetItem'], ROWS, ['claims#*']],
      [['Query'], ROWS, ['claims#*']],
    ]);
    expect(itemRightsOf(template, 'QueryApiEventsRole')).toEqual([[['Query'], EVENTS, ['ExpenseClaim#*']]]);
    expect(itemRightsOf(template, 'ProjectRole')).toEqual([
      [['Query'], EVENTS, ['ExpenseClaim#*']],
      [['BatchGetItem', 'GetItem', 'PutItem', 'DeleteItem'], ROWS, ['claims#*']],
      [['PutItem'], EVENTS, ['ExpenseClaim#*']],
    ]);
  });

  test('of operators are for rows of views, jobs and events; only a scan and an erasure are for whole tables', () => {
    expect(itemRightsOf(template, 'OperationsRole')).toEqual([
      [['Query'], EVENTS, ['ExpenseClaim#*']],
      [['BatchGetItem', 'GetItem', 'PutItem', 'DeleteItem'], ROWS, ['claims#*']],
      [['DescribeTable', 'Scan'], EVENTS, undefined],
      [['BatchWriteItem', 'DescribeTable', 'Scan'], ROWS, undefined],
      [['DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'], ROWS, ['JOB#*']],
    ]);
  });

  test('of operators on dead letters are to receive and remove them, and to show again what stays', () => {
    const ofQueue = statementsOf(template, 'OperationsRole').filter(({ Resource }) =>
      JSON.stringify(Resource).includes('ApiProjectDeadLetters'),
    );
    expect(ofQueue.map(({ Action }) => Action)).toEqual([
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
    ]);
  });

  test('to publish changes are of the projector alone, and for that field alone', () => {
    const publishing = Object.entries(resourcesOf(template, 'AWS::IAM::Policy')).filter(([, { Properties }]) =>
      JSON.stringify(Properties).includes('appsync:'),
    );
    expect(publishing.map(([id]) => id)).toEqual([expect.stringMatching(/^ApiProjectRoleDefaultPolicy/)]);
    const [statement] = statementsOf(template, 'ProjectRole').filter(({ Action }) => Action === 'appsync:GraphQL');
    expect(JSON.stringify(statement.Resource)).toContain('/types/Mutation/fields/publishViewChange');
  });

  test('to invoke functions are of operators, for the projector alone, which publishes for them', () => {
    const invoking = statementsOf(template, 'OperationsRole').filter(({ Action }) =>
      JSON.stringify(Action).includes('lambda:'),
    );
    expect(invoking).toMatchObject([
      { Action: 'lambda:InvokeFunction', Resource: stack.resolve(api.projector.functionArn) as unknown },
    ]);
    const { Environment } = one(template, 'AWS::Lambda::Function', 'Operations').Properties;
    expect(Environment).toMatchObject({
      Variables: { PROJECTOR_FUNCTION_ARN: stack.resolve(api.projector.functionArn) as unknown },
    });
    expect(Object.keys((Environment as { Variables: object }).Variables)).not.toContain('GRAPHQL_ENDPOINT');
  });

  test('to read all events by IAM are given to whom one says', () => {
    expect(JSON.stringify(resourcesOf(withAuditor(), 'AWS::IAM::Policy'))).toContain('/types/Query/fields/events');
    expect(JSON.stringify(resourcesOf(template, 'AWS::IAM::Policy'))).not.toContain('/fields/events');
  });

  test('have no wildcard but in the names of logs', () => {
    const wild = Object.values(resourcesOf(template, 'AWS::IAM::Policy')).filter(({ Properties }) =>
      (Properties.PolicyDocument as { Statement: { Resource: unknown }[] }).Statement.some(({ Resource }) =>
        JSON.stringify(Resource).includes('*'),
      ),
    );
    expect(wild).toEqual([]);
  });
});

/** With a role that may read all events. */
function withAuditor(): Template {
  const own = new Stack(new App(), 'Stack');
  const role = new iam.Role(own, 'Auditor', { assumedBy: new iam.AccountRootPrincipal() });
  new EventSourcedApi(own, 'Api').grantReadEvents(role);
  return Template.fromStack(own);
}

describe('the stream', () => {
  test('is read with finite retries; of it the projector gets events that are new', () => {
    expect(one(template, 'AWS::Lambda::EventSourceMapping', 'ProjectStream').Properties).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: 10_000,
      ParallelizationFactor: 1,
      MaximumRecordAgeInSeconds: 43_200,
      FilterCriteria: {
        Filters: [
          { Pattern: JSON.stringify({ eventName: ['INSERT'], dynamodb: { NewImage: { kind: { S: ['event'] } } } }) },
        ],
      },
      DestinationConfig: {
        OnFailure: { Destination: { 'Fn::GetAtt': [expect.stringMatching(/^ApiProjectDeadLetters/), 'Arn'] } },
      },
    });
    expect(one(template, 'AWS::DynamoDB::Table', 'EventTable').Properties.StreamSpecification).toEqual({
      StreamViewType: 'NEW_IMAGE',
    });
    expect(one(template, 'AWS::DynamoDB::Table', 'ReadModelTable').Properties).not.toHaveProperty(
      'StreamSpecification',
    );
  });
});

describe('state', () => {
  test('is retained, protected, and can be restored to any second', () => {
    for (const type of ['AWS::DynamoDB::Table', 'AWS::Cognito::UserPool']) {
      for (const { DeletionPolicy } of Object.values(resourcesOf(template, type))) {
        expect(DeletionPolicy).toBe('Retain');
      }
    }
    for (const { Properties } of Object.values(resourcesOf(template, 'AWS::DynamoDB::Table'))) {
      expect(Properties).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true },
      });
    }
  });

  test('of users is a pool with the groups that the schema names, or the pool that is given', () => {
    const groups = Object.values(resourcesOf(template, 'AWS::Cognito::UserPoolGroup'));
    expect(groups.map(({ Properties }) => Properties.GroupName).sort()).toEqual(['approvers', 'finance']);
    const { template: other } = synthesize((scope) => ({
      userPool: new cognito.UserPool(scope, 'Mine'),
      auditors: ['auditors'],
    }));
    expect(Object.keys(resourcesOf(other, 'AWS::Cognito::UserPool'))).toEqual([expect.stringMatching(/^Mine/)]);
    expect(Object.keys(resourcesOf(other, 'AWS::Cognito::UserPoolGroup'))).toEqual([]);
  });
});

test('jobs of operators are worked on from a queue, a few at once, and end in a queue of their own', () => {
  expect(one(template, 'AWS::SQS::Queue', 'OperationsQueue').Properties).toMatchObject({
    VisibilityTimeout: 720,
    RedrivePolicy: {
      deadLetterTargetArn: { 'Fn::GetAtt': [expect.stringMatching(/^ApiOperationsDeadLetters/), 'Arn'] },
      maxReceiveCount: 25,
    },
  });
  expect(one(template, 'AWS::Lambda::Function', 'Operations').Properties).toMatchObject({
    Timeout: 120,
    RecursiveLoop: 'Allow',
  });
});

test('functions have the domain beside them, and are told where things are', () => {
  const { Variables } = one(template, 'AWS::Lambda::Function', 'Project').Properties.Environment as {
    Variables: Record<string, unknown>;
  };
  expect(Object.keys(Variables).sort()).toEqual([
    'DEAD_LETTER_QUEUE_URL',
    'EVENT_TABLE',
    'GRAPHQL_ENDPOINT',
    'LIVE_VIEWS',
    'POWERTOOLS_SERVICE_NAME',
    'READ_MODEL_TABLE',
  ]);
  expect(Variables.LIVE_VIEWS).toBe('{"claims":"claims"}');
  expect(stack.resolve(api.queryUrl)).toEqual(Variables.GRAPHQL_ENDPOINT);
});
