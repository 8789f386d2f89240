import * as iam from 'aws-cdk-lib/aws-iam';

/**
 * The condition that bounds rights to items whose partition keys match these patterns. It is the only place where this
 * library writes `dynamodb:LeadingKeys`.
 *
 * `ForAllValues` also holds where a request has no such key at all, so that `Null` asks that there is one.
 *
 * DynamoDB judges the items of a transaction one by one, each under the action that it is (`PutItem` and so on). Of a
 * BatchGetItem over two tables, nothing public says whether the keys of both are judged together: whoever reads two
 * tables in one call is given the patterns of both on both (no prefix is in both).
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 * @internal
 */
export function leadingKeysCondition(patterns: readonly string[]): Record<string, Record<string, unknown>> {
  return {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...patterns] },
    Null: { 'dynamodb:LeadingKeys': 'false' },
  };
}

const onlyAttributes = (attributes: readonly string[]) => ({
  'ForAllValues:StringEquals': { 'dynamodb:Attributes': [...attributes] },
});

/**
 * Bounds a right to put or update items, beside its keys, to these attributes: a put item holds no other, an update names no
 * other. A put still replaces the whole item that is there, whatever that holds: DynamoDB has no condition against it, nor
 * one on sort keys.
 *
 * No page says it of a transaction. Its items are judged by the permissions of the action that each is, so that what that
 * action tells of a request is taken to be told of each item.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html dynamodb:Attributes
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html of transactions
 * @see https://repost.aws/knowledge-center/dynamodb-table-restrict-attributes of a PutItem, those of its item
 * @internal
 */
export function boundAttributes(grant: iam.Grant, attributes: readonly string[]): void {
  for (const statement of grant.principalStatements) {
    statement.addConditions({
      ...onlyAttributes(attributes),
      Null: { 'dynamodb:Attributes': 'false' },
    });
  }
}

/**
 * Bounds a right to BatchWriteItem alike: no item of a batch holds another attribute, so that batches which delete and put no
 * more than keys cannot make up items. Whether a batch of deletions alone has such a key at all is not said: it is good
 * without.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html the first policy is of
 * BatchWriteItem too
 * @internal
 */
export function boundBatch(grant: iam.Grant, attributes: readonly string[]): void {
  for (const statement of grant.principalStatements) statement.addConditions(onlyAttributes(attributes));
}
