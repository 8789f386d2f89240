import type { Domain } from './domain';
import type { StoredEvent } from './events';
import { DomainFault, running } from './fault';
import { MissingVersion } from './missing-version';
import type { Snapshot } from './ports';
import { storedRecord } from './storable';

/** The data of an event as its type has it now. @throws DomainFault where code of the domain makes nothing of it */
export function upcast(domain: Domain, { type, schemaVersion, data }: StoredEvent): Readonly<Record<string, unknown>> {
  const now = domain.schemaVersion(type);
  if (!domain.evolve.has(type)) {
    throw new DomainFault(`there is no event ${type} in this domain`);
  }
  if (schemaVersion > now) {
    throw new DomainFault(`${type} of schema version ${schemaVersion} is later than this domain's, which is ${now}`);
  }
  let current = data as Readonly<Record<string, unknown>>;
  for (let from = schemaVersion; from < now; from++) {
    const place = `upcasters.${type}.${from}`;
    const before = current;
    current = running(place, () => storedRecord(place, domain.upcaster(type, from)?.(before)));
  }
  return current;
}

/** The state of a snapshot as it is now; undefined where it must be folded from events. */
export function stateOf(domain: Domain, { state, schemaVersion }: Snapshot): unknown {
  const { upgrade, schemaVersion: now } = domain.snapshot;
  if (schemaVersion === now) {
    return state;
  }
  const upgraded = upgrade && running('snapshot.upgrade', () => upgrade(state, schemaVersion));
  return upgraded === undefined ? undefined : storedRecord('snapshot.upgrade', upgraded);
}

/** An aggregate: its state at a version, which its events alone change. */
export class Aggregate {
  /** One that does not exist yet. */
  public static initial(domain: Domain): Aggregate {
    return new Aggregate(
      domain,
      running('initial', () => storedRecord('initial', domain.initial())),
      0,
    );
  }

  /** One as it was at a version. */
  public static at(domain: Domain, state: unknown, version: number): Aggregate {
    return new Aggregate(domain, storedRecord('the state of a snapshot', state), version);
  }

  private constructor(
    private readonly domain: Domain,
    /** Plain JSON, always: so it is the same whether or not it was stored as a snapshot in between. */
    public readonly state: unknown,
    /** 0 where it does not exist. */
    public readonly version: number,
  ) {}

  /**
   * It after further events.
   *
   * @throws DomainFault where a reducer or an upcaster fails
   * @throws MissingVersion where an event is not of the next version
   */
  public after(events: readonly StoredEvent[]): Aggregate {
    return events.reduce<Aggregate>((aggregate, event) => aggregate.next(event), this);
  }

  private next(event: StoredEvent): Aggregate {
    if (event.version !== this.version + 1) {
      throw new MissingVersion(this.version + 1, event);
    }
    const place = `evolve.${event.type}`;
    const data = upcast(this.domain, event);
    const state = running(place, () =>
      storedRecord(place, this.domain.evolve.get(event.type)?.(this.state, data, metaOf(event))),
    );
    return new Aggregate(this.domain, state, event.version);
  }
}

/** What code of a domain is told of an event, beside its data. */
export const metaOf = (event: StoredEvent) => ({
  id: event.id,
  version: event.version,
  occurredAt: event.occurredAt,
  actor: event.actor,
  commandId: event.commandId,
  correlationId: event.correlationId,
  ...(event.causationId === undefined ? {} : { causationId: event.causationId }),
});
