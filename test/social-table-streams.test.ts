import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { make, statementsOf } from './support/social-table';
import { SocialEvent, SocialTable } from '../src/social-table';
import { EVENT_SOURCES } from '../src/social-table/event-sources';

process.env.CDK_VALIDATION = 'false';

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
    expect(table.node.children.filter(({ node }) => node.id.startsWith('Consumer')).length).toBeGreaterThanOrEqual(10);
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
