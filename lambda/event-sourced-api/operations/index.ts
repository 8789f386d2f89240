import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { COMMAND, COMMANDS } from './commands';
import { dynamoDb } from '../../core/aws-clients';
import { numberEnv, requireEnv } from '../../core/env';
import { invokerOf } from '../../core/function-client';
import { isBatch, workOnMessages } from '../../core/jobs/batch';
import { nameOf } from '../../core/jobs/turns';
import { logInfo } from '../../core/logger';
import { sendAll, sqs } from '../../core/sqs';
import { DeadLetters } from '../dead-letters';
import { runJobCommand, type Settings } from '../jobs/commands';
import { parseMessage } from '../jobs/messages';
import type { JobCommandPorts, WorkPorts } from '../jobs/ports';
import { redrive } from '../jobs/redrive';
import { handleMessage } from '../jobs/work';
import { loadDomain } from '../load-domain';
import { clock } from '../ports';
import { BRING_UP_MS, PROJECTOR_SECONDS, projectorOf } from '../projector-client';
import { DynamoEventStore } from '../repository/event-store';
import { JobRepository } from '../repository/job-repository';
import type { Meter } from '../repository/metered';
import { TableScans } from '../repository/scans';
import { StreamReader } from '../repository/stream-reader';
import { DynamoViewStore } from '../repository/view-store';

const domain = loadDomain();
const eventTable = requireEnv('EVENT_TABLE');
const readModelTable = requireEnv('READ_MODEL_TABLE');
const workQueueUrl = requireEnv('WORK_QUEUE_URL');
const deadLetters = new DeadLetters(requireEnv('DEAD_LETTER_QUEUE_URL'));
const bringUp = projectorOf(
  invokerOf(requireEnv('PROJECTOR_FUNCTION_ARN'), { seconds: PROJECTOR_SECONDS, attempts: 1 }),
);
const stream = new StreamReader(domain.aggregate);
const settings: Settings = {
  segments: numberEnv('SEGMENTS', 4),
  maxReadUnitsPerSecond: numberEnv('MAX_READ_UNITS', 200),
  maxWriteUnitsPerSecond: numberEnv('MAX_WRITE_UNITS', 100),
};

/** The repositories, which tell a meter what they consume. */
function repositories(meter?: Meter) {
  const db = dynamoDb();
  const { aggregate: aggregateType } = domain;
  return {
    events: new DynamoEventStore({ db, table: eventTable, aggregateType, meter }),
    views: new DynamoViewStore({ db, table: readModelTable, meter }),
    scans: new TableScans({ db, eventTable, readModelTable, aggregateType, meter }),
  };
}

const unmetered = repositories();
const ports: JobCommandPorts = {
  domain,
  jobs: new JobRepository(dynamoDb(), readModelTable),
  scans: unmetered.scans,
  send: (messages, delaySeconds) =>
    sendAll(
      sqs(),
      workQueueUrl,
      messages.map((message) => JSON.stringify(message)),
      delaySeconds,
    ),
  now: clock.now,
};

/** Takes commands of operators, and the messages of its own queue. */
export async function handler(event: unknown, context: Context): Promise<SQSBatchResponse | object> {
  if (isBatch(event)) {
    return work(event, context);
  }
  const parsed = z.safeParse(COMMAND, event);
  if (!parsed.success) {
    throw new Error(COMMANDS);
  }
  const command = parsed.data;
  switch (command.command) {
    case 'events': {
      const { id, after = 0, limit = 100 } = command;
      return unmetered.events.events(id, { after, limit });
    }
    case 'redrive':
      return redrive({
        bringUp,
        receive: () => deadLetters.receive(),
        remove: (letter) => deadLetters.remove(letter),
        release: (letters) => deadLetters.release(letters),
        aggregatesIn: (range) => stream.aggregatesIn(range),
        timeIsShort: () => context.getRemainingTimeInMillis() < BRING_UP_MS,
      });
    default:
      return runJobCommand(ports, settings, command);
  }
}

/** Half of its time is for work, and half for what is under way then. */
function halfOf(context: Context): () => boolean {
  const whole = context.getRemainingTimeInMillis();
  return () => context.getRemainingTimeInMillis() < whole / 2;
}

function work(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const timeIsShort = halfOf(context);
  const portsOf = (messageId: string): WorkPorts => {
    let units = { read: 0, write: 0 };
    const meter: Meter = (kind, more) => (units = { ...units, [kind]: units[kind] + more });
    return {
      ...ports,
      ...repositories(meter),
      messageId,
      attemptId: randomUUID(),
      spent: () => {
        const spent = units;
        units = { read: 0, write: 0 };
        return spent;
      },
      pause: async (ms) => {
        await sleep(ms);
      },
      timeIsShort,
      tell: logInfo,
    };
  };
  let view: string | undefined;
  return workOnMessages(event, {
    queueUrl: workQueueUrl,
    work: async ({ messageId, body }) => {
      const message = parseMessage(JSON.parse(body));
      ({ view } = message);
      await handleMessage(portsOf(messageId), message);
    },
    noteError: async (error) => {
      const job = view === undefined ? undefined : await ports.jobs.current(view);
      if (job) {
        await ports.jobs.noteError(job, { name: nameOf(error), at: clock.now() });
      }
    },
  });
}
