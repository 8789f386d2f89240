import { AwsCallAnswer, errorOf } from './aws-call';
import { BadTemplateRequest, checkFields, DataSourceAnswer } from './data-source';
import { answered, dynamoDbError } from './dynamodb';
import { expressionFields, projectionOf, readRequest } from './dynamodb-requests';
import { toAttributes, toPlain } from './typed-values';
import { isObject, JsonObject } from '../../assembly';

type Call = (operation: string, input: JsonObject) => Promise<AwsCallAnswer>;

function objects(list: unknown, where: string): readonly JsonObject[] {
  if (!Array.isArray(list) || list.length === 0) {
    throw new BadTemplateRequest(`${where} has to be a list that is not empty`);
  }
  return (list as unknown[]).map((item, index) => {
    if (!isObject(item)) throw new BadTemplateRequest(`${where}[${index}] has to be an object`);
    return item;
  });
}

function tableOf({ table }: JsonObject, where: string): string {
  if (typeof table !== 'string') throw new BadTemplateRequest(`${where}.table has to be a string`);
  return table;
}

/** One item of a transaction, in the words of DynamoDB. */
function writeOf(item: JsonObject, where: string): JsonObject {
  const { operation, condition } = item;
  const names: Readonly<Record<string, readonly string[]>> = {
    PutItem: ['attributeValues'],
    UpdateItem: ['update'],
    DeleteItem: [],
    ConditionCheck: [],
  };
  const known = typeof operation === 'string' && Object.hasOwn(names, operation) ? names[operation] : undefined;
  if (known === undefined) throw new BadTemplateRequest(`${where}.operation ${String(operation)} is not known`);
  checkFields(item, ['table', 'operation', 'key', 'condition', ...known], where);
  const TableName = tableOf(item, where);
  const Key = toAttributes(item.key, `${where}.key`);
  const update = operation === 'UpdateItem' ? expressionFields(item.update, `${where}.update`, 'UpdateExpression') : {};
  if (operation === 'ConditionCheck' && !isObject(condition)) {
    throw new BadTemplateRequest(`${where}.condition is needed`);
  }
  const fields = { ...update, ...writeCondition(condition, `${where}.condition`, update) };
  if (operation === 'PutItem') {
    const Item = { ...toAttributes(item.attributeValues ?? {}, `${where}.attributeValues`), ...Key };
    return { Put: { TableName, Item, ...fields } };
  }
  return { [String(operation).replace('Item', '')]: { TableName, Key, ...fields } };
}

/** "By default, items are returned" of conditions that fail. */
function writeCondition(condition: unknown, where: string, joined: JsonObject): JsonObject {
  if (condition === undefined || condition === null) return {};
  const fields = expressionFields(condition, where, 'ConditionExpression', joined, [
    'returnValuesOnConditionCheckFailure',
  ]);
  const { returnValuesOnConditionCheckFailure: returned = true } = condition as JsonObject;
  return { ...fields, ReturnValuesOnConditionCheckFailure: returned === true ? 'ALL_OLD' : 'NONE' };
}

/** What each item of a cancelled transaction met; undefined for another error. */
function cancellationReasons(answer: AwsCallAnswer): readonly unknown[] | undefined {
  const { code, fields } = errorOf(answer);
  if (code !== 'TransactionCanceledException' || !Array.isArray(fields.CancellationReasons)) return undefined;
  return (fields.CancellationReasons as readonly JsonObject[]).map(({ Code, Message, Item }) => ({
    item: toPlain(Item),
    type: Code ?? 'None',
    message: Message ?? null,
  }));
}

function transaction(
  answer: AwsCallAnswer,
  name: 'keys' | 'items',
  result: (body: JsonObject) => unknown,
): DataSourceAnswer {
  const reasons = answer.ok ? undefined : cancellationReasons(answer);
  if (reasons === undefined) return answered(answer, (body) => ({ [name]: result(body), cancellationReasons: null }));
  return { result: { [name]: null, cancellationReasons: reasons }, error: dynamoDbError(answer) };
}

async function transactWrite(request: JsonObject, call: Call): Promise<DataSourceAnswer> {
  readRequest(request, ['transactItems']);
  const items = objects(request.transactItems, 'transactItems');
  const TransactItems = items.map((item, index) => writeOf(item, `transactItems[${index}]`));
  const keys = items.map(({ key }, index) => toPlain(toAttributes(key, `transactItems[${index}].key`)));
  return transaction(await call('TransactWriteItems', { TransactItems }), 'keys', () => keys);
}

async function transactGet(request: JsonObject, call: Call): Promise<DataSourceAnswer> {
  readRequest(request, ['transactItems']);
  const TransactItems = objects(request.transactItems, 'transactItems').map((item, index) => {
    const where = `transactItems[${index}]`;
    checkFields(item, ['table', 'key', 'projection'], where);
    return {
      Get: { TableName: tableOf(item, where), Key: toAttributes(item.key, `${where}.key`), ...projectionOf(item) },
    };
  });
  return transaction(await call('TransactGetItems', { TransactItems }), 'items', ({ Responses = [] }) =>
    (Responses as readonly JsonObject[]).map(({ Item }) => toPlain(Item)),
  );
}

/** The items come in the order of the keys, null where there is none: "Returned items appear in the same order". */
async function batchGet(request: JsonObject, call: Call): Promise<DataSourceAnswer> {
  readRequest(request, ['tables']);
  if (!isObject(request.tables)) throw new BadTemplateRequest('tables has to be an object');
  const asked = Object.entries(request.tables).map(([table, given]) => {
    if (!isObject(given)) throw new BadTemplateRequest(`tables.${table} has to be an object`);
    checkFields(given, ['keys', 'consistentRead'], `tables.${table}`);
    const keys = objects(given.keys, `tables.${table}.keys`).map((key, index) =>
      toAttributes(key, `tables.${table}.keys[${index}]`),
    );
    return { table, keys, ConsistentRead: given.consistentRead === true };
  });
  const RequestItems = Object.fromEntries(
    asked.map(({ table, keys, ConsistentRead }) => [table, { Keys: keys, ConsistentRead }]),
  );
  return answered(await call('BatchGetItem', { RequestItems }), ({ Responses, UnprocessedKeys }) => {
    const found = isObject(Responses) ? Responses : {};
    const data = asked.map(({ table, keys }) => [table, inOrder(keys, (found[table] ?? []) as readonly JsonObject[])]);
    const left = asked.map(({ table }) => {
      const unprocessed = isObject(UnprocessedKeys) ? UnprocessedKeys[table] : undefined;
      return [table, isObject(unprocessed) ? (unprocessed.Keys as readonly unknown[]).map(toPlain) : []];
    });
    return { data: Object.fromEntries(data) as unknown, unprocessedKeys: Object.fromEntries(left) as unknown };
  });
}

function inOrder(keys: readonly JsonObject[], items: readonly JsonObject[]): unknown[] {
  return keys.map((key) => {
    const matches = (item: JsonObject): boolean =>
      Object.entries(key).every(([name, value]) => JSON.stringify(item[name]) === JSON.stringify(value));
    return toPlain(items.find(matches));
  });
}

/** The operations on several items, of one table or more. */
export const BATCH_OPERATIONS = {
  TransactWriteItems: transactWrite,
  TransactGetItems: transactGet,
  BatchGetItem: batchGet,
};
