import { failed, NASTY, type Outcome, type RenderCase, user } from './render-case';

const HASH = 'a'.repeat(64);
const KEY = { PK: { S: 'COMMAND#ann#c-1' }, SK: { S: 'COMMAND' } };
const CONTEXT = { identity: user('ann') };

const ITEMS = [
  { key: KEY, attributeValues: { kind: { S: 'command' }, requestHash: { S: HASH }, fromVersion: { N: '2' } } },
  {
    key: { PK: { S: 'ExpenseClaim#claim-1' }, SK: { S: '000000000003' } },
    attributeValues: {
      kind: { S: 'event' },
      data: { M: { title: { S: NASTY }, tags: { L: [] }, none: { NULL: true } } },
    },
  },
];
const ACCEPTED = {
  outcome: 'ACCEPTED',
  commandId: 'c-1',
  id: 'claim-1',
  fromVersion: 2,
  toVersion: 3,
  events: ['ClaimSubmitted'],
  requestHash: HASH,
  occurredAt: '2026-03-01T10:00:00.000Z',
  items: ITEMS,
};
const REJECTED = {
  ...ACCEPTED,
  outcome: 'REJECTED',
  toVersion: 2,
  events: [],
  code: 'NOT_OPEN',
  message: `The claim is ${NASTY}`,
  items: [ITEMS[0]],
};
const CONFLICT = { outcome: 'CONFLICT', expectedVersion: 1, currentVersion: 2, guardKey: KEY, requestHash: HASH };

const INVALID = {
  outcome: 'INVALID',
  field: 'note',
  message: 'note must not be empty',
  guardKey: KEY,
  requestHash: HASH,
};

const GUARD = {
  PK: 'COMMAND#ann#c-1',
  SK: 'COMMAND',
  kind: 'command',
  status: 'ACCEPTED',
  command: 'submitClaim',
  commandId: 'c-1',
  aggregateType: 'ExpenseClaim',
  aggregateId: 'claim-1',
  requestHash: HASH,
  fromVersion: 0,
  toVersion: 1,
  events: ['ClaimOpened'],
  actor: 'ann',
  occurredAt: '2026-02-01T10:00:00.000Z',
  correlationId: 'c-1',
};
const REJECTED_GUARD = {
  ...GUARD,
  status: 'REJECTED',
  toVersion: 0,
  events: [],
  code: 'NO_LIMIT',
  message: 'No limit',
};

const NONE = { type: 'None', message: 'None' };
const reason = (type: string, item?: unknown) => ({
  type,
  message: 'Told by AWS',
  ...(item === undefined ? {} : { item }),
});
const NOT_NEW = 'ConditionalCheckFailed';

/** A transaction that was cancelled. */
const cancelled = (...cancellationReasons: unknown[]) => ({
  error: failed('DynamoDB:TransactionCanceledException'),
  result: { keys: null, cancellationReasons },
});

const result = (id: string, version: number, events: string[]): Outcome => ({
  json: { commandId: 'c-1', id, version, status: 'ACCEPTED', events },
});
const error = (type: string, info?: unknown, message?: string): Outcome => ({ error: { type, info, message } });
const BUSY = error('Busy', undefined, 'Too much at once: send it again in a moment');
const INTERNAL = error('InternalError', undefined, 'The request failed');

const ARGUMENTS = { id: 'claim-1', commandId: 'c-1', title: NASTY, amountCents: 1200, note: null };
const INFO = { fieldName: 'openClaim', parentTypeName: 'Mutation' };
const put = ({ key, attributeValues }: (typeof ITEMS)[number]) => ({
  table: 'TheTable',
  operation: 'PutItem',
  key,
  attributeValues,
  condition: { expression: 'attribute_not_exists(PK)', returnValuesOnConditionCheckFailure: true },
});

const PIPELINE: RenderCase[] = [
  { of: 'Mutation.openClaim request', when: 'a command begins', context: CONTEXT, comesTo: { json: {} } },
  {
    of: 'Mutation.openClaim response',
    when: 'a command has been appended',
    context: { ...CONTEXT, prev: { result: { commandId: 'c-1', events: [NASTY] } } },
    comesTo: { json: { commandId: 'c-1', events: [NASTY] } },
  },
];

