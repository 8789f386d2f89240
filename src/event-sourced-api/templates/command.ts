import { BUSY_ERROR, checkId, INTERNAL_ERROR, quoted, quotedList, TELL_ERROR } from './parts';

/** Arguments that are the library's; all others are the command's. */
const OWN_ARGUMENTS = ['id', 'commandId', 'expectedVersion', 'correlationId', 'causationId'];

/**
 * Asks what a command comes to. Nothing is written yet.
 *
 * @see https://docs.aws.amazon.com/appsync/latest/devguide/resolver-mapping-template-reference-lambda.html
 * @internal
 */
export const DECIDE_REQUEST = `{
  "version": "2018-05-29",
  "operation": "Invoke",
  "payload": {
    "command": $util.toJson($ctx.info.fieldName),
    "id": $util.toJson($ctx.args.id),
    "commandId": $util.toJson($ctx.args.commandId),
    "expectedVersion": $util.toJson($ctx.args.expectedVersion),
    "correlationId": $util.toJson($ctx.args.correlationId),
    "causationId": $util.toJson($ctx.args.causationId),
    "arguments": $util.toJson($util.map.copyAndRemoveAllKeys($ctx.args, ${quotedList(OWN_ARGUMENTS)})),
    "actor": {
      "sub": $util.toJson($ctx.identity.sub),
      "username": $util.toJson($ctx.identity.username),
      "groups": $util.toJson($ctx.identity.claims.get('cognito:groups'))
    }
  }
}`;

const INVALID = (of: string) => `$util.error(${of}.message, 'BadRequest', $null, {'field': ${of}.field})`;

/** What has no ids by which it is known is refused at once. @internal */
export const DECIDE_RESPONSE = `${TELL_ERROR}#if($ctx.result.outcome == 'BUSY')
${BUSY_ERROR}
#elseif($ctx.result.outcome == 'INVALID' && $util.isNull($ctx.result.guardKey))
${INVALID('$ctx.result')}
#end
$util.toJson($ctx.result)`;

/**
 * Appends what was decided in one transaction: the guard of the command, then its events, each only where there is none
 * of its key. A conflict with an expected version, and what is invalid by the rules of now, write nothing, and ask
 * whether this very command was there before.
 *
 * @see https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-transact-write-items.html
 * @internal
 */
export const appendRequest = (tableName: string): string => `#set($decision = $ctx.prev.result)
#if($decision.outcome == 'CONFLICT' || $decision.outcome == 'INVALID')
{
  "version": "2018-05-29",
  "operation": "GetItem",
  "key": $util.toJson($decision.guardKey),
  "consistentRead": true
}
#else
#set($items = [])
#set($isNew = {'expression': 'attribute_not_exists(PK)', 'returnValuesOnConditionCheckFailure': true})
#foreach($item in $decision.items)
$util.qr($items.add({
  'table': '${tableName}',
  'operation': 'PutItem',
  'key': $item.key,
  'attributeValues': $item.attributeValues,
  'condition': $isNew
}))
#end
{
  "version": "2018-05-29",
  "operation": "TransactWriteItems",
  "transactItems": $util.toJson($items)
}
#end`;

/**
 * Why an item of a transaction was refused: the first is DynamoDB's word, the second that of AppSync's documents.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
const NOT_NEW = ['ConditionalCheckFailed', 'ConditionCheckFailed'];
const BUSY = ['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'];

const CONFLICT = (expected: string, current: string) =>
  `$util.error('The aggregate has changed since it was read: nothing is written', 'VersionConflict', $null, {'expectedVersion': ${expected}, 'currentVersion': ${current}})`;

const REJECTED = (message: string, commandId: string, code: string) =>
  `$util.error(${message}, 'CommandRejected', $null, {'commandId': ${commandId}, 'code': ${code}})`;

/** Answers what the command of a stored guard did, if it is this one that came again. */
const REPLAY = `#if($guard.requestHash != $decision.requestHash)
$util.error('The commandId is of another command', 'CommandIdReused', $null, {'commandId': $guard.commandId})
#end
#if($guard.status == 'REJECTED')
${REJECTED('$guard.message', '$guard.commandId', '$guard.code')}
#end
{
  "commandId": $util.toJson($guard.commandId),
  "id": $util.toJson($guard.aggregateId),
  "version": $util.toJson($guard.toVersion),
  "status": "ACCEPTED",
  "events": $util.toJson($guard.events)
}`;

