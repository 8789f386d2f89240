import { illegalArgument, NOT_HERE } from './errors';
import { isJson, Reader } from './strict';
import { Json } from '../aws/protocol';

/** What of the settings of an index acts here, beside the settings as they were given. */
export interface IndexSettings {
  /** By name without `index.`, as text, as OpenSearch shows them. */
  readonly given: Readonly<Record<string, string>>;
  readonly shards: number;
  readonly replicas: number;
  /** -1: only a refresh that is asked for. */
  readonly refreshMs: number;
  /** How long the version of a deleted document is kept. */
  readonly gcDeletesMs: number;
}

const DYNAMIC = ['number_of_replicas', 'refresh_interval', 'gc_deletes'];
const STATIC = ['number_of_shards'];

const DEFAULTS: Readonly<Record<string, string>> = { number_of_shards: '1', number_of_replicas: '1' };

/** Reads settings in any of their forms: below `index`, with `index.` before the name, and without. */
export function readSettings(given: Json): IndexSettings {
  return settingsOf({ ...DEFAULTS, ...flatten(given, [...STATIC, ...DYNAMIC]) });
}

/** @throws SearchError for a setting that a new index alone may have */
export function changeSettings(before: IndexSettings, given: Json, index: string): IndexSettings {
  const changes = flatten(given, [...STATIC, ...DYNAMIC]);
  const fixed = STATIC.filter((name) => name in changes).map((name) => `index.${name}`);
  if (fixed.length > 0) {
    throw illegalArgument(`Can't update non dynamic settings [[${fixed.join(', ')}]] for open indices [[${index}]]`);
  }
  return settingsOf({ ...before.given, ...changes });
}

function flatten(given: Json, known: readonly string[]): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [key, value] of Object.entries(given)) {
    if (key === 'index' && isJson(value)) {
      Object.assign(flat, flatten(value, known));
      continue;
    }
    const name = key.replace(/^index\./, '');
    if (!known.includes(name)) throw illegalArgument(`unknown setting [index.${name}], or ${NOT_HERE}`);
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw illegalArgument(`Failed to parse value [${JSON.stringify(value)}] for setting [index.${name}]`);
    }
    flat[name] = String(value);
  }
  return flat;
}

function settingsOf(given: Readonly<Record<string, string>>): IndexSettings {
  const reader = new Reader(given, 'settings');
  return {
    given,
    shards: reader.integer('number_of_shards', 1, 1),
    replicas: reader.integer('number_of_replicas', 1),
    refreshMs: reader.duration('refresh_interval') ?? 1000,
    gcDeletesMs: reader.duration('gc_deletes') ?? 60_000,
  };
}
