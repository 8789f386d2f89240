import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { PostsApiBase } from './posts-api-base';
import { PostsApiAlarmThresholds } from './posts-api-props';
import { POSTS_CLEAN_UP_TIMING } from './posts-clean-up';
import { WatchedMetric } from '../core/alarms';
import { ISocialTable } from '../social-table/i-social-table';

/** What the alarms of a PostsApi are about. */
interface Watched {
  readonly api: PostsApiBase;
  readonly table: ISocialTable;
  /** `GSI1` and so on. */
  readonly indexes: readonly string[];
  /** By construct id; those that answer requests, and those that nobody waits for. */
  readonly answering: ReadonlyMap<string, lambda.IFunction>;
  readonly background: ReadonlyMap<string, lambda.IFunction>;
  readonly userPoolClientIds: readonly string[];
}

const MINUTE = Duration.minutes(1);
const QUARTER = Duration.minutes(15);
const SUM = cloudwatch.Stats.SUM;

/**
 * An authorizer of a REST API says 401 by an error, which Lambda counts as a failed run: whoever sends bad tokens would
 * set off its alarms. Where it fails itself, the API answers 500.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
 */
const REFUSING = 'Authorizer';

/** Percent of one count in another, 0 where there is nothing to count. */
function rate(label: string, part: cloudwatch.IMetric, whole: cloudwatch.IMetric): cloudwatch.MathExpression {
  return new cloudwatch.MathExpression({
    label,
    expression: 'IF(whole > 0, 100 * part / whole, 0)',
    usingMetrics: { part, whole },
    period: QUARTER,
  });
}

/**
 * What a PostsApi watches, with the thresholds that its service is asked to keep.
 *
 * @internal
 */
export function postsAlarms(watched: Watched, thresholds: PostsApiAlarmThresholds): WatchedMetric[] {
  return [...ofApi(watched.api, thresholds), ...ofFunctions(watched, thresholds), ...ofTable(watched, thresholds)];
}

function ofApi(api: PostsApiBase, thresholds: PostsApiAlarmThresholds): WatchedMetric[] {
  return [
    {
      name: 'Latency',
      description: 'the API answers slowly',
      metric: api.metricLatency({ statistic: 'p95', period: MINUTE }),
      evaluationPeriods: 3,
      thresholds: thresholds.latency ?? { Critical: 1500 },
    },
    {
      name: 'ServerError',
      description: 'the API answers with errors of its own',
      metric: api.metricServerError(),
      breach: 'atLeast',
      thresholds: thresholds.serverErrors ?? { Critical: 5 },
    },
    {
      name: 'ServerErrorRate',
      description: 'many of the answers of the API are errors of its own',
      metric: rate(
        'Errors of the API in percent',
        api.metricServerError({ statistic: SUM, period: QUARTER }),
        api.metricCount({ statistic: SUM, period: QUARTER }),
      ),
      breach: 'atLeast',
      thresholds: thresholds.serverErrorRate ?? { Critical: 1 },
    },
    {
      name: 'CleanUpLag',
      description: 'what deleted posts, tags and users leave behind is removed late, or grants are made late',
      metric: api.metricCleanUpLag(),
      thresholds: thresholds.cleanUpLag ?? { Critical: POSTS_CLEAN_UP_TIMING.messageAge },
    },
    {
      name: 'CleanUpDeadLetter',
      description:
        'clean-up failed too often: something of a deleted post, tag or user is left, or grants are not made',
      metric: api.metricCleanUpDeadLetters(),
      thresholds: thresholds.cleanUpDeadLetters ?? { Critical: 0 },
    },
  ];
}

function ofFunctions(watched: Watched, thresholds: PostsApiAlarmThresholds): WatchedMetric[] {
  const { answering, background } = watched;
  const failing = [...answering, ...background].filter(([id]) => id !== REFUSING);
  const errors = failing.flatMap(([id, fn]): WatchedMetric[] => [
    {
      name: `${id}Errors`,
      description: `function ${id} fails`,
      metric: fn.metricErrors(),
      breach: 'atLeast',
      thresholds: thresholds.functionErrors ?? { Critical: 5 },
    },
    {
      name: `${id}ErrorRate`,
      description: `many runs of function ${id} fail`,
      metric: rate(
        `Failed runs of ${id} in percent`,
        fn.metricErrors({ period: QUARTER }),
        fn.metricInvocations({ period: QUARTER }),
      ),
      breach: 'atLeast',
      thresholds: thresholds.functionErrorRate ?? { Critical: 1 },
    },
  ]);
  const durations = [...answering].map(([id, fn]): WatchedMetric => ({
    name: `${id}Duration`,
    description: `function ${id} is slow`,
    metric: fn.metricDuration({ statistic: 'p95', period: MINUTE }),
    evaluationPeriods: 3,
    thresholds: thresholds.functionDuration ?? { Critical: 1000 },
  }));
  return [...errors, ...durations];
}

function ofTable(watched: Watched, thresholds: PostsApiAlarmThresholds): WatchedMetric[] {
  const { api, table, indexes, userPoolClientIds } = watched;
  const kinds = [
    ['Read', 'reads', thresholds.readThrottles],
    ['Write', 'writes', thresholds.writeThrottles],
  ] as const;
  const throttles = kinds.flatMap(([kind, what, given]): WatchedMetric[] => {
    const options = { breach: 'atLeast', thresholds: given ?? { Critical: 10 } } as const;
    const metric = `${kind}ThrottleEvents`;
    return [
      {
        ...options,
        name: `Table${kind}Throttle`,
        description: `${what} of the table are throttled`,
        metric: table.metric(metric, { statistic: SUM }),
      },
      ...indexes.map((index): WatchedMetric => ({
        ...options,
        name: `${index}${kind}Throttle`,
        description: `${what} of index ${index} are throttled`,
        metric: table.metricForIndex(index, metric, { statistic: SUM }),
      })),
    ];
  });
  const signIns = userPoolClientIds.map((clientId, index): WatchedMetric => ({
    name: `SignInThrottle${index === 0 ? '' : index + 1}`,
    description: 'Cognito throttles people who sign in',
    metric: api.metricSignInThrottles(clientId),
    thresholds: thresholds.signInThrottles ?? { Critical: 5 },
  }));
  return [...throttles, ...signIns];
}
