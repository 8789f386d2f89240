import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as sns from 'aws-cdk-lib/aws-sns';
import { makeAlarms, type WatchedMetric } from '../src/core/alarms';

const metric = new cloudwatch.Metric({ namespace: 'Mine', metricName: 'Errors', statistic: 'Sum' });

/** The alarm that is made of a metric watched in a way of its own. */
function alarmOf(watched: Partial<WatchedMetric>): Record<string, unknown> {
  const stack = new Stack(new App(), 'Stack');
  makeAlarms(stack, { alarmTopic: new sns.Topic(stack, 'Topic') }, [
    { name: 'Errors', description: 'it fails', metric, thresholds: { Critical: 5 }, ...watched },
  ]);
  const [alarm] = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm'));
  return (alarm as { Properties: Record<string, unknown> }).Properties;
}

test.each<[WatchedMetric['breach'], string]>([
  [undefined, 'GreaterThanThreshold'],
  ['above', 'GreaterThanThreshold'],
  ['atLeast', 'GreaterThanOrEqualToThreshold'],
  ['below', 'LessThanThreshold'],
])('a metric watched for what is %s its threshold compares with %s', (breach, ComparisonOperator) => {
  expect(alarmOf({ breach })).toMatchObject({ ComparisonOperator, Threshold: 5, MetricName: 'Errors' });
});

test('an expression of several metrics alarms by its value in its own period, and not where there were no requests', () => {
  const rate = new cloudwatch.MathExpression({
    expression: '100 * errors / requests',
    usingMetrics: { errors: metric, requests: metric.with({ statistic: 'SampleCount' }) },
    period: Duration.minutes(15),
  });
  const alarm = alarmOf({ metric: rate, breach: 'atLeast', thresholds: { Critical: 1 } });
  expect(alarm).toMatchObject({
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    Threshold: 1,
    EvaluationPeriods: 1,
    // Of nothing divided by nothing there is no value.
    TreatMissingData: 'notBreaching',
    AlarmActions: [expect.anything()],
  });
  expect(alarm.Metrics).toEqual([
    expect.objectContaining({ Expression: '100 * errors / requests' }),
    expect.objectContaining({
      Id: 'errors',
      MetricStat: expect.objectContaining({ Stat: 'Sum', Period: 900 }) as object,
    }),
    expect.objectContaining({
      Id: 'requests',
      MetricStat: expect.objectContaining({ Stat: 'SampleCount', Period: 900 }) as object,
    }),
  ]);
});
