import {
  badRequest,
  checkId,
  checkLimit,
  checkReader,
  INTERNAL_ERROR,
  nextToken,
  quoted,
  TELL_ERROR,
  TELL_PAGE_ERROR,
} from './parts';
import { ListField, ViewField } from '../schema/query-field';

/** Characters of a value at most that an argument says a list by, of 3 bytes at most; DynamoDB's keys take 2048 with names. */
const MAX_VALUE = 600;

/** Reads the row of a view, consistently: whoever was told of a change sees it. @param view the view that is live @internal */
export const rowRequest = (view: string): string => `${checkId('id')}#set($of = ${quoted(`${view}#`)})
{
  "version": "2018-05-29",
  "operation": "GetItem",
  "key": {
    "PK": $util.dynamodb.toDynamoDBJson("$of$ctx.args.id"),
    "SK": $util.dynamodb.toDynamoDBJson('ROW')
  },
  "consistentRead": true
}`;

/** Sets `$isAllowed`: whether the caller may read the row. */
const checkRow = (readers: readonly string[]) => `${checkReader(readers)}#set($isAllowed = $isReader)
#if(!$util.isNull($ctx.result.owner) && $ctx.result.owner == $ctx.identity.sub)
#set($isAllowed = true)
#end
`;

/** A row of another is null, as one that is not there: nobody learns which ids there are. @internal */
export const rowResponse = (
  readers: readonly string[],
): string => `${TELL_ERROR}${checkRow(readers)}#if($isAllowed && !$util.isNull($ctx.result.data))
$util.toJson($ctx.result.data)
#else
null
#end`;

/** Sets `$value`: which list it is, by the caller or by an argument. */
const listValue = ({ argument, readers }: ListField) =>
  argument === undefined
    ? '#set($value = $ctx.identity.sub)\n'
    : `${checkReader(readers)}#if(!$isReader)
$util.unauthorized()
#end
#set($value = $ctx.args.${argument})
#if($value.length() < 1 || $value.length() > ${MAX_VALUE})
${badRequest(argument, `1 to ${MAX_VALUE} characters`)}
#end
`;

/**
 * Reads a page of a list of a view. AppSync's `nextToken` is opaque; a key of another list in it is refused by DynamoDB.
 *
 * @see https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-query.html
 * @param view the view that is live
 * @internal
 */
export const listRequest = (
  view: string,
  field: ListField,
): string => `${listValue(field)}${checkLimit}#set($of = ${quoted(`${view}#${field.list}#`)})
{
  "version": "2018-05-29",
  "operation": "Query",
  "query": {
    "expression": "PK = :pk",
    "expressionValues": { ":pk": $util.dynamodb.toDynamoDBJson("$of$value") }
  },
${nextToken}
  "limit": $util.toJson($limit),
  "scanIndexForward": ${field.isAscending},
  "consistentRead": true
}`;

/** @internal */
export const LIST_RESPONSE = `${TELL_PAGE_ERROR}#set($rows = [])
#foreach($item in $ctx.result.items)
$util.qr($rows.add($item.data))
#end
{
  "items": $util.toJson($rows),
  "nextToken": $util.toJson($ctx.result.nextToken)
}`;

/** Reads a page of the events of an aggregate; snapshots lie among them. @internal */
export const eventsRequest = (
  aggregate: string,
): string => `${checkId('id')}${checkLimit}#set($of = ${quoted(`${aggregate}#`)})
{
  "version": "2018-05-29",
  "operation": "Query",
  "query": {
    "expression": "PK = :pk",
    "expressionValues": { ":pk": $util.dynamodb.toDynamoDBJson("$of$ctx.args.id") }
  },
  "filter": {
    "expression": "attribute_exists(eventId)"
  },
${nextToken}
  "limit": $util.toJson($limit),
  "scanIndexForward": true,
  "consistentRead": true
}`;

/** AppSync makes text of what `AWSJSON` is given: a text might be made text once more. @internal */
export const EVENTS_RESPONSE = `${TELL_PAGE_ERROR}#set($events = [])
#foreach($item in $ctx.result.items)
$util.qr($events.add({
  'id': $item.aggregateId,
  'version': $item.version,
  'type': $item.type,
  'schemaVersion': $item.schemaVersion,
  'data': $item.data,
  'occurredAt': $item.occurredAt,
  'actor': $item.actor,
  'commandId': $item.commandId,
  'correlationId': $item.correlationId,
  'causationId': $item.causationId
}))
#end
{
  "items": $util.toJson($events),
  "nextToken": $util.toJson($ctx.result.nextToken)
}`;

/** Notes whether the caller may read the row, for whoever asks to watch rows of that view. @internal */
export const mayWatchResponse = ({
  view,
  readers,
}: ViewField): string => `${TELL_ERROR}${checkRow(readers)}#if($isAllowed && $ctx.args.view == ${quoted(view)})
$util.qr($ctx.stash.put('mayWatch', true))
#end
null`;

/**
 * Refuses who may not read the row by any query of the view: one that is not there is as one of another.
 *
 * @see https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-real-time-data.html
 * @internal
 */
export const WATCH_AFTER = `#if(!$ctx.stash.mayWatch)
$util.unauthorized()
#end
null`;

/** Of a data source that is none. @see https://docs.aws.amazon.com/appsync/latest/devguide/resolver-mapping-template-reference-none.html */
const NOTHING = `{
  "version": "2018-05-29",
  "payload": {}
}`;

/** Refuses who asks for another's changes. @internal */
export const MY_CHANGES_REQUEST = `#if($ctx.args.owner != $ctx.identity.sub)
$util.unauthorized()
#end
${NOTHING}`;

/** @internal */
export const MY_CHANGES_RESPONSE = `#if($ctx.error)
${INTERNAL_ERROR}
#end
null`;

/** Hands on what is told to whoever watches. @internal */
export const PUBLISH_REQUEST = `{
  "version": "2018-05-29",
  "payload": $util.toJson($ctx.args)
}`;

/** @internal */
export const PUBLISH_RESPONSE = `#if($ctx.error)
${INTERNAL_ERROR}
#end
$util.toJson($ctx.result)`;
