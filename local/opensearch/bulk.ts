import { Cluster } from './cluster';
import { illegalArgument, indexNotFound, NOT_HERE, SearchError, validationFailed } from './errors';
import { documentBody, parseJson } from './routes';
import { SearchIndex, WriteVersion } from './search-index';
import { isJson, Reader } from './strict';
import { readWrite, showWritten } from './writes';
import { Json } from '../aws/protocol';

type Action = 'index' | 'create' | 'delete';

interface Item {
  readonly action: Action;
  readonly index: string;
  readonly id: string;
  readonly version: WriteVersion;
  /** Text, which may be no JSON: that is the fault of this item alone. */
  readonly source?: string;
}

/** What a bulk request did. */
export interface BulkResult {
  readonly answer: { readonly took: number; readonly errors: boolean; readonly items: readonly Json[] };
  readonly written: readonly SearchIndex[];
}

/**
 * Does the lines of a bulk request, each for itself.
 *
 * @param index for lines that name none; empty where the path has none
 * @param requireAlias whether an index may be written by its alias alone
 */
export function bulk(cluster: Cluster, body: string, index: string, requireAlias: boolean): BulkResult {
  const start = performance.now();
  const items = parseItems(body, index);
  const written = new Set<SearchIndex>();
  const results = items.map((item) => {
    try {
      const { target, result } = write(cluster, item, requireAlias);
      written.add(target);
      return { [item.action]: result };
    } catch (error) {
      if (!(error instanceof SearchError)) throw error;
      return {
        [item.action]: { _index: nameOf(cluster, item), _id: item.id, status: error.status, error: error.rootCause() },
      };
    }
  });
  const errors = results.some((result) => Object.values(result).some((item) => (item as Json).error !== undefined));
  return { answer: { took: Math.round(performance.now() - start), errors, items: results }, written: [...written] };
}

/** What the lines of a bulk request write to. */
export function bulkTargets(body: string, index: string): { readonly action: Action; readonly target: string }[] {
  return parseItems(body, index).map((item) => ({ action: item.action, target: item.index }));
}

function nameOf(cluster: Cluster, { index }: Item): string {
  try {
    return cluster.writable(index).name;
  } catch {
    return index;
  }
}

function write(
  cluster: Cluster,
  item: Item,
  requireAlias: boolean,
): { readonly target: SearchIndex; readonly result: Json } {
  const { action, id, version, source } = item;
  if (requireAlias && cluster.allAliases()[item.index] === undefined) {
    throw indexNotFound(item.index, ` and [require_alias] request flag is [true] and [${item.index}] is not an alias`);
  }
  const target = cluster.writable(item.index);
  if (action === 'delete') {
    const removed = cluster.remove(target, id, version);
    return {
      target,
      result: { ...showWritten(target, id, removed), status: removed.result === 'deleted' ? 200 : 404 },
    };
  }
  const document = documentBody(source ?? '');
  const put = cluster.put(target, id, document, version, action === 'create');
  return { target, result: { ...showWritten(target, id, put), status: put.result === 'created' ? 201 : 200 } };
}

/** @throws SearchError for what makes the whole request fail: lines that cannot be told apart or are not known */
function parseItems(body: string, index: string): Item[] {
  if (body === '') throw new SearchError(400, 'parse_exception', 'request body is required');
  if (!body.endsWith('\n')) throw illegalArgument('The bulk request must be terminated by a newline [\\n]');
  const lines = body.split('\n').slice(0, -1);
  const items: Item[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    if (lines[at].trim() === '') continue;
    const item = parseAction(lines[at], at + 1, index);
    if (item.action === 'delete') {
      items.push(item);
      continue;
    }
    at += 1;
    if (at >= lines.length) throw validationFailed('source is missing');
    items.push({ ...item, source: lines[at] });
  }
  if (items.length === 0) throw validationFailed('no requests added');
  return items;
}

const ACTIONS: readonly Action[] = ['index', 'create', 'delete'];
const METADATA = ['_index', '_id', 'version', 'version_type'];

function parseAction(line: string, number: number, index: string): Item {
  const given = parseJson(line, (reason) => new SearchError(400, 'json_parse_exception', reason));
  const [[name, metadata] = ['', {}], ...others] = isJson(given) ? Object.entries(given) : [];
  const action = ACTIONS.find((known) => known === name);
  if (action === undefined || !isJson(metadata) || others.length > 0) {
    throw illegalArgument(
      `Malformed action/metadata line [${number}], expected one of [create, delete, index] but found [${name}], or it is ${NOT_HERE}`,
    );
  }
  const unknown = Object.keys(metadata).find((key) => !METADATA.includes(key));
  if (unknown !== undefined) {
    throw illegalArgument(
      `Action/metadata line [${number}] contains an unknown parameter [${unknown}], or it is ${NOT_HERE}`,
    );
  }
  const reader = new Reader(metadata, `line ${number}`);
  const target = reader.optionalString('_index') ?? index;
  if (target === '') throw validationFailed('index is missing');
  const id = typeof metadata._id === 'number' ? String(metadata._id) : reader.optionalString('_id');
  if (id === undefined || id === '') {
    throw validationFailed(`id is missing; ids that OpenSearch makes up are ${NOT_HERE}`);
  }
  const version = readWrite(metadata, id, action === 'create');
  return { action, index: target, id, version };
}
