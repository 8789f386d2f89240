import { Aggregate, stateOf } from './aggregate';
import type { Domain } from './domain';
import { MissingVersion, REREADS } from './missing-version';
import type { EventStore } from './ports';
import { retry } from '../../core/retry';

/**
 * An aggregate as it is now, or was at a version: by its newest snapshot that is of use, and the events after it.
 *
 * @throws DomainFault where code of the domain makes nothing of them
 * @throws MissingVersion where one is missing, however often they are read
 */
export async function loadAggregate(
  store: Pick<EventStore, 'history'>,
  domain: Domain,
  id: string,
  version: { readonly upTo?: number; readonly likely?: number } = {},
): Promise<Aggregate> {
  const load = async () => {
    const { snapshot, events } = await store.history(id, {
      every: domain.snapshot.every,
      ...version,
      isUsable: (candidate) => stateOf(domain, candidate) !== undefined,
    });
    const from = snapshot
      ? Aggregate.at(domain, stateOf(domain, snapshot), snapshot.version)
      : Aggregate.initial(domain);
    return from.after(events);
  };
  return retry(load, (error) => error instanceof MissingVersion, REREADS);
}
