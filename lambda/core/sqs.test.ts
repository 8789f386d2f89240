import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { batches, sendAll, sendMessages } from './sqs';
import { forEachMessage } from './sqs-batch';
import { useLogLines } from '../../test/support/log-lines';

const logged = useLogLines();

const queue = mockClient(SQSClient);
const client = new SQSClient({ region: 'eu-west-1' });
const bodies = (count: number, size = 1) => Array.from({ length: count }, (_, n) => String(n % 10).repeat(size));

beforeEach(() => {
  queue.reset();
  queue.on(SendMessageBatchCommand).resolves({});
});

describe('messages', () => {
  test('are cut into batches of ten, in their order', () => {
    expect(batches(bodies(23)).map((batch) => batch.map(({ index }) => index))).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      [10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
      [20, 21, 22],
    ]);
    expect(batches([])).toEqual([]);
  });

  test('are cut by their bytes, to the last one', () => {
    const kib = 1024;
    expect(batches(bodies(4, 64 * kib)).map(({ length }) => length)).toEqual([4]);
    expect(batches([...bodies(4, 64 * kib), 'x']).map(({ length }) => length)).toEqual([4, 1]);
    // Two bytes each in UTF-8.
    expect(batches(['é'.repeat(100 * kib), 'é'.repeat(100 * kib)]).map(({ length }) => length)).toEqual([1, 1]);
  });

  test('larger than a batch go alone', () => {
    expect(batches(['a', 'x'.repeat(300 * 1024), 'b']).map((batch) => batch.map(({ index }) => index))).toEqual([
      [0],
      [1],
      [2],
    ]);
  });

  test('are sent with the ids of their places', async () => {
    await expect(sendMessages(client, 'https://queue', bodies(11))).resolves.toEqual([]);
    const sent = queue.commandCalls(SendMessageBatchCommand).map(({ args }) => args[0].input);
    expect(sent.map(({ QueueUrl, Entries }) => [QueueUrl, Entries?.length])).toEqual([
      ['https://queue', 10],
      ['https://queue', 1],
    ]);
    expect(sent[1].Entries).toEqual([{ Id: '10', MessageBody: '0' }]);
  });

  test('that were not taken are told, with whose fault it is', async () => {
    queue.on(SendMessageBatchCommand).resolves({
      Failed: [
        { Id: '1', SenderFault: true, Code: 'InvalidMessageContents' },
        { Id: '2', SenderFault: false, Code: 'InternalError' },
      ],
    });
    await expect(sendMessages(client, 'https://queue', bodies(3))).resolves.toEqual([
      { index: 1, permanent: true },
      { index: 2, permanent: false },
    ]);
    await expect(sendAll(client, 'https://queue', bodies(3))).rejects.toThrow('2 of 3 messages were not taken');
  });

  test('of a call that fails are all told, and the other batches are sent', async () => {
    queue.on(SendMessageBatchCommand).rejectsOnce(new Error('down')).resolves({});
    const failures = await sendMessages(client, 'https://queue', bodies(12));
    expect(failures).toEqual(Array.from({ length: 10 }, (_, index) => ({ index, permanent: false })));
    expect(logged()).toEqual([expect.objectContaining({ level: 'ERROR', error: 'Error' })]);
  });

  test('that are all taken are sent', async () => {
    await expect(sendAll(client, 'https://queue', bodies(12))).resolves.toBeUndefined();
  });
});

describe('a batch of messages', () => {
  const eventOf = (...texts: string[]) =>
    ({
      Records: texts.map((body, n) => ({ messageId: `m${n}`, body, attributes: { ApproximateReceiveCount: '2' } })),
    }) as SQSEvent;

  test('is worked on message by message, parsed', async () => {
    const work = jest.fn().mockResolvedValue(undefined);
    await expect(forEachMessage(eventOf('{"a":1}', '[2]'), work)).resolves.toEqual({ batchItemFailures: [] });
    expect(work.mock.calls).toEqual([[{ a: 1 }], [[2]]]);
  });

  test('reports those that fail, or are no JSON, and those alone; the log names them and holds nothing of them', async () => {
    const work = (body: unknown) => (body === 1 ? Promise.reject(new Error('x')) : Promise.resolve());
    const answer = await forEachMessage(eventOf('1', '2', 'secret{', '3'), work);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }, { itemIdentifier: 'm2' }] });
    const byMessage = [...logged()].sort((a, b) => (String(a.messageId) < String(b.messageId) ? -1 : 1));
    expect(byMessage).toEqual([
      expect.objectContaining({ messageId: 'm0', receiveCount: '2' }),
      expect.objectContaining({ messageId: 'm2', receiveCount: '2' }),
    ]);
    expect(JSON.stringify(logged())).not.toContain('secret');
  });
});
