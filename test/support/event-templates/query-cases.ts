import { failed, NASTY, type Outcome, type RenderCase, user } from './render-case';

const VERSION = '2018-05-29';
const ANN = user('ann');
const APPROVER = user('bob', 'staff', 'approvers');
const STRANGER = user('eve', 'staff');

const error = (type: string, info?: unknown, message?: string): Outcome => ({ error: { type, info, message } });
const UNAUTHORIZED = error('Unauthorized');
const INTERNAL = error('InternalError', undefined, 'The request failed');
const BUSY = error('Busy');
const FAILURES: [string, string, Outcome][] = [
  ['the table is throttled', 'DynamoDB:ProvisionedThroughputExceededException', BUSY],
  ['AWS fails', 'DynamoDB:InternalServerError', INTERNAL],
];
const failures = (of: string): RenderCase[] =>
  FAILURES.map(([when, type, comesTo]) => ({
    of,
    when,
    context: { identity: APPROVER, result: null, error: failed(type) },
    comesTo,
  }));

/** What AppSync and DynamoDB say of a token that is none of the list's. */
const WRONG_TOKENS: [string, string, string][] = [
  [
    'the token is made up',
    'DynamoDB:UserIllegalArgumentException',
    'com.amazonaws.deepdish.common.pagination.InvalidPaginationTokenException: Invalid pagination token given.',
  ],
  [
    'the token is of another list',
    'DynamoDB:DynamoDbException',
    'The provided starting key is outside query boundaries based on provided conditions (Service: DynamoDb)',
  ],
];
const wrongTokens = (of: string): RenderCase[] =>
  WRONG_TOKENS.flatMap(([when, type, message]): RenderCase[] => [
    {
      ...{ of, when },
      context: { identity: APPROVER, arguments: { nextToken: 't' }, result: null, error: { type, message } },
      comesTo: error('BadRequest', { field: 'nextToken' }),
    },
    {
      ...{ of, when: `${when}, though none was given` },
      context: { identity: APPROVER, arguments: {}, result: null, error: { type, message } },
      comesTo: INTERNAL,
    },
  ]);

const DATA = { id: 'claim-1', title: NASTY, expenses: [], note: null, totalCents: 12 };
const ROW = { PK: 'claims#claim-1', SK: 'ROW', id: 'claim-1', owner: 'ann', position: 3, data: DATA };

const ROWS: RenderCase[] = [
  {
    of: 'Query.claim request',
    when: 'a row is asked for',
    context: { identity: ANN, arguments: { id: 'claim-1' } },
    comesTo: {
      json: {
        version: VERSION,
        operation: 'GetItem',
        key: { PK: { S: 'claims#claim-1' }, SK: { S: 'ROW' } },
        consistentRead: true,
      },
    },
  },
  ...['', NASTY, 'byOwner#ann', 'a\n', '\na', 'a'.repeat(65)].map((id): RenderCase => ({
    of: 'Query.claim request',
    when: `the id is no id: ${id.slice(0, 12)}`,
    context: { identity: ANN, arguments: { id } },
    comesTo: error('BadRequest', { field: 'id' }, 'id must be 1 to 64 letters, digits, - and _'),
  })),
  {
    of: 'Query.claim response',
    when: 'its owner asks',
    context: { identity: ANN, result: ROW },
    comesTo: { json: DATA },
  },
  {
    of: 'Query.claim response',
    when: 'a member of a group of readers asks',
    context: { identity: APPROVER, result: ROW },
    comesTo: { json: DATA },
  },
  {
    of: 'Query.claim response',
    when: 'somebody else asks',
    context: { identity: STRANGER, result: ROW },
    comesTo: { json: null },
  },
  {
    of: 'Query.claim response',
    when: 'the row is of nobody',
    context: { identity: ANN, result: { ...ROW, owner: null } },
    comesTo: { json: null },
  },
  ...[ANN, APPROVER].map((identity): RenderCase => ({
    of: 'Query.claim response',
    when: `there is no row for ${identity.sub}`,
    context: { identity, result: null },
    comesTo: { json: null },
  })),
  {
    of: 'Query.claim response',
    when: 'a row of nothing is shown',
    context: { identity: ANN, result: { ...ROW, data: {} } },
    comesTo: { json: {} },
  },
  {
    of: 'Query.claim response',
    when: 'the row shows nothing any more',
    context: { identity: ANN, result: { ...ROW, data: null } },
    comesTo: { json: null },
  },
  ...failures('Query.claim response'),
];

