import type { Domain } from './domain';
import { loadAggregate } from './load-aggregate';
import type { EventStore } from './ports';

/** Whether a version is one of those that have a snapshot. */
export const isSnapshotVersion = ({ snapshot }: Domain, version: number): boolean => version % snapshot.every === 0;

/**
 * Stores the state of an aggregate at a version beside its events.
 *
 * @throws DomainFault where code of the domain makes nothing of its events
 * @throws MissingVersion where they are still being written
 */
export async function takeSnapshot(
  store: Pick<EventStore, 'history' | 'putSnapshot'>,
  domain: Domain,
  id: string,
  version: number,
): Promise<void> {
  const aggregate = await loadAggregate(store, domain, id, { upTo: version });
  // An event that the stream tells of is there; a store that was brought back from a backup may not have it.
  if (aggregate.version === version) {
    const { schemaVersion } = domain.snapshot;
    await store.putSnapshot(id, { version, schemaVersion, state: aggregate.state });
  }
}
