import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SocialTable, TableMigration, type TableMigrationProps } from '../src';

process.env.CDK_VALIDATION = 'false';

function make(props: Partial<TableMigrationProps> = {}) {
  const stack = new Stack(new App(), 'Stack');
  const table = props.table ?? new SocialTable(stack, 'Social');
  const migration = new TableMigration(stack, 'Migration', { table, ...props });
  return { stack, table, migration, template: Template.fromStack(stack) };
}

const { stack, table, migration, template } = make();
const resolved = (value: unknown) => stack.resolve(value) as unknown;

test('segments are on a queue, worked on side by side and tried for more than an hour', () => {
  template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    EventSourceArn: resolved(migration.queue.queueArn),
    BatchSize: 1,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    ScalingConfig: { MaximumConcurrency: 4 },
  });
  template.hasResourceProperties('AWS::SQS::Queue', {
    VisibilityTimeout: 720,
    RedrivePolicy: { deadLetterTargetArn: resolved(migration.deadLetterQueue.queueArn), maxReceiveCount: 25 },
  });
  template.hasResourceProperties('AWS::Lambda::Function', {
    Timeout: 120,
    RecursiveLoop: 'Allow',
    Environment: {
      Variables: {
        TABLE_NAME: resolved(table.tableName),
        MIGRATION_NAME: 'default',
        MIGRATION_QUEUE_URL: resolved(migration.queue.queueUrl),
        FAILED_ITEMS_QUEUE_URL: resolved(migration.failedItemsQueue.queueUrl),
        SEGMENTS: '4',
        MAX_READ_UNITS: '200',
        MAX_WRITE_UNITS: '100',
        POWERTOOLS_SERVICE_NAME: 'social-table',
      },
    },
  });
});

test('the function may scan the table, write what its converters write, and keep its own state', () => {
  const policies = Object.values(template.findResources('AWS::IAM::Policy')) as {
    Properties: { PolicyDocument: { Statement: { Action: string | string[]; Condition?: unknown }[] } };
  }[];
  const statements = policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  const rights = statements
    .map(({ Action: action, Condition: condition }) => ({ action: [action].flat(), condition }))
    .filter(({ action }) => action[0].startsWith('dynamodb:'));
  const keys = (...patterns: string[]) => ({
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': patterns },
    Null: { 'dynamodb:LeadingKeys': 'false' },
  });
  const of = (...actions: string[]) => actions.map((action) => `dynamodb:${action}`);
  expect(rights).toEqual([
    { action: of('DescribeTable', 'Scan'), condition: undefined },
    {
      action: of('DeleteItem', 'GetItem', 'PutItem', 'Query'),
      condition: keys(
        ...['POST#*', 'USER_POSTS#*', 'PUBLIC_POSTS#*', 'SHARED_POSTS#*', 'TAG_POSTS#*'],
        ...['TAG#*', 'USER_TAGS#*', 'PUBLIC_TAGS#*', 'USER#*'],
      ),
    },
    { action: of('GetItem', 'PutItem', 'Query', 'UpdateItem'), condition: keys('MIGRATION#default') },
  ]);
});

