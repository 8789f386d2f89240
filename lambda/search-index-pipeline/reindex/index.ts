import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import { dynamoDb } from '../../core/aws-clients';
import { requireEnv } from '../../core/env';
import { logError, logInfo } from '../../core/logger';
import { delayMessage, sendAll, sqs } from '../../core/sqs';
import { statusOf } from '../client';
import { type Command, type CommandPorts, runCommand } from '../jobs/commands';
import { parseMessage } from '../jobs/messages';
import type { WorkPorts } from '../jobs/ports';
import { jobPorts } from '../jobs/shared-ports';
import { TableRepository } from '../jobs/table-repository';
import { handleMessage, nameOf } from '../jobs/work';

const alias = requireEnv('SEARCH_ALIAS');
const queueUrl = requireEnv('JOBS_QUEUE_URL');
const deadLetterQueueUrl = requireEnv('DEAD_LETTER_QUEUE_URL');
const ports: CommandPorts = { ...jobPorts(), alias };
const table = new TableRepository(dynamoDb(), requireEnv('TABLE_NAME'));

const index = z.optional(z.string().check(z.minLength(1)));
const COMMAND = z.discriminatedUnion('command', [
  z.strictObject({ command: z.enum(['status', 'reindex', 'backfill', 'resume', 'cancel', 'switch']) }),
  z.strictObject({ command: z.enum(['switch-back', 'drop']), index }),
]);

/** What is not a message is a command. */
const isBatch = (event: unknown): event is SQSEvent =>
  typeof event === 'object' && event !== null && 'Records' in event;

/** Seconds until a message that failed comes again: 5, 10, and so on to 5 minutes. */
const backoffOf = ({ attributes }: SQSRecord) =>
  Math.min(300, 5 * 2 ** Math.min(10, Number(attributes.ApproximateReceiveCount) - 1));

export async function handler(event: unknown, context: Context): Promise<SQSBatchResponse | object> {
  if (isBatch(event)) {
    return workOn(event, context);
  }
  const command = z.safeParse(COMMAND, event);
  if (!command.success) {
    throw new Error(
      'A command is {"command": C}, where C is status, reindex, backfill, resume, cancel, switch, or ' +
        'switch-back or drop with or without "index"',
    );
  }
  return runCommand(ports, command.data satisfies Command);
}

async function workOn({ Records: records }: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const workMs = context.getRemainingTimeInMillis();
  const failed: string[] = [];
  for (const record of records) {
    const work: WorkPorts = {
      ...ports,
      table,
      endsAt: Date.now() + context.getRemainingTimeInMillis(),
      messageId: record.messageId,
      attemptId: randomUUID(),
      timeIsShort: () => context.getRemainingTimeInMillis() < workMs / 2,
      bury: (bodies) => sendAll(sqs(), deadLetterQueueUrl, bodies),
      pause: async (ms) => {
        await sleep(Math.random() * ms);
      },
      tell: (what, fields) => logInfo(what, fields),
    };
    try {
      await handleMessage(work, parseMessage(JSON.parse(record.body)));
    } catch (error) {
      failed.push(record.messageId);
      await noteFailure(record, error);
    }
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

/** What comes of this helps whoever looks, and is not needed. */
async function noteFailure(record: SQSRecord, error: unknown): Promise<void> {
  await logError('message of a job failed', error, {
    messageId: record.messageId,
    receiveCount: record.attributes.ApproximateReceiveCount,
    status: statusOf(error),
  });
  try {
    await delayMessage(sqs(), queueUrl, record.receiptHandle, backoffOf(record));
    const job = await ports.jobs.current();
    if (job) {
      await ports.jobs.noteError(job.id, nameOf(error), Date.now());
    }
  } catch (other) {
    await logError('failure was not noted', other);
  }
}
