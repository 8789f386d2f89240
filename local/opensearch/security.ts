import { bulkTargets } from './bulk';
import { SearchError } from './errors';
import { jsonBody, matchPath, RestAnswer, RestRequest } from './routes';
import { Reader } from './strict';
import { readJson, writeJson } from '../json-file';

/** A role of OpenSearch's security. */
interface Role {
  readonly cluster_permissions: readonly string[];
  readonly index_permissions: readonly {
    readonly index_patterns: readonly string[];
    readonly allowed_actions: readonly string[];
  }[];
}

interface State {
  roles: Record<string, Role>;
  /** ARNs of IAM roles by role of OpenSearch. */
  mappings: Record<string, readonly string[]>;
}

/** What an endpoint does, in the words of OpenSearch's permissions. */
interface Endpoint {
  readonly methods: readonly string[];
  readonly path: string;
  /** Of the whole cluster. */
  readonly cluster?: string;
  /** Of the index in the path. */
  readonly index?: string;
}

const WRITES = ['PUT', 'POST'];
const READS = ['GET', 'HEAD'];

/** https://docs.opensearch.org/latest/security/access-control/permissions/ */
const ENDPOINTS: readonly Endpoint[] = [
  { methods: READS, path: '/', cluster: 'cluster:monitor/main' },
  { methods: READS, path: '/_cluster/health', cluster: 'cluster:monitor/health' },
  { methods: READS, path: '/_cluster/health/{index}', cluster: 'cluster:monitor/health' },
  { methods: READS, path: '/_cat/indices', cluster: 'cluster:monitor/state' },
  { methods: READS, path: '/_cat/indices/{index}', cluster: 'cluster:monitor/state' },
  { methods: WRITES, path: '/_bulk', cluster: 'indices:data/write/bulk' },
  { methods: WRITES, path: '/{index}/_bulk', cluster: 'indices:data/write/bulk' },
  { methods: [...WRITES, 'GET'], path: '/{index}/_search', index: 'indices:data/read/search' },
  { methods: [...WRITES, 'GET'], path: '/{index}/_count', index: 'indices:data/read/search' },
  {
    methods: [...WRITES, 'GET'],
    path: '/{index}/_mget',
    cluster: 'indices:data/read/mget',
    index: 'indices:data/read/mget[shard]',
  },
  { methods: READS, path: '/{index}/_doc/{id}', index: 'indices:data/read/get' },
  { methods: READS, path: '/{index}/_source/{id}', index: 'indices:data/read/get' },
  { methods: WRITES, path: '/{index}/_doc/{id}', index: 'indices:data/write/index' },
  { methods: WRITES, path: '/{index}/_create/{id}', index: 'indices:data/write/index' },
  { methods: ['DELETE'], path: '/{index}/_doc/{id}', index: 'indices:data/write/delete' },
  { methods: ['PUT'], path: '/{index}', index: 'indices:admin/create' },
  { methods: READS, path: '/{index}', index: 'indices:admin/get' },
  { methods: ['DELETE'], path: '/{index}', index: 'indices:admin/delete' },
  { methods: READS, path: '/{index}/_mapping', index: 'indices:admin/mappings/get' },
  { methods: WRITES, path: '/{index}/_mapping', index: 'indices:admin/mapping/put' },
  { methods: READS, path: '/{index}/_settings', index: 'indices:monitor/settings/get' },
  { methods: WRITES, path: '/{index}/_settings', index: 'indices:admin/settings/update' },
  { methods: ['POST'], path: '/_aliases' },
  { methods: ['POST', 'GET'], path: '/{index}/_refresh', index: 'indices:admin/refresh' },
  { methods: READS, path: '/_alias/{index}', index: 'indices:admin/aliases/get' },
  { methods: READS, path: '/{index}/_alias', index: 'indices:admin/aliases/get' },
];

interface AliasAction {
  readonly index?: string;
  readonly alias?: string;
}

/** Where roles and their mappings are. */
const API = '/_plugins/_security/api';

/**
 * Fine-grained access control with roles of IAM: what IAM allows is not enough, OpenSearch knows only its master user
 * and whom that one has given a role. https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
 */
export class Security {
  private readonly state: State;

  /**
   * @param masterArn the IAM role that may do everything
   * @param file where roles last; undefined where they do not
   * @param namesOf the indexes of a name, each by all of its names; the name alone where there is none
   */
  public constructor(
    private readonly masterArn: string,
    private readonly file: string | undefined,
    private readonly namesOf: (name: string) => readonly (readonly string[])[],
  ) {
    this.state = ((file === undefined ? undefined : readJson(file)) as State | undefined) ?? {
      roles: {},
      mappings: {},
    };
  }

  /**
   * Answers calls to the API of the security itself.
   *
   * @returns undefined for a call to something else, which the caller may make
   * @throws SearchError for what the caller may not do
   */
  public answer(request: RestRequest, roleArn: string | undefined): RestAnswer | undefined {
    const isMaster = roleArn === undefined || roleArn === this.masterArn;
    if (request.path.startsWith(`${API}/`)) {
      if (!isMaster) throw refused('cluster:admin/opendistro_security', roleArn);
      return this.administrate(request);
    }
    if (!isMaster) this.check(request, roleArn);
    return undefined;
  }

