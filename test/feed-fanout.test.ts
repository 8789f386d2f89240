import { App, Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { SETTLE_MS } from '../lambda/realworld-api/domain/settling';
import { FeedFanout, FeedFanoutProps } from '../src/feed-fanout';
import { SocialTable, TableBilling } from '../src/social-table';

process.env.CDK_VALIDATION = 'false';

interface Resource {
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
}

function make(props?: FeedFanoutProps) {
  const stack = new Stack(new App(), 'Stack');
  const feed = new FeedFanout(stack, 'Fanout', props);
  return { stack, feed, template: Template.fromStack(stack) };
}

const tablesOf = (template: Template): [string, Resource][] =>
  Object.entries(template.findResources('AWS::DynamoDB::Table') as Record<string, Resource>);

const feedTableOf = (template: Template): Resource => {
  const [found] = tablesOf(template).filter(([id]) => id.startsWith('FanoutFeed'));
  return found[1];
};

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

interface Denial {
  readonly Effect: string;
  readonly Condition: unknown;
}

/** What one role may do, without what every function may: write its logs and its traces. */
function statementsOf(template: Template, prefix: string): Statement[] {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) => id.startsWith(prefix));
  if (policies.length === 0) {
    throw new Error(`no policy begins with ${prefix}`);
  }
  return policies
    .flatMap(
      ([, policy]) =>
        (policy as { Properties: { PolicyDocument: { Statement: Statement[] } } }).Properties.PolicyDocument.Statement,
    )
    .filter(({ Action: action }) => !JSON.stringify(action).match(/logs:|xray:/));
}

const keys = (...patterns: string[]) => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': patterns },
  Null: { 'dynamodb:LeadingKeys': 'false' },
});

