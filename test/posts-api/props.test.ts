import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as sns from 'aws-cdk-lib/aws-sns';
import { onlyOne, resourcesOf, synthesize } from './synthesized';
import { PostsApi, type PostsApiProps, SocialTable } from '../../src';

const POOL = 'eu-west-1_AbCdEfGhI';
const poolIn = (stack: Stack) => cognito.UserPool.fromUserPoolId(stack, 'Pool', POOL);

describe("a user pool of the user's own", () => {
  test('is signed in to by a client that is made on it', () => {
    const { template } = synthesize((stack) => ({ userPool: poolIn(stack) }));
    template.resourceCountIs('AWS::Cognito::UserPool', 0);
    expect(onlyOne(template, 'AWS::Cognito::UserPoolClient').UserPoolId).toBe(POOL);
  });

  test('or by clients of its own, whose tokens alone are good', () => {
    const { template, api } = synthesize((stack) => ({
      userPool: poolIn(stack),
      userPoolClients: ['one', 'two'].map((id) => cognito.UserPoolClient.fromUserPoolClientId(stack, id, id)),
    }));
    template.resourceCountIs('AWS::Cognito::UserPoolClient', 0);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ USER_POOL_ID: POOL, USER_POOL_CLIENT_IDS: 'one,two' }) },
    });
    expect(Object.keys(api.alarms).filter((id) => id.startsWith('SignIn'))).toEqual([
      'SignInThrottleAlarm',
      'SignInThrottle2Alarm',
    ]);
  });

  test('may have the trigger that makes profiles', () => {
    const stack = new Stack(new App(), 'Stack');
    const userPool = new cognito.UserPool(stack, 'Pool');
    const api = new PostsApi(stack, 'Api', { userPool });
    userPool.addTrigger(cognito.UserPoolOperation.POST_CONFIRMATION, api.postConfirmation);
    const { LambdaConfig } = onlyOne(Template.fromStack(stack), 'AWS::Cognito::UserPool') as { LambdaConfig: unknown };
    expect(LambdaConfig).toEqual({ PostConfirmation: stack.resolve(api.postConfirmation.functionArn) as unknown });
  });
});

describe('a table that is there already', () => {
  test('is used, and its stream read by the router alone', () => {
    const { template, api } = synthesize((stack) => ({ table: new SocialTable(stack, 'Mine', { indexCount: 0 }) }));
    expect(Object.keys(resourcesOf(template, 'AWS::DynamoDB::Table')).sort()).toEqual([
      expect.stringMatching(/^ApiAccounts/),
      expect.stringMatching(/^Mine/),
    ]);
    expect(Object.keys(api.alarms).filter((id) => id.startsWith('GSI'))).toEqual([]);
  });

  test('must have a stream', () => {
    expect(() => synthesize((stack) => ({ table: new SocialTable(stack, 'Mine', { stream: false }) }))).toThrow(
      'needs the stream of Stack/Mine',
    );
  });

  test('so may the table of accounts', () => {
    const { template } = synthesize((stack) => ({
      accountsTable: dynamodb.Table.fromTableName(stack, 'Old', 'accounts-of-before'),
    }));
    template.resourceCountIs('AWS::DynamoDB::Table', 1);
  });
});

describe('costs', () => {
  const costAllocationTags = { team: 'social', stage: 'prod' };

  test('can be told apart by tags of every resource that takes them', () => {
    const { template } = synthesize({ costAllocationTags });
    for (const type of ['AWS::DynamoDB::Table', 'AWS::Lambda::Function', 'AWS::ApiGateway::RestApi']) {
      for (const { Properties } of Object.values(resourcesOf(template, type))) {
        expect(Properties.Tags).toEqual([
          { Key: 'stage', Value: 'prod' },
          { Key: 'team', Value: 'social' },
        ]);
      }
    }
  });

  test('have a budget where one is asked for, of what has the first tag, with somebody who is told', () => {
    const { template, stack } = synthesize((scope) => ({
      costAllocationTags,
      budget: { monthlyUsd: 50, emails: ['ops@example.com'], topic: new sns.Topic(scope, 'Topic') },
    }));
    const topic = stack.resolve((stack.node.findChild('Topic') as sns.Topic).topicArn) as unknown;
    const subscribers = [
      { SubscriptionType: 'EMAIL', Address: 'ops@example.com' },
      { SubscriptionType: 'SNS', Address: topic },
    ];
    expect(onlyOne(template, 'AWS::Budgets::Budget')).toMatchObject({
      Budget: {
        BudgetLimit: { Amount: 50, Unit: 'USD' },
        TimeUnit: 'MONTHLY',
        CostFilters: { TagKeyValue: ['user:team$social'] },
      },
      NotificationsWithSubscribers: [
        { Notification: { Threshold: 80, NotificationType: 'ACTUAL' }, Subscribers: subscribers },
        { Notification: { Threshold: 100 }, Subscribers: subscribers },
      ],
    });
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Principal: { Service: 'budgets.amazonaws.com' } })]),
      },
    });
  });
});

