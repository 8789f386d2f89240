import { exportedItem, javaText, JavaNumber, streamedItem, Value } from './values';
import { EXPORT_VERSION } from './versions';
import { Json } from '../aws/protocol';
import { FollowedRecord, SourceTable } from '../storage';

/** What `getMetadata` knows of an event. */
export const METADATA = ['opensearch_action', 'document_version', 'primary_key', 'partition_key', 'sort_key'] as const;

export type Metadata = Readonly<Partial<Record<(typeof METADATA)[number], string>>>;

/** What goes through a pipeline. */
export interface PipelineEvent {
  readonly data: Readonly<Record<string, Value>>;
  readonly metadata: Metadata;
}

type Keys = Pick<SourceTable, 'partitionKey' | 'sortKey'>;

/** https://docs.opensearch.org/latest/data-prepper/pipelines/configuration/sources/dynamo-db/#exposed-metadata-attributes */
function metadataOf({ partitionKey, sortKey }: Keys, keys: Readonly<Record<string, Value>>): Metadata {
  const partition = keyText(keys[partitionKey]);
  if (sortKey === undefined) return { partition_key: partition, primary_key: partition };
  const sort = keyText(keys[sortKey]);
  return { partition_key: partition, sort_key: sort, primary_key: `${partition}|${sort}` };
}

/** Numbers as DynamoDB writes them, also where Java would not. */
function keyText(value: Value): string {
  return value instanceof JavaNumber ? plain(value.text) : javaText(value);
}

function plain(number: string): string {
  const [, minus, first, rest = '', power] = /^(-?)(\d)(?:\.(\d+))?E([+-]\d+)$/.exec(number) ?? [];
  if (power === undefined) return number;
  const digits = `${first}${rest}`;
  const point = 1 + Number(power);
  return point > 0 ? `${minus}${digits.padEnd(point, '0')}` : `${minus}0.${'0'.repeat(-point)}${digits}`;
}

/** The event of an exported item. */
export function exportEvent(table: Keys, item: Json): PipelineEvent {
  const data = exportedItem(item);
  return {
    data,
    metadata: {
      ...metadataOf(table, data),
      opensearch_action: 'index',
      document_version: String(EXPORT_VERSION),
    },
  };
}

/** What a deletion comes with: the item as it was, or nothing. */
export type ViewOnRemove = 'NEW_IMAGE' | 'OLD_IMAGE';

/** The event of a change. */
export function streamEvent(
  table: Keys,
  record: FollowedRecord,
  viewOnRemove: ViewOnRemove,
  version: number,
): PipelineEvent {
  const removed = record.eventName === 'REMOVE';
  const image = removed && viewOnRemove === 'OLD_IMAGE' ? (record.oldImage ?? record.newImage) : record.newImage;
  return {
    data: streamedItem(image ?? {}),
    metadata: {
      ...metadataOf(table, streamedItem(record.keys)),
      opensearch_action: removed ? 'delete' : 'index',
      document_version: String(version),
    },
  };
}
