import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { AwsCallAnswer, CallAws, errorOf } from './aws-call';
import { BadTemplateRequest, DataSource, DataSourceAnswer, DataSourceError } from './data-source';
import { conditionOf, expressionFields, projectionOf, readRequest } from './dynamodb-requests';
import { toAttributes, toPlain } from './typed-values';
import { isObject, JsonObject } from '../../assembly';

/** Calls DynamoDB: its operation and input. */
type Call = (operation: string, input: JsonObject) => Promise<AwsCallAnswer>;

type Operation = (request: JsonObject, call: Call, table: string) => Promise<DataSourceAnswer>;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  GetItem: async (request, call, TableName) => {
    const { consistentRead: ConsistentRead } = readRequest(request, ['key', 'consistentRead', 'projection']);
    const input = { TableName, Key: toAttributes(request.key, 'key'), ConsistentRead, ...projectionOf(request) };
    return answered(await call('GetItem', input), ({ Item }) => toPlain(Item));
  },
  PutItem: async (request, call, TableName) => {
    readRequest(request, ['key', 'attributeValues', 'condition']);
    const key = toAttributes(request.key, 'key');
    const Item = { ...toAttributes(request.attributeValues ?? {}, 'attributeValues'), ...key };
    const answer = await call('PutItem', { TableName, Item, ...conditionOf(request) });
    const wanted = toPlain(Item);
    return conditional(answer, () => wanted, {
      request,
      call,
      TableName,
      key,
      isWanted: (item) => isDeepStrictEqual(item, wanted),
    });
  },
  UpdateItem: async (request, call, TableName) => {
    readRequest(request, ['key', 'update', 'condition']);
    const key = toAttributes(request.key, 'key');
    const update = expressionFields(request.update, 'update', 'UpdateExpression');
    const condition = conditionOf(request, update);
    const answer = await call('UpdateItem', { TableName, Key: key, ReturnValues: 'ALL_NEW', ...update, ...condition });
    return conditional(answer, ({ Attributes }) => toPlain(Attributes), {
      request,
      call,
      TableName,
      key,
      isWanted: () => false,
    });
  },
  DeleteItem: async (request, call, TableName) => {
    readRequest(request, ['key', 'condition']);
    const key = toAttributes(request.key, 'key');
    const answer = await call('DeleteItem', { TableName, Key: key, ReturnValues: 'ALL_OLD', ...conditionOf(request) });
    const handling = { request, call, TableName, key, isWanted: (item: unknown) => item === null };
    return conditional(answer, ({ Attributes }) => toPlain(Attributes), handling);
  },
  Query: async (request, call, table) => readPage('Query', request, call, table),
  Scan: async (request, call, table) => readPage('Scan', request, call, table),
};

/**
 * Calls DynamoDB as templates ask, with the role of the data source, after "AWS AppSync resolver mapping template
 * reference for DynamoDB". Nothing is tried again: what DynamoDB refuses comes to the response template.
 */
export function dynamoDbDataSource(
  name: string,
  table: string,
  callAws: CallAws,
  further: Readonly<Record<string, Operation>> = {},
): DataSource {
  const operations = { ...OPERATIONS, ...further };
  return {
    name,
    type: 'AMAZON_DYNAMODB',
    call: async (request, requestId) => {
      const { operation } = request;
      const run =
        typeof operation === 'string' && Object.hasOwn(operations, operation) ? operations[operation] : undefined;
      if (run === undefined) throw new BadTemplateRequest(`operation ${String(operation)} is not supported here`);
      const call: Call = async (target, input) =>
        callAws('dynamodb', '/', { 'x-amz-target': `DynamoDB_20120810.${target}` }, input, requestId);
      return run(request, call, table);
    },
  };
}

/** The error of an answer, in AppSync's words. */
export function dynamoDbError(answer: AwsCallAnswer): DataSourceError {
  const { code, message } = errorOf(answer);
  const { status, requestId } = answer;
  return {
    type: `DynamoDB:${code}`,
    message: `${message} (Service: DynamoDb, Status Code: ${status}, Request ID: ${requestId})`,
  };
}

export function answered(answer: AwsCallAnswer, result: (body: JsonObject) => unknown): DataSourceAnswer {
  if (!answer.ok) return { result: null, error: dynamoDbError(answer) };
  return { result: result(isObject(answer.body) ? answer.body : {}) };
}

interface ConditionHandling {
  readonly request: JsonObject;
  readonly call: Call;
  readonly TableName: string;
  readonly key: JsonObject;
  /** Whether the item in the table is what the call would have left there. */
  readonly isWanted: (item: unknown) => boolean;
}

