import { Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { IConstruct } from 'constructs';
import { failure } from '../core/checks';

interface Recovery {
  readonly pointInTimeRecoveryEnabled?: unknown;
}

/** What is known at synth of a table; nothing of an imported one. */
function knownOf(table: dynamodb.ITable): { readonly recovery: unknown; readonly view: unknown } | undefined {
  const resource = table.node.defaultChild;
  const stack = Stack.of(table);
  const enabled = (value: unknown) =>
    (stack.resolve(value) as Recovery | undefined)?.pointInTimeRecoveryEnabled ?? false;
  const view = (value: unknown) =>
    (stack.resolve(value) as { readonly streamViewType?: unknown } | undefined)?.streamViewType;
  if (resource instanceof dynamodb.CfnTable) {
    return { recovery: enabled(resource.pointInTimeRecoverySpecification), view: view(resource.streamSpecification) };
  }
  if (resource instanceof dynamodb.CfnGlobalTable) {
    const replicas = stack.resolve(resource.replicas) as
      { region?: unknown; pointInTimeRecoverySpecification?: Recovery }[] | undefined;
    const own = replicas?.find(({ region }) => region === stack.resolve(stack.region)) ?? replicas?.[0];
    return {
      recovery: own?.pointInTimeRecoverySpecification?.pointInTimeRecoveryEnabled ?? false,
      view: view(resource.streamSpecification),
    };
  }
  return undefined;
}

/**
 * Refuses a table whose stream has not both images: what an item was before is what its deletion is known by.
 *
 * @internal
 */
export function checkStreamView(table: dynamodb.ITable, scope: IConstruct): void {
  const view = knownOf(table)?.view;
  if (typeof view === 'string' && view !== dynamodb.StreamViewType.NEW_AND_OLD_IMAGES) {
    throw failure(`the stream of ${table.node.path} must have NEW_AND_OLD_IMAGES, got: ${view}`, scope);
  }
}

/**
 * Refuses a table that is known to have no point-in-time recovery, without which DynamoDB exports nothing.
 *
 * @see https://docs.aws.amazon.com/opensearch-service/latest/developerguide/configure-client-ddb.html
 * @internal
 */
export function checkRecovery(table: dynamodb.ITable, scope: IConstruct): void {
  if (knownOf(table)?.recovery === false) {
    throw failure(
      `zero-ETL ingestion exports the table, which needs point-in-time recovery: set pointInTimeRecovery of ` +
        `${table.node.path} to true, got: false`,
      scope,
    );
  }
}

/**
 * Refuses an id of a key that is known to be no text: of numbers that end with 0 and of binaries, the export writes other
 * texts than the stream, and an item would have two documents.
 *
 * @see https://github.com/opensearch-project/data-prepper/issues/3840
 * @internal
 */
export function checkTextIds(table: dynamodb.ITable, idAttributes: readonly string[], scope: IConstruct): void {
  const resource = table.node.defaultChild;
  if (!(resource instanceof dynamodb.CfnTable || resource instanceof dynamodb.CfnGlobalTable)) {
    return;
  }
  const definitions = Stack.of(table).resolve(resource.attributeDefinitions) as
    { readonly attributeName?: unknown; readonly attributeType?: unknown }[] | undefined;
  const other = definitions?.find(
    ({ attributeName, attributeType }) =>
      idAttributes.some((name) => name === attributeName) && (attributeType === 'N' || attributeType === 'B'),
  );
  if (other !== undefined) {
    throw failure(
      `source.idAttributes must be texts with zero-ETL, which writes others in two ways, got: ` +
        `${String(other.attributeName)} of type ${String(other.attributeType)}`,
      scope,
    );
  }
}
