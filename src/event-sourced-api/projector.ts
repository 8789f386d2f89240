import { Duration, Stack } from 'aws-cdk-lib';
import * as appsync from 'aws-cdk-lib/aws-appsync';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { CHANGE_NOT_PUBLISHED } from './contract';
import { PUBLISH_FAILURES } from './event-sourced-api-base';
import { KeyPatterns } from './key-patterns';
import { BundledFunction, BundledFunctionProps } from '../core/bundled-function';
import { takeStreamReader } from '../core/stream-readers';
import { grantOnKeys, grantStreamRead } from '../core/table-grants';

/** Reads of 100 events, their rows, and what is told of them: a fraction of it, but for what the store is asked again. */
const TIMEOUT = Duration.minutes(1);

interface ProjectorParts {
  readonly functionProps: Pick<BundledFunctionProps, 'files'>;
  readonly eventTable: dynamodb.Table;
  readonly readModelTable: dynamodb.ITable;
  readonly queryApi: appsync.GraphqlApi;
  readonly deadLetterQueue: sqs.IQueue;
  readonly keys: KeyPatterns;
  /** By the names that queries have, the views that they stand for. */
  readonly liveViews: Readonly<Record<string, string>>;
  readonly metricNamespace: string;
  readonly parallelizationFactor?: number;
}

/**
 * Makes the function that reads the event table's stream and writes views. It alone may publish changes: where operators
 * have aggregates brought up, it is asked to.
 *
 * @internal
 */
export function makeProjector(scope: Construct, id: string, parts: ProjectorParts): lambda.Function {
  const { eventTable, queryApi, deadLetterQueue } = parts;
  takeStreamReader(eventTable, id, eventTable.node.path);
  const projector = new BundledFunction(scope, id, {
    ...parts.functionProps,
    code: 'event-sourced-api/project',
    description: 'Brings events into views, and tells of changes',
    timeout: TIMEOUT,
    ownEnvironment: {
      ...projectionEnvironment(parts),
      GRAPHQL_ENDPOINT: queryApi.graphqlUrl,
      LIVE_VIEWS: Stack.of(scope).toJsonString(parts.liveViews),
    },
  });
  grantProjection(projector, parts);
  grantOnKeys(eventTable, projector, ['dynamodb:PutItem'], parts.keys.aggregates);
  deadLetterQueue.grantSendMessages(projector);
  queryApi.grantMutation(projector, 'publishViewChange');
  const grant = grantStreamRead(eventTable.tableStreamArn!, eventTable.encryptionKey, projector);
  const mapping = new lambda.EventSourceMapping(scope, `${id}Stream`, {
    target: projector,
    eventSourceArn: eventTable.tableStreamArn,
    startingPosition: lambda.StartingPosition.TRIM_HORIZON,
    batchSize: 100,
    // Order is kept for each item, and events are items of their own: batches side by side have events of one aggregate
    // in any order. Views stay right, by reading the store again.
    // https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
    parallelizationFactor: parts.parallelizationFactor ?? 1,
    bisectBatchOnError: true,
    reportBatchItemFailures: true,
    // As often as Lambda takes, which age ends: a bad deployment or a throttled table heals, and loses nothing till then.
    // https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
    retryAttempts: 10_000,
    // Half of the time a stream keeps its records: what ends in the dead-letter queue can still be looked up.
    maxRecordAge: Duration.hours(12),
    onFailure: new SqsDlq(deadLetterQueue),
    filters: [
      lambda.FilterCriteria.filter({
        eventName: lambda.FilterRule.isEqual('INSERT'),
        dynamodb: { NewImage: { kind: { S: lambda.FilterRule.isEqual('event') } } },
      }),
    ],
  });
  grant.applyBefore(mapping);
  new logs.MetricFilter(scope, `${id}PublishFailures`, {
    logGroup: projector.logGroup,
    filterPattern: logs.FilterPattern.stringValue('$.message', '=', CHANGE_NOT_PUBLISHED),
    metricNamespace: parts.metricNamespace,
    metricName: PUBLISH_FAILURES,
    metricValue: '1',
  });
  return projector;
}

/**
 * Where the functions that write views find everything.
 *
 * @internal
 */
export function projectionEnvironment(
  parts: Pick<ProjectorParts, 'eventTable' | 'readModelTable' | 'deadLetterQueue'>,
): Record<string, string> {
  return {
    EVENT_TABLE: parts.eventTable.tableName,
    READ_MODEL_TABLE: parts.readModelTable.tableName,
    DEAD_LETTER_QUEUE_URL: parts.deadLetterQueue.queueUrl,
  };
}

/**
 * What it takes to fold events into views: reads of an aggregate, and rows of views.
 *
 * @internal
 */
export function grantProjection(
  grantee: lambda.IFunction,
  { eventTable, readModelTable, keys }: Pick<ProjectorParts, 'eventTable' | 'readModelTable' | 'keys'>,
): void {
  grantOnKeys(eventTable, grantee, ['dynamodb:Query'], keys.aggregates);
  const actions = ['BatchGetItem', 'GetItem', 'PutItem', 'DeleteItem'].map((action) => `dynamodb:${action}`);
  grantOnKeys(readModelTable, grantee, actions, keys.views());
}