const query = (pk: string, page: object, more: object = {}) => ({
  version: VERSION,
  operation: 'Query',
  query: { expression: 'PK = :pk', expressionValues: { ':pk': { S: pk } } },
  ...page,
  scanIndexForward: false,
  consistentRead: true,
  ...more,
});
const LIMIT = error('BadRequest', { field: 'limit' }, 'limit must be 1 to 100');

const LISTS: RenderCase[] = [
  {
    of: 'Query.myClaims request',
    when: 'the first page is asked for',
    context: { identity: ANN, arguments: {} },
    comesTo: { json: query('claims#byOwner#ann', { limit: 20 }) },
  },
  {
    of: 'Query.myClaims request',
    when: 'a further page is asked for',
    context: { identity: ANN, arguments: { limit: 100, nextToken: NASTY } },
    comesTo: { json: query('claims#byOwner#ann', { nextToken: NASTY, limit: 100 }) },
  },
  ...[0, -1, 101].map((limit): RenderCase => ({
    of: 'Query.myClaims request',
    when: `the limit is ${limit}`,
    context: { identity: ANN, arguments: { limit, nextToken: null } },
    comesTo: LIMIT,
  })),
  {
    of: 'Query.claimsByStatus request',
    when: 'a member of a group of readers asks',
    context: { identity: APPROVER, arguments: { status: 'SUBMITTED', limit: 1 } },
    comesTo: { json: query('claims#byStatus#SUBMITTED', { limit: 1 }) },
  },
  {
    of: 'Query.claimsByStatus request',
    when: 'the list is named so that it would break out of a text',
    context: { identity: APPROVER, arguments: { status: NASTY } },
    comesTo: { json: query(`claims#byStatus#${NASTY}`, { limit: 20 }) },
  },
  ...[ANN, STRANGER].map((identity): RenderCase => ({
    of: 'Query.claimsByStatus request',
    when: `somebody else asks: ${identity.sub}`,
    context: { identity, arguments: { status: 'SUBMITTED' } },
    comesTo: UNAUTHORIZED,
  })),
  ...['', 'x'.repeat(601)].map((status): RenderCase => ({
    of: 'Query.claimsByStatus request',
    when: `the list has a name of ${status.length} characters`,
    context: { identity: APPROVER, arguments: { status } },
    comesTo: error('BadRequest', { field: 'status' }, 'status must be 1 to 600 characters'),
  })),
  {
    of: 'Query.myClaims response',
    when: 'there are rows, and more of them',
    context: { identity: ANN, result: { items: [ROW, { ...ROW, data: { id: 'two' } }], nextToken: NASTY } },
    comesTo: { json: { items: [DATA, { id: 'two' }], nextToken: NASTY } },
  },
  {
    of: 'Query.myClaims response',
    when: 'there are none',
    context: { identity: ANN, result: { items: [], nextToken: null } },
    comesTo: { json: { items: [], nextToken: null } },
  },
  ...failures('Query.myClaims response'),
  ...wrongTokens('Query.myClaims response'),
];

const EVENT = {
  PK: 'ExpenseClaim#claim-1',
  SK: '000000000001',
  kind: 'event',
  eventId: 'e-1',
  aggregateType: 'ExpenseClaim',
  aggregateId: 'claim-1',
  version: 1,
  type: 'ClaimOpened',
  schemaVersion: 2,
  data: { title: 'Trip "north"', limitCents: 5, tags: [], none: null },
  occurredAt: '2026-02-01T10:00:00.000Z',
  actor: 'ann',
  commandId: 'c-1',
  correlationId: 'flow-1',
};
const SHOWN = {
  id: 'claim-1',
  version: 1,
  type: 'ClaimOpened',
  schemaVersion: 2,
  // AppSync writes what is AWSJSON as text.
  data: EVENT.data,
  occurredAt: EVENT.occurredAt,
  actor: 'ann',
  commandId: 'c-1',
  correlationId: 'flow-1',
  causationId: null,
};

