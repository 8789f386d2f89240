import { App, CfnParameter, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { SocialEvent, SocialTable, SocialTableProps, TableBilling } from '../src/social-table';
import { EVENT_SOURCES } from '../src/social-table/event-sources';

process.env.CDK_VALIDATION = 'false';

function make(props?: SocialTableProps) {
  const stack = new Stack(new App(), 'Stack');
  return { stack, table: new SocialTable(stack, 'Social', props) };
}

const tableOf = (stack: Stack) =>
  Object.values(Template.fromStack(stack).findResources('AWS::DynamoDB::Table'))[0] as {
    Properties: Record<string, unknown>;
    DeletionPolicy: string;
  };

/** Statements of the one policy whose logical id begins so. */
function statementsOf(stack: Stack, prefix: string) {
  const policies = Template.fromStack(stack).findResources('AWS::IAM::Policy');
  const [, policy] = Object.entries(policies).find(([id]) => id.startsWith(prefix)) ?? [];
  return (policy as { Properties: { PolicyDocument: { Statement: Record<string, unknown>[] } } } | undefined)
    ?.Properties.PolicyDocument.Statement;
}

const someRole = (stack: Stack) =>
  new iam.Role(stack, 'Someone', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });

describe('SocialTable without props', () => {
  const { stack } = make();
  const { Properties: properties, DeletionPolicy: deletionPolicy } = tableOf(stack);

  test('is on demand, keyed by PK and SK, with four overloaded indexes of all attributes', () => {
    expect(properties.BillingMode).toBe('PAY_PER_REQUEST');
    expect(properties.KeySchema).toEqual([
      { AttributeName: 'PK', KeyType: 'HASH' },
      { AttributeName: 'SK', KeyType: 'RANGE' },
    ]);
    expect(properties.GlobalSecondaryIndexes).toEqual(
      [1, 2, 3, 4].map((n) => ({
        IndexName: `GSI${n}`,
        KeySchema: [
          { AttributeName: `GSI${n}PK`, KeyType: 'HASH' },
          { AttributeName: `GSI${n}SK`, KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      })),
    );
  });

  test('streams both images, expires items, and has no fixed name', () => {
    expect(properties.StreamSpecification).toEqual({ StreamViewType: 'NEW_AND_OLD_IMAGES' });
    expect(properties.TimeToLiveSpecification).toEqual({ AttributeName: 'expiresAt', Enabled: true });
    expect(properties).not.toHaveProperty('TableName');
  });

  test('keeps its data: retained, protected, recoverable, encrypted', () => {
    expect(deletionPolicy).toBe('Retain');
    expect(properties.DeletionProtectionEnabled).toBe(true);
    expect(properties.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
    expect(properties.SSESpecification).toEqual({ SSEEnabled: true });
  });

  test('makes no function and no queue until someone consumes the stream', () => {
    Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 0);
    Template.fromStack(stack).resourceCountIs('AWS::SQS::Queue', 0);
  });
});

describe('SocialTable props', () => {
  test('removalPolicy DESTROY lifts the deletion protection, unless it is asked for', () => {
    const destroyed = tableOf(make({ removalPolicy: RemovalPolicy.DESTROY }).stack);
    expect(destroyed.DeletionPolicy).toBe('Delete');
    expect(destroyed.Properties.DeletionProtectionEnabled).toBe(false);
    const kept = tableOf(make({ removalPolicy: RemovalPolicy.DESTROY, deletionProtection: true }).stack);
    expect(kept.Properties.DeletionProtectionEnabled).toBe(true);
  });

  test('stream and pointInTimeRecovery can be turned off', () => {
    const { Properties: properties } = tableOf(make({ stream: false, pointInTimeRecovery: false }).stack);
    expect(properties).not.toHaveProperty('StreamSpecification');
    expect(properties.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: false });
  });

  test('on-demand limits hold for the table and each index', () => {
    const { Properties: properties } = tableOf(
      make({ billing: TableBilling.onDemand({ maxReadRequestUnits: 500, maxWriteRequestUnits: 100 }) }).stack,
    );
    const limits = { MaxReadRequestUnits: 500, MaxWriteRequestUnits: 100 };
    expect(properties.OnDemandThroughput).toEqual(limits);
    for (const index of properties.GlobalSecondaryIndexes as Record<string, unknown>[]) {
      expect(index.OnDemandThroughput).toEqual(limits);
    }
  });

  test('provisioned capacity scales on the table and each index', () => {
    const { stack } = make({
      billing: TableBilling.provisioned({
        read: { minCapacity: 5, maxCapacity: 50 },
        write: { minCapacity: 2, maxCapacity: 20, targetUtilizationPercent: 80 },
      }),
    });
    const { Properties: properties } = tableOf(stack);
    expect(properties.ProvisionedThroughput).toEqual({ ReadCapacityUnits: 5, WriteCapacityUnits: 2 });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::ApplicationAutoScaling::ScalableTarget', 10);
    const targets = Object.values(template.findResources('AWS::ApplicationAutoScaling::ScalingPolicy')).map(
      (policy) =>
        (policy as { Properties: { TargetTrackingScalingPolicyConfiguration: { TargetValue: number } } }).Properties
          .TargetTrackingScalingPolicyConfiguration.TargetValue,
    );
    expect(targets.sort()).toEqual([70, 70, 70, 70, 70, 80, 80, 80, 80, 80]);
  });

  test('the number of indexes can be another, and grants and metrics follow it', () => {
    const { stack, table } = make({ indexCount: 1, tableName: 'mine' });
    table.grantReadData(someRole(stack));
    const { Properties: properties } = tableOf(stack);
    expect(properties.TableName).toBe('mine');
    expect(properties.GlobalSecondaryIndexes).toMatchObject([{ IndexName: 'GSI1' }]);
    expect(statementsOf(stack, 'Someone')?.[0].Resource).toHaveLength(2);
    expect(() => table.metricForIndex('GSI2', 'ReadThrottleEvents')).toThrow('one of GSI1, got: GSI2');
    expect(tableOf(make({ indexCount: 0 }).stack).Properties).not.toHaveProperty('GlobalSecondaryIndexes');
    expect(() => make({ indexCount: 21 })).toThrow('indexCount must be an integer from 0 to 20, got: 21');
  });

  test('applyRemovalPolicy is for the table', () => {
    const { stack, table } = make();
    table.applyRemovalPolicy(RemovalPolicy.DESTROY);
    expect(tableOf(stack).DeletionPolicy).toBe('Delete');
  });

  test('warm throughput is set where it is asked for', () => {
    const { Properties: properties } = tableOf(
      make({ warmThroughput: { readUnitsPerSecond: 20000, writeUnitsPerSecond: 10000 } }).stack,
    );
    expect(properties.WarmThroughput).toEqual({ ReadUnitsPerSecond: 20000, WriteUnitsPerSecond: 10000 });
    expect((properties.GlobalSecondaryIndexes as Record<string, unknown>[])[0]).not.toHaveProperty('WarmThroughput');
  });

  test('a customer managed key encrypts, and grants allow its use', () => {
    const stack = new Stack(new App(), 'Stack');
    const table = new SocialTable(stack, 'Social', { encryptionKey: new kms.Key(stack, 'Key') });
    table.grantOnKeys(someRole(stack), ['dynamodb:GetItem']);
    expect(tableOf(stack).Properties.SSESpecification).toMatchObject({ SSEType: 'KMS' });
    expect(statementsOf(stack, 'Someone')?.map((statement) => statement.Action)).toEqual([
      'kms:Decrypt',
      'dynamodb:GetItem',
    ]);
  });

  test.each<[string, () => unknown, string]>([
    [
      'limits',
      () => TableBilling.onDemand({ maxReadRequestUnits: 0 }),
      'billing.maxReadRequestUnits must be an integer at least 1, got: 0',
    ],
    [
      'target',
      () =>
        TableBilling.provisioned({
          read: { minCapacity: 1, maxCapacity: 2, targetUtilizationPercent: 95 },
          write: { minCapacity: 1, maxCapacity: 2 },
        }),
      'billing.read.targetUtilizationPercent must be an integer from 20 to 90, got: 95',
    ],
    [
      'order',
      () =>
        TableBilling.provisioned({
          read: { minCapacity: 1, maxCapacity: 2 },
          write: { minCapacity: 3, maxCapacity: 2 },
        }),
      'billing.write.minCapacity must not be above billing.write.maxCapacity (2), got: 3',
    ],
    [
      'warm throughput',
      () => make({ warmThroughput: { readUnitsPerSecond: 100 } }),
      'warmThroughput.readUnitsPerSecond must be an integer at least 12000, got: 100',
    ],
    ['empty warm throughput', () => make({ warmThroughput: {} }), 'warmThroughput must give readUnitsPerSecond or'],
  ])('%s out of bounds is an error that names prop, bound and value', (_, action, message) => {
    expect(action).toThrow(message);
  });

  test('tokens are left to CloudFormation', () => {
    const stack = new Stack(new App(), 'Stack');
    const max = new CfnParameter(stack, 'Max', { type: 'Number' });
    new SocialTable(stack, 'Social', { billing: TableBilling.onDemand({ maxReadRequestUnits: max.valueAsNumber }) });
    expect(tableOf(stack).Properties.OnDemandThroughput).toEqual({ MaxReadRequestUnits: { Ref: 'Max' } });
  });
});

describe('grants', () => {
  test('grantReadData names the table and its four indexes, without a wildcard', () => {
    const { stack, table } = make();
    table.grantReadData(someRole(stack));
    const [statement] = statementsOf(stack, 'Someone') ?? [];
    expect(statement.Action).not.toContain('dynamodb:PutItem');
    expect(statement.Resource).toHaveLength(5);
    expect(JSON.stringify(statement)).not.toContain('*');
  });

  test('grantWriteData writes and does not read', () => {
    const { stack, table } = make();
    table.grantWriteData(someRole(stack));
    expect(statementsOf(stack, 'Someone')?.[0].Action).toEqual([
      'dynamodb:BatchWriteItem',
      'dynamodb:DeleteItem',
      'dynamodb:DescribeTable',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
    ]);
  });

  test('grantOnKeys is for the base table and these partitions alone', () => {
    const { stack, table } = make();
    table.grantOnKeys(someRole(stack), ['dynamodb:GetItem', 'dynamodb:Query'], ['USER#*']);
    expect(statementsOf(stack, 'Someone')).toEqual([
      {
        Effect: 'Allow',
        Action: ['dynamodb:GetItem', 'dynamodb:Query'],
        Resource: stack.resolve(table.tableArn),
        Condition: {
          'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['USER#*'] },
          Null: { 'dynamodb:LeadingKeys': 'false' },
        },
      },
    ]);
  });

  test.each(['dynamodb:Scan', 'dynamodb:*', 'dynamodb:PartiQLSelect'])(
    'grantOnKeys refuses leading keys for %s, which they do not bound',
    (action) => {
      const { stack, table } = make();
      expect(() => table.grantOnKeys(someRole(stack), [action], ['USER#*'])).toThrow(`got: ${action}`);
    },
  );

  test('grantOnKeys refuses no action, other services and no key', () => {
    const { stack, table } = make();
    const role = someRole(stack);
    expect(() => table.grantOnKeys(role, [])).toThrow('at least one');
    expect(() => table.grantOnKeys(role, ['s3:GetObject'])).toThrow('got: s3:GetObject');
    expect(() => table.grantOnKeys(role, ['dynamodb:GetItem'], [])).toThrow('leadingKeys');
  });

  test('grantStreamRead is for the stream', () => {
    const { stack, table } = make();
    table.grantStreamRead(someRole(stack));
    const statements = statementsOf(stack, 'Someone') ?? [];
    expect(statements).toHaveLength(1);
    expect(statements[0].Resource).toEqual(stack.resolve(table.tableStreamArn));
  });

  test('metrics carry the table, and the index where one is named', () => {
    const { stack, table } = make();
    expect(table.metricWriteThrottleEvents()).toMatchObject({ metricName: 'WriteThrottleEvents', statistic: 'Sum' });
    expect(stack.resolve(table.metricForIndex('GSI2', 'ReadThrottleEvents').dimensions)).toEqual({
      TableName: stack.resolve(table.tableName),
      GlobalSecondaryIndexName: 'GSI2',
    });
    expect(() => table.metricForIndex('GSI9', 'ReadThrottleEvents')).toThrow('got: GSI9');
  });
});

describe('stream consumers', () => {
  test('share one router, which filters by kind of record and stops trying', () => {
    const { stack, table } = make();
    table.addStreamConsumer('CleanUp', { events: [SocialEvent.ARTICLE_DELETED, SocialEvent.COMMENT_CREATED] });
    table.addStreamConsumer('Feed', { events: [SocialEvent.ARTICLE_DELETED, SocialEvent.FOLLOWED] });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Lambda::Function', 1);
    template.resourceCountIs('AWS::SQS::Queue', 5);
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: stack.resolve(table.tableStreamArn),
      StartingPosition: 'TRIM_HORIZON',
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: 20,
      MaximumRecordAgeInSeconds: 43200,
      DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
      FilterCriteria: {
        Filters: [
          {
            Pattern: JSON.stringify({
              eventName: ['REMOVE'],
              dynamodb: { OldImage: { entityType: { S: ['Article'] } } },
            }),
          },
          {
            Pattern: JSON.stringify({
              eventName: ['INSERT'],
              dynamodb: { NewImage: { entityType: { S: ['Comment', 'Follow'] } } },
            }),
          },
        ],
      },
    });
  });

  test('every event can be wanted at once: within the five filters that a mapping takes', () => {
    const { stack, table } = make();
    table.addStreamConsumer('All', { events: Object.values(SocialEvent) });
    const [mapping] = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::EventSourceMapping'));
    const { Filters: filters } = (mapping as { Properties: { FilterCriteria: { Filters: { Pattern: string }[] } } })
      .Properties.FilterCriteria;
    expect(filters.length).toBeLessThanOrEqual(5);
    for (const { entityType } of Object.values(EVENT_SOURCES)) {
      expect(filters.some(({ Pattern: pattern }) => pattern.includes(`"${entityType}"`))).toBe(true);
    }
  });

  test('get an encrypted queue, over TLS only, with a dead-letter queue kept for 14 days', () => {
    const { stack, table } = make();
    table.addStreamConsumer('Feed', {
      events: [SocialEvent.FOLLOWED],
      visibilityTimeout: Duration.minutes(1),
      maxReceiveCount: 3,
    });
    const queues = Object.values(Template.fromStack(stack).findResources('AWS::SQS::Queue')) as {
      Properties: Record<string, unknown>;
    }[];
    expect(queues.every(({ Properties: properties }) => properties.SqsManagedSseEnabled === true)).toBe(true);
    expect(queues.filter(({ Properties: properties }) => properties.MessageRetentionPeriod === 1209600)).toHaveLength(
      3,
    );
    const [main] = queues.filter(({ Properties: properties }) => properties.RedrivePolicy);
    expect(main.Properties).toMatchObject({ VisibilityTimeout: 60, RedrivePolicy: { maxReceiveCount: 3 } });
    Template.fromStack(stack).resourceCountIs('AWS::SQS::QueuePolicy', 3);
  });

  test("the router's role reads the stream and sends to the queues, nothing else", () => {
    const { stack, table } = make();
    table.addStreamConsumer('Feed', { events: [SocialEvent.FOLLOWED] });
    const actions = statementsOf(stack, 'SocialStreamRouterHandlerRole')?.flatMap((statement) => statement.Action);
    // Its logs and traces aside, which every function may write.
    const own = [...new Set(actions as string[])].filter((action) => !action.match(/^(logs|xray):/));
    expect(own.sort()).toEqual([
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
      'sqs:GetQueueAttributes',
      'sqs:GetQueueUrl',
      'sqs:SendMessage',
    ]);
  });

  test('take a queue of the user, and then no setting for it', () => {
    const { stack, table } = make();
    const queue = new sqs.Queue(stack, 'Mine');
    const consumer = table.addStreamConsumer('Feed', { events: [SocialEvent.FOLLOWED], queue });
    expect(consumer.queue).toBe(queue);
    expect(consumer.deadLetterQueue).toBeUndefined();
    expect(() =>
      table.addStreamConsumer('Other', { events: [SocialEvent.FOLLOWED], queue, maxReceiveCount: 2 }),
    ).toThrow('but not both');
  });

  test('in another stack refer to the table and never the other way', () => {
    const app = new App();
    const tableStack = new Stack(app, 'TableStack');
    const consumerStack = new Stack(app, 'ConsumerStack');
    const table = new SocialTable(tableStack, 'Social');
    const worker = new lambda.Function(consumerStack, 'Worker', {
      code: lambda.Code.fromInline('exports.handler = async () => {}'),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
    });
    const consumer = table.addStreamConsumer('Feed', { events: [SocialEvent.FOLLOWED] });
    worker.addEventSource(new SqsEventSource(consumer.queue));
    table.grantOnKeys(worker, ['dynamodb:GetItem']);
    app.synth();
    expect(consumerStack.dependencies).toEqual([tableStack]);
    expect(tableStack.dependencies).toEqual([]);
  });

  test.each<[string, SocialEvent[], string]>([
    ['no event', [], 'got: none'],
    ['an event twice', [SocialEvent.FOLLOWED, SocialEvent.FOLLOWED], 'got twice: followed'],
  ])('with %s are refused', (_, events, message) => {
    expect(() => make().table.addStreamConsumer('Feed', { events })).toThrow(message);
  });

  test('are told apart: an id that is taken is refused', () => {
    const { table } = make();
    table.addStreamConsumer('Feed', { events: [SocialEvent.FOLLOWED] });
    expect(() => table.addStreamConsumer('Feed', { events: [SocialEvent.FOLLOWED] })).toThrow(
      'id of a stream consumer must be unique in its table, got one that is taken: Feed [at Stack/Social]',
    );
  });

  test('take no FIFO queue', () => {
    const { stack, table } = make();
    const queue = new sqs.Queue(stack, 'Mine', { fifo: true });
    expect(() => table.addStreamConsumer('Feed', { events: [SocialEvent.FOLLOWED], queue })).toThrow(
      "queue of stream consumer 'Feed' must be a standard queue, because events have no order, got: a FIFO queue",
    );
  });

  test('are so few that the environment of the router takes them', () => {
    const { table } = make();
    const add = (n: number) => table.addStreamConsumer(`Consumer${n}`, { events: Object.values(SocialEvent) });
    const ids = Array.from({ length: 50 }, (_, n) => n);
    expect(() => ids.forEach(add)).toThrow(
      /stream consumers .* within 4096 bytes, got: \d+ consumers with up to \d+ bytes/,
    );
    expect(table.node.children.filter(({ node }) => node.id.startsWith('Consumer')).length).toBeGreaterThan(10);
  });

  test.each([
    [Duration.seconds(30), 120],
    [Duration.minutes(3), 20],
    [Duration.minutes(30), 5],
    [Duration.seconds(1), 1000],
  ])('hidden for %s after a receive, a message may be throttled for an hour', (visibilityTimeout, maxReceiveCount) => {
    const { stack, table } = make();
    table.addStreamConsumer('Feed', { events: [SocialEvent.FOLLOWED], visibilityTimeout });
    Template.fromStack(stack).hasResourceProperties('AWS::SQS::Queue', {
      RedrivePolicy: Match.objectLike({ maxReceiveCount }),
    });
  });

  test('settings of the queue are bounded', () => {
    const { table } = make();
    expect(() =>
      table.addStreamConsumer('Feed', { events: [SocialEvent.FOLLOWED], visibilityTimeout: Duration.days(1) }),
    ).toThrow('visibilityTimeout must be whole seconds from 1 to 43200, got: 86400');
  });

  test('a third reader of the stream is refused by name', () => {
    const { table } = make();
    table.addStreamConsumer('Feed', { events: [SocialEvent.FOLLOWED] });
    table.addStreamConsumer('CleanUp', { events: [SocialEvent.ARTICLE_DELETED] });
    table.registerStreamReader('Search');
    expect(() => table.registerStreamReader('Third')).toThrow(
      'A DynamoDB stream takes at most 2 readers; Stack/Social is read by StreamRouter and Search already, got one more: Third',
    );
  });

  test('need a stream', () => {
    expect(() => make({ stream: false }).table.addStreamConsumer('Feed', { events: [SocialEvent.FOLLOWED] })).toThrow(
      "stream consumer 'Feed' needs the stream of Stack/Social",
    );
  });
});

