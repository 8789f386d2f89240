import { Cluster } from './cluster';
import { NOT_HERE, illegalArgument, SearchError, validationFailed } from './errors';
import { showMapping } from './mapping';
import { ACKNOWLEDGED, jsonBody, requiredBody, RestAnswer, Route, RoutedRequest } from './routes';
import { SearchIndex } from './search-index';
import { Reader } from './strict';
import { Json } from '../aws/protocol';

/** Time-outs of what is done at once here. */
const TIMEOUTS = ['timeout', 'master_timeout', 'cluster_manager_timeout'];

/** Endpoints of indexes, aliases and the cluster. */
export function indexRoutes(cluster: Cluster, info: Json): readonly Route[] {
  return [...indexes(cluster), ...aliases(cluster), ...ofCluster(cluster, info)];
}

function indexes(cluster: Cluster): readonly Route[] {
  const path = '/{index}';
  return [
    {
      methods: ['PUT'],
      path,
      params: [...TIMEOUTS, 'wait_for_active_shards'],
      body: true,
      handle: (request) => {
        const index = request.part('index');
        cluster.create(index, jsonBody(request));
        return { status: 200, body: { acknowledged: true, shards_acknowledged: true, index } };
      },
    },
    { methods: ['GET'], path, handle: (request) => perIndex(cluster, request, (index) => show(cluster, index)) },
    { methods: ['HEAD'], path, handle: (request) => exists(() => cluster.resolve(request.part('index'))) },
    {
      methods: ['DELETE'],
      path,
      params: TIMEOUTS,
      handle: (request) => {
        cluster.drop(request.part('index'));
        return ACKNOWLEDGED;
      },
    },
    {
      methods: ['GET'],
      path: '/{index}/_mapping',
      handle: (request) => perIndex(cluster, request, ({ mapping }) => ({ mappings: showMapping(mapping) })),
    },
    {
      methods: ['PUT', 'POST'],
      path: '/{index}/_mapping',
      params: TIMEOUTS,
      body: true,
      handle: (request) => {
        cluster.changeMapping(request.part('index'), requiredBody(request));
        return ACKNOWLEDGED;
      },
    },
    {
      methods: ['GET'],
      path: '/{index}/_settings',
      handle: (request) => perIndex(cluster, request, (index) => ({ settings: showSettings(index) })),
    },
    {
      methods: ['PUT'],
      path: '/{index}/_settings',
      params: TIMEOUTS,
      body: true,
      handle: (request) => {
        const settings = requiredBody(request);
        if (Object.keys(settings).length === 0) throw validationFailed('no settings to update');
        cluster.changeSettings(request.part('index'), settings);
        return ACKNOWLEDGED;
      },
    },
    {
      methods: ['POST', 'GET'],
      path: '/{index}/_refresh',
      handle: (request) => {
        const found = cluster.resolve(request.part('index'));
        for (const index of found) index.refresh();
        const total = found.reduce((sum, { settings }) => sum + settings.shards * (1 + settings.replicas), 0);
        return { status: 200, body: { _shards: { total, successful: total, failed: 0 } } };
      },
    },
  ];
}

function aliases(cluster: Cluster): readonly Route[] {
  const ofIndexes = (found: readonly SearchIndex[], alias?: string): RestAnswer => ({
    status: 200,
    body: Object.fromEntries(
      found.map(({ name }) => {
        const all = Object.entries(cluster.aliasesOf(name)).filter(([own]) => alias === undefined || own === alias);
        return [name, { aliases: Object.fromEntries(all) }];
      }),
    ),
  });
  const ofAlias = (alias: string): RestAnswer => {
    if (/[*,]/.test(alias)) throw illegalArgument(`alias pattern [${alias}] is ${NOT_HERE}`);
    if (cluster.allAliases()[alias] === undefined) {
      return { status: 404, body: { error: `alias [${alias}] missing`, status: 404 } };
    }
    return ofIndexes(cluster.resolve(alias), alias);
  };
  return [
    {
      methods: ['POST'],
      path: '/_aliases',
      params: TIMEOUTS,
      body: true,
      handle: (request) => {
        cluster.changeAliases(new Reader(requiredBody(request), 'aliases').only('actions').value('actions'));
        return ACKNOWLEDGED;
      },
    },
    { methods: ['GET'], path: '/_alias', handle: () => ofIndexes(cluster.all()) },
    { methods: ['GET', 'HEAD'], path: '/_alias/{name}', handle: (request) => ofAlias(request.part('name')) },
    {
      methods: ['GET'],
      path: '/{index}/_alias',
      handle: (request) => ofIndexes(cluster.resolve(request.part('index'))),
    },
  ];
}

function ofCluster(cluster: Cluster, info: Json): readonly Route[] {
  const health = (found: readonly SearchIndex[]): RestAnswer => {
    const primaries = found.reduce((sum, { settings }) => sum + settings.shards, 0);
    const active = found.reduce((sum, { settings }) => sum + settings.shards * (1 + settings.replicas), 0);
    const body = {
      cluster_name: info.cluster_name,
      status: 'green',
      timed_out: false,
      number_of_nodes: 1,
      number_of_data_nodes: 1,
      active_primary_shards: primaries,
      active_shards: active,
      relocating_shards: 0,
      initializing_shards: 0,
      unassigned_shards: 0,
    };
    return { status: 200, body };
  };
  const params = ['wait_for_status', ...TIMEOUTS];
  return [
    { methods: ['GET', 'HEAD'], path: '/', handle: () => ({ status: 200, body: info }) },
    { methods: ['GET'], path: '/_cluster/health', params, handle: () => health(cluster.all()) },
    {
      methods: ['GET'],
      path: '/_cluster/health/{index}',
      params,
      handle: (request) => health(cluster.resolve(request.part('index'))),
    },
    {
      methods: ['GET'],
      path: '/_cat/indices',
      params: ['format'],
      handle: (request) => list(request, cluster.all()),
    },
    {
      methods: ['GET'],
      path: '/_cat/indices/{index}',
      params: ['format'],
      handle: (request) => list(request, cluster.resolve(request.part('index'))),
    },
  ];
}

function perIndex(cluster: Cluster, request: RoutedRequest, each: (index: SearchIndex) => Json): RestAnswer {
  const found = cluster.resolve(request.part('index')).map((index) => [index.name, each(index)] as const);
  return { status: 200, body: Object.fromEntries(found) };
}

function exists(resolve: () => unknown): RestAnswer {
  try {
    resolve();
    return { status: 200, body: {} };
  } catch (error) {
    if (error instanceof SearchError && error.status === 404) return { status: 404, body: {} };
    throw error;
  }
}

function show(cluster: Cluster, index: SearchIndex): Json {
  return {
    aliases: cluster.aliasesOf(index.name),
    mappings: showMapping(index.mapping),
    settings: showSettings(index),
  };
}

function showSettings({ name, uuid, created, settings }: SearchIndex): Json {
  return {
    index: {
      ...settings.given,
      creation_date: String(created),
      uuid,
      // 2.19.1, as a number.
      version: { created: '136407927' },
      provided_name: name,
    },
  };
}

function list(request: RoutedRequest, found: readonly SearchIndex[]): RestAnswer {
  if (request.query.get('format') !== 'json') throw illegalArgument(`[_cat] without [format=json] is ${NOT_HERE}`);
  const rows = found.map((index) => ({
    health: 'green',
    status: 'open',
    index: index.name,
    uuid: index.uuid,
    pri: String(index.settings.shards),
    rep: String(index.settings.replicas),
    'docs.count': String(index.view().size),
    'docs.deleted': '0',
  }));
  return { status: 200, body: rows };
}
