import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { failure } from './checks';

/** What every construct with alarms may be given. */
export interface AlarmOptions {
  /** Told of every alarm, and of its end. @default - alarms without action */
  readonly alarmTopic?: sns.ITopic;
  /** Whether alarms are made; each metric of an alarm costs. @default true */
  readonly alarms?: boolean;
}

/**
 * A metric that is watched, apart from the thresholds at which it alarms.
 *
 * @internal
 */
export interface WatchedMetric {
  /** Begins the construct ids of its alarms. */
  readonly name: string;
  /** What has happened when it alarms, shown in the console. */
  readonly description: string;
  readonly metric: cloudwatch.IMetric;
  /** Periods of the metric that must all be above a threshold. @default 1 */
  readonly evaluationPeriods?: number;
  /** Whether it alarms below its thresholds and not above. @default false */
  readonly below?: boolean;
  /** Severity to the threshold above which it alarms; none for no alarm. */
  readonly thresholds: { readonly [severity: string]: number };
}

/** The severity that every construct has by default; it is not part of the construct id. */
const CRITICAL = 'Critical';

/**
 * Makes an alarm for each severity of each metric.
 *
 * @returns the alarms by construct id: `<name>Alarm` for `Critical`, `<name><severity>Alarm` for others
 * @internal
 */
export function makeAlarms(
  scope: Construct,
  options: AlarmOptions,
  metrics: readonly WatchedMetric[],
): Record<string, cloudwatch.Alarm> {
  if (options.alarms === false) {
    if (options.alarmTopic) {
      throw failure('Either provide alarmTopic or alarms: false, but not both', scope);
    }
    return {};
  }
  const made: Record<string, cloudwatch.Alarm> = {};
  for (const { name, description, metric, evaluationPeriods, below, thresholds } of metrics) {
    for (const [severity, threshold] of Object.entries(thresholds)) {
      if (!/^[A-Za-z0-9]+$/.test(severity)) {
        throw failure(`severities of ${name} must be of letters and digits, got: ${severity}`, scope);
      }
      const id = `${name}${severity === CRITICAL ? '' : severity}Alarm`;
      const alarm = new cloudwatch.Alarm(scope, id, {
        metric,
        threshold,
        alarmDescription: `${severity}: ${description}`,
        comparisonOperator: below
          ? cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
          : cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: evaluationPeriods ?? 1,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      });
      if (options.alarmTopic) {
        const action = new SnsAction(options.alarmTopic);
        alarm.addAlarmAction(action);
        alarm.addOkAction(action);
      }
      made[id] = alarm;
    }
  }
  return made;
}