/**
 * After "Handling a condition check failure": the item is read, consistently unless told otherwise. Where it is as
 * wanted the call counts as done; else the error comes with the item as the result.
 */
async function conditional(
  answer: AwsCallAnswer,
  result: (body: JsonObject) => unknown,
  { request, call, TableName, key, isWanted }: ConditionHandling,
): Promise<DataSourceAnswer> {
  if (answer.ok || errorOf(answer).code !== 'ConditionalCheckFailedException') return answered(answer, result);
  const { consistentRead: ConsistentRead = true } = isObject(request.condition) ? request.condition : {};
  const read = answered(await call('GetItem', { TableName, Key: key, ConsistentRead }), ({ Item }) => toPlain(Item));
  if (read.error !== undefined) return read;
  return isWanted(read.result) ? read : { result: read.result, error: dynamoDbError(answer) };
}

const PAGED = ['index', 'nextToken', 'limit', 'scanIndexForward', 'consistentRead', 'select', 'filter', 'projection'];

async function readPage(
  operation: 'Query' | 'Scan',
  request: JsonObject,
  call: Call,
  TableName: string,
): Promise<DataSourceAnswer> {
  const { index, nextToken, limit, consistentRead, scanIndexForward, select } = readRequest(
    request,
    operation === 'Query' ? ['query', ...PAGED] : PAGED.filter((name) => name !== 'scanIndexForward'),
  );
  if (limit != null && !(Number.isInteger(limit) && Number(limit) >= 1)) {
    throw new BadTemplateRequest(`limit has to be a whole number of at least 1, got ${JSON.stringify(limit)}`);
  }
  const start = typeof nextToken === 'string' ? readToken(nextToken) : undefined;
  if (start === null) return { result: null, error: INVALID_TOKEN };
  if (operation === 'Query' && !isObject(request.query)) throw new BadTemplateRequest('query has to be an object');
  const query = operation === 'Query' ? expressionFields(request.query, 'query', 'KeyConditionExpression') : {};
  const filter = isObject(request.filter)
    ? expressionFields(request.filter, 'filter', 'FilterExpression', query)
    : query;
  const of = digestOf([operation, TableName, index ?? null, query]);
  if (start !== undefined && start.of !== of) return { result: null, error: OUTSIDE_QUERY };
  const input = {
    ...{ TableName, IndexName: index ?? undefined, Limit: limit ?? undefined, ExclusiveStartKey: start?.key },
    ConsistentRead: consistentRead ?? undefined,
    ScanIndexForward: scanIndexForward ?? undefined,
    Select: select ?? undefined,
    ...query,
    ...filter,
    ...projectionOf(request, { ...query, ...filter }),
  };
  return answered(await call(operation, input), ({ Items = [], LastEvaluatedKey, ScannedCount }) => ({
    items: (Items as readonly unknown[]).map(toPlain),
    nextToken: isObject(LastEvaluatedKey) ? makeToken({ key: LastEvaluatedKey, of }) : null,
    scannedCount: ScannedCount ?? 0,
  }));
}

/** As AppSync's users report it. @see https://github.com/aws-amplify/amplify-cli/issues/3411 */
const INVALID_TOKEN = {
  type: 'DynamoDB:UserIllegalArgumentException',
  message: 'com.amazonaws.deepdish.common.pagination.InvalidPaginationTokenException: Invalid pagination token given.',
};

/** As DynamoDB says of a key that a query does not meet; engines here take any. The type is a guess. */
const OUTSIDE_QUERY = {
  type: 'DynamoDB:DynamoDbException',
  message:
    'The provided starting key is outside query boundaries based on provided conditions (Service: DynamoDb, Status Code: 400)',
};

/** Where a page ends, and of which query. */
interface PageEnd {
  readonly key: JsonObject;
  readonly of: string;
}

/** AppSync encrypts where a page ends: nobody can make such a token up. */
const TOKEN_KEY = randomBytes(32);

const seal = (content: string): Buffer => createHmac('sha256', TOKEN_KEY).update(content).digest();

const digestOf = (query: unknown): string => seal(JSON.stringify(query)).toString('base64');

function makeToken(end: PageEnd): string {
  const content = JSON.stringify(end);
  return Buffer.concat([seal(content), Buffer.from(content)]).toString('base64');
}

/** Null for a token that was not made here. */
function readToken(token: string): PageEnd | null {
  const bytes = Buffer.from(token, 'base64');
  const content = bytes.subarray(32).toString('utf8');
  const isOurs = bytes.length > 32 && timingSafeEqual(seal(content), bytes.subarray(0, 32));
  // Decoding passes over what is no base64.
  return isOurs && bytes.toString('base64') === token ? (JSON.parse(content) as PageEnd) : null;
}
