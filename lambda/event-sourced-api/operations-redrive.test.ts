import {
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import type { TestTables } from '../../test/support/engine';
import {
  contextWith,
  type OperationsHandler,
  useEventFunctions,
  usePublications,
} from '../../test/support/event-functions';
import { useLogLines } from '../../test/support/log-lines';
import { storeClaims, withSecondView } from '../../test/support/stored-claims';
import { useStubServer } from '../../test/support/stub-server';

/** The command `redrive`: the function that operators invoke, and the projector that it asks, as they are shipped. */

const logged = useLogLines();
const queue = mockClient(SQSClient);
const streams = mockClient(DynamoDBStreamsClient);
const invoked = mockClient(LambdaClient);
const appSync = useStubServer();
const publications = usePublications(appSync);

const PROJECTOR = 'arn:aws:lambda:eu-west-1:111111111111:function:project';

let isBroken = false;
const functions = useEventFunctions(
  withSecondView(() => isBroken),
  () => ({
    GRAPHQL_ENDPOINT: `${appSync.url}/graphql`,
    WORK_QUEUE_URL: 'https://sqs.example/work',
    PROJECTOR_FUNCTION_ARN: PROJECTOR,
  }),
);
const { rowsOf } = functions;

let tables: TestTables;
let handler: OperationsHandler;
let projector: (event: unknown) => Promise<object>;
/** What comes in the place of the projector's next answers. */
let answers: (() => object)[];

beforeAll(() => {
  ({ tables } = functions);
  handler = functions.load('operations');
  projector = functions.load('project');
});

beforeEach(() => {
  isBroken = false;
  answers = [];
  queue.reset();
  streams.reset();
  invoked.reset();
  invoked.on(InvokeCommand, { FunctionName: PROJECTOR }).callsFake(async ({ Payload }: { Payload: Buffer }) => {
    const [answer] = answers.splice(0, 1);
    return answer?.() ?? payload(await projector(JSON.parse(Payload.toString())));
  });
});

/** View, aggregate and version of each change that was published. */
const published = () =>
  publications().map(({ variables: { view, id, version } }) => `${String(view)} ${String(id)} ${String(version)}`);

const payload = (value: unknown) => ({ Payload: Buffer.from(JSON.stringify(value)) });
const ask = async (command: object) => (await handler(command, contextWith())) as Record<string, unknown>;

/** Puts messages into the dead-letter queue, which are received once. @returns the receipts of those removed */
function deadLetters(...bodies: object[]): () => unknown[] {
  const messages: Message[] = bodies.map((body, n) => ({
    ...{ MessageId: `d${n}`, Body: JSON.stringify(body), ReceiptHandle: `r${n}` },
  }));
  queue.resetHistory();
  queue.on(ReceiveMessageCommand).resolvesOnce({ Messages: messages }).resolves({});
  queue.on(DeleteMessageCommand).resolves({});
  queue.on(ChangeMessageVisibilityBatchCommand).resolves({});
  return () => queue.commandCalls(DeleteMessageCommand).map(({ args }) => args[0].input.ReceiptHandle);
}

const parked = (aggregateId: string, view: string) => ({
  ...{ type: 'parked-aggregate', aggregateType: 'ExpenseClaim', aggregateId, view, version: 1, reason: 'x' },
});
const discarded = {
  version: '1.0',
  requestContext: { condition: 'RetryAttemptsExhausted' },
  DDBStreamBatchInfo: {
    ...{ shardId: 'shard-1', startSequenceNumber: '100', endSequenceNumber: '300', batchSize: 2 },
    streamArn: 'arn:aws:dynamodb:eu-west-1:111111111111:table/events/stream/s',
  },
};

test('parked aggregates are redriven once the domain takes their events; until then they stay', async () => {
  await storeClaims(tables, 1, { commandId: 'poison' }, 'p');
  isBroken = true;
  let removed = deadLetters(parked('p0', 'claims-v2'), parked('p0', 'claims-v2'), parked('p0', 'gone'));
  expect(await ask({ command: 'redrive' })).toEqual({
    ...{ redriven: 1, left: 2, more: false },
    reasons: [0, 1].map((n) => ({
      messageId: `d${n}`,
      reason: 'claims-v2 of p0 at version 1: views.claims-v2.apply of ClaimOpened threw RangeError',
    })),
  });
  expect(removed()).toEqual(['r2']);
  isBroken = false;
  removed = deadLetters(parked('p0', 'claims-v2'), parked('p0', 'claims-v2'));
  expect(await ask({ command: 'redrive' })).toEqual({ redriven: 2, left: 0, reasons: [], more: false });
  expect(removed()).toEqual(['r0', 'r1']);
  expect(published()).toEqual(['claims-v2 p0 2']);
  expect(JSON.stringify(logged())).not.toContain('hidden');
  expect(await rowsOf('claims-v2')).toHaveLength(3);
});

test('records that Lambda gave up are read from the stream again, and their aggregates brought up', async () => {
  await storeClaims(tables, 2);
  const record = (id: string, number: string) => ({
    dynamodb: { Keys: { PK: { S: `ExpenseClaim#${id}` }, SK: { S: '1' } }, SequenceNumber: number },
  });
  streams.on(GetShardIteratorCommand).resolves({ ShardIterator: 'i1' });
  streams.on(GetRecordsCommand, { ShardIterator: 'i1' }).resolves({ Records: [], NextShardIterator: 'i2' });
  streams.on(GetRecordsCommand, { ShardIterator: 'i2' }).resolves({
    Records: [record('c0', '100'), record('c0', '200')],
    NextShardIterator: 'i3',
  });
  streams.on(GetRecordsCommand, { ShardIterator: 'i3' }).resolves({
    Records: [record('c1', '300'), record('c9', '400')],
    NextShardIterator: 'i4',
  });
  const removed = deadLetters(discarded);
  expect(await ask({ command: 'redrive' })).toMatchObject({ redriven: 1, left: 0 });
  expect(streams.commandCalls(GetShardIteratorCommand)[0].args[0].input).toEqual({
    ...{ StreamArn: discarded.DDBStreamBatchInfo.streamArn, ShardId: 'shard-1' },
    ...{ ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: '100' },
  });
  expect(streams.commandCalls(GetRecordsCommand)).toHaveLength(3);
  expect(removed()).toEqual(['r0']);
  expect(asked()).toEqual([{ ids: ['c0', 'c1'] }]);
  expect(published().sort()).toEqual(['claims c0 2', 'claims c1 2', 'claims-v2 c0 2', 'claims-v2 c1 2']);
});

/** What the projector was asked, in order. */
const asked = () =>
  invoked.commandCalls(InvokeCommand).map(({ args }) => {
    const { bringUp } = JSON.parse(String(args[0].input.Payload)) as { bringUp: object };
    return bringUp;
  });

test.each<[string, object, string]>([
  ['fails', { errorType: 'RangeError', errorMessage: 'hidden words' }, 'the projector failed with RangeError'],
  ['fails by no name', { errorType: 'hidden words' }, 'the projector failed with an error'],
  ['is stopped', { errorMessage: 'Task timed out after 60.00 seconds' }, 'the projector timed out'],
])('what a projector that %s was asked for stays, told by name, and the others are done', async (_, error, reason) => {
  await storeClaims(tables, 1);
  answers = [() => ({ FunctionError: 'Unhandled', ...payload(error) })];
  const removed = deadLetters(parked('c9', 'claims'), parked('c0', 'claims'));
  const answer = await ask({ command: 'redrive' });
  expect(answer).toEqual({ redriven: 1, left: 1, more: false, reasons: [{ messageId: 'd0', reason }] });
  expect([asked(), removed(), published()]).toEqual([
    [
      { ids: ['c9'], view: 'claims' },
      { ids: ['c0'], view: 'claims' },
    ],
    ['r1'],
    ['claims c0 2'],
  ]);
});

test('a projector that is throttled is asked again; of one that cannot be asked, or answers anything, the command fails', async () => {
  const failing = (name: string) => () => {
    throw Object.assign(new Error('hidden'), { name });
  };
  await storeClaims(tables, 1);
  answers = [failing('TooManyRequestsException')];
  deadLetters(parked('c0', 'claims'));
  expect(await ask({ command: 'redrive' })).toMatchObject({ redriven: 1, left: 0 });
  expect([asked().length, published()]).toEqual([2, ['claims c0 2']]);

  // It may have begun: nobody knows.
  answers = [failing('ServiceException')];
  deadLetters(parked('c0', 'claims'));
  await expect(ask({ command: 'redrive' })).rejects.toMatchObject({ name: 'ServiceException' });
  expect(asked()).toHaveLength(3);

  answers = [() => payload({ left: 'all' })];
  deadLetters(parked('c0', 'claims'));
  await expect(ask({ command: 'redrive' })).rejects.toThrow('The projector answered with something else');
});

test('a projector is asked for nothing that it might not answer in time', async () => {
  await storeClaims(tables, 2);
  deadLetters(parked('c0', 'claims'), parked('c1', 'claims'));
  expect(
    await handler(
      { command: 'redrive' },
      contextWith(() => 80_000),
    ),
  ).toMatchObject({ redriven: 1, left: 0, more: true });
  expect(asked()).toEqual([{ ids: ['c0'], view: 'claims' }]);
});

test('what the stream has no more needs a rebuild, and says so; what is no message of the projector stays', async () => {
  streams.on(GetShardIteratorCommand).rejects(new TrimmedDataAccessException({ message: 'hidden', $metadata: {} }));
  const removed = deadLetters(discarded, { type: 'unreadable-record' });
  expect(await ask({ command: 'redrive' })).toEqual({
    ...{ redriven: 0, left: 2, more: false },
    reasons: [
      {
        messageId: 'd0',
        reason: 'the stream has these records no more: rebuild each view, and remove this message',
      },
      { messageId: 'd1', reason: expect.stringContaining('it is no message of the projector') as string },
    ],
  });
  expect(removed()).toEqual([]);
});
