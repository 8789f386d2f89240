import { bulk } from './bulk';
import { Cluster } from './cluster';
import { illegalArgument, SearchError, validationFailed } from './errors';
import { checkRefresh, Refresh } from './refresh';
import { documentBody, jsonBody, requiredBody, RestAnswer, Route, RoutedRequest } from './routes';
import { count, search } from './search';
import { SearchIndex, Written } from './search-index';
import { parseSourceFilter, SourceFilter } from './source-filter';
import { isJson, Reader } from './strict';
import { StoredDocument } from './view';
import { readVersion, readWrite, showWritten } from './writes';
import { Json } from '../aws/protocol';

const VERSION = ['version', 'version_type'];
const SOURCE = ['_source', '_source_includes', '_source_excludes'];

/** Endpoints of documents and searches. */
export function documentRoutes(cluster: Cluster, refresh: Refresh): readonly Route[] {
  return [...single(cluster, refresh), ...several(cluster, refresh), ...searches(cluster)];
}

function single(cluster: Cluster, refresh: Refresh): readonly Route[] {
  const path = '/{index}/_doc/{id}';
  const put = async (request: RoutedRequest, create: boolean): Promise<RestAnswer> => {
    const index = writable(cluster, request);
    const id = request.part('id');
    const source = documentBody(request.body);
    checkRefresh(request.query.get('refresh'));
    const version = readWrite(paramsOf(request), id, create);
    const written = cluster.put(index, id, source, version, create);
    cluster.flush();
    return answerOf(index, id, written, await refresh.after([index], request.query.get('refresh')));
  };
  return [
    {
      methods: ['PUT', 'POST'],
      path,
      params: [...VERSION, 'op_type', 'refresh', 'timeout'],
      body: true,
      handle: async (request) =>
        put(request, new Reader(paramsOf(request), 'doc').word('op_type', ['index', 'create'], 'index') === 'create'),
    },
    {
      methods: ['PUT', 'POST'],
      path: '/{index}/_create/{id}',
      params: [...VERSION, 'refresh', 'timeout'],
      body: true,
      handle: async (request) => put(request, true),
    },
    {
      methods: ['DELETE'],
      path,
      params: [...VERSION, 'refresh', 'timeout'],
      handle: async (request) => {
        const index = writable(cluster, request);
        const id = request.part('id');
        checkRefresh(request.query.get('refresh'));
        const written = cluster.remove(index, id, readWrite(paramsOf(request), id, false));
        cluster.flush();
        return answerOf(index, id, written, await refresh.after([index], request.query.get('refresh')));
      },
    },
    { methods: ['GET', 'HEAD'], path, params: [...VERSION, ...SOURCE], handle: (request) => get(cluster, request) },
    {
      methods: ['GET', 'HEAD'],
      path: '/{index}/_source/{id}',
      params: SOURCE,
      handle: (request) => {
        const { status, body } = get(cluster, request);
        if (status === 200) return { status, body: ((body as Json)._source ?? {}) as Json };
        const reason = `Document not found [${request.part('index')}]/[${request.part('id')}]`;
        return { status, body: new SearchError(404, 'resource_not_found_exception', reason).body() };
      },
    },
  ];
}

function several(cluster: Cluster, refresh: Refresh): readonly Route[] {
  const params = ['refresh', 'require_alias', 'timeout'];
  const run = async (request: RoutedRequest): Promise<RestAnswer> => {
    checkRefresh(request.query.get('refresh'));
    const requireAlias = new Reader(paramsOf(request), 'bulk').boolean('require_alias', false);
    const { answer, written } = bulk(cluster, request.body, request.part('index'), requireAlias);
    cluster.flush();
    const forced = await refresh.after(written, request.query.get('refresh'));
    return { status: 200, body: forced ? { ...answer, items: withRefresh(answer.items) } : answer };
  };
  return [
    { methods: ['POST', 'PUT'], path: '/_bulk', params, body: true, handle: run },
    { methods: ['POST', 'PUT'], path: '/{index}/_bulk', params, body: true, handle: run },
    {
      methods: ['POST', 'GET'],
      path: '/{index}/_mget',
      params: SOURCE,
      body: true,
      handle: (request) => mget(cluster, request),
    },
  ];
}

