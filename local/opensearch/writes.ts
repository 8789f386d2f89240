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
    version: reader.has('version') ? reader.integer('version', 0) : undefined,
  };
}

/** @throws SearchError for a version of one's own, which `create` does not take */
export function checkCreate({ type, version }: WriteVersion): void {
  if (type === 'internal' && version === undefined) return;
  throw validationFailed('create operations only support internal versioning. use index instead');
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