  private administrate(request: RestRequest): RestAnswer {
    const [kind = '', name = '', ...rest] = request.path
      .slice(API.length + 1)
      .split('/')
      .map(decodeURIComponent);
    if ((kind !== 'roles' && kind !== 'rolesmapping') || name === '' || rest.length > 0) {
      throw new SearchError(400, 'illegal_argument_exception', `${request.path} is not supported by the local runner`);
    }
    const entries: Record<string, unknown> = kind === 'roles' ? this.state.roles : this.state.mappings;
    const before = entries[name];
    const say = (status: number, word: string, message: string): RestAnswer => ({
      status,
      body: { status: word, message },
    });
    if (request.method === 'PUT') {
      entries[name] = kind === 'roles' ? readRole(request) : readMapping(request);
      this.save();
      return before === undefined ? say(201, 'CREATED', `'${name}' created.`) : say(200, 'OK', `'${name}' updated.`);
    }
    if (before === undefined) {
      return say(404, 'NOT_FOUND', `${kind === 'roles' ? 'role' : 'rolesmapping'} '${name}' not found.`);
    }
    if (request.method === 'GET') {
      return { status: 200, body: { [name]: kind === 'roles' ? before : { backend_roles: before } } };
    }
    if (request.method !== 'DELETE') {
      throw new SearchError(405, 'method_not_allowed', `${request.method} ${request.path}`);
    }
    delete entries[name];
    this.save();
    return say(200, 'OK', `'${name}' deleted.`);
  }

  private save(): void {
    if (this.file !== undefined) writeJson(this.file, this.state);
  }

  private check(request: RestRequest, roleArn: string): void {
    for (const endpoint of ENDPOINTS) {
      const parts = endpoint.methods.includes(request.method) ? matchPath(endpoint.path, request.path) : undefined;
      if (parts === undefined) continue;
      if (endpoint.cluster !== undefined) this.require(roleArn, endpoint.cluster);
      const index = parts.get('index') ?? '';
      if (endpoint.index !== undefined) this.require(roleArn, endpoint.index, index);
      if (endpoint.path.endsWith('_bulk')) {
        for (const { action, target } of bulkTargets(request.body, index)) {
          this.require(roleArn, 'indices:data/write/bulk[s]', target);
          this.require(roleArn, `indices:data/write/${action === 'delete' ? 'delete' : 'index'}`, target);
        }
      }
      this.checkAliases(request, endpoint.path, roleArn);
      return;
    }
    // Nothing is known of it: who may do everything may do that.
    this.require(roleArn, '*');
  }

  /** An alias is given and taken by who may do so with the index, and with what has the alias's name. */
  private checkAliases(request: RestRequest, path: string, roleArn: string): void {
    const change = 'indices:admin/aliases';
    if (path === '/{index}' && request.method === 'PUT') {
      const names = Object.keys((jsonBody(request).aliases ?? {}) as object);
      names.forEach((name) => this.require(roleArn, change, name));
    } else if (path === '/_aliases') {
      const actions = (jsonBody(request).actions ?? []) as readonly Readonly<Record<string, AliasAction>>[];
      for (const named of actions.flatMap((action) => Object.values(action))) {
        for (const name of [named.index, named.alias]) {
          if (name !== undefined) this.require(roleArn, change, name);
        }
      }
    }
  }

  private require(roleArn: string, action: string, index?: string): void {
    const roles = Object.entries(this.state.mappings).flatMap(([role, arns]) =>
      arns.includes(roleArn) ? (this.state.roles[role] ?? []) : [],
    );
    const allowed =
      index === undefined
        ? roles.some((role) => covers(role.cluster_permissions, action))
        : this.namesOf(index).every((names) =>
            roles.some(({ index_permissions: permissions }) =>
              permissions.some(
                (one) => covers(one.allowed_actions, action) && names.some((name) => covers(one.index_patterns, name)),
              ),
            ),
          );
    if (!allowed) throw refused(action, roleArn);
  }
}

/** Groups of actions that OpenSearch has from the start, by name. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  cluster_monitor: ['cluster:monitor/*'],
  cluster_all: ['cluster:*'],
  indices_all: ['indices:*'],
  read: ['indices:data/read*', 'indices:admin/mappings/fields/get*'],
  search: ['indices:data/read/search*', 'indices:data/read/msearch*'],
  write: ['indices:data/write*', 'indices:admin/mapping/put'],
  crud: ['indices:data/read*', 'indices:data/write*'],
};

function covers(patterns: readonly string[], text: string): boolean {
  return patterns
    .flatMap((pattern) => GROUPS[pattern] ?? [pattern])
    .some((pattern) => {
      const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
      return new RegExp(`^${parts.join('.*')}$`).test(text);
    });
}

function refused(action: string, roleArn: string | undefined): SearchError {
  const user = `User [name=${String(roleArn)}, backend_roles=[${String(roleArn)}], requestedTenant=null]`;
  return new SearchError(403, 'security_exception', `no permissions for [${action}] and ${user}`);
}

function readRole(request: RestRequest): Role {
  const reader = new Reader(jsonBody(request), 'role').only(
    'cluster_permissions',
    'index_permissions',
    'tenant_permissions',
    'description',
  );
  const permissions = reader.has('index_permissions') ? reader.value('index_permissions') : [];
  if (!Array.isArray(permissions)) {
    throw new SearchError(400, 'illegal_argument_exception', 'index_permissions must be a list');
  }
  return {
    cluster_permissions: reader.has('cluster_permissions') ? reader.strings('cluster_permissions') : [],
    index_permissions: (permissions as readonly unknown[]).map((permission, at) => {
      const one = new Reader(
        new Reader({ permission }, `index_permissions[${at}]`).object('permission'),
        `index_permissions[${at}]`,
      );
      // Security of documents and fields is not here.
      one.only('index_patterns', 'allowed_actions');
      return { index_patterns: one.strings('index_patterns'), allowed_actions: one.strings('allowed_actions') };
    }),
  };
}

function readMapping(request: RestRequest): readonly string[] {
  return new Reader(jsonBody(request), 'rolesmapping').only('backend_roles').strings('backend_roles');
}
