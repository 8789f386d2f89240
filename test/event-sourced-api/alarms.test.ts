import * as sns from 'aws-cdk-lib/aws-sns';
import { resourcesOf, synthesize } from './synthesized';

/**
 * Dimensions by which AWS publishes these metrics: an alarm on others never fires.
 *
 * - AppSync: https://docs.aws.amazon.com/appsync/latest/devguide/monitoring.html
 * - Lambda: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
 * - DynamoDB: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
 * - SQS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
const PUBLISHED: Readonly<Record<string, string>> = {
  'AWS/AppSync 5XXError': 'GraphQLAPIId',
  'AWS/AppSync Latency': 'GraphQLAPIId',
  'AWS/Lambda Errors': 'FunctionName',
  'AWS/Lambda Throttles': 'FunctionName',
  'AWS/Lambda IteratorAge': 'FunctionName',
  'AWS/SQS ApproximateNumberOfMessagesVisible': 'QueueName',
  'AWS/DynamoDB ReadThrottleEvents': 'TableName',
  'AWS/DynamoDB WriteThrottleEvents': 'TableName',
};

interface Alarm {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly EvaluationPeriods: number;
  readonly Period: number;
  readonly TreatMissingData: string;
  readonly AlarmActions?: unknown[];
  readonly OKActions?: unknown[];
}

const alarmsOf = ({ template }: Pick<ReturnType<typeof synthesize>, 'template'>) =>
  new Map(
    Object.entries(resourcesOf(template, 'AWS::CloudWatch::Alarm')).map(([id, { Properties }]) => [
      /^Api(\w+)Alarm[0-9A-F]{8}$/.exec(id)?.[1] ?? id,
      Properties as unknown as Alarm,
    ]),
  );

const made = synthesize();
const alarms = alarmsOf(made);

test('there is one of each kind for each API, function, table and queue', () => {
  const functions = ['Decide', 'Project', 'Operations'].flatMap((id) => [`${id}Errors`, `${id}Throttles`]);
  const tables = ['EventTable', 'ReadModelTable'].flatMap((id) => [`${id}ReadThrottle`, `${id}WriteThrottle`]);
  const apis = ['Commands', 'Queries'].flatMap((id) => [`${id}ServerError`, `${id}Latency`]);
  const others = ['ProjectionLag', 'DeadLetter', 'OperationsDeadLetter', 'PublishFailure'];
  expect([...alarms.keys()].sort()).toEqual([...functions, ...tables, ...apis, ...others].sort());
  expect(Object.keys(made.api.alarms).sort()).toEqual([...alarms.keys()].map((name) => `${name}Alarm`).sort());
});

test.each([...alarms].filter(([name]) => name !== 'PublishFailure'))(
  '%s is on dimensions that AWS publishes',
  (_, { Namespace, MetricName, Dimensions = [], TreatMissingData }) => {
    expect(Dimensions.map(({ Name }) => Name)).toEqual([PUBLISHED[`${Namespace} ${MetricName}`]]);
    expect(TreatMissingData).toBe('notBreaching');
  },
);

test('an alarm of an API is on the id of that API, not on its ARN', () => {
  const idOf = (name: string) => JSON.stringify(alarms.get(name)?.Dimensions?.[0].Value);
  expect(idOf('CommandsLatency')).toMatch(/"Fn::GetAtt":\["ApiCommandApi[0-9A-F]{8}","ApiId"\]/);
  expect(idOf('QueriesServerError')).toMatch(/"Fn::GetAtt":\["ApiQueryApi[0-9A-F]{8}","ApiId"\]/);
});

test('failures to publish are counted from the lines of the log of the projector', () => {
  const [filter] = Object.values(resourcesOf(made.template, 'AWS::Logs::MetricFilter'));
  const [transformation] = filter.Properties.MetricTransformations as { MetricNamespace: string; MetricName: string }[];
  expect(filter.Properties).toMatchObject({
    FilterPattern: '{ $.message = "change is not published" }',
    LogGroupName: { Ref: expect.stringMatching(/^ApiProjectLogs/) },
  });
  expect(alarms.get('PublishFailure')).toMatchObject({
    Namespace: transformation.MetricNamespace,
    MetricName: transformation.MetricName,
  });
});

test('thresholds are what they are said to be, and go where they are told', () => {
  expect(alarms.get('ProjectionLag')).toMatchObject({ Threshold: 60_000, ComparisonOperator: 'GreaterThanThreshold' });
  expect(alarms.get('CommandsLatency')).toMatchObject({ Threshold: 1500, EvaluationPeriods: 3, Period: 60 });
  expect(alarms.get('DecideErrors')).toMatchObject({
    Threshold: 5,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  });
  const others = alarmsOf(
    synthesize((stack) => ({
      singleApi: true,
      alarmTopic: new sns.Topic(stack, 'Topic'),
      alarmThresholds: { latency: { Warning: 500, Critical: 900 }, publishFailures: {} },
    })),
  );
  expect(others.get('Latency')?.Threshold).toBe(900);
  expect(others.get('LatencyWarning')?.Threshold).toBe(500);
  expect(others.has('PublishFailure')).toBe(false);
  for (const { AlarmActions, OKActions } of others.values()) {
    expect([AlarmActions, OKActions]).toEqual([[{ Ref: 'TopicBFC7AF6E' }], [{ Ref: 'TopicBFC7AF6E' }]]);
  }
  expect(alarmsOf(synthesize({ alarms: false })).size).toBe(0);
});
