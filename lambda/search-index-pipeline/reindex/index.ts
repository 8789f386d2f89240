import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { dynamoDb } from '../../core/aws-clients';
import { requireEnv } from '../../core/env';
import { isBatch, workOnMessages } from '../../core/jobs/batch';
import { nameOf } from '../../core/jobs/turns';
import { logInfo } from '../../core/logger';
import { sendAll, sqs } from '../../core/sqs';
import { statusOf } from '../client';
import { type Command, type CommandPorts, runCommand } from '../jobs/commands';
import { parseMessage } from '../jobs/messages';
import type { WorkPorts } from '../jobs/ports';
import { jobPorts } from '../jobs/shared-ports';
import { TableRepository } from '../jobs/table-repository';
import { handleMessage } from '../jobs/work';

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

function workOn(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const workMs = context.getRemainingTimeInMillis();
  return workOnMessages(event, {
    queueUrl,
    work: ({ messageId, body }) => handleMessage(workPorts(context, workMs, messageId), parseMessage(JSON.parse(body))),
    noteError: async (error) => {
      const job = await ports.jobs.current();
      if (job) {
        await ports.jobs.noteError(job.id, nameOf(error), Date.now());
      }
    },
    describe: (error) => ({ status: statusOf(error) }),
  });
}

const workPorts = (context: Context, workMs: number, messageId: string): WorkPorts => ({
  ...ports,
  table,
  endsAt: Date.now() + context.getRemainingTimeInMillis(),
  messageId,
  attemptId: randomUUID(),
  timeIsShort: () => context.getRemainingTimeInMillis() < workMs / 2,
  bury: (bodies) => sendAll(sqs(), deadLetterQueueUrl, bodies),
  pause: async (ms) => {
    await sleep(Math.random() * ms);
  },
  tell: (what, fields) => logInfo(what, fields),
});
