import { Duration } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { KeyPatterns } from './key-patterns';
import { grantProjection, projectionEnvironment } from './projector';
import { BundledFunction, BundledFunctionProps } from '../core/bundled-function';
import { deadLetterQueue } from '../core/dead-letter-queue';
import { grantOnKeys, grantStreamRead } from '../core/table-grants';

/** Of which half is for work, and half for its last page. */
const TIMEOUT = Duration.minutes(2);

/** A message that fails comes again after 5 s, 10 s and so on to 5 minutes: this often is more than an hour and a half. */
const RECEIVES = 25;

/** Parts of a table that are worked on side by side; the commands of a job may be changed in their rates. */
const SEGMENTS = 4;

interface OperationsParts {
  readonly functionProps: Pick<BundledFunctionProps, 'files'>;
  readonly eventTable: dynamodb.Table;
  readonly readModelTable: dynamodb.ITable;
  /** Brings up what was parked, and tells whoever watches. */
  readonly projector: lambda.IFunction;
  /** What the projector could not do: redriven by a command. */
  readonly deadLetterQueue: sqs.IQueue;
  readonly keys: KeyPatterns;
}

/** The function that operators send commands to, and the parts of jobs that wait for it. */
export interface Operations {
  readonly handler: lambda.Function;
  readonly queue: sqs.IQueue;
  readonly deadLetterQueue: sqs.IQueue;
}

/**
 * Makes the function for operators: rebuilds, comparisons and erasures of views in parts of a table on a queue, redrive
 * of the projector's dead letters, and the events of an aggregate.
 *
 * @internal
 */
export function makeOperations(scope: Construct, id: string, parts: OperationsParts): Operations {
  const deadLetters = deadLetterQueue(scope, `${id}DeadLetters`);
  const queue = new sqs.Queue(scope, `${id}Queue`, {
    encryption: sqs.QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    visibilityTimeout: Duration.seconds(6 * TIMEOUT.toSeconds()),
    retentionPeriod: Duration.days(14),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: RECEIVES },
  });
  const handler = new BundledFunction(scope, id, {
    ...parts.functionProps,
    code: 'event-sourced-api/operations',
    continuesItself: true,
    description: 'Rebuilds, compares and erases views, and redrives what could not be projected; takes commands',
    timeout: TIMEOUT,
    ownEnvironment: {
      ...projectionEnvironment(parts),
      WORK_QUEUE_URL: queue.queueUrl,
      PROJECTOR_FUNCTION_ARN: parts.projector.functionArn,
    },
  });
  grantProjection(handler, parts);
  grantJobs(handler, parts);
  // It hands parts of its work on to itself; what it receives, it may put off.
  queue.grantSendMessages(handler);
  // What stays is shown again as a command ends.
  iam.Grant.addToPrincipal({
    grantee: handler,
    actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
    resourceArns: [parts.deadLetterQueue.queueArn],
  });
  // This very function: `grantInvoke` would allow each of its versions as well.
  iam.Grant.addToPrincipal({
    grantee: handler,
    actions: ['lambda:InvokeFunction'],
    resourceArns: [parts.projector.functionArn],
  });
  handler.addEventSource(
    new SqsEventSource(queue, { batchSize: 1, reportBatchItemFailures: true, maxConcurrency: SEGMENTS }),
  );
  return { handler, queue, deadLetterQueue: deadLetters };
}

function grantJobs(handler: lambda.IFunction, { eventTable, readModelTable, keys }: OperationsParts): void {
  const of = (...actions: string[]) => actions.map((action) => `dynamodb:${action}`);
  // A scan reads all there is, and a view that is erased is one that the domain does not know any more.
  grantOnTable(eventTable, handler, of('DescribeTable', 'Scan'));
  grantOnTable(readModelTable, handler, of('BatchWriteItem', 'DescribeTable', 'Scan'));
  grantOnKeys(readModelTable, handler, of('DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'), keys.jobs);
  grantStreamRead(eventTable.tableStreamArn!, eventTable.encryptionKey, handler);
}

/** Rights that no condition on keys bounds. */
function grantOnTable(table: dynamodb.ITable, grantee: iam.IGrantable, actions: string[]): void {
  iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [table.tableArn] });
}