const EVENTS: RenderCase[] = [
  {
    of: 'Query.events request',
    when: 'the events of an aggregate are asked for',
    context: { identity: ANN, arguments: { id: 'claim-1', nextToken: 'more' } },
    comesTo: {
      json: query(
        'ExpenseClaim#claim-1',
        { filter: { expression: 'attribute_exists(eventId)' }, nextToken: 'more', limit: 20 },
        { scanIndexForward: true, consistentRead: true },
      ),
    },
  },
  {
    of: 'Query.events request',
    when: 'a role asks, which is no user of the pool',
    context: {
      identity: { accountId: '123456789012', userArn: 'arn:aws:iam::123456789012:role/x' },
      arguments: { id: 'a' },
    },
    comesTo: {
      json: query(
        'ExpenseClaim#a',
        { filter: { expression: 'attribute_exists(eventId)' }, limit: 20 },
        { scanIndexForward: true, consistentRead: true },
      ),
    },
  },
  {
    of: 'Query.events request',
    when: 'the id is no id',
    context: { identity: ANN, arguments: { id: 'a b' } },
    comesTo: error('BadRequest', { field: 'id' }),
  },
  {
    of: 'Query.events request',
    when: 'the limit is too high',
    context: { identity: ANN, arguments: { id: 'a', limit: 101 } },
    comesTo: LIMIT,
  },
  {
    of: 'Query.events response',
    when: 'there are events',
    context: { identity: ANN, result: { items: [EVENT, { ...EVENT, causationId: 'c-0' }], nextToken: 'more' } },
    comesTo: { json: { items: [SHOWN, { ...SHOWN, causationId: 'c-0' }], nextToken: 'more' } },
  },
  {
    of: 'Query.events response',
    when: 'there are none',
    context: { identity: ANN, result: { items: [], nextToken: null } },
    comesTo: { json: { items: [], nextToken: null } },
  },
  ...failures('Query.events response'),
  ...wrongTokens('Query.events response'),
];

const CHANGE = {
  view: 'claims',
  id: 'claim-1',
  owner: null,
  version: 3,
  occurredAt: '2026-02-01T10:00:00.000Z',
  commandId: NASTY,
  correlationId: 'flow-1',
};

const CHANGES: RenderCase[] = [
  {
    of: 'Mutation.publishViewChange request',
    when: 'the projector tells of a change',
    context: { identity: { userArn: 'arn:aws:sts::123456789012:assumed-role/project/x' }, arguments: CHANGE },
    comesTo: { json: { version: VERSION, payload: CHANGE } },
  },
  {
    of: 'Mutation.publishViewChange response',
    when: 'it goes on to whoever watches',
    context: { result: CHANGE },
    comesTo: { json: CHANGE },
  },
  {
    of: 'Mutation.publishViewChange response',
    when: 'AppSync fails',
    context: { result: null, error: failed('InternalFailure') },
    comesTo: INTERNAL,
  },
  {
    of: 'Subscription.onMyChanges request',
    when: 'the caller watches what is theirs',
    context: { identity: ANN, arguments: { owner: 'ann' } },
    comesTo: { json: { version: VERSION, payload: {} } },
  },
  {
    of: 'Subscription.onMyChanges request',
    when: 'the caller watches what is of another',
    context: { identity: APPROVER, arguments: { owner: 'ann' } },
    comesTo: UNAUTHORIZED,
  },
  {
    of: 'Subscription.onMyChanges response',
    when: 'the caller may watch',
    context: { identity: ANN, result: {} },
    comesTo: { json: null },
  },
  {
    of: 'Subscription.onMyChanges response',
    when: 'AppSync fails',
    context: { identity: ANN, result: null, error: failed('InternalFailure') },
    comesTo: INTERNAL,
  },
  ...(
    [
      ['its owner', ANN, ROW, true],
      ['a member of a group of readers', APPROVER, ROW, true],
      ['a member of a group of readers, before there is a row', APPROVER, null, true],
      ['somebody else', STRANGER, ROW, false],
      ['somebody else, where there is no row', STRANGER, null, false],
    ] as const
  ).map(([who, identity, result, isAllowed]): RenderCase => ({
    of: 'MayWatchClaim response',
    when: `${who} watches a row`,
    context: { identity, result, arguments: { view: 'claims', id: 'claim-1' } },
    comesTo: { json: null },
    stash: isAllowed ? { mayWatch: true } : {},
  })),
  {
    of: 'MayWatchClaim response',
    when: 'the owner watches rows of another view',
    context: { identity: ANN, result: ROW, arguments: { view: 'claims-v2', id: 'claim-1' } },
    comesTo: { json: null },
    stash: {},
  },
  ...failures('MayWatchClaim response'),
  {
    of: 'Subscription.onViewChange response',
    when: 'one of the steps has allowed it',
    context: { identity: ANN, stash: { mayWatch: true }, prev: { result: null } },
    comesTo: { json: null },
    stash: { mayWatch: true },
  },
  {
    of: 'Subscription.onViewChange response',
    when: 'none of the steps has allowed it',
    context: { identity: STRANGER, stash: {}, prev: { result: null } },
    comesTo: UNAUTHORIZED,
  },
];

/** Every outcome of the templates of queries and subscriptions. */
export const QUERY_CASES: readonly RenderCase[] = [...ROWS, ...LISTS, ...EVENTS, ...CHANGES];