const DECIDE: RenderCase[] = [
  {
    of: 'Decide request',
    when: 'a command says only what it must',
    context: { identity: user('ann'), info: INFO, arguments: ARGUMENTS },
    comesTo: {
      json: {
        version: '2018-05-29',
        operation: 'Invoke',
        payload: {
          command: 'openClaim',
          id: 'claim-1',
          commandId: 'c-1',
          expectedVersion: null,
          correlationId: null,
          causationId: null,
          arguments: { title: NASTY, amountCents: 1200, note: null },
          actor: { sub: 'ann', username: 'ann', groups: null },
        },
      },
    },
  },
  {
    of: 'Decide request',
    when: 'a command says everything',
    context: {
      identity: user('bob', 'approvers', 'finance'),
      info: INFO,
      arguments: { ...ARGUMENTS, id: NASTY, expectedVersion: 0, correlationId: 'flow-1', causationId: 'c-0' },
    },
    comesTo: {
      json: {
        version: '2018-05-29',
        operation: 'Invoke',
        payload: {
          command: 'openClaim',
          id: NASTY,
          commandId: 'c-1',
          expectedVersion: 0,
          correlationId: 'flow-1',
          causationId: 'c-0',
          arguments: { title: NASTY, amountCents: 1200, note: null },
          actor: { sub: 'bob', username: 'bob', groups: ['approvers', 'finance'] },
        },
      },
    },
  },
  {
    of: 'Decide response',
    when: 'it is decided',
    context: { ...CONTEXT, result: ACCEPTED },
    comesTo: { json: ACCEPTED },
  },
  {
    of: 'Decide response',
    when: 'the command is malformed',
    context: { ...CONTEXT, result: { outcome: 'INVALID', field: 'id', message: 'id must be 1 to 64 letters' } },
    comesTo: error('BadRequest', { field: 'id' }, 'id must be 1 to 64 letters'),
  },
  {
    of: 'Decide response',
    when: 'the command is malformed, and may have been there before',
    context: { ...CONTEXT, result: INVALID },
    comesTo: { json: INVALID },
  },
  {
    of: 'Decide response',
    when: 'the aggregate is being written',
    context: { ...CONTEXT, result: { outcome: 'BUSY' } },
    comesTo: BUSY,
  },
  {
    of: 'Decide response',
    when: 'the function fails',
    context: { ...CONTEXT, error: failed('Lambda:Unhandled') },
    comesTo: INTERNAL,
  },
];

