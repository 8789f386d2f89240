import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { type Command, runCommand, type Settings } from './commands';
import { reasonOf } from './converter-function';
import { JobRepository } from './job-repository';
import { parseMessage } from './messages';
import type { CommandPorts, Converter, WorkPorts } from './ports';
import { TableRepository } from './table-repository';
import { converterOf, type FurtherConverter } from './verdicts';
import { handleMessage } from './work';
import { dynamoDb } from '../../core/aws-clients';
import { numberEnv, requireEnv } from '../../core/env';
import { isBatch, workOnMessages } from '../../core/jobs/batch';
import { nameOf } from '../../core/jobs/turns';
import { logInfo } from '../../core/logger';
import { sendAll, sqs } from '../../core/sqs';
import { VERSIONED_KINDS } from '../post-converters';

const queueUrl = requireEnv('MIGRATION_QUEUE_URL');
const failedItemsUrl = requireEnv('FAILED_ITEMS_QUEUE_URL');
const tableName = requireEnv('TABLE_NAME');
const settings: Settings = {
  segments: numberEnv('SEGMENTS'),
  maxReadUnitsPerSecond: numberEnv('MAX_READ_UNITS'),
  maxWriteUnitsPerSecond: numberEnv('MAX_WRITE_UNITS'),
};
const table = new TableRepository(dynamoDb(), tableName);
const ports: CommandPorts = {
  jobs: new JobRepository(dynamoDb(), tableName, requireEnv('MIGRATION_NAME'), () => Date.now()),
  table,
  send: (messages, delaySeconds) =>
    sendAll(
      sqs(),
      queueUrl,
      messages.map((message) => JSON.stringify(message)),
      delaySeconds,
    ),
  now: () => Date.now(),
};

const rate = z.optional(z.number().check(z.minimum(1)));
const rates = { maxReadUnitsPerSecond: rate, maxWriteUnitsPerSecond: rate };
const COMMAND = z.discriminatedUnion('command', [
  z.strictObject({ command: z.enum(['status', 'resume', 'cancel']) }),
  z.strictObject({ command: z.literal('start'), dryRun: z.optional(z.boolean()), ...rates }),
  z.strictObject({ command: z.literal('rate'), ...rates }),
]);

type Handler = (event: unknown, context: Context) => Promise<SQSBatchResponse | object>;

/**
 * Takes commands, and the messages of the migration's own queue.
 *
 * @param further for items of nobody here
 */
export function handlerOf(further?: FurtherConverter): Handler {
  const convert = converterOf(VERSIONED_KINDS, (pk, prefix) => table.query(pk, prefix), further);
  return async (event, context) => {
    if (isBatch(event)) {
      return work(event, context, convert);
    }
    const command = z.safeParse(COMMAND, event);
    if (!command.success) {
      throw new Error(
        'A command is {"command": C}, where C is status, resume or cancel, or start with or without "dryRun", or rate; ' +
          'start and rate take "maxReadUnitsPerSecond" and "maxWriteUnitsPerSecond", at least 1',
      );
    }
    return runCommand(ports, settings, command.data satisfies Command);
  };
}

function work(event: SQSEvent, context: Context, convert: Converter): Promise<SQSBatchResponse> {
  const workMs = context.getRemainingTimeInMillis();
  const portsOf = (messageId: string): WorkPorts => ({
    ...ports,
    table,
    convert,
    messageId,
    attemptId: randomUUID(),
    bury: (bodies) => sendAll(sqs(), failedItemsUrl, bodies),
    pause: async (ms) => {
      await sleep(ms);
    },
    timeIsShort: () => context.getRemainingTimeInMillis() < workMs / 2,
    tell: (what, fields) => logInfo(what, fields),
  });
  return workOnMessages(event, {
    queueUrl,
    work: ({ messageId, body }) => handleMessage(portsOf(messageId), parseMessage(JSON.parse(body))),
    noteError: async (error) => {
      const job = await ports.jobs.current();
      if (job) {
        await ports.jobs.noteError(job.id, { name: nameOf(error), reason: reasonOf(error), at: Date.now() });
      }
    },
    describe: (error) => ({ reason: reasonOf(error) }),
  });
}
