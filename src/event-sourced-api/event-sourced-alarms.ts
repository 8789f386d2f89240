import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { EventSourcedApiAlarmThresholds } from './event-sourced-api-props';
import { IEventSourcedApi } from './i-event-sourced-api';
import { WatchedMetric } from '../core/alarms';

/** What the alarms of an EventSourcedApi are about; all by the names that their alarms begin with. */
interface Watched {
  readonly api: IEventSourcedApi;
  readonly isSingle: boolean;
  readonly functions: Readonly<Record<string, lambda.IFunction>>;
  readonly tables: Readonly<Record<string, dynamodb.ITable>>;
  readonly operationsDeadLetterQueue: sqs.IQueue;
}

const MINUTE = Duration.minutes(1);
const SUM = cloudwatch.Stats.SUM;

/**
 * What an EventSourcedApi watches.
 *
 * @internal
 */
export function eventSourcedAlarms(watched: Watched, thresholds: EventSourcedApiAlarmThresholds): WatchedMetric[] {
  return [
    ...ofApis(watched, thresholds),
    ...ofFunctions(watched, thresholds),
    ...ofProjection(watched, thresholds),
    ...ofTables(watched, thresholds),
  ];
}

function ofApis({ api, isSingle }: Watched, thresholds: EventSourcedApiAlarmThresholds): WatchedMetric[] {
  const apis = isSingle ? (['Commands'] as const) : (['Commands', 'Queries'] as const);
  return apis.flatMap((which): WatchedMetric[] => {
    const metric = (name: string, options: cloudwatch.MetricOptions) =>
      which === 'Commands' ? api.metricCommands(name, options) : api.metricQueries(name, options);
    const [name, said] = isSingle ? ['', 'the API'] : [which, `the API of ${which.toLowerCase()}`];
    return [
      {
        name: `${name}ServerError`,
        description: `${said} answers with errors of AppSync's own`,
        metric: metric('5XXError', { statistic: SUM }),
        breach: 'atLeast',
        thresholds: thresholds.serverErrors ?? { Critical: 5 },
      },
      {
        name: `${name}Latency`,
        description: `${said} answers slowly`,
        metric: metric('Latency', { statistic: 'p95', period: MINUTE }),
        evaluationPeriods: 3,
        thresholds: thresholds.latency ?? { Critical: 1500 },
      },
    ];
  });
}

function ofFunctions({ functions }: Watched, thresholds: EventSourcedApiAlarmThresholds): WatchedMetric[] {
  return Object.entries(functions).flatMap(([id, fn]): WatchedMetric[] => [
    {
      name: `${id}Errors`,
      description: `function ${id} fails`,
      metric: fn.metricErrors(),
      breach: 'atLeast',
      thresholds: thresholds.functionErrors ?? { Critical: 5 },
    },
    {
      name: `${id}Throttles`,
      description: `function ${id} is throttled: the account or the function has no concurrency left`,
      metric: fn.metricThrottles(),
      breach: 'atLeast',
      thresholds: thresholds.functionThrottles ?? { Critical: 10 },
    },
  ]);
}

function ofProjection(
  { api, operationsDeadLetterQueue }: Watched,
  thresholds: EventSourcedApiAlarmThresholds,
): WatchedMetric[] {
  return [
    {
      name: 'ProjectionLag',
      description: 'events wait for the projector: views are behind',
      metric: api.metricProjectionLag(),
      thresholds: thresholds.projectionLag ?? { Critical: 60_000 },
    },
    {
      name: 'DeadLetter',
      description:
        'an aggregate is parked, or a part of the stream failed too often: views lack events until a redrive',
      metric: api.metricDeadLetters(),
      thresholds: thresholds.deadLetters ?? { Critical: 0 },
    },
    {
      name: 'OperationsDeadLetter',
      description: 'a part of a rebuild or another job failed too often, and waits for the command resume',
      metric: operationsDeadLetterQueue.metricApproximateNumberOfMessagesVisible(),
      thresholds: thresholds.operationsDeadLetters ?? { Critical: 0 },
    },
    {
      name: 'PublishFailure',
      description: 'a change was not told to whoever watches; views show it',
      metric: api.metricPublishFailures(),
      thresholds: thresholds.publishFailures ?? { Critical: 0 },
    },
  ];
}

function ofTables({ tables }: Watched, thresholds: EventSourcedApiAlarmThresholds): WatchedMetric[] {
  const kinds = [
    ['Read', 'reads', thresholds.readThrottles],
    ['Write', 'writes', thresholds.writeThrottles],
  ] as const;
  return Object.entries(tables).flatMap(([id, table]) =>
    kinds.map(([kind, what, given]): WatchedMetric => ({
      name: `${id}${kind}Throttle`,
      description: `${what} of ${id} are throttled`,
      metric: table.metric(`${kind}ThrottleEvents`, { statistic: SUM }),
      breach: 'atLeast',
      thresholds: given ?? { Critical: 10 },
    })),
  );
}
