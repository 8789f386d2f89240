import { JobRepository } from './job-repository';
import type { JobPorts } from './ports';
import { dynamoDb } from '../../core/aws-clients';
import { requireEnv } from '../../core/env';
import { sendAll, sqs } from '../../core/sqs';
import { searchClient } from '../client';
import { Indexes } from '../indexes';

/** Jobs as functions have them: what is to be done is in a queue, and what is done in a table. */
export function jobPorts(): JobPorts & { readonly indexes: Indexes } {
  const queueUrl = requireEnv('JOBS_QUEUE_URL');
  return {
    jobs: new JobRepository(dynamoDb(), requireEnv('JOBS_TABLE_NAME'), () => Date.now()),
    indexes: new Indexes(searchClient()),
    send: (messages, delaySeconds) =>
      sendAll(
        sqs(),
        queueUrl,
        messages.map((message) => JSON.stringify(message)),
        delaySeconds,
      ),
    now: () => Date.now(),
  };
}
