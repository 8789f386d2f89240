import { Stack, App } from 'aws-cdk-lib';
import * as sns from 'aws-cdk-lib/aws-sns';
import { type Resource, resourcesOf, synthesize } from './synthesized';
import { PostsApi } from '../../src';

/**
 * Dimensions by which AWS publishes these metrics: an alarm on others never fires.
 *
 * - Lambda: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
 * - API Gateway: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
 * - DynamoDB: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
 * - Cognito: https://docs.aws.amazon.com/cognito/latest/developerguide/metrics-for-cognito-user-pools.html
 * - SQS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
const PUBLISHED: Readonly<Record<string, readonly string[]>> = {
  'AWS/Lambda Errors': ['FunctionName'],
  'AWS/Lambda Invocations': ['FunctionName'],
  'AWS/Lambda Duration': ['FunctionName'],
  'AWS/ApiGateway Count': ['ApiName,Stage'],
  'AWS/ApiGateway Latency': ['ApiName,Stage'],
  'AWS/ApiGateway 5XXError': ['ApiName,Stage'],
  'AWS/DynamoDB ReadThrottleEvents': ['TableName', 'GlobalSecondaryIndexName,TableName'],
  'AWS/DynamoDB WriteThrottleEvents': ['TableName', 'GlobalSecondaryIndexName,TableName'],
  'AWS/Cognito SignInThrottles': ['UserPool,UserPoolClient'],
  'AWS/SQS ApproximateAgeOfOldestMessage': ['QueueName'],
  'AWS/SQS ApproximateNumberOfMessagesVisible': ['QueueName'],
};

interface Metric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: unknown }[];
}
interface Alarm extends Partial<Metric> {
  readonly AlarmDescription: string;
  readonly Threshold: number;
  readonly Period?: number;
  readonly EvaluationPeriods: number;
  readonly ComparisonOperator: string;
  readonly Statistic?: string;
  readonly ExtendedStatistic?: string;
  readonly Metrics?: readonly {
    readonly Expression?: string;
    readonly MetricStat?: { Metric: Metric; Period: number };
  }[];
}

const { api, template } = synthesize();
const alarms = Object.entries(resourcesOf(template, 'AWS::CloudWatch::Alarm')).map(
  ([id, { Properties }]): [string, Alarm] => [id, Properties as unknown as Alarm],
);
/** The one alarm of a construct id. */
const alarmOf = (id: string) => {
  const [, found] = alarms.find(([logicalId]) => new RegExp(`^Api${id}Alarm[0-9A-F]{8}$`).test(logicalId)) ?? [];
  if (!found) throw new Error(`no alarm ${id}`);
  return found;
};
const metricsOf = (alarm: Alarm): Metric[] =>
  alarm.Metrics?.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric] : [])) ?? [alarm as Metric];

const AT_LEAST = 'GreaterThanOrEqualToThreshold';
const ABOVE = 'GreaterThanThreshold';

test.each(alarms)('%s is on a metric with the dimensions that its service publishes', (_, alarm) => {
  const metrics = metricsOf(alarm);
  expect(metrics.length).toBeGreaterThan(0);
  for (const { Namespace, MetricName, Dimensions } of metrics) {
    const names = Dimensions.map(({ Name }) => Name).sort();
    expect([`${Namespace} ${MetricName}`, PUBLISHED[`${Namespace} ${MetricName}`]]).toEqual([
      `${Namespace} ${MetricName}`,
      expect.arrayContaining([names.join(',')]),
    ]);
  }
});

test('dimensions lead to what is in the template: names of functions, the name of the API, the pool, the table', () => {
  const values = new Map<string, Set<string>>();
  for (const [, alarm] of alarms) {
    for (const { Dimensions } of metricsOf(alarm)) {
      for (const { Name, Value } of Dimensions) {
        values.set(Name, (values.get(Name) ?? new Set()).add(JSON.stringify(Value)));
      }
    }
  }
  const idsOf = (type: string) => Object.keys(resourcesOf(template, type)).map((id) => JSON.stringify({ Ref: id }));
  expect([...values.get('FunctionName')!].sort()).toEqual(
    idsOf('AWS::Lambda::Function')
      .filter((id) => !id.includes('StreamRouter'))
      .sort(),
  );
  const [restApi] = Object.values(resourcesOf(template, 'AWS::ApiGateway::RestApi')) as Resource[];
  const [stage] = Object.values(resourcesOf(template, 'AWS::ApiGateway::Stage')) as Resource[];
  expect([...values.get('ApiName')!]).toEqual([JSON.stringify(restApi.Properties.Name)]);
  expect([...values.get('Stage')!]).toEqual([JSON.stringify(stage.Properties.StageName)]);
  expect([...values.get('UserPool')!]).toEqual(idsOf('AWS::Cognito::UserPool'));
  expect([...values.get('UserPoolClient')!]).toEqual(idsOf('AWS::Cognito::UserPoolClient'));
  expect([...values.get('GlobalSecondaryIndexName')!].sort()).toEqual(['"GSI1"', '"GSI2"', '"GSI3"', '"GSI4"']);
  expect([...values.get('TableName')!]).toEqual(idsOf('AWS::DynamoDB::Table').filter((id) => !id.includes('Accounts')));
});

