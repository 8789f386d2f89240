import { canonical } from './json';
import { metaOf, sourceOf } from './names';
import type { DocumentSource } from './source';

/** Settings and mappings of an index, as OpenSearch takes them. */
export interface IndexBody {
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly mappings?: Mappings;
}

export interface Mappings {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly [other: string]: unknown;
}

/** What an index is to be: its body, and what its documents are made of where a function writes them. */
export interface Blueprint {
  readonly body: IndexBody;
  readonly source?: DocumentSource;
}

/** A body that OpenSearch makes no index of, whoever asks. */
export class InvalidIndex extends Error {
  public constructor(type: string) {
    super(`OpenSearch makes no index of this body: ${type}`);
    this.name = 'InvalidIndex';
  }
}

/** The body with which an index is made: it says what its documents are made of. */
export function bodyOf({ body, source }: Blueprint): IndexBody {
  const { mappings = {} } = body;
  return source ? { ...body, mappings: { ...mappings, _meta: metaOf(source, mappings._meta) } } : body;
}

/** What it takes to make an index as wanted. */
export interface Plan {
  /** Why it takes another index; undefined where it does not. */
  readonly needsReindex?: string;
  /** Settings that an open index takes. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Fields that the index has not, and no document of it either. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Whether it does not say yet what its documents are made of. */
  readonly saysNoSource: boolean;
}

/**
 * Settings that an index takes while it is open.
 *
 * @see https://docs.opensearch.org/latest/install-and-configure/configuring-opensearch/index-settings/
 */
const DYNAMIC = new Set(['number_of_replicas', 'refresh_interval', 'gc_deletes', 'max_result_window']);

/** @param there as OpenSearch gives it back: settings are texts by their names below `index.` */
export function planOf(there: Required<IndexBody>, { body, source }: Blueprint): Plan {
  const settings = Object.entries(body.settings ?? {}).filter(
    ([name, value]) => String(there.settings[name]) !== String(value),
  );
  const { properties: fields = {}, _meta: meta, ...options } = there.mappings;
  const { properties: wantedFields = {}, _meta: _, ...wantedOptions } = body.mappings ?? {};
  const made = sourceOf(meta);
  const added = Object.keys(wantedFields).filter((name) => !(name in fields));
  return {
    needsReindex:
      fixedSetting(settings, there.settings) ??
      otherOption(options, wantedOptions) ??
      otherField(fields, wantedFields) ??
      // No document is written again at the same version: what is there never gets the field.
      (source && added.length > 0 ? `${added.join(', ')} is not there` : undefined) ??
      (source && made && canonical(made) !== canonical(source)
        ? `its documents are made of ${canonical(made)}, and are to be of ${canonical(source)}`
        : undefined),
    settings: Object.fromEntries(settings),
    fields: Object.fromEntries(added.map((name) => [name, wantedFields[name]])),
    saysNoSource: made === undefined,
  };
}

function fixedSetting(
  settings: readonly [string, unknown][],
  there: Readonly<Record<string, unknown>>,
): string | undefined {
  const fixed = settings.find(([name]) => !DYNAMIC.has(name));
  return fixed && `${fixed[0]} is ${String(there[fixed[0]])}, and is to be ${String(fixed[1])}`;
}

type Named = Readonly<Record<string, unknown>>;

function otherOption(options: Named, wanted: Named): string | undefined {
  const other = Object.entries(wanted).find(([name, value]) => String(options[name]) !== String(value));
  return other && `${other[0]} is ${String(options[other[0]])}, and is to be ${String(other[1])}`;
}

/** A field that is wanted no more stays: no document has it any longer, and nothing else is lost by it. */
function otherField(fields: Named, wanted: Named): string | undefined {
  const other = Object.entries(fields).find(
    ([name, field]) => name in wanted && canonical(wanted[name]) !== canonical(field),
  );
  return other && `the field ${other[0]} is ${canonical(other[1])}, and is to be ${canonical(wanted[other[0]])}`;
}