describe('a converter', () => {
  const KEYS = ['NOTE#*', 'NOTES'];

  function withConverter(choose: (fn: lambda.Function) => lambda.IFunction, keys = KEYS) {
    const own = new Stack(new App(), 'Own');
    const fn = new lambda.Function(own, 'Notes', {
      runtime: lambda.Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: lambda.Code.fromInline('exports.handler = async () => ({ answers: [] })'),
    });
    const converter = choose(fn);
    const made = new TableMigration(own, 'Migration', {
      table: new SocialTable(own, 'Social'),
      converter,
      converterKeys: keys,
    });
    return { own, made, converter, template: Template.fromStack(own) };
  }

  test.each<[string, (fn: lambda.Function) => lambda.IFunction]>([
    ['a function', (fn) => fn],
    ['an alias', (fn) => new lambda.Alias(fn, 'Live', { aliasName: 'live', version: fn.currentVersion })],
  ])('that is %s may be invoked, as that alone, and writes under its keys', (_, choose) => {
    const { own, converter, template: synthesized } = withConverter(choose);
    const functionArn = own.resolve(converter.functionArn) as unknown;
    synthesized.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({ CONVERTER_FUNCTION_ARN: functionArn, CONVERTER_KEYS: '["NOTE#*","NOTES"]' }),
      },
    });
    synthesized.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          { Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: functionArn },
          Match.objectLike({
            Action: ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem'],
            Condition: Match.objectLike({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': KEYS } }),
          }),
        ]),
      },
    });
  });

  test('is there with its keys, or neither is', () => {
    expect(() => make({ converterKeys: KEYS })).toThrow(
      'converter and converterKeys need each other, got converterKeys and no converter',
    );
    const converter = lambda.Function.fromFunctionArn(
      new Stack(),
      'Fn',
      'arn:aws:lambda:us-east-1:123456789012:function:f',
    );
    expect(() => make({ converter })).toThrow('got converter and no converterKeys');
  });

  test.each<[string[], string]>([
    [[], 'converterKeys must hold at least one pattern such as NOTE#*, got: none'],
    [['*'], 'converterKeys must be partition keys, or their beginnings and * at the end (NOTE#*), got: *'],
    [['N*TE#*'], 'got: N*TE#*'],
    [['NOTE#?'], 'got: NOTE#?'],
    [['NOTE#*', 'POST#1'], 'converterKeys must not be those of this library (POST#*), got: POST#1'],
    [['P*'], 'must not be those of this library (POST#*), got: P*'],
    [['MIGRATION#*'], 'must not be those of this library (MIGRATION#*), got: MIGRATION#*'],
    [['TIMELINE*'], 'must not be those of this library (TIMELINE#*), got: TIMELINE*'],
  ])('with the keys %j is refused', (keys, message) => {
    expect(() => withConverter((fn) => fn, keys)).toThrow(message);
  });

  test('may have keys that begin as one of this library ends', () => {
    expect(() => withConverter((fn) => fn, ['MY_POST#*', 'POSTS#*', 'TIMELINE_COUNTER'])).not.toThrow();
  });
});

test('props set its rates, its segments and its name', () => {
  make({
    segments: 1,
    maxReadUnitsPerSecond: 7,
    maxWriteUnitsPerSecond: 8,
    migrationName: 'mine',
  }).template.hasResourceProperties('AWS::Lambda::Function', {
    Environment: {
      Variables: Match.objectLike({
        SEGMENTS: '1',
        MAX_READ_UNITS: '7',
        MAX_WRITE_UNITS: '8',
        MIGRATION_NAME: 'mine',
      }),
    },
  });
  make({ segments: 1 }).template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    ScalingConfig: { MaximumConcurrency: 2 },
  });
});

test('a table with a customer managed key lets the function use it', () => {
  const other = new Stack(new App(), 'Other');
  const encrypted = new SocialTable(other, 'Social', { encryptionKey: new kms.Key(other, 'Key') });
  new TableMigration(other, 'Migration', { table: encrypted });
  Template.fromStack(other).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Action: Match.arrayWith(['kms:Decrypt', 'kms:GenerateDataKey*']) }),
      ]),
    },
  });
});

test.each([
  ['DeadLetterAlarm', 'deadLetters', () => migration.deadLetterQueue],
  ['FailedItemAlarm', 'failedItems', () => migration.failedItemsQueue],
] as const)(
  '%s fires for the first message in its queue, unless its threshold is another',
  (name, threshold, queue) => {
    expect(migration.alarms[name]).toBeDefined();
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: resolved(queue().queueName) }],
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
    });
    const without = make({ alarmThresholds: { [threshold]: {} } });
    expect(Object.keys(without.migration.alarms)).not.toContain(name);
  },
);

test.each<[Partial<TableMigrationProps>, string]>([
  [{ segments: 0 }, 'segments must be an integer from 1 to 100, got: 0'],
  [{ maxReadUnitsPerSecond: 0.5 }, 'maxReadUnitsPerSecond must be an integer at least 1, got: 0.5'],
  [{ maxWriteUnitsPerSecond: 0 }, 'maxWriteUnitsPerSecond must be an integer at least 1, got: 0'],
  [{ migrationName: 'a b' }, 'migrationName must be 1 to 64 letters, digits, - and _, got: a b'],
])('%j is refused with the prop, the bound and the value', (props, message) => {
  expect(() => make(props)).toThrow(message);
});

test('it is as it was', () => {
  const masked = JSON.stringify(template.toJSON()).replace(/[0-9a-f]{64}/g, '<asset>');
  expect(JSON.parse(masked)).toMatchSnapshot();
});
