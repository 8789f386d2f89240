import { validationFailed } from './errors';
import { SearchIndex, WriteVersion, Written } from './search-index';
import { Reader } from './strict';
import { Json } from '../aws/protocol';

/** Reads `version` and `version_type`. */
export function readVersion(given: Json): WriteVersion {
  const reader = new Reader(given, 'version');
  const type = reader.word('version_type', ['internal', 'external', 'external_gt', 'external_gte'], 'internal');
  return {
    type: type === 'external_gt' ? 'external' : type,
    version: reader.has('version') ? reader.integer('version', 0, -Infinity) : undefined,
  };
}

/**
 * Reads the version of a write.
 *
 * @throws SearchError for what OpenSearch refuses before it writes anything: a bulk request whole
 */
export function readWrite(given: Json, id: string, create: boolean): WriteVersion {
  const { type, version } = readVersion(given);
  // https://docs.opensearch.org/latest/api-reference/document-apis/bulk/: an id has at most 512 bytes.
  const bytes = Buffer.byteLength(id);
  if (bytes > 512) {
    throw validationFailed(`id [${id}] is too long, must be no longer than 512 bytes but was: ${bytes}`);
  }
  if (create && (type !== 'internal' || version !== undefined)) {
    throw validationFailed('create operations only support internal versioning. use index instead');
  }
  if (type === 'internal' && version !== undefined) {
    throw validationFailed(
      'internal versioning can not be used for optimistic concurrency control. Please use `if_seq_no` and `if_primary_term` instead',
    );
  }
  if (type !== 'internal' && (version === undefined || version < 0)) {
    throw validationFailed(`illegal version value [${version ?? -3}] for version type [${type.toUpperCase()}]`);
  }
  return { type, version };
}

/** A write as an answer has it. */
export function showWritten({ name, settings }: SearchIndex, id: string, written: Written): Json {
  const copies = 1 + settings.replicas;
  return {
    _index: name,
    _id: id,
    _version: written.version,
    result: written.result,
    _shards: { total: copies, successful: copies, failed: 0 },
    _seq_no: written.seqNo,
    _primary_term: 1,
  };
}