describe('FeedFanout without props', () => {
  const { stack, feed, template } = make();

  test('brings its own SocialTable, and feeds in a table that is not streamed', () => {
    expect(tablesOf(template)).toHaveLength(2);
    const { Properties: properties } = feedTableOf(template);
    expect(properties).not.toHaveProperty('StreamSpecification');
    expect(properties).not.toHaveProperty('TableName');
    expect(properties.BillingMode).toBe('PAY_PER_REQUEST');
    expect(properties.TimeToLiveSpecification).toEqual({ AttributeName: 'expiresAt', Enabled: true });
  });

  test('keeps both tables: retained, protected, recoverable, encrypted', () => {
    for (const [, { Properties: properties, DeletionPolicy: deletionPolicy }] of tablesOf(template)) {
      expect(deletionPolicy).toBe('Retain');
      expect(properties).toMatchObject({
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true },
      });
    }
  });

  test('the router wants follows and articles, made and removed', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FilterCriteria: {
        Filters: [
          { Pattern: Match.serializedJson(Match.objectLike({ eventName: ['INSERT'] })) },
          { Pattern: Match.serializedJson(Match.objectLike({ eventName: ['REMOVE'] })) },
        ],
      },
    });
  });

  test('the worker reads its queue in batches, reports failures one by one, and is bounded in number', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: stack.resolve(feed.queue.queueArn),
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 40 },
    });
  });

  test('a message that fails comes again after twice the time-out of the worker, for an hour', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      VisibilityTimeout: 30,
      RedrivePolicy: { maxReceiveCount: 120, deadLetterTargetArn: stack.resolve(feed.deadLetterQueue.queueArn) },
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Timeout: 15,
      Description: 'Puts articles into feeds and takes them out again',
    });
  });

  test('the dead-letter queue may send back to the queue: nothing but calls without TLS is denied, and no source', () => {
    const { 'Fn::GetAtt': target } = stack.resolve(feed.deadLetterQueue.queueArn) as { 'Fn::GetAtt': [string, string] };
    const queues = template.findResources('AWS::SQS::Queue') as Record<string, Resource>;
    expect(queues[target[0]].Properties).not.toHaveProperty('RedriveAllowPolicy');
    const denied = Object.values(template.findResources('AWS::SQS::QueuePolicy') as Record<string, Resource>)
      .flatMap(({ Properties: { PolicyDocument: document } }) => (document as { Statement: Denial[] }).Statement)
      .filter(({ Effect: effect }) => effect === 'Deny');
    expect(denied.length).toBeGreaterThan(1);
    for (const { Condition: condition } of denied) {
      expect(condition).toEqual({ Bool: { 'aws:SecureTransport': 'false' } });
    }
  });

  test('the worker may do what it does and nothing else', () => {
    const social = stack.resolve(feed.table!.tableArn) as unknown;
    const feeds = stack.resolve(feed.feedTable.tableArn) as unknown;
    const queue = stack.resolve(feed.queue.queueArn) as unknown;
    const attributes = ['PK', 'SK', 'awakeSince', 'dormant'];
    expect(statementsOf(template, 'FanoutWorkerRole')).toEqual([
      { Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: social, Condition: keys('AUTHOR#*', 'FOLLOWS#*') },
      {
        Effect: 'Allow',
        Action: 'dynamodb:Query',
        Resource: social,
        Condition: keys('AUTHOR#*', 'FOLLOWS#*', 'FOLLOWERS#*'),
      },
      { Effect: 'Allow', Action: 'dynamodb:UpdateItem', Resource: social, Condition: keys('FOLLOWS#*') },
      {
        Effect: 'Allow',
        Action: 'dynamodb:UpdateItem',
        Resource: social,
        Condition: {
          ...keys('FOLLOWERS#*'),
          'ForAllValues:StringEquals': { 'dynamodb:Attributes': attributes },
          Null: { 'dynamodb:LeadingKeys': 'false', 'dynamodb:Attributes': 'false' },
        },
      },
      {
        Effect: 'Allow',
        Action: ['dynamodb:BatchWriteItem', 'dynamodb:Query'],
        Resource: feeds,
        Condition: keys('USER#*', 'AUTHOR#*', 'REMOVALS#*'),
      },
      {
        Effect: 'Allow',
        Action: ['dynamodb:GetItem', 'dynamodb:PutItem'],
        Resource: feeds,
        Condition: keys('AUTHOR#*', 'PULLED#*'),
      },
      { Effect: 'Allow', Action: 'dynamodb:UpdateItem', Resource: feeds, Condition: keys('PULLED#*') },
      { Effect: 'Allow', Action: ['sqs:SendMessage', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl'], Resource: queue },
      {
        Effect: 'Allow',
        Action: [
          'sqs:ReceiveMessage',
          'sqs:ChangeMessageVisibility',
          'sqs:GetQueueUrl',
          'sqs:DeleteMessage',
          'sqs:GetQueueAttributes',
        ],
        Resource: queue,
      },
    ]);
  });

  test('readers overlay the lag allowed, the router, both steps of the worker each failed once, and 15 seconds', () => {
    const step = 30 + 15;
    expect(feed.overlayWindow.toSeconds()).toBe(60 + 10 + 2 * step + 5 + SETTLE_MS / 1000);
  });

  test('what is within the thresholds of the alarms is within the window', () => {
    const [router, worker] = ['FanoutRouterLagAlarm', 'FanoutWorkerLagAlarm'].map((prefix) => {
      const alarms = Object.entries(template.findResources('AWS::CloudWatch::Alarm') as Record<string, Resource>);
      const [, alarm] = alarms.find(([id]) => id.startsWith(prefix)) ?? [];
      return alarm?.Properties.Threshold as number;
    });
    const steps = 2;
    expect(router / 1000 + steps * worker).toBeLessThan(feed.overlayWindow.toSeconds());
  });

  test('alarms: half of the lag allowed is for the stream, a quarter for each wait, beside a failed run and a whole one', () => {
    const thresholds = Object.values(template.findResources('AWS::CloudWatch::Alarm') as Record<string, Resource>).map(
      ({ Properties: properties }) => [properties.MetricName, properties.Threshold, properties.Period],
    );
    expect(thresholds.sort()).toEqual([
      ['ApproximateAgeOfOldestMessage', 15 + 30 + 15, 60],
      ['ApproximateNumberOfMessagesVisible', 0, 60],
      ['ApproximateNumberOfMessagesVisible', 0, 60],
      ['IteratorAge', 30_000, 60],
    ]);
  });

  test('grantReadFeed allows queries of feeds, of authors’ lists and of the pulled, and of nothing else', () => {
    const another = new Stack(new App(), 'Stack');
    const other = new FeedFanout(another, 'Fanout');
    const role = new iam.Role(another, 'Reader', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    other.grantReadFeed(role);
    expect(statementsOf(Template.fromStack(another), 'Reader')).toEqual([
      {
        Effect: 'Allow',
        Action: 'dynamodb:Query',
        Resource: another.resolve(other.feedTable.tableArn) as unknown,
        Condition: keys('USER#*', 'AUTHOR#*', 'PULLED#*'),
      },
    ]);
  });
});

describe('FeedFanout props', () => {
  test('are what the worker is told', () => {
    const { template, feed } = make({
      feedTtl: Duration.days(7),
      readCap: 200,
      pullAbove: 5000,
      maxLag: Duration.minutes(2),
      workerTimeout: Duration.seconds(30),
      maxConcurrency: 5,
      memorySize: 1024,
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      MemorySize: 1024,
      Timeout: 30,
      Environment: {
        Variables: Match.objectLike({
          FEED_TTL_SECONDS: '604800',
          FEED_READ_CAP: '200',
          FEED_PULL_ABOVE: '5000',
        }),
      },
    });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', { ScalingConfig: { MaximumConcurrency: 5 } });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'IteratorAge', Threshold: 60_000 });
    expect(feed.overlayWindow.toSeconds()).toBe(120 + 10 + 2 * (60 + 30) + 15);
    expect(feed.readCap).toBe(200);
  });

  test('protection and billing are those of both tables', () => {
    const { template } = make({
      removalPolicy: RemovalPolicy.DESTROY,
      pointInTimeRecovery: false,
      billing: TableBilling.onDemand({ maxWriteRequestUnits: 100 }),
    });
    for (const [, { Properties: properties, DeletionPolicy: deletionPolicy }] of tablesOf(template)) {
      expect(deletionPolicy).toBe('Delete');
      expect(properties).toMatchObject({
        DeletionProtectionEnabled: false,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
        OnDemandThroughput: { MaxWriteRequestUnits: 100 },
      });
    }
  });

  test('an alarm topic is told of alarms and of their end', () => {
    const stack = new Stack(new App(), 'Stack');
    new FeedFanout(stack, 'Fanout', { alarmTopic: new sns.Topic(stack, 'Topic') });
    const alarms = Object.values(
      Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm') as Record<string, Resource>,
    );
    expect(alarms).toHaveLength(4);
    for (const { Properties: properties } of alarms) {
      expect(properties.AlarmActions).toHaveLength(1);
      expect(properties.OKActions).toHaveLength(1);
    }
  });

  test('alarms are by severity, and none where there are none', () => {
    const { feed, template } = make({
      alarmThresholds: { workerLag: { Warning: 10, Critical: 100 }, routerDeadLetters: {} },
    });
    expect(Object.keys(feed.alarms)).toEqual([
      'RouterLagAlarm',
      'WorkerLagWarningAlarm',
      'WorkerLagAlarm',
      'DeadLetterAlarm',
    ]);
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmDescription: 'Warning: messages wait too long for the worker, and feeds are behind',
      Threshold: 10,
    });
    expect(() => make({ alarmThresholds: { workerLag: { 'very bad': 10 } } })).toThrow('got: very bad');
  });

  test('alarms: false makes none, and takes no topic', () => {
    const { feed, template } = make({ alarms: false });
    expect(feed.alarms).toEqual({});
    template.resourceCountIs('AWS::CloudWatch::Alarm', 0);
    const stack = new Stack(new App(), 'Stack');
    const alarmTopic = new sns.Topic(stack, 'Topic');
    expect(() => new FeedFanout(stack, 'Fanout', { alarms: false, alarmTopic })).toThrow('but not both');
  });

  test('a feed table that is there already is used as it is', () => {
    const stack = new Stack(new App(), 'Stack');
    const key = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/k');
    const feedTable = dynamodb.Table.fromTableAttributes(stack, 'Old', { tableName: 'feeds', encryptionKey: key });
    const feed = new FeedFanout(stack, 'Fanout', { feedTable });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::DynamoDB::Table', 1);
    expect(feed.feedTable).toBe(feedTable);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ FEED_TABLE_NAME: 'feeds' }) },
    });
    expect(statementsOf(template, 'FanoutWorkerRole').map(({ Action: action }) => action)).toContainEqual([
      'kms:Decrypt',
      'kms:Encrypt',
      'kms:ReEncrypt*',
      'kms:GenerateDataKey*',
    ]);
  });

  test('a table takes one, and says which it has', () => {
    const stack = new Stack(new App(), 'Stack');
    const table = new SocialTable(stack, 'Social');
    new FeedFanout(stack, 'Fanout', { table });
    expect(() => new FeedFanout(stack, 'Another', { table })).toThrow(
      'table takes one FeedFanout: use the one it has, got another for Stack/Social [at Stack/Another]',
    );
  });

  test.each([
    ['maxLag', { maxLag: Duration.seconds(Lazy.number({ produce: () => 60 })) }],
    ['workerTimeout', { workerTimeout: Duration.seconds(Lazy.number({ produce: () => 60 })) }],
  ])('%s as a token is refused: the window and the alarms follow from it', (prop, props) => {
    expect(() => make(props)).toThrow(`${prop} must be known at synth`);
  });

  test('the other numbers may be tokens', () => {
    const { template } = make({
      feedTtl: Duration.seconds(Lazy.number({ produce: () => 7200 })),
      readCap: Lazy.number({ produce: () => 10 }),
      pullAbove: Lazy.number({ produce: () => 99 }),
    });
    const FEED_PULL_ABOVE = '99';
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ FEED_TTL_SECONDS: '7200', FEED_READ_CAP: '10', FEED_PULL_ABOVE }) },
    });
  });

  test.each<[string, FeedFanoutProps, string]>([
    ['feedTtl', { feedTtl: Duration.minutes(1) }, 'feedTtl must be whole seconds from 3600 to 316224000, got: 60'],
    ['readCap', { readCap: 0 }, 'readCap must be an integer from 1 to 10000, got: 0'],
    ['pullAbove', { pullAbove: 0 }, 'pullAbove must be an integer from 1 to 10000000, got: 0'],
    ['pullAbove', { pullAbove: 20_000_000 }, 'pullAbove must be an integer from 1 to 10000000, got: 20000000'],
    ['maxLag', { maxLag: Duration.seconds(5) }, 'maxLag must be whole seconds from 20 to 43200, got: 5'],
    [
      'workerTimeout',
      { workerTimeout: Duration.hours(1) },
      'workerTimeout must be whole seconds from 10 to 900, got: 3600',
    ],
    ['maxConcurrency', { maxConcurrency: 1 }, 'maxConcurrency must be an integer from 2 to 1000, got: 1'],
  ])('%s out of bounds is an error that names prop, bound and value', (_, props, message) => {
    expect(() => make(props)).toThrow(message);
  });
});

