import { BadTemplateRequest, checkFields } from './data-source';
import { toAttribute } from './typed-values';
import { isObject, JsonObject } from '../../assembly';

/** Checks what a request has; null is as good as nothing. @throws BadTemplateRequest naming another field */
export function readRequest(request: JsonObject, known: readonly string[]): JsonObject {
  checkFields(request, ['version', 'operation', ...known], `the request for ${String(request.operation)}`);
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== null));
}

const EXPRESSION = ['expression', 'expressionNames', 'expressionValues'];

/**
 * The fields of an expression: itself under a name, and its names and values joined with those of another.
 *
 * @throws BadTemplateRequest
 */
export function expressionFields(
  given: unknown,
  where: string,
  field: string,
  joined: JsonObject = {},
  more: readonly string[] = [],
): JsonObject {
  if (!isObject(given)) throw new BadTemplateRequest(`${where} has to be an object`);
  checkFields(given, [...EXPRESSION, ...more], where);
  const { expression, expressionNames, expressionValues } = given;
  if (typeof expression !== 'string') throw new BadTemplateRequest(`${where}.expression has to be a string`);
  const values = Object.entries(isObject(expressionValues) ? expressionValues : {});
  const typed = values.map(([name, value]) => [name, toAttribute(value, `${where}.expressionValues.${name}`)] as const);
  return {
    [field]: expression,
    ...joinFields(joined, 'ExpressionAttributeNames', isObject(expressionNames) ? expressionNames : {}),
    ...joinFields(joined, 'ExpressionAttributeValues', Object.fromEntries(typed)),
  };
}

/** DynamoDB refuses an empty map of names or values. */
function joinFields(before: JsonObject, field: string, added: JsonObject): JsonObject {
  const known = before[field];
  const all = { ...(isObject(known) ? known : {}), ...added };
  return Object.keys(all).length === 0 ? {} : { [field]: all };
}

/** What else a condition may say, outside of transactions. */
const HANDLING = ['equalsIgnore', 'consistentRead', 'conditionalCheckFailedHandler'];

/** The condition of a call that writes one item. @throws BadTemplateRequest */
export function conditionOf({ condition }: JsonObject, joined: JsonObject = {}): JsonObject {
  if (condition === undefined || condition === null) return {};
  const fields = expressionFields(condition, 'condition', 'ConditionExpression', joined, HANDLING);
  const { equalsIgnore, conditionalCheckFailedHandler: handler } = condition as JsonObject;
  if (equalsIgnore !== undefined) throw new BadTemplateRequest('condition.equalsIgnore is not supported here');
  if (handler !== undefined && (!isObject(handler) || handler.strategy !== 'Reject')) {
    throw new BadTemplateRequest(
      'condition.conditionalCheckFailedHandler is not supported here but for the strategy Reject',
    );
  }
  return fields;
}

/** @throws BadTemplateRequest */
export function projectionOf({ projection }: JsonObject, joined: JsonObject = {}): JsonObject {
  if (projection === undefined || projection === null) return {};
  if (!isObject(projection)) throw new BadTemplateRequest('projection has to be an object');
  checkFields(projection, ['expression', 'expressionNames'], 'projection');
  return expressionFields(projection, 'projection', 'ProjectionExpression', joined);
}
