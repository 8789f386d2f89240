import { illegalArgument, NOT_HERE, SearchError } from './errors';
import { isJson, Reader } from './strict';
import { Json } from '../aws/protocol';

/** What an alias says of one of its indexes. */
export interface AliasOptions {
  readonly is_write_index?: boolean;
}

/** Indexes by alias, with what the alias says of each. */
export type Aliases = Readonly<Record<string, Readonly<Record<string, AliasOptions>>>>;

/** What a list of actions makes of aliases and indexes. */
export interface AliasChange {
  readonly aliases: Aliases;
  readonly removedIndexes: readonly string[];
}

/** Reads `aliases` of a new index. */
export function readIndexAliases(given: Json): Readonly<Record<string, AliasOptions>> {
  return Object.fromEntries(
    Object.entries(given).map(([alias, options]) => {
      if (!isJson(options)) throw illegalArgument(`[aliases] [${alias}] must be an object`);
      return [alias, readOptions(new Reader(options, alias).only('is_write_index'))];
    }),
  );
}

function readOptions(reader: Reader): AliasOptions {
  return reader.has('is_write_index') ? { is_write_index: reader.boolean('is_write_index', false) } : {};
}

/**
 * Does a list of actions, all or none of them.
 *
 * @param resolve name of an index that is there; throws for another
 */
export function applyActions(before: Aliases, actions: unknown, resolve: (index: string) => string): AliasChange {
  if (!Array.isArray(actions) || actions.length === 0) throw illegalArgument('No action specified');
  const aliases: Record<string, Record<string, AliasOptions>> = Object.fromEntries(
    Object.entries(before).map(([alias, indexes]) => [alias, { ...indexes }]),
  );
  const removedIndexes: string[] = [];
  // Indexes are removed first, so that an alias may take the name of one.
  for (const { kind, reader } of actions.map(readAction)) {
    if (kind === 'remove_index') removedIndexes.push(resolve(reader.only('index').string('index')));
  }
  for (const { kind, reader } of actions.map(readAction)) {
    if (kind === 'remove_index') continue;
    reader.only('index', 'alias', ...(kind === 'add' ? ['is_write_index'] : ['must_exist']));
    const index = resolve(reader.string('index'));
    const alias = reader.string('alias');
    if (kind === 'add') {
      aliases[alias] = { ...aliases[alias], [index]: readOptions(reader) };
    } else if (aliases[alias]?.[index] !== undefined) {
      delete aliases[alias][index];
    } else if (reader.boolean('must_exist', true)) {
      throw new SearchError(404, 'aliases_not_found_exception', `aliases [${alias}] missing`, {
        'resource.type': 'aliases',
        'resource.id': alias,
      });
    }
  }
  return { aliases: withoutIndexes(aliases, removedIndexes), removedIndexes };
}

/** The aliases without these indexes, and without those that have none left. */
export function withoutIndexes(aliases: Aliases, removed: readonly string[]): Aliases {
  const left = Object.entries(aliases).map(
    ([alias, indexes]) =>
      [alias, Object.fromEntries(Object.entries(indexes).filter(([index]) => !removed.includes(index)))] as const,
  );
  return Object.fromEntries(left.filter(([, indexes]) => Object.keys(indexes).length > 0));
}

/** @throws SearchError for an alias that is named as an index, or has two indexes to write to */
export function checkAliases(aliases: Aliases, indexes: ReadonlySet<string>): void {
  for (const [alias, targets] of Object.entries(aliases)) {
    checkName('alias', alias);
    if (indexes.has(alias)) {
      throw new SearchError(
        400,
        'invalid_alias_name_exception',
        `Invalid alias name [${alias}]: an index or data stream exists with the same name as the alias`,
      );
    }
    const writable = Object.entries(targets).filter(([, options]) => options.is_write_index === true);
    if (writable.length > 1) {
      const names = writable.map(([index]) => index).sort();
      throw new SearchError(
        500,
        'illegal_state_exception',
        `alias [${alias}] has more than one write index [${names.join(',')}]`,
      );
    }
  }
}

/** https://docs.opensearch.org/latest/api-reference/index-apis/create-index/#index-naming-restrictions */
export function checkName(kind: 'index' | 'alias', name: string): void {
  const wrong = /[\s"*\\<|,>/?#:]/.test(name)
    ? 'must not contain spaces or the following characters'
    : /^[_\-+]/.test(name)
      ? "must not start with '_', '-', or '+'"
      : kind === 'index' && name !== name.toLowerCase()
        ? 'must be lowercase'
        : name === '' || name === '.' || name === '..' || Buffer.byteLength(name) > 255
          ? 'must not be empty, `.`, `..` or longer than 255 bytes'
          : undefined;
  if (wrong === undefined) return;
  throw new SearchError(400, `invalid_${kind}_name_exception`, `Invalid ${kind} name [${name}], ${wrong}`, {
    index: name,
    index_uuid: '_na_',
  });
}

const KINDS = ['add', 'remove', 'remove_index'] as const;

function readAction(action: unknown): { readonly kind: (typeof KINDS)[number]; readonly reader: Reader } {
  const entries = isJson(action) ? Object.entries(action) : [];
  const [name = '', options] = entries[0] ?? [];
  const kind = KINDS.find((known) => known === name);
  if (entries.length !== 1 || kind === undefined || !isJson(options)) {
    throw malformed(`[aliases] unknown field [${name}], or ${NOT_HERE}`);
  }
  return { kind, reader: new Reader(options, kind, malformed) };
}

function malformed(reason: string): SearchError {
  return new SearchError(400, 'x_content_parse_exception', reason);
}