describe('thresholds', () => {
  test('a function: 5 failed runs in 5 minutes, 1 % in 15 minutes, p95 above a second for 3 minutes', () => {
    expect(alarmOf('GetPostErrors')).toMatchObject({
      Threshold: 5,
      Period: 300,
      Statistic: 'Sum',
      ComparisonOperator: AT_LEAST,
      EvaluationPeriods: 1,
    });
    const rate = alarmOf('GetPostErrorRate');
    expect(rate).toMatchObject({ Threshold: 1, ComparisonOperator: AT_LEAST, EvaluationPeriods: 1 });
    expect(rate.Metrics?.map(({ Expression, MetricStat }) => Expression ?? MetricStat?.Period)).toEqual([
      'IF(whole > 0, 100 * part / whole, 0)',
      900,
      900,
    ]);
    expect(alarmOf('GetPostDuration')).toMatchObject({
      Threshold: 1000,
      Period: 60,
      ExtendedStatistic: 'p95',
      ComparisonOperator: ABOVE,
      EvaluationPeriods: 3,
    });
  });

  test('every function has alarms: on errors but the authorizer, whose errors are refusals; on duration but the clean-up', () => {
    const ids = [...Object.keys(api.functions), 'CleanUp'];
    expect(ids.length).toBeGreaterThan(25);
    const without = (kind: string) => ids.filter((id) => !(`${id}${kind}Alarm` in api.alarms));
    expect([without('Errors'), without('ErrorRate'), without('Duration')]).toEqual([
      ['Authorizer'],
      ['Authorizer'],
      ['CleanUp'],
    ]);
  });

  test('the API: p95 above 1.5 s for 3 minutes, 5 errors in 5 minutes, 1 % in 15 minutes', () => {
    expect(alarmOf('Latency')).toMatchObject({
      Threshold: 1500,
      Period: 60,
      ExtendedStatistic: 'p95',
      ComparisonOperator: ABOVE,
      EvaluationPeriods: 3,
    });
    expect(alarmOf('ServerError')).toMatchObject({ Threshold: 5, Period: 300, ComparisonOperator: AT_LEAST });
    expect(alarmOf('ServerErrorRate')).toMatchObject({ Threshold: 1, ComparisonOperator: AT_LEAST });
  });

  test('the table and each index: 10 throttled reads or writes in 5 minutes', () => {
    for (const place of ['Table', 'GSI1', 'GSI2', 'GSI3', 'GSI4']) {
      for (const kind of ['Read', 'Write']) {
        expect(alarmOf(`${place}${kind}Throttle`)).toMatchObject({
          MetricName: `${kind}ThrottleEvents`,
          Statistic: 'Sum',
          Period: 300,
          Threshold: 10,
          ComparisonOperator: AT_LEAST,
        });
      }
    }
  });

  test('sign-ins: more than 5 throttled in a minute', () => {
    expect(alarmOf('SignInThrottle')).toMatchObject({
      Statistic: 'Sum',
      Period: 60,
      Threshold: 5,
      ComparisonOperator: ABOVE,
    });
  });
});

test('they tell a topic where one is given, and can be left out', () => {
  const stack = new Stack(new App(), 'Other');
  const alarmTopic = new sns.Topic(stack, 'Topic');
  const told = new PostsApi(stack, 'Api', { alarmTopic });
  expect(Object.values(told.alarms).every((alarm) => alarm.alarmArn !== '')).toBe(true);
  const { template: withTopic } = synthesize((in_) => ({ alarmTopic: new sns.Topic(in_, 'Topic') }));
  for (const { Properties } of Object.values(resourcesOf(withTopic, 'AWS::CloudWatch::Alarm'))) {
    expect(Properties).toMatchObject({ AlarmActions: [expect.anything()], OKActions: [expect.anything()] });
  }
  expect(synthesize({ alarms: false }).api.alarms).toEqual({});
  const { api: some } = synthesize({ alarmThresholds: { functionErrorRate: {}, latency: { Warning: 800 } } });
  expect(Object.keys(some.alarms).filter((id) => /ErrorRateAlarm|^Latency/.test(id))).toEqual([
    'LatencyWarningAlarm',
    'ServerErrorRateAlarm',
  ]);
});