function withRefresh(items: readonly Json[]): readonly Json[] {
  return items.map((item) => {
    const [[action, result]] = Object.entries(item) as [string, Json][];
    return { [action]: result.error === undefined ? { ...result, forced_refresh: true } : result };
  });
}

function searches(cluster: Cluster): readonly Route[] {
  return [
    {
      methods: ['POST', 'GET'],
      path: '/{index}/_search',
      params: ['from', 'size', 'timeout', 'track_total_hits'],
      body: true,
      handle: (request) => ({
        status: 200,
        body: search(cluster.resolve(request.part('index')), { ...jsonBody(request), ...paramsOf(request) }),
      }),
    },
    {
      methods: ['POST', 'GET'],
      path: '/{index}/_count',
      body: true,
      handle: (request) => ({ status: 200, body: count(cluster.resolve(request.part('index')), jsonBody(request)) }),
    },
  ];
}

function paramsOf({ query }: RoutedRequest): Record<string, string> {
  return Object.fromEntries(query);
}

/** Indexes are made by hand alone: `action.auto_create_index` is off. */
function writable(cluster: Cluster, request: RoutedRequest): SearchIndex {
  return cluster.writable(request.part('index'));
}

function answerOf(index: SearchIndex, id: string, written: Written, forced: boolean): RestAnswer {
  const status = { created: 201, updated: 200, deleted: 200, not_found: 404 }[written.result];
  return { status, body: { ...showWritten(index, id, written), ...(forced ? { forced_refresh: true } : {}) } };
}

function get(cluster: Cluster, request: RoutedRequest): RestAnswer {
  const index = cluster.single(request.part('index'));
  const id = request.part('id');
  const document = index.get(id);
  if (document === undefined) return { status: 404, body: { _index: index.name, _id: id, found: false } };
  index.checkRead(document, readVersion(paramsOf(request)));
  return { status: 200, body: showDocument(index, document, sourceParams(request)) };
}

function sourceParams(request: RoutedRequest): SourceFilter {
  const { _source, _source_includes: includes, _source_excludes: excludes } = paramsOf(request);
  if (includes === undefined && excludes === undefined) return parseSourceFilter(_source);
  return parseSourceFilter({
    ...(includes === undefined ? {} : { includes }),
    ...(excludes === undefined ? {} : { excludes }),
  });
}

function showDocument(index: SearchIndex, document: StoredDocument, filter: SourceFilter): Json {
  const shown = filter(document.source);
  return {
    _index: index.name,
    _id: document.id,
    _version: document.version,
    _seq_no: document.seqNo,
    _primary_term: 1,
    found: true,
    ...(shown === undefined ? {} : { _source: shown }),
  };
}

function mget(cluster: Cluster, request: RoutedRequest): RestAnswer {
  const index = cluster.single(request.part('index'));
  const reader = new Reader(requiredBody(request), 'mget').only('ids', 'docs');
  const common = sourceParams(request);
  if (!reader.has('ids') && !reader.has('docs')) throw validationFailed('no documents to get');
  const wanted = reader.has('ids') ? reader.strings('ids').map((id) => ({ id, filter: common })) : docs(reader, common);
  if (wanted.length === 0) throw validationFailed('no documents to get');
  const found = wanted.map(({ id, filter }) => {
    const document = index.get(id);
    return document === undefined
      ? { _index: index.name, _id: id, found: false }
      : showDocument(index, document, filter);
  });
  return { status: 200, body: { docs: found } };
}

function docs(reader: Reader, common: SourceFilter): { id: string; filter: SourceFilter }[] {
  const list = reader.value('docs');
  if (!Array.isArray(list)) throw illegalArgument('[mget] [docs] must be a list');
  return (list as readonly unknown[]).map((entry) => {
    if (!isJson(entry)) throw illegalArgument('[mget] an entry of [docs] must be an object');
    const own = new Reader(entry, 'docs').only('_id', '_source');
    return { id: own.string('_id'), filter: own.has('_source') ? parseSourceFilter(entry._source) : common };
  });
}
