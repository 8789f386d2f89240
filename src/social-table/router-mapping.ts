import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/**
 * What a router reads a stream by.
 *
 * @internal
 */
export interface RouterMappingParts {
  readonly router: lambda.IFunction;
  readonly streamArn: string;
  /** That the router may read the stream: Lambda asks for it as the mapping is made. */
  readonly grant: iam.Grant;
  /** Where batches go that failed for too long. */
  readonly deadLetterQueue: sqs.IQueue;
  readonly filters?: Record<string, unknown>[];
}

/**
 * Brings a stream to the function between it and queues.
 *
 * @internal
 */
export function routerMapping(scope: Construct, id: string, parts: RouterMappingParts): lambda.EventSourceMapping {
  const mapping = new lambda.EventSourceMapping(scope, id, {
    target: parts.router,
    eventSourceArn: parts.streamArn,
    startingPosition: lambda.StartingPosition.TRIM_HORIZON,
    batchSize: 100,
    // Consumers assume no order, so that a busy shard may be read in parallel.
    parallelizationFactor: 10,
    bisectBatchOnError: true,
    reportBatchItemFailures: true,
    retryAttempts: 20,
    // Half of the time a stream keeps its records: what ends in the dead-letter queue can still be looked up.
    maxRecordAge: Duration.hours(12),
    onFailure: new SqsDlq(parts.deadLetterQueue),
    filters: parts.filters,
  });
  parts.grant.applyBefore(mapping);
  return mapping;
}
