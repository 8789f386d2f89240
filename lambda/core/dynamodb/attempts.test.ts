import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { watchAttempts } from './attempts';
import { documentClient, LOST, retryingClient, WireError } from '../../../test/support/client';

const REFUSED = new WireError('ConditionalCheckFailedException');
const THROTTLED = new WireError('ThrottlingException');
const TOO_MUCH = new WireError('ProvisionedThroughputExceededException');
const BROKEN = new WireError('InternalServerError', {}, 500);
const AWAY = new WireError('ServiceUnavailable', {}, 503);
const DONE = {};

const remove = () => new DeleteCommand({ TableName: 'table', Key: { PK: 'a', SK: 'b' } });

test.each([
  ['refused at once', [REFUSED], false],
  ['throttled, then refused', [THROTTLED, TOO_MUCH, REFUSED], false],
  ['throttled, then done', [THROTTLED, DONE], false],
  ['an error of DynamoDB, then refused', [BROKEN, REFUSED], true],
  ['not available, then refused', [AWAY, REFUSED], true],
  ['without an answer, then refused', [LOST, REFUSED], true],
  ['without an answer, then throttled, then refused', [LOST, THROTTLED, REFUSED], true],
  ['without an answer, every time', [LOST, LOST, LOST], true],
])('a write that was %s', async (_, answers, mayHaveWritten) => {
  const { db, calls } = retryingClient(3, ...answers);
  const command = remove();
  const attempts = watchAttempts(command);
  await db.send(command).catch(() => undefined);
  expect(calls).toHaveLength(answers.length);
  expect(attempts).toEqual({ mayHaveWritten });
});

test('a write whose answer cannot be read may be done', async () => {
  const db = documentClient(() => Promise.resolve({ status: 200, text: '{"Attributes":' }));
  const command = remove();
  const attempts = watchAttempts(command);
  await expect(db.send(command)).rejects.toThrow();
  expect(attempts).toEqual({ mayHaveWritten: true });
});

test('each write is watched by itself, and what is sent stays the same', async () => {
  const { db, calls } = retryingClient(3, LOST, DONE, THROTTLED, REFUSED);
  const [first, second] = [remove(), remove()];
  const [ofFirst, ofSecond] = [watchAttempts(first), watchAttempts(second)];
  await expect(db.send(first)).resolves.toMatchObject({ $metadata: { attempts: 2 } });
  await expect(db.send(second)).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
  expect([ofFirst, ofSecond]).toEqual([{ mayHaveWritten: true }, { mayHaveWritten: false }]);
  const plain = retryingClient(1, DONE);
  await plain.db.send(remove());
  expect(new Set(calls.map((call) => JSON.stringify(call)))).toEqual(new Set([JSON.stringify(plain.calls[0])]));
});
