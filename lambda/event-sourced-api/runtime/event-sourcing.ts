/**
 * What domains of an EventSourcedApi are made of: `cdk-social-backend/event-sourcing`. It has no dependencies, and is
 * bundled with the domain by whichever bundler its author uses.
 */
export { defineDomain } from '../domain/definition';
export type {
  Arguments,
  CommandContext,
  Decider,
  DomainDefinition,
  ListPlace,
  SnapshotDefinition,
  Upcaster,
  ViewDefinition,
} from '../domain/definition';
export type { Actor, EventMeta, NewEvent, RecordedEvent } from '../domain/events';
export { reject } from '../domain/rejection';
