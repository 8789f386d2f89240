import { unmarshall } from '@aws-sdk/util-dynamodb';
import { type Answer, answerOf } from './decide/answer';
import type { Command, CommandRecord } from './domain/handle-command';
import { domain } from './expense-claims/domain';
import type { TestTables } from '../../test/support/engine';
import { append, insertRecord, recordsOf } from '../../test/support/event-append';
import { useEventFunctions, usePublications } from '../../test/support/event-functions';
import { useLogLines } from '../../test/support/log-lines';
import { useSentMessages } from '../../test/support/sent-messages';
import { useStubServer } from '../../test/support/stub-server';

/** The functions as they are shipped, on a real engine: what they take, answer, write and log. */

const logged = useLogLines();
const { sent: parked } = useSentMessages();
const appSync = useStubServer();
const published = usePublications(appSync);
const functions = useEventFunctions(domain, () => ({ GRAPHQL_ENDPOINT: `${appSync.url}/graphql` }));

type Decided = Answer & { outcome: 'ACCEPTED' };

let tables: TestTables;
let decide: (event: unknown) => Promise<Answer>;
let project: (event: unknown) => Promise<object>;

beforeAll(() => {
  ({ tables } = functions);
  decide = functions.load('decide');
  project = functions.load('project');
});

const ANN = { sub: 'ann', username: 'ann', groups: [] };
let sent = 0;

/** A command as the pipeline's first function sends it. */
const commandOf = (command: string, args: object, more: object = {}) => ({
  ...{ command, id: 'c1', commandId: `k${++sent}`, expectedVersion: null, correlationId: null, causationId: null },
  ...{ arguments: args, actor: ANN, ...more },
});
const OPEN = { title: 'Berlin', limitCents: 50_000, currency: 'EUR' };

async function accepted(event: unknown): Promise<Decided> {
  const answer = await decide(event);
  if (answer.outcome !== 'ACCEPTED') throw new Error(`it was not accepted: ${JSON.stringify(answer)}`);
  expect(await append(tables.db, tables.social, answer.items)).toEqual({ outcome: 'written' });
  return answer as Decided;
}

const rows = async () =>
  (await tables.items(tables.feed)).sort((one, other) => (String(one.PK) < String(other.PK) ? -1 : 1));
test('the projector brings up an aggregate that operators name, tells of it, and refuses what is no message', async () => {
  const answer = await accepted(commandOf('openClaim', OPEN));
  expect(await project({ bringUp: { ids: ['c1', 'nobody'], view: 'claims' } })).toEqual({ left: [] });
  expect(await rows()).toHaveLength(3);
  expect(published()).toMatchObject([{ variables: { id: 'c1', version: 1, commandId: answer.commandId } }]);
  for (const event of [undefined, {}, { bringUp: { ids: [] } }]) {
    await expect(project(event)).rejects.toThrow('A message is {"bringUp"');
  }
});

