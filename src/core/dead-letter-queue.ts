import { Duration } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge';

/**
 * A dead-letter queue as all of this library's: encrypted, TLS only, kept for as long as SQS allows.
 *
 * @internal
 */
export function deadLetterQueue(scope: Construct, id: string): sqs.Queue {
  const queue = new sqs.Queue(scope, id, {
    encryption: sqs.QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  acknowledge(queue.node.defaultChild, {
    id: 'AwsSolutions-SQS3',
    reason: 'This is a dead-letter queue, also where a function or an event source mapping sends to it by itself',
  });
  return queue;
}
