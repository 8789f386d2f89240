/** What a domain may be called, by which parts of it. */
const AGGREGATE = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
const EVENT = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
/** @see https://spec.graphql.org/October2021/#sec-Names */
const COMMAND = /^(?!__)[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const VIEW = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** What the state of jobs is kept under, among the views. */
export const RESERVED_VIEW = 'JOB';

const SNAPSHOT_EVERY = { min: 2, max: 1000 };

type Fields = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const kind = (value: unknown) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
const shown = (value: unknown) =>
  typeof value === 'number' || typeof value === 'string' ? String(value) : kind(value);

/** Notes what is wrong with a domain, each by its place. */
class Checks {
  public readonly problems: string[] = [];

  public note(place: string, wanted: string, got: unknown): void {
    this.problems.push(`${place} must be ${wanted}, got: ${shown(got)}`);
  }

  /** A record of what is checked one by one; nothing where it is none. */
  public entries(place: string, value: unknown, names?: { pattern: RegExp; reserved?: string }): [string, unknown][] {
    if (!isRecord(value)) {
      this.note(place, 'an object', value);
      return [];
    }
    const entries = Object.entries(value);
    for (const [name] of names ? entries : []) {
      if (!names?.pattern.test(name) || name === names.reserved) {
        this.problems.push(`${place}.${name}: the name must match ${names?.pattern.source}${but(names?.reserved)}`);
      }
    }
    return entries;
  }

  public isFunction(place: string, value: unknown): void {
    if (typeof value !== 'function') {
      this.note(place, 'a function', value);
    }
  }

  public optionalFunction(place: string, value: unknown): void {
    if (value !== undefined) {
      this.isFunction(place, value);
    }
  }

  public isCount(place: string, value: unknown, { min, max }: { min: number; max?: number } = { min: 1 }): void {
    const isCount = typeof value === 'number' && Number.isSafeInteger(value) && value >= min;
    if (!isCount || value > (max ?? Infinity)) {
      this.note(place, `an integer of ${max === undefined ? `${min} or more` : `${min} to ${max}`}`, value);
    }
  }
}

const but = (reserved: string | undefined) => (reserved === undefined ? '' : ` and not be ${reserved}`);

function checkEvents(checks: Checks, { evolve, schemaVersions = {}, upcasters = {} }: Fields): void {
  const types = checks.entries('evolve', evolve, { pattern: EVENT });
  types.forEach(([type, reducer]) => checks.isFunction(`evolve.${type}`, reducer));
  if (isRecord(evolve) && types.length === 0) {
    checks.problems.push('evolve must have a reducer for at least one type of event');
  }
  const known = new Set(types.map(([type]) => type));
  const versions = new Map(checks.entries('schemaVersions', schemaVersions));
  versions.forEach((version, type) => checks.isCount(`schemaVersions.${type}`, version));
  const steps = new Map(checks.entries('upcasters', upcasters));
  for (const type of new Set([...versions.keys(), ...steps.keys()])) {
    if (!known.has(type)) {
      checks.problems.push(`${versions.has(type) ? 'schemaVersions' : 'upcasters'}.${type} is of no event in evolve`);
    }
  }
  for (const type of known) {
    checkUpcasters(checks, type, versions.get(type) ?? 1, steps.get(type) ?? {});
  }
}

function checkUpcasters(checks: Checks, type: string, version: unknown, steps: unknown): void {
  const given = new Map(checks.entries(`upcasters.${type}`, steps));
  const last = typeof version === 'number' && version <= 1000 ? version : 1;
  for (let from = 1; from < last; from++) {
    if (!given.has(String(from))) {
      checks.problems.push(`upcasters.${type}.${from} is missing: the schema version of ${type} is ${last}`);
    }
  }
  for (const [from, upcaster] of given) {
    checks.isFunction(`upcasters.${type}.${from}`, upcaster);
    if (!/^[1-9]\d*$/.test(from) || Number(from) >= last) {
      checks.problems.push(`upcasters.${type}.${from} leads beyond the schema version of ${type}, which is ${last}`);
    }
  }
}

function checkSnapshot(checks: Checks, snapshot: unknown): void {
  if (snapshot === undefined) {
    return;
  }
  if (!isRecord(snapshot)) {
    checks.note('snapshot', 'an object', snapshot);
    return;
  }
  checks.isCount('snapshot.every', snapshot.every ?? SNAPSHOT_EVERY.min, SNAPSHOT_EVERY);
  checks.isCount('snapshot.schemaVersion', snapshot.schemaVersion ?? 1);
  checks.optionalFunction('snapshot.upgrade', snapshot.upgrade);
}

/**
 * Checks that a value is a domain.
 *
 * @throws Error that names everything that is wrong
 */
export function checkDomain(candidate: unknown): void {
  const checks = new Checks();
  const domain = isRecord(candidate) ? candidate : {};
  if (!isRecord(candidate)) {
    checks.note('domain', 'an object', candidate);
  }
  const { aggregate } = domain;
  // The guards of commands are in the same table, and aggregates never among them.
  if (typeof aggregate !== 'string' || !AGGREGATE.test(aggregate) || aggregate === 'COMMAND') {
    checks.note('aggregate', `a name that matches ${AGGREGATE.source} and is not COMMAND`, aggregate);
  }
  checks.isFunction('initial', domain.initial);
  for (const [name, decider] of checks.entries('commands', domain.commands, { pattern: COMMAND })) {
    checks.isFunction(`commands.${name}`, decider);
  }
  checkEvents(checks, domain);
  checkSnapshot(checks, domain.snapshot);
  for (const [name, view] of checks.entries('views', domain.views, { pattern: VIEW, reserved: RESERVED_VIEW })) {
    const { version, apply, owner, lists } = isRecord(view) ? view : {};
    checks.isCount(`views.${name}.version`, version);
    checks.isFunction(`views.${name}.apply`, apply);
    checks.optionalFunction(`views.${name}.owner`, owner);
    checks.optionalFunction(`views.${name}.lists`, lists);
  }
  if (checks.problems.length > 0) {
    throw new Error(`The domain is malformed: ${checks.problems.join('; ')}`);
  }
}