test('a command is decided, appended, projected and published', async () => {
  const answer = await accepted(commandOf('openClaim', OPEN, { correlationId: 'trip-1', causationId: 'mail-1' }));
  const [guard, event] = answer.items;
  expect(answer).toMatchObject({ id: 'c1', fromVersion: 0, toVersion: 1, events: ['ClaimOpened'] });
  expect(guard).toEqual({
    key: { PK: { S: `COMMAND#ann#${answer.commandId}` }, SK: { S: 'COMMAND' } },
    attributeValues: expect.objectContaining({
      kind: { S: 'command' },
      status: { S: 'ACCEPTED' },
      command: { S: 'openClaim' },
      aggregateType: { S: 'ExpenseClaim' },
      aggregateId: { S: 'c1' },
      requestHash: { S: answer.requestHash },
      fromVersion: { N: '0' },
      toVersion: { N: '1' },
      events: { L: [{ S: 'ClaimOpened' }] },
    }) as unknown,
  });
  expect(event).toEqual({
    key: { PK: { S: 'ExpenseClaim#c1' }, SK: { S: '000000000001' } },
    attributeValues: {
      kind: { S: 'event' },
      eventId: { S: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/) as string },
      aggregateType: { S: 'ExpenseClaim' },
      aggregateId: { S: 'c1' },
      version: { N: '1' },
      type: { S: 'ClaimOpened' },
      schemaVersion: { N: '2' },
      data: { M: { title: { S: 'Berlin' }, limitCents: { N: '50000' }, currency: { S: 'EUR' } } },
      occurredAt: { S: answer.occurredAt },
      actor: { S: 'ann' },
      commandId: { S: answer.commandId },
      correlationId: { S: 'trip-1' },
      causationId: { S: 'mail-1' },
    },
  });
  // The guard comes by the stream too, unless it is filtered.
  expect(await project({ Records: recordsOf(answer.items) })).toEqual({ batchItemFailures: [] });
  const claim = expect.objectContaining({ id: 'c1', status: 'OPEN', version: 1 }) as unknown;
  expect(await rows()).toEqual([
    {
      ...{ PK: 'claims#byOwner#ann', SK: `${answer.occurredAt}#c1`, id: 'c1', owner: 'ann', data: claim },
    },
    {
      ...{ PK: 'claims#byStatus#OPEN', SK: `${answer.occurredAt}#c1`, id: 'c1', owner: 'ann', data: claim },
    },
    {
      ...{ PK: 'claims#c1', SK: 'ROW', id: 'c1', owner: 'ann', data: claim, position: 1, projectionVersion: 1 },
      ...{ revision: 1, updatedAt: answer.occurredAt },
      lists: {
        byOwner: { value: 'ann', sort: answer.occurredAt },
        byStatus: { value: 'OPEN', sort: answer.occurredAt },
      },
    },
  ]);
  expect(published()).toEqual([
    {
      variables: {
        ...{ view: 'claims', id: 'c1', owner: 'ann', version: 1, occurredAt: answer.occurredAt },
        ...{ commandId: answer.commandId, correlationId: 'trip-1' },
      },
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=key\/\d{8}\/eu-west-1\/appsync\/aws4_request, /,
      ) as string,
    },
  ]);
  expect(parked()).toEqual([]);
});

test('further events change the row, and move it from list to list', async () => {
  const opened = await accepted(commandOf('openClaim', OPEN));
  await project({ Records: recordsOf(opened.items) });
  const withdrawn = await accepted(commandOf('withdrawClaim', {}));
  // Out of order: what is missing before it is in the store, and what was taken already changes nothing.
  const [first, second] = [opened, withdrawn].map(({ items }) => recordsOf(items)[1]);
  expect(await project({ Records: [second, first] })).toEqual({ batchItemFailures: [] });
  expect(await project({ Records: [first] })).toEqual({ batchItemFailures: [] });
  expect((await rows()).map(({ PK, position, revision }) => [PK, position, revision])).toEqual([
    ['claims#byOwner#ann', undefined, undefined],
    ['claims#byStatus#WITHDRAWN', undefined, undefined],
    ['claims#c1', 2, 2],
  ]);
  expect(published().map(({ variables }) => variables.version)).toEqual([1, 1, 2, 1]);
});

test('a command that the rules refuse is a guard and nothing else', async () => {
  const answer = await decide(commandOf('submitClaim', {}));
  expect(answer).toMatchObject({
    outcome: 'REJECTED',
    code: 'NOT_FOUND',
    message: 'There is no such claim',
    events: [],
  });
  const { items } = answer as Decided;
  expect(items.map(({ attributeValues }) => attributeValues.status)).toEqual([{ S: 'REJECTED' }]);
  expect(items[0].attributeValues).toMatchObject({ code: { S: 'NOT_FOUND' }, toVersion: { N: '0' } });
});

test('a command for another version is a conflict, with the key of what it may have done before', async () => {
  await accepted(commandOf('openClaim', OPEN));
  const wanted = commandOf('withdrawClaim', {}, { expectedVersion: 1 });
  const { requestHash, items } = (await decide(wanted)) as Decided;
  expect(await decide({ ...wanted, expectedVersion: 0 })).toEqual({
    ...{ outcome: 'CONFLICT', expectedVersion: 0, currentVersion: 1, requestHash, guardKey: items[0].key },
  });
});

test('who may not send a command learns nothing of the aggregate by expecting a version', async () => {
  await accepted(commandOf('openClaim', OPEN));
  const answer = await decide(commandOf('withdrawClaim', {}, { expectedVersion: 99, actor: { ...ANN, sub: 'eve' } }));
  expect(answer).toMatchObject({
    outcome: 'REJECTED',
    code: 'NOT_FOUND',
  });
  expect(answer).not.toHaveProperty('currentVersion');
});