const APPEND: RenderCase[] = [
  {
    of: 'Append request',
    when: 'events are appended',
    context: { ...CONTEXT, prev: { result: ACCEPTED } },
    comesTo: { json: { version: '2018-05-29', operation: 'TransactWriteItems', transactItems: ITEMS.map(put) } },
  },
  {
    of: 'Append request',
    when: 'a rejection is kept',
    context: { ...CONTEXT, prev: { result: REJECTED } },
    comesTo: { json: { version: '2018-05-29', operation: 'TransactWriteItems', transactItems: [put(ITEMS[0])] } },
  },
  {
    of: 'Append request',
    when: 'the expected version is not that of now',
    context: { ...CONTEXT, prev: { result: CONFLICT } },
    comesTo: { json: { version: '2018-05-29', operation: 'GetItem', key: KEY, consistentRead: true } },
  },
  {
    of: 'Append request',
    when: 'the command is malformed',
    context: { ...CONTEXT, prev: { result: INVALID } },
    comesTo: { json: { version: '2018-05-29', operation: 'GetItem', key: KEY, consistentRead: true } },
  },
  {
    of: 'Append response',
    when: 'events are appended',
    context: { ...CONTEXT, prev: { result: ACCEPTED }, result: { keys: [{}], cancellationReasons: null } },
    comesTo: result('claim-1', 3, ['ClaimSubmitted']),
  },
  {
    of: 'Append response',
    when: 'nothing was to change',
    context: { ...CONTEXT, prev: { result: { ...ACCEPTED, toVersion: 2, events: [] } }, result: { keys: [{}] } },
    comesTo: result('claim-1', 2, []),
  },
  {
    of: 'Append response',
    when: 'a rejection is kept',
    context: { ...CONTEXT, prev: { result: REJECTED }, result: { keys: [{}], cancellationReasons: null } },
    comesTo: error('CommandRejected', { commandId: 'c-1', code: 'NOT_OPEN' }, REJECTED.message),
  },
  {
    of: 'Append response',
    when: 'the command came before, and was accepted',
    context: { ...CONTEXT, prev: { result: ACCEPTED }, ...cancelled(reason(NOT_NEW, GUARD), NONE) },
    comesTo: result('claim-1', 1, ['ClaimOpened']),
  },
  {
    of: 'Append response',
    when: 'the command came before, and its version is taken as well',
    context: {
      ...CONTEXT,
      prev: { result: ACCEPTED },
      ...cancelled(reason(NOT_NEW, GUARD), reason(NOT_NEW, { version: 3 })),
    },
    comesTo: result('claim-1', 1, ['ClaimOpened']),
  },
  {
    of: 'Append response',
    when: 'the command came before and was accepted, and would be rejected now',
    context: { ...CONTEXT, prev: { result: REJECTED }, ...cancelled(reason(NOT_NEW, GUARD)) },
    comesTo: result('claim-1', 1, ['ClaimOpened']),
  },
  {
    of: 'Append response',
    when: 'the command came before, and was rejected',
    context: { ...CONTEXT, prev: { result: ACCEPTED }, ...cancelled(reason(NOT_NEW, REJECTED_GUARD), NONE) },
    comesTo: error('CommandRejected', { commandId: 'c-1', code: 'NO_LIMIT' }, 'No limit'),
  },
  {
    of: 'Append response',
    when: 'the command id is of another command',
    context: {
      ...CONTEXT,
      prev: { result: ACCEPTED },
      ...cancelled(reason(NOT_NEW, { ...GUARD, requestHash: 'b'.repeat(64) }), NONE),
    },
    comesTo: error('CommandIdReused', { commandId: 'c-1' }, 'The commandId is of another command'),
  },
  {
    of: 'Append response',
    when: 'somebody was quicker',
    context: { ...CONTEXT, prev: { result: ACCEPTED }, ...cancelled(NONE, reason(NOT_NEW, { version: 3 })) },
    comesTo: error('VersionConflict', { expectedVersion: 2, currentVersion: 3 }),
  },
  {
    of: 'Append response',
    when: 'somebody was quicker, by the name that the documents have for it, without the item',
    context: { ...CONTEXT, prev: { result: ACCEPTED }, ...cancelled(NONE, reason('ConditionCheckFailed')) },
    comesTo: error('VersionConflict', { expectedVersion: 2, currentVersion: 2 }),
  },
  {
    of: 'Append response',
    when: 'somebody is writing at the same moment',
    context: { ...CONTEXT, prev: { result: ACCEPTED }, ...cancelled(reason('TransactionConflict'), NONE) },
    comesTo: BUSY,
  },
  {
    of: 'Append response',
    when: 'the same command is being written at the same moment, and some of its events are there',
    context: {
      ...CONTEXT,
      prev: { result: ACCEPTED },
      ...cancelled(reason('TransactionConflict'), reason(NOT_NEW, { version: 3 })),
    },
    comesTo: BUSY,
  },
  {
    of: 'Append response',
    when: 'a partition is throttled within a transaction',
    context: { ...CONTEXT, prev: { result: ACCEPTED }, ...cancelled(NONE, reason('ThrottlingError')) },
    comesTo: BUSY,
  },
  {
    of: 'Append response',
    when: 'the table is throttled',
    context: {
      ...CONTEXT,
      prev: { result: ACCEPTED },
      result: null,
      error: failed('DynamoDB:ProvisionedThroughputExceededException'),
    },
    comesTo: BUSY,
  },
  {
    of: 'Append response',
    when: 'an item is refused for what it is',
    context: { ...CONTEXT, prev: { result: ACCEPTED }, ...cancelled(NONE, reason('ValidationError')) },
    comesTo: INTERNAL,
  },
  {
    of: 'Append response',
    when: 'nobody knows why',
    context: { ...CONTEXT, prev: { result: ACCEPTED }, error: failed('DynamoDB:InternalServerError') },
    comesTo: INTERNAL,
  },
  {
    of: 'Append response',
    when: 'the expected version is not that of now, and the command is new',
    context: { ...CONTEXT, prev: { result: CONFLICT }, result: null },
    comesTo: error('VersionConflict', { expectedVersion: 1, currentVersion: 2 }),
  },
  {
    of: 'Append response',
    when: 'the expected version is not that of now, because this command changed it',
    context: { ...CONTEXT, prev: { result: CONFLICT }, result: GUARD },
    comesTo: result('claim-1', 1, ['ClaimOpened']),
  },
  {
    of: 'Append response',
    when: 'the expected version is not that of now, and the command was rejected before',
    context: { ...CONTEXT, prev: { result: CONFLICT }, result: REJECTED_GUARD },
    comesTo: error('CommandRejected', { commandId: 'c-1', code: 'NO_LIMIT' }, 'No limit'),
  },
  {
    of: 'Append response',
    when: 'the expected version is not that of now, and the command id is of another command',
    context: { ...CONTEXT, prev: { result: CONFLICT }, result: { ...GUARD, requestHash: 'b'.repeat(64) } },
    comesTo: error('CommandIdReused', { commandId: 'c-1' }),
  },
  {
    of: 'Append response',
    when: 'the expected version is not that of now, and the guard cannot be read',
    context: { ...CONTEXT, prev: { result: CONFLICT }, result: null, error: failed('DynamoDB:RequestLimitExceeded') },
    comesTo: BUSY,
  },
  {
    of: 'Append response',
    when: 'the command is malformed, and new',
    context: { ...CONTEXT, prev: { result: INVALID }, result: null },
    comesTo: error('BadRequest', { field: 'note' }, 'note must not be empty'),
  },
  {
    of: 'Append response',
    when: 'the command is malformed by the rules of now, and was accepted before',
    context: { ...CONTEXT, prev: { result: INVALID }, result: GUARD },
    comesTo: result('claim-1', 1, ['ClaimOpened']),
  },
  {
    of: 'Append response',
    when: 'the function says what nobody knows',
    context: { ...CONTEXT, prev: { result: { outcome: 'PERHAPS' } }, result: null },
    comesTo: INTERNAL,
  },
];

