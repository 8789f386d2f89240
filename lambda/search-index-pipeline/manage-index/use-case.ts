import { type IndexBody, type Mappings, planOf } from '../index-body';
import { type IndexAliases, kindOf, readBy } from '../names';

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
  create(index: string, body: IndexBody, aliases: IndexAliases): Promise<void>;
  putAliases(index: string, aliases: IndexAliases): Promise<void>;
  putSettings(index: string, settings: Readonly<Record<string, unknown>>): Promise<void>;
  putMappings(index: string, mappings: Mappings): Promise<void>;
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

/**
 * Where an ingestion pipeline writes the index: makes it and its alias, or brings the index that is there to what is
 * wanted as far as it can be: new fields and settings that are dynamic. Done twice it is done once.
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
    await ports.create(index, wanted, readBy(alias));
    return index;
  }
  await adapt(ports, index, there, wanted);
  if (written === undefined) {
    // A creation that ended between the two, or an index that was kept when its stack was deleted.
    await ports.putAliases(index, readBy(alias));
  }
  return index;
}

async function adapt(ports: IndexPorts, index: string, there: Required<IndexBody>, wanted: IndexBody): Promise<void> {
  const { needsReindex, settings, fields } = planOf(there, { body: wanted });
  if (needsReindex !== undefined) {
    throw new NeedsReindex(needsReindex);
  }
  if (Object.keys(settings).length > 0) {
    await ports.putSettings(index, settings);
  }
  if (Object.keys(fields).length > 0) {
    await ports.putMappings(index, { properties: fields });
  }
}