test.each<[string, object, string]>([
  ['an id with a slash', { id: 'a/b' }, 'id must be 1 to 64 letters, digits, - and _'],
  ['an id of 65 characters', { id: 'x'.repeat(65) }, 'id must be 1 to 64 letters, digits, - and _'],
  ['no command id', { commandId: undefined }, 'commandId must be 1 to 64 letters, digits, - and _'],
  ['an empty correlation id', { correlationId: '' }, 'correlationId must be 1 to 64 letters, digits, - and _'],
  ['a causation id that is a number', { causationId: 1 }, 'causationId must be 1 to 64 letters, digits, - and _'],
  ['a version below 0', { expectedVersion: -1 }, 'expectedVersion must be an integer, 0 or more'],
  ['half a version', { expectedVersion: 0.5 }, 'expectedVersion must be an integer, 0 or more'],
  ['half a character', { arguments: { title: '\ud800' } }, 'title must not have text that is not Unicode'],
  [
    'a number beyond all',
    { arguments: { limitCents: 1e300 } },
    'limitCents must not have a number beyond 9007199254740991, or closer to zero than 1e-130',
  ],
  [
    'what lies too deep',
    { arguments: { deep: JSON.parse('['.repeat(40) + ']'.repeat(40)) as unknown } },
    'deep must not have too many levels',
  ],
  [
    'what no text of JSON could be made of',
    { arguments: { deep: JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as unknown } },
    'deep must not have too many levels',
  ],
  [
    'a name that DynamoDB does not take',
    { arguments: { tags: [{ '': 1 }] } },
    'tags must not have a name that is empty, or of more than 65535 bytes',
  ],
  [
    'a name that is too long for DynamoDB',
    { arguments: { tags: { ['é'.repeat(32_768)]: 1 } } },
    'tags must not have a name that is empty, or of more than 65535 bytes',
  ],
])('%s is invalid by its field, and writes nothing', async (_, more, message) => {
  expect(await decide(commandOf('openClaim', OPEN, more))).toMatchObject({
    ...{ outcome: 'INVALID', field: message.split(' ')[0], message },
  });
});

test('what is invalid is told with the key of what it may have done before, as far as its ids are good', async () => {
  const before = await accepted(commandOf('openClaim', OPEN));
  const again = commandOf('openClaim', OPEN, { commandId: before.commandId });
  const known = { guardKey: before.items[0].key, requestHash: before.requestHash };
  expect(await decide({ ...again, expectedVersion: -1 })).toMatchObject({ field: 'expectedVersion', ...known });
  expect(await decide({ ...again, correlationId: 'a b' })).toMatchObject({ field: 'correlationId', ...known });
  const unstorable = (await decide({ ...again, arguments: { ...OPEN, limitCents: 2 ** 60 } })) as typeof known;
  expect(unstorable).toMatchObject({ field: 'limitCents', guardKey: known.guardKey });
  expect(unstorable.requestHash).toMatch(/^[0-9a-f]{64}$/);
  expect(unstorable.requestHash).not.toBe(known.requestHash);
  for (const wrong of [{ id: 'a/b' }, { commandId: '' }]) {
    expect(await decide({ ...again, ...wrong })).toEqual({
      ...{ outcome: 'INVALID', field: Object.keys(wrong)[0], message: expect.any(String) as string },
    });
  }
});

test('events that are more than one transaction takes are invalid, and known by the same key', () => {
  const command: Command = {
    ...{ command: 'x', id: 'c1', commandId: 'k0', correlationId: 'k', actor: ANN },
    arguments: {},
  };
  const of = { actor: 'ann', occurredAt: 'now', correlationId: 'k', commandId: 'k0', aggregateType: 'T' };
  const versions = { requestHash: 'h', fromVersion: 0, toVersion: 25, events: [] };
  const record: CommandRecord = { ...of, ...versions, status: 'ACCEPTED', command: 'x', aggregateId: 'c1' };
  const data = { text: 'é'.repeat(75_000) };
  const events = Array.from({ length: 25 }, (_, n) => ({
    ...{ ...of, eventId: `e${n}`, id: 'c1', type: 'X', schemaVersion: 1, version: n + 1, data },
  }));
  expect(answerOf(command, { outcome: 'ACCEPTED', record, events })).toEqual({
    ...{ outcome: 'INVALID', field: 'arguments', requestHash: 'h' },
    message: 'The command makes events of more than 3500000 bytes in all',
    guardKey: { PK: { S: 'COMMAND#ann#k0' }, SK: { S: 'COMMAND' } },
  });
});

