/** Settings and mappings of an index, as OpenSearch takes them. */
export interface IndexBody {
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly mappings?: Mappings;
}

export interface Mappings {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly [other: string]: unknown;
}

/** A role of the domain's fine-grained access, and whose it is. */
export interface RoleMapping {
  readonly role: string;
  readonly backendRoles: readonly string[];
  readonly clusterPermissions: readonly string[];
  readonly indexPermissions: readonly object[];
  readonly tenantPermissions?: readonly object[];
}

/** What the rules about an index need of OpenSearch. */
export interface IndexPorts {
  /** The index that is written by the alias; undefined where the alias is not there. */
  writtenBy(alias: string): Promise<string | undefined>;
  /** As it is there, settings as texts by their names below `index.`; undefined where the index is not there. */
  read(index: string): Promise<Required<IndexBody> | undefined>;
  create(index: string, body: IndexBody, alias: string): Promise<void>;
  putAlias(index: string, alias: string): Promise<void>;
  putSettings(index: string, settings: Readonly<Record<string, unknown>>): Promise<void>;
  putMappings(index: string, properties: Readonly<Record<string, unknown>>): Promise<void>;
  putRole(mapping: RoleMapping): Promise<void>;
}

/** A change that an index that is there cannot take. */
export class NeedsReindex extends Error {
  public constructor(what: string) {
    super(`The index that is there cannot take this change: ${what}. It needs a new index under another alias.`);
    this.name = 'NeedsReindex';
  }
}

/** An alias whose index has its versions by another way of ingestion: the two never meet in one index. */
export class OtherIngestion extends Error {
  public constructor(alias: string, index: string, wanted: string) {
    super(
      `The alias ${alias} leads to ${index}, and is to lead to ${wanted}, of another ingestion: use another alias.`,
    );
    this.name = 'OtherIngestion';
  }
}

/** The versioned indexes of one kind have this in common: `articles` of `articles-000001`. */
const kindOf = (index: string) => index.replace(/-\d{6}$/, '');

/**
 * Settings that an index takes while it is open.
 *
 * @see https://docs.opensearch.org/latest/install-and-configure/configuring-opensearch/index-settings/
 */
const DYNAMIC = new Set(['number_of_replicas', 'refresh_interval', 'gc_deletes', 'max_result_window']);

/** Objects with their keys in order, so that equal ones are equal texts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/**
 * Makes the index and its alias, or brings the index that is there to what is wanted as far as it can be: new fields and
 * settings that are dynamic. Done twice it is done once.
 *
 * @param first name of the first index of this alias and ingestion; a later one of the kind may be there
 * @returns the name of the index
 * @throws NeedsReindex where a field or a setting that is fixed is another
 * @throws OtherIngestion where the alias leads to an index of another ingestion
 */
export async function ensureIndex(ports: IndexPorts, alias: string, first: string, wanted: IndexBody): Promise<string> {
  const written = await ports.writtenBy(alias);
  if (written !== undefined && kindOf(written) !== kindOf(first)) {
    throw new OtherIngestion(alias, written, first);
  }
  const index = written ?? first;
  const there = await ports.read(index);
  if (!there) {
    await ports.create(index, wanted, alias);
    return index;
  }
  await adapt(ports, index, there, wanted);
  if (written === undefined) {
    // A creation that ended between the two, or an index that was kept when its stack was deleted.
    await ports.putAlias(index, alias);
  }
  return index;
}

async function adapt(ports: IndexPorts, index: string, there: Required<IndexBody>, wanted: IndexBody): Promise<void> {
  const settings = Object.entries(wanted.settings ?? {}).filter(
    ([name, value]) => String(there.settings[name]) !== String(value),
  );
  const fixed = settings.find(([name]) => !DYNAMIC.has(name));
  if (fixed) {
    throw new NeedsReindex(`${fixed[0]} is ${String(there.settings[fixed[0]])}, and is to be ${String(fixed[1])}`);
  }
  const { properties: fields = {}, ...options } = there.mappings;
  const { properties: wantedFields = {}, ...wantedOptions } = wanted.mappings ?? {};
  for (const [name, value] of Object.entries(wantedOptions)) {
    if (String(options[name]) !== String(value)) {
      throw new NeedsReindex(`${name} is ${String(options[name])}, and is to be ${String(value)}`);
    }
  }
  for (const [name, field] of Object.entries(fields)) {
    // A field that is wanted no more stays: no document has it any longer, and nothing else is lost by it.
    if (name in wantedFields && canonical(wantedFields[name]) !== canonical(field)) {
      throw new NeedsReindex(`the field ${name} is ${canonical(field)}, and is to be ${canonical(wantedFields[name])}`);
    }
  }
  const added = Object.entries(wantedFields).filter(([name]) => !(name in fields));
  if (settings.length > 0) {
    await ports.putSettings(index, Object.fromEntries(settings));
  }
  if (added.length > 0) {
    await ports.putMappings(index, Object.fromEntries(added));
  }
}