const LOOKUP: RenderCase[] = [
  {
    of: 'Query.command request',
    when: 'the caller asks for a command',
    context: { ...CONTEXT, arguments: { commandId: 'c-1' } },
    comesTo: { json: { version: '2018-05-29', operation: 'GetItem', key: KEY, consistentRead: true } },
  },
  {
    of: 'Query.command request',
    when: 'the id would lead to the key of another',
    context: { ...CONTEXT, arguments: { commandId: 'x#bob#c-1' } },
    comesTo: error('BadRequest', { field: 'commandId' }, 'commandId must be 1 to 64 letters, digits, - and _'),
  },
  {
    of: 'Query.command response',
    when: 'it was accepted',
    context: { ...CONTEXT, result: GUARD },
    comesTo: {
      json: {
        commandId: 'c-1',
        command: 'submitClaim',
        id: 'claim-1',
        status: 'ACCEPTED',
        version: 1,
        code: null,
        message: null,
        occurredAt: GUARD.occurredAt,
      },
    },
  },
  {
    of: 'Query.command response',
    when: 'it was rejected',
    context: { ...CONTEXT, result: REJECTED_GUARD },
    comesTo: {
      json: {
        commandId: 'c-1',
        command: 'submitClaim',
        id: 'claim-1',
        status: 'REJECTED',
        version: 0,
        code: 'NO_LIMIT',
        message: 'No limit',
        occurredAt: GUARD.occurredAt,
      },
    },
  },
  {
    of: 'Query.command response',
    when: 'there is none',
    context: { ...CONTEXT, result: null },
    comesTo: { json: null },
  },
  {
    of: 'Query.command response',
    when: 'it cannot be read',
    context: { ...CONTEXT, result: null, error: failed('DynamoDB:ThrottlingException') },
    comesTo: BUSY,
  },
];

/** Every outcome of the templates of commands. */
export const COMMAND_CASES: readonly RenderCase[] = [...PIPELINE, ...DECIDE, ...APPEND, ...LOOKUP];
