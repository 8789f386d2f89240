import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { DeadLetters } from './dead-letters';
import { redrive, type RedrivePorts } from './jobs/redrive';
import { useLogLines } from '../../test/support/log-lines';

/** What a command leaves in the dead-letter queue, on a queue that hides what it has given. */

const logged = useLogLines();
const client = mockClient(SQSClient);

/** Messages by their ids, with the receipt of the last time that they were given; those that are hidden have one. */
let messages: Map<string, { readonly body: string; receipt?: string }>;
let given: string[];
/** How many are shown again with a call. */
let shown: number[];

beforeAll(() => Object.assign(process.env, { AWS_REGION: 'eu-west-1' }));

beforeEach(() => {
  messages = new Map();
  given = [];
  shown = [];
  client.reset();
  client.on(ReceiveMessageCommand).callsFake(() => ({ Messages: give() }));
  client.on(DeleteMessageCommand).callsFake(({ ReceiptHandle }: { ReceiptHandle: string }) => {
    messages.delete(idOf(ReceiptHandle));
    return {};
  });
  client
    .on(ChangeMessageVisibilityBatchCommand)
    .callsFake(({ Entries }: { Entries: { Id: string; ReceiptHandle: string; VisibilityTimeout: number }[] }) => {
      expect(new Set(Entries.map(({ Id }) => Id)).size).toBe(Entries.length);
      for (const { ReceiptHandle, VisibilityTimeout } of Entries) {
        expect(VisibilityTimeout).toBe(0);
        messages.get(idOf(ReceiptHandle))!.receipt = undefined;
      }
      shown.push(Entries.length);
      return {};
    });
});

const idOf = (receipt: string): string => [...messages].find(([, message]) => message.receipt === receipt)![0];

/** Gives ten messages that are not hidden, and hides them. */
function give(ids = [...messages.keys()].filter((id) => messages.get(id)!.receipt === undefined)): Message[] {
  return ids.slice(0, 10).map((id) => {
    const receipt = `r${given.push(id)}`;
    const message = messages.get(id)!;
    message.receipt = receipt;
    return { MessageId: id, Body: message.body, ReceiptHandle: receipt };
  });
}

const parked = (aggregateId: string, view: string) => JSON.stringify({ type: 'parked-aggregate', aggregateId, view });
const put = (count: number, body: string) => {
  for (let n = 0; n < count; n++) messages.set(`d${messages.size}`, { body });
};

const letters = new DeadLetters('https://sqs.example/dead');
const ports = (changes: Partial<RedrivePorts> = {}): RedrivePorts => ({
  bringUp: async () => new Map(),
  receive: () => letters.receive(),
  remove: (letter) => letters.remove(letter),
  release: (left) => letters.release(left),
  aggregatesIn: async () => undefined,
  timeIsShort: () => false,
  ...changes,
});

test('what stays is found by the next command, and was received once by each', async () => {
  put(12, '{}');
  put(1, parked('c1', 'gone'));
  expect(await redrive(ports())).toMatchObject({ redriven: 1, left: 12, more: false });
  expect([given.length, shown]).toEqual([13, [10, 2]]);
  expect(await redrive(ports())).toMatchObject({ redriven: 0, left: 12, more: false });
  expect(given).toHaveLength(25);
});

test('a command that leaves nothing shows nothing', async () => {
  put(2, parked('c1', 'gone'));
  expect(await redrive(ports())).toMatchObject({ redriven: 2, left: 0 });
  expect([messages.size, shown]).toEqual([0, []]);
});

test('a message that the queue gives twice is not worked on again, and shown by its last receipt', async () => {
  put(
    1,
    JSON.stringify({
      DDBStreamBatchInfo: { streamArn: 'a', shardId: 's', startSequenceNumber: '1', endSequenceNumber: '2' },
    }),
  );
  put(1, '{}');
  const aggregatesIn = jest.fn(async () => undefined);
  client.on(ReceiveMessageCommand).callsFake(() => ({ Messages: give(given.length < 2 ? ['d0', 'd1'] : ['d0']) }));
  expect(await redrive(ports({ aggregatesIn }))).toMatchObject({ redriven: 0, left: 2 });
  expect(aggregatesIn).toHaveBeenCalledTimes(1);
  expect([given, shown]).toEqual([['d0', 'd1', 'd0'], [2]]);
  expect([...messages.values()].map(({ receipt }) => receipt)).toEqual([undefined, undefined]);
});

test('what was received is shown again where the command fails, too, and where its time is short', async () => {
  put(3, parked('c1', 'claims'));
  const bringUp = () => Promise.reject(new Error('not reached'));
  await expect(redrive(ports({ bringUp }))).rejects.toThrow('not reached');
  expect(shown).toEqual([3]);
  put(20, '{}');
  expect(await redrive(ports({ timeIsShort: () => true }))).toMatchObject({ redriven: 1, left: 0, more: true });
  expect([...messages.values()].filter(({ receipt }) => receipt !== undefined)).toEqual([]);
});

test.each<[string, () => unknown]>([
  ['refuses', () => ({ Failed: [{ Id: '0', Code: 'InvalidParameterValue', SenderFault: true }] })],
  ['does not answer', () => Promise.reject(new Error('hidden words'))],
])('a queue that %s to show what stays takes nothing from the answer, and is logged', async (_, answer) => {
  put(1, '{}');
  client.on(ChangeMessageVisibilityBatchCommand).callsFake(answer);
  expect(await redrive(ports())).toMatchObject({ redriven: 0, left: 1 });
  expect(logged()).toMatchObject([{ level: 'WARN', message: 'dead letters stay hidden for five minutes' }]);
  expect(JSON.stringify(logged())).not.toContain('hidden words');
});

const discarded = (streamArn: string) =>
  JSON.stringify({
    DDBStreamBatchInfo: { streamArn, shardId: 's', startSequenceNumber: '1', endSequenceNumber: '2' },
  });

test('an aggregate is brought up once by a command, whatever messages it is in, a hundred at a time', async () => {
  const ids = Array.from({ length: 150 }, (_, n) => `c${n}`);
  put(1, discarded('a'));
  put(1, discarded('b'));
  put(2, parked('c1', 'claims'));
  const bringUp = jest.fn<Promise<Map<string, string>>, [readonly string[], string?]>(async () => new Map());
  const aggregatesIn = jest.fn(async ({ streamArn }: { streamArn: string }) => (streamArn === 'a' ? ids : ['d', 'c2']));
  expect(await redrive(ports({ bringUp, aggregatesIn }))).toMatchObject({ redriven: 4, left: 0 });
  expect(bringUp.mock.calls).toEqual([
    [ids.slice(0, 100), undefined],
    [ids.slice(100), undefined],
    [['d'], undefined],
    [['c1'], 'claims'],
  ]);
});

test('a message stays until all of its aggregates are brought up, by the reason of the first that is not', async () => {
  put(1, discarded('a'));
  put(1, parked('c2', 'claims'));
  const bringUp = async () =>
    new Map([
      ['c2', 'why c2'],
      ['c3', 'why c3'],
    ]);
  const answer = await redrive(ports({ bringUp, aggregatesIn: async () => ['c1', 'c2', 'c3'] }));
  expect(answer).toMatchObject({ redriven: 0, left: 2 });
  expect(answer.reasons).toEqual(['d0', 'd1'].map((messageId) => ({ messageId, reason: 'why c2' })));
});
