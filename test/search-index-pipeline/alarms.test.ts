import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { make, resourcesOf } from './synthesized';
import { SearchIndexPipeline } from '../../src';

describe('alarms', () => {
  test('take thresholds by severity, tell a topic, and can be left out', () => {
    const stack = new Stack(new App(), 'Stack');
    const search = new SearchIndexPipeline(stack, 'Search', {
      alarmTopic: new sns.Topic(stack, 'Topic'),
      alarmThresholds: { lag: { Warning: 30_000, Critical: 90_000 }, cpu: {}, freeStorage: { Warning: 5000 } },
    });
    expect(Object.keys(search.alarms)).toEqual(
      expect.arrayContaining(['LagWarningAlarm', 'LagAlarm', 'FreeStorageWarningAlarm']),
    );
    expect(Object.keys(search.alarms)).not.toContain('CpuAlarm');
    for (const [, { Properties: alarm }] of resourcesOf(Template.fromStack(stack), 'AWS::CloudWatch::Alarm')) {
      expect(alarm.AlarmActions).toHaveLength(1);
      expect(alarm.OKActions).toHaveLength(1);
    }
    make({ alarms: false }).template.resourceCountIs('AWS::CloudWatch::Alarm', 0);
  });
});