describe('FeedFanout on a table of another stack', () => {
  test('refers to that stack and never the other way', () => {
    const app = new App();
    const data = new Stack(app, 'Data');
    const feeds = new Stack(app, 'Feeds');
    const table = new SocialTable(data, 'Social');
    const feed = new FeedFanout(feeds, 'Fanout', { table });
    expect(feed.table).toBe(table);
    app.synth();
    expect(feeds.dependencies).toEqual([data]);
    expect(data.dependencies).toEqual([]);
    Template.fromStack(feeds).resourceCountIs('AWS::DynamoDB::Table', 1);
    Template.fromStack(data).resourceCountIs('AWS::SQS::Queue', 3);
  });

  test('says so where that table has no stream', () => {
    const stack = new Stack(new App(), 'Stack');
    const table = SocialTable.fromSocialTableAttributes(stack, 'Social', { tableName: 'social' });
    expect(() => new FeedFanout(stack, 'Fanout', { table })).toThrow('give tableStreamArn where the table is imported');
  });
});

describe('an imported FeedFanout', () => {
  const imported = (parts = {}) => {
    const stack = new Stack(new App(), 'Stack');
    const table = SocialTable.fromSocialTableAttributes(stack, 'Social', { tableName: 'social' });
    const feedTable = dynamodb.Table.fromTableName(stack, 'Feeds', 'feeds');
    return { stack, feed: FeedFanout.fromFeedFanoutAttributes(stack, 'Fanout', { table, feedTable, ...parts }) };
  };

  test('is that of a FeedFanout without props, unless it says otherwise', () => {
    const usual = make().feed;
    for (const prop of ['readCap', 'feedTtl', 'overlayWindow'] as const) {
      expect(imported().feed[prop]).toEqual(usual[prop]);
    }
    expect(imported({ overlayWindow: Duration.minutes(9) }).feed.overlayWindow.toMinutes()).toBe(9);
  });

  test('lets feeds be read', () => {
    const { stack, feed } = imported();
    feed.grantReadFeed(new iam.Role(stack, 'Reader', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }));
    expect(statementsOf(Template.fromStack(stack), 'Reader')).toMatchObject([{ Action: 'dynamodb:Query' }]);
  });

  test('has the metrics of the parts that it is told of, and names those it is not', () => {
    const { stack } = imported();
    const queue = sqs.Queue.fromQueueArn(stack, 'Queue', 'arn:aws:sqs:eu-west-1:111111111111:work');
    const router = lambda.Function.fromFunctionName(stack, 'Router', 'router');
    const { feed } = imported({ queue, router });
    expect(feed.metricWorkerLag()).toMatchObject({ metricName: 'ApproximateAgeOfOldestMessage' });
    expect(feed.metricRouterLag()).toMatchObject({ metricName: 'IteratorAge', statistic: 'Maximum' });
    expect(() => feed.metricDeadLetters()).toThrow('needs deadLetterQueue: give it to fromFeedFanoutAttributes');
    expect(() => feed.metricRouterDeadLetters()).toThrow('needs routerDeadLetterQueue');
  });
});
