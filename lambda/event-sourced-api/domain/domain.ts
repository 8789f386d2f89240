import type { Arguments, DomainDefinition, SnapshotDefinition, Upcaster, ViewDefinition } from './definition';
import { checkDomain } from './domain-checks';
import type { EventMeta, NewEvent } from './events';

/** Data of events, rows of views: whatever the domain makes of them. */
type Anything = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A view of whatever domain. */
export type View = ViewDefinition<Anything[string], Anything>;

/** A domain of whatever types, with its defaults: what the functions run. */
export interface Domain {
  readonly aggregate: string;
  readonly commands: DomainDefinition<unknown, Anything, Readonly<Record<string, Arguments>>, Anything>['commands'];
  readonly evolve: ReadonlyMap<string, (state: unknown, data: Anything[string], meta: EventMeta) => unknown>;
  readonly snapshot: Required<Pick<SnapshotDefinition<unknown>, 'every' | 'schemaVersion'>> &
    Pick<SnapshotDefinition<unknown>, 'upgrade'>;
  readonly views: ReadonlyMap<string, View>;
  initial(): unknown;
  schemaVersion(type: string): number;
  upcaster(type: string, from: number): Upcaster | undefined;
}

export type AnyEvent = NewEvent<Anything>;

/**
 * The domain that somebody's code has made.
 *
 * @throws Error that names everything that is malformed
 */
export function domainOf(candidate: unknown): Domain {
  checkDomain(candidate);
  // Checked above, as far as code can be looked at.
  const given = candidate as DomainDefinition<unknown, Anything, Readonly<Record<string, Arguments>>, Anything>;
  const { snapshot = {}, schemaVersions = {}, upcasters = {} } = given;
  return {
    aggregate: given.aggregate,
    initial: () => given.initial(),
    commands: given.commands,
    evolve: new Map(Object.entries(given.evolve)),
    schemaVersion: (type) => (Object.hasOwn(schemaVersions, type) ? schemaVersions[type] : undefined) ?? 1,
    upcaster: (type, from) => (Object.hasOwn(upcasters, type) ? upcasters[type]?.[from] : undefined),
    snapshot: { every: snapshot.every ?? 50, schemaVersion: snapshot.schemaVersion ?? 1, upgrade: snapshot.upgrade },
    views: new Map(Object.entries(given.views)),
  };
}
