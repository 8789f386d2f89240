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
  /** A metric, or an expression of several, such as a rate of errors. */
  readonly metric: cloudwatch.IMetric;
  /** Periods of the metric that must all breach a threshold. @default 1 */
  readonly evaluationPeriods?: number;
  /** When a value breaches a threshold: where it is beyond it, has reached it, or is under it. @default above */
  readonly breach?: keyof typeof COMPARISONS;
  /** Severity to the threshold at which it alarms; none for no alarm. */
  readonly thresholds: { readonly [severity: string]: number };
}

/** What a value of a metric is to a threshold that it breaches. */
const COMPARISONS = {
  above: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
  atLeast: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  below: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
};

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
  for (const { name, description, metric, evaluationPeriods, breach, thresholds } of metrics) {
    for (const [severity, threshold] of Object.entries(thresholds)) {
      if (!/^[A-Za-z0-9]+$/.test(severity)) {
        throw failure(`severities of ${name} must be of letters and digits, got: ${severity}`, scope);
      }
      const id = `${name}${severity === CRITICAL ? '' : severity}Alarm`;
      const alarm = new cloudwatch.Alarm(scope, id, {
        metric,
        threshold,
        alarmDescription: `${severity}: ${description}`,
        comparisonOperator: COMPARISONS[breach ?? 'above'],
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
