import { SQSClient } from '@aws-sdk/client-sqs';
import { startTestServices, type TestServices } from '../../local/testing';

/** A queue as the template has it. */
export interface MadeQueue {
  readonly url: string;
  readonly arn: string;
}

/** The runner's SQS, and a client of it that tries once. */
export interface TestQueues {
  readonly test: TestServices;
  readonly client: SQSClient;
  make(properties?: object): Promise<MadeQueue>;
}

/** One SQS for all tests of a file. @param begin called before each of them, with nothing denied or recorded */
export function useTestQueues(begin: (queues: TestQueues) => Promise<void>): void {
  let queues: TestQueues | undefined;
  let count = 0;

  beforeAll(async () => {
    const test = await startTestServices();
    const make = async (properties: object = {}) => {
      const { ref, attributes } = await test.create('AWS::SQS::Queue', `Queue${count++}`, { ...properties });
      return { url: ref, arn: String(attributes.Arn) };
    };
    queues = { test, client: new SQSClient({ ...test.client, maxAttempts: 1 }), make };
  }, 40_000);
  afterAll(async () => {
    queues?.client.destroy();
    await queues?.test.close();
  });
  beforeEach(async () => {
    if (!queues) throw new Error('SQS was not started');
    const { denied, authorizations, calls } = queues.test;
    denied.clear();
    authorizations.length = 0;
    calls.length = 0;
    await begin(queues);
  });
}