/**
 * Tells what became of the command. A guard that was there says that it came before, whatever else failed; one that is
 * being written, that this very command is under way. Else events that were there say that the aggregate has changed
 * since it was read.
 *
 * @internal
 */
export const APPEND_RESPONSE = `#set($decision = $ctx.prev.result)
#set($hasChanged = false)
#set($isBusy = false)
#set($isGuardBusy = false)
#set($current = $decision.fromVersion)
#if($decision.outcome == 'CONFLICT' || $decision.outcome == 'INVALID')
${TELL_ERROR}#if(!$util.isNull($ctx.result.commandId))
#set($guard = $ctx.result)
#elseif($decision.outcome == 'INVALID')
${INVALID('$decision')}
#else
${CONFLICT('$decision.expectedVersion', '$decision.currentVersion')}
#end
#elseif($ctx.error)
#set($notNew = ${quotedList(NOT_NEW)})
#set($busyReasons = ${quotedList(BUSY)})
#foreach($reason in $ctx.result.cancellationReasons)
#if($notNew.contains($reason.type))
#if($foreach.index == 0)
#set($guard = $reason.item)
#else
#set($hasChanged = true)
#if(!$util.isNull($reason.item.version))
#set($current = $reason.item.version)
#end
#end
#elseif($busyReasons.contains($reason.type))
#set($isBusy = true)
#if($foreach.index == 0)
#set($isGuardBusy = true)
#end
#end
#end
#if($util.isNull($guard))
#if($hasChanged && !$isGuardBusy)
${CONFLICT('$decision.fromVersion', '$current')}
#elseif($isBusy)
${BUSY_ERROR}
#end
${TELL_ERROR}#end
#elseif($decision.outcome == 'REJECTED')
${REJECTED('$decision.message', '$decision.commandId', '$decision.code')}
#end
#if(!$util.isNull($guard))
${REPLAY}
#elseif($decision.outcome == 'ACCEPTED')
{
  "commandId": $util.toJson($decision.commandId),
  "id": $util.toJson($decision.id),
  "version": $util.toJson($decision.toVersion),
  "status": "ACCEPTED",
  "events": $util.toJson($decision.events)
}
#else
${INTERNAL_ERROR}
#end`;

/** A command of the caller by its id: nobody asks for those of others, since the key begins with the sender. @internal */
export const COMMAND_REQUEST = `${checkId('commandId')}#set($of = ${quoted('COMMAND#')})
#set($then = ${quoted('#')})
{
  "version": "2018-05-29",
  "operation": "GetItem",
  "key": {
    "PK": $util.dynamodb.toDynamoDBJson("$of$ctx.identity.sub$then$ctx.args.commandId"),
    "SK": $util.dynamodb.toDynamoDBJson('COMMAND')
  },
  "consistentRead": true
}`;

/** @internal */
export const COMMAND_RESPONSE = `${TELL_ERROR}#set($guard = $ctx.result)
#if(!$util.isNull($guard.commandId))
{
  "commandId": $util.toJson($guard.commandId),
  "command": $util.toJson($guard.command),
  "id": $util.toJson($guard.aggregateId),
  "status": $util.toJson($guard.status),
  "version": $util.toJson($guard.toVersion),
  "code": $util.toJson($guard.code),
  "message": $util.toJson($guard.message),
  "occurredAt": $util.toJson($guard.occurredAt)
}
#else
null
#end`;
