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

/**
 * Bounds a right to put or update items, beside its keys, to these attributes: a put item holds no other, an update names no
 * other.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html dynamodb:Attributes
 * @see https://repost.aws/knowledge-center/dynamodb-table-restrict-attributes of a PutItem, those of its item
 * @internal
 */
export function boundAttributes(grant: iam.Grant, attributes: readonly string[]): void {
  for (const statement of grant.principalStatements) {
    statement.addConditions({
      'ForAllValues:StringEquals': { 'dynamodb:Attributes': [...attributes] },
      Null: { 'dynamodb:Attributes': 'false' },
    });
  }
}
