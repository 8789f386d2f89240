import { Aggregate, stateOf } from './aggregate';
import type { Domain } from './domain';
import type { EventStore } from './ports';

/**
 * An aggregate as it is now, or was at a version: by its newest snapshot that is of use, and the events after it.
 *
 * @throws DomainFault where code of the domain makes nothing of them
 */
export async function loadAggregate(
  store: Pick<EventStore, 'history'>,
  domain: Domain,
  id: string,
  upTo?: number,
): Promise<Aggregate> {
  const { snapshot, events } = await store.history(id, {
    every: domain.snapshot.every,
    upTo,
    isUsable: (candidate) => stateOf(domain, candidate) !== undefined,
  });
  const from = snapshot ? Aggregate.at(domain, stateOf(domain, snapshot), snapshot.version) : Aggregate.initial(domain);
  return from.after(events);
}
