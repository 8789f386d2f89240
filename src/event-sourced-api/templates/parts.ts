/**
 * Parts that several templates have.
 *
 * A value of a caller is never put into JSON as text: it goes through `$util.toJson` or `$util.dynamodb`. What is
 * written here as it is, are names that the construct has checked (`QUOTABLE`).
 *
 * @see https://docs.aws.amazon.com/appsync/latest/devguide/resolver-mapping-template-reference.html
 */

/** What may stand between single quotes of a template: names of tables, views, lists and groups. */
const QUOTABLE = /^[\w+=,.@:*#-]*$/;

/** The limit of a page that says none, and the highest. */
export const PAGE = { limit: 20, maxLimit: 100 };

/**
 * A text between single quotes, in which nothing is evaluated.
 *
 * @internal
 */
export function quoted(text: string): string {
  if (!QUOTABLE.test(text)) {
    throw new Error(`templates take names of letters, digits and +=,.@:*#_- alone, got: ${text}`);
  }
  return `'${text}'`;
}

/** @internal */
export const quotedList = (texts: readonly string[]): string => `[${texts.map(quoted).join(', ')}]`;

/**
 * Errors of a data source are told by kind: what AWS says stays with AWS.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 */
const BUSY = [
  'DynamoDB:ProvisionedThroughputExceededException',
  'DynamoDB:RequestLimitExceeded',
  'DynamoDB:ThrottlingException',
  'DynamoDB:TransactionConflictException',
  'DynamoDB:TransactionInProgressException',
  // Which of its two names AppSync hands on is not documented.
  'Lambda:ThrottlingException',
  'Lambda:TooManyRequestsException',
];

/** @internal */
export const INTERNAL_ERROR = `$util.error('The request failed', 'InternalError')`;

/** @internal */
export const BUSY_ERROR = `$util.error('Too much at once: send it again in a moment', 'Busy')`;

/** Tells an error of the data source, where there is one. @internal */
export const TELL_ERROR = `#if($ctx.error)
#set($busy = ${quotedList(BUSY)})
#if($busy.contains($ctx.error.type))
${BUSY_ERROR}
#end
${INTERNAL_ERROR}
#end
`;

/** Refuses an argument by its name. @internal */
export const badRequest = (field: string, problem: string): string =>
  `$util.error('${field} must be ${problem}', 'BadRequest', $null, {'field': '${field}'})`;

/**
 * Tells an error of a page. A token that was made up is AppSync's `InvalidPaginationTokenException`, one of another list
 * DynamoDB's `The provided starting key is outside query boundaries`: neither type is of these alone, their words are.
 *
 * @internal
 */
export const TELL_PAGE_ERROR = `#if($ctx.error && !$util.isNullOrEmpty($ctx.args.nextToken) && $util.matches('[\\s\\S]*(pagination token|starting key|ExclusiveStartKey|Exclusive Start Key)[\\s\\S]*', $ctx.error.message))
${badRequest('nextToken', 'of an answer to this very query')}
#end
${TELL_ERROR}`;

/** Refuses what is no id, before it becomes part of a key: to Java `$` is also before a line break. @internal */
export const checkId = (
  argument: string,
): string => `#if(!$util.matches('^[A-Za-z0-9_-]{1,64}\\z', $ctx.args.${argument}))
${badRequest(argument, '1 to 64 letters, digits, - and _')}
#end
`;

/** Sets `$limit`, within bounds. @internal */
export const checkLimit = `#set($limit = $util.defaultIfNull($ctx.args.limit, ${PAGE.limit}))
#if($limit < 1 || $limit > ${PAGE.maxLimit})
${badRequest('limit', `1 to ${PAGE.maxLimit}`)}
#end
`;

/** Where a page goes on. @internal */
export const nextToken = `#if(!$util.isNullOrEmpty($ctx.args.nextToken))
  "nextToken": $util.toJson($ctx.args.nextToken),
#end`;

/**
 * Sets `$isReader`: whether the caller is in one of these groups.
 *
 * @see https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference.html
 * @internal
 */
export function checkReader(readers: readonly string[]): string {
  if (readers.includes('*')) {
    return '#set($isReader = true)\n';
  }
  return `#set($isReader = false)
#set($readers = ${quotedList(readers)})
#foreach($group in $ctx.identity.claims.get('cognito:groups'))
#if($readers.contains($group))
#set($isReader = true)
#end
#end
`;
}

/** Of a resolver that does nothing before its functions. @internal */
export const BEFORE = '{}';

/** Answers what its last function has answered. @internal */
export const AFTER = '$util.toJson($ctx.prev.result)';