test('what AppSync did not send, or no domain knows, is an error without words', async () => {
  for (const wrong of [
    null,
    {},
    commandOf('openClaim', OPEN, { actor: { sub: '', username: 'x' } }),
    commandOf('toString', {}),
    commandOf('openClaim', { title: { secret: 'hidden words' }, limitCents: 1, currency: 'EUR' }),
  ]) {
    await expect(decide(wrong)).rejects.toThrow(/^InternalError$/);
  }
  expect(logged().map(({ reason, command }) => [command, reason])).toEqual([
    [undefined, undefined],
    [undefined, undefined],
    ['openClaim', undefined],
    ['toString', 'there is no command toString in this domain'],
    ['openClaim', 'commands.openClaim threw TypeError'],
  ]);
  // Where in the domain, and not where that was noticed.
  expect(logged().at(-1)).toMatchObject({
    error: 'DomainFault',
    at: expect.stringMatching(/^at .*expense-claims\/\w+\.ts:\d+:\d+\)?$/) as string,
  });
  expect(JSON.stringify(logged())).not.toContain('hidden');
});

test('a command of an aggregate that is still being written, or that storage does not take now, is busy', async () => {
  const { items } = await accepted(commandOf('openClaim', OPEN));
  const third = { ...items[1].attributeValues, occurredAt: { S: new Date().toISOString() }, version: { N: '3' } };
  await tables.put(tables.social, [unmarshall({ ...third, PK: items[1].key.PK, SK: { S: '000000000003' } })]);
  expect(await decide(commandOf('withdrawClaim', {}))).toEqual({ outcome: 'BUSY' });
  expect(logged()).toMatchObject([
    { message: 'command is not decided', error: 'Busy', reason: 'version 2 is missing before version 3', id: 'c1' },
  ]);
});

test('a row that cannot be read has its events come again, from the first on', async () => {
  const { items } = await accepted(commandOf('openClaim', OPEN));
  const [, record] = recordsOf(items);
  await tables.put(tables.feed, [{ PK: 'claims#c1', SK: 'ROW', position: 'none' }]);
  expect(await project({ Records: [record, insertRecord({ PK: { S: 'x' }, SK: { S: 'y' } })] })).toEqual({
    batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber }],
  });
  expect(published()).toEqual([]);
});

test('a record that says it is an event, and is none, is parked by its place, and the others go on', async () => {
  const { items } = await accepted(commandOf('openClaim', OPEN));
  const broken = insertRecord({ ...items[1].key, ...items[1].attributeValues, version: { S: 'hidden words' } });
  expect(await project({ Records: [broken, ...recordsOf(items)] })).toEqual({ batchItemFailures: [] });
  expect(parked()).toEqual([
    expect.objectContaining({ type: 'unreadable-record', sequenceNumber: broken.dynamodb?.SequenceNumber }),
  ]);
  expect(JSON.stringify([parked(), logged()])).not.toContain('hidden');
  expect(await rows()).toHaveLength(3);
});

test('a change that is not taken is tried three times, noted, and does not hold up the view', async () => {
  appSync.listener = (_, response) => void response.writeHead(503).end('hidden words');
  const { items } = await accepted(commandOf('openClaim', OPEN));
  expect(await project({ Records: recordsOf(items) })).toEqual({ batchItemFailures: [] });
  expect(await rows()).toHaveLength(3);
  expect(appSync.asked).toBe(3);
  expect(logged()).toMatchObject([
    { level: 'ERROR', message: 'change is not published', error: 'NotPublished', view: 'claims', id: 'c1', version: 1 },
  ]);
  expect(JSON.stringify(logged())).not.toContain('hidden');
});

test('what its role may not publish is not tried again; errors in an answer are failures too', async () => {
  appSync.listener = (_, response) => void response.writeHead(401).end('{}');
  const { items } = await accepted(commandOf('openClaim', OPEN));
  await project({ Records: recordsOf(items) });
  expect(appSync.asked).toBe(1);
  appSync.listener = (_, response) => void response.writeHead(200).end('{"data":null,"errors":[{"message":"no"}]}');
  await project({ Records: recordsOf(items) });
  expect(appSync.asked).toBe(4);
  expect(logged().map(({ message }) => message)).toEqual(['change is not published', 'change is not published']);
});
