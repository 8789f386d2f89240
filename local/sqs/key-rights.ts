import { Queue } from './queue';
import { Permission } from '../aws/protocol';

const ACTIONS = {
  send: ['kms:GenerateDataKey', 'kms:Decrypt'],
  receive: ['kms:Decrypt'],
} as const;

/**
 * What is needed of the key of a queue that is encrypted with one of the app's, beside the right to the queue. Whoever sends
 * decrypts as well: SQS looks at a data key that is new before it is used. Messages here are not encrypted.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 */
export function keyRights(queue: Queue | undefined, use: keyof typeof ACTIONS): readonly Permission[] {
  if (queue?.settings.keyArn === undefined) return [];
  const { arn, keyArn } = queue.settings;
  const [, , , region, account] = arn.split(':');
  const context = { 'kms:ViaService': `sqs.${region}.amazonaws.com`, 'kms:CallerAccount': account };
  return ACTIONS[use].map((action) => ({ action, resources: [keyArn], context }));
}