const REFUSED: [string, PostsApiProps | ((stack: Stack) => PostsApiProps), string][] = [
  ['clients without a pool', { userPoolClients: [] }, 'userPoolClients needs userPool, got no userPool'],
  [
    'no clients',
    (stack) => ({ userPool: poolIn(stack), userPoolClients: [] }),
    'userPoolClients must name at least one client: nobody could sign in, got none',
  ],
  [
    'flows of clients that are not made here',
    (stack) => ({
      userPool: poolIn(stack),
      userPoolClients: [cognito.UserPoolClient.fromUserPoolClientId(stack, 'Client', 'client')],
      authFlows: { userSrp: true },
    }),
    'Either provide userPoolClients or authFlows, but not both',
  ],
  [
    'sandboxes of an operation that there is not',
    { provisionedConcurrency: { GetNothing: 1 } },
    'provisionedConcurrency must be of operations such as GetPosts, got: GetNothing',
  ],
  [
    'a broken number of sandboxes',
    { provisionedConcurrency: { GetPosts: 0.5 } },
    'provisionedConcurrency.GetPosts must be an integer at least 1, got: 0.5',
  ],
  [
    'a budget of nothing',
    { budget: { monthlyUsd: 0, emails: ['a@b.c'] } },
    'budget.monthlyUsd must be above 0, got: 0',
  ],
  ['a budget that tells nobody', { budget: { monthlyUsd: 5 } }, 'budget needs emails or topic'],
  [
    'a budget that tells too many',
    { budget: { monthlyUsd: 5, emails: Array.from({ length: 11 }, (_, index) => `${index}@b.c`) } },
    'budget.emails must be at most 10, got: 11',
  ],
  [
    'a budget without alerts',
    { budget: { monthlyUsd: 5, emails: ['a@b.c'], alertPercentages: [] } },
    'budget.alertPercentages must be 1 to 10, got: 0',
  ],
  [
    'an alert at nothing',
    { budget: { monthlyUsd: 5, emails: ['a@b.c'], alertPercentages: [0] } },
    'budget.alertPercentages must be above 0, got: 0',
  ],
  [
    'alarms that tell somebody, and no alarms',
    (stack) => ({ alarms: false, alarmTopic: new sns.Topic(stack, 'Topic') }),
    'Either provide alarmTopic or alarms: false, but not both',
  ],
];
test.each(REFUSED)('%s: refused at synth, with the path', (_, props, message) => {
  expect(() => synthesize(props)).toThrow(new RegExp(`^${message.replace(/[$.()]/g, '\\$&')}.* \\[at Stack/Api\\]`));
});

describe('imported', () => {
  const stack = new Stack(new App(), 'Stack');
  const attributes = { restApiId: 'abc123', url: 'https://api.example.com/v1', userPool: poolIn(stack) };

  test('it has its addresses, and metrics where names are given', () => {
    const named = { ...attributes, apiName: 'posts', stageName: 'prod' };
    const api = PostsApi.fromPostsApiAttributes(stack, 'Named', named);
    expect([api.url, api.docsUrl, api.restApiId]).toEqual([
      'https://api.example.com/v1',
      'https://api.example.com/docs',
      'abc123',
    ]);
    expect(api.metricServerError().dimensions).toEqual({ ApiName: 'posts', Stage: 'prod' });
    expect(api.metricCacheHits().metricName).toBe('CacheHitCount');
    expect(api.metricSignInThrottles('client').dimensions).toEqual({ UserPool: POOL, UserPoolClient: 'client' });
  });

  test('and says what it would need for others', () => {
    const api = PostsApi.fromPostsApiAttributes(stack, 'Bare', attributes);
    expect(() => api.metricCount()).toThrow('this metric needs apiName and stageName');
    expect(() => api.metricCleanUpLag()).toThrow('this metric needs cleanUpQueue');
  });
});