describe('an imported SocialTable', () => {
  const arn = 'arn:aws:dynamodb:eu-west-1:111111111111:table/social';

  test('grants on what it was told of', () => {
    const stack = new Stack(new App(), 'Stack');
    const table = SocialTable.fromSocialTableAttributes(stack, 'Social', { tableArn: arn });
    table.grantReadData(someRole(stack));
    expect(table.tableName).toBe('social');
    expect(statementsOf(stack, 'Someone')?.[0].Resource).toEqual([
      arn,
      ...[1, 2, 3, 4].map((n) => `${arn}/index/GSI${n}`),
    ]);
  });

  test('feeds consumers where its stream is known, and says so where it is not', () => {
    const stack = new Stack(new App(), 'Stack');
    const events = [SocialEvent.FOLLOWED];
    SocialTable.fromSocialTableAttributes(stack, 'With', {
      tableArn: arn,
      tableStreamArn: `${arn}/stream/1`,
    }).addStreamConsumer('Feed', { events });
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: `${arn}/stream/1`,
    });
    const without = SocialTable.fromSocialTableAttributes(stack, 'Without', { tableName: 'social' });
    expect(() => without.addStreamConsumer('Feed', { events })).toThrow(
      'give tableStreamArn where the table is imported',
    );
  });

  test.each([
    ['another table', { tableArn: arn, tableStreamArn: `${arn}2/stream/1` }, 'a stream of table social'],
    ['another table by name', { tableName: 'mine', tableStreamArn: `${arn}/stream/1` }, 'a stream of table mine'],
    ['no stream', { tableArn: arn, tableStreamArn: arn }, 'a stream of table social'],
    [
      'another account',
      { tableArn: arn, tableStreamArn: `${arn.replace('111111111111', '222222222222')}/stream/1` },
      `a stream of ${arn}`,
    ],
  ])('refuses the stream of %s', (_, attrs, message) => {
    const stack = new Stack(new App(), 'Stack');
    expect(() => SocialTable.fromSocialTableAttributes(stack, 'Social', attrs)).toThrow(
      `tableStreamArn must be of ${message}, got: ${attrs.tableStreamArn}`,
    );
  });

  test('refuses a stream of another region than its stack, where that is known', () => {
    const stack = new Stack(new App(), 'Stack', { env: { region: 'us-east-1', account: '111111111111' } });
    const attrs = { tableArn: arn, tableStreamArn: `${arn}/stream/1` };
    expect(() => SocialTable.fromSocialTableAttributes(stack, 'Social', attrs)).toThrow(
      'tableStreamArn must be in the region of the stack (us-east-1), got: arn:aws:dynamodb:eu-west-1',
    );
  });

  test('takes tokens for all that it is told', () => {
    const stack = new Stack(new App(), 'Stack');
    const [tableArn, tableStreamArn] = ['Arn', 'Stream'].map((id) => new CfnParameter(stack, id).valueAsString);
    const table = SocialTable.fromSocialTableAttributes(stack, 'Social', { tableArn, tableStreamArn });
    expect(() => table.addStreamConsumer('Feed', { events: [SocialEvent.FOLLOWED] })).not.toThrow();
  });

  test('is named by one of name and ARN', () => {
    const stack = new Stack(new App(), 'Stack');
    expect(() => SocialTable.fromSocialTableAttributes(stack, 'None', {})).toThrow('got: neither');
    expect(() => SocialTable.fromSocialTableAttributes(stack, 'Both', { tableName: 'social', tableArn: arn })).toThrow(
      'got: both',
    );
  });
});

test('the table is a plain table, usable as one', () => {
  const { table } = make();
  expect(table.table).toBeInstanceOf(dynamodb.Table);
});
