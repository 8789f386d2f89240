import { createHash } from 'node:crypto';
import { Aggregate } from './aggregate';
import { LAST_VERSION, MAX_DATA_BYTES, MAX_EVENTS } from './bounds';
import type { Arguments, CommandContext } from './definition';
import type { AnyEvent, Domain } from './domain';
import type { Actor, StoredEvent } from './events';
import { DomainFault, faultOf, isPromise } from './fault';
import { loadAggregate } from './load-aggregate';
import { MissingVersion } from './missing-version';
import type { Clock, EventStore, Ids } from './ports';
import { rejectionOf } from './rejection';
import { canonicalJson, storedRecord, unstorable, withoutNulls } from './storable';

/** A command as it was sent. */
export interface Command {
  /** The field of `type Mutation`. */
  readonly command: string;
  /** Id of the aggregate. */
  readonly id: string;
  readonly commandId: string;
  /** The version that its sender has seen; a later one is a conflict. */
  readonly expectedVersion?: number;
  readonly correlationId: string;
  readonly causationId?: string;
  readonly arguments: Arguments;
  readonly actor: Actor;
}

/** What is stored of a command for good, by which the same one is known when it comes again. */
export interface CommandRecord {
  readonly status: 'ACCEPTED' | 'REJECTED';
  readonly command: string;
  readonly commandId: string;
  readonly aggregateType: string;
  readonly aggregateId: string;
  /** Of command, id and arguments: another command of the same id has another. */
  readonly requestHash: string;
  readonly fromVersion: number;
  /** The version after it. */
  readonly toVersion: number;
  /** Types of its events. */
  readonly events: readonly string[];
  /** Why it was rejected. */
  readonly code?: string;
  readonly message?: string;
  readonly actor: string;
  readonly occurredAt: string;
  readonly correlationId: string;
}

/** What a command comes to. Nothing is written yet. */
export type Decision =
  | { readonly outcome: 'ACCEPTED'; readonly record: CommandRecord; readonly events: readonly StoredEvent[] }
  | { readonly outcome: 'REJECTED'; readonly record: CommandRecord; readonly events: readonly [] }
  | {
      readonly outcome: 'CONFLICT';
      readonly expectedVersion: number;
      readonly currentVersion: number;
      /** As stored with the command, if this is one that was accepted or rejected before. */
      readonly requestHash: string;
    }
  | {
      readonly outcome: 'INVALID';
      readonly field: string;
      readonly message: string;
      /** As above: rules, and what they make of a state, are not the same for ever. */
      readonly requestHash: string;
    };

export interface CommandPorts extends Clock, Ids {
  readonly events: Pick<EventStore, 'history'>;
}

/**
 * A command by what it asks for, whoever sent it and however often. An argument that is `null` is one that is left out:
 * clients do not keep them apart from one attempt to the next. Defaults of the schema are in it, as AppSync fills them in
 * before: where a default changes, a command without that argument becomes another.
 */
export function requestHashOf({ command, id, arguments: args }: Pick<Command, 'command' | 'id' | 'arguments'>): string {
  // What cannot be stored never was, and may be too deep to be written as text.
  const asked = unstorableArgument(args) ? 'unstorable' : withoutNulls(args);
  return createHash('sha256')
    .update(canonicalJson([command, id, asked]))
    .digest('hex');
}

/**
 * Decides what a command comes to, by the rules of the domain and the state that the aggregate has now.
 *
 * @throws DomainFault where code of the domain fails, or there is no such command
 * @throws Busy where the aggregate is still being written: the same command may be decided in a moment
 */
export async function handleCommand(ports: CommandPorts, domain: Domain, command: Command): Promise<Decision> {
  if (!Object.hasOwn(domain.commands, command.command)) {
    throw new DomainFault(`there is no command ${command.command} in this domain`);
  }
  const wrong = unstorableArgument(command.arguments);
  if (wrong) {
    return { outcome: 'INVALID', ...wrong, requestHash: requestHashOf(command) };
  }
  const aggregate = await aggregateOf(ports, domain, command);
  const { expectedVersion: _, arguments: args, ...rest } = command;
  const context: CommandContext = {
    ...rest,
    now: new Date(ports.now()).toISOString(),
    version: aggregate.version,
    newId: () => ports.newId(),
  };
  return decide(ports, domain, aggregate, { command, context, args });
}

async function aggregateOf({ events, now }: CommandPorts, domain: Domain, command: Command): Promise<Aggregate> {
  try {
    // What its sender has seen is mostly what there is.
    return await loadAggregate(events, domain, command.id, { likely: command.expectedVersion });
  } catch (error) {
    // That one is gone is for operators; who sends a command again would be told the same for ever.
    throw error instanceof MissingVersion && error.isLost(now()) ? new DomainFault(error.message) : error;
  }
}

interface Asked {
  readonly command: Command;
  readonly context: CommandContext;
  readonly args: Arguments;
}

function decide(ports: Ids, domain: Domain, aggregate: Aggregate, asked: Asked): Decision {
  const { command, context, args } = asked;
  const place = `commands.${command.command}`;
  const known = {
    command: command.command,
    commandId: command.commandId,
    aggregateType: domain.aggregate,
    aggregateId: command.id,
    requestHash: requestHashOf(command),
    fromVersion: aggregate.version,
    actor: command.actor.sub,
    occurredAt: context.now,
    correlationId: command.correlationId,
  };
  let decided: unknown;
  try {
    decided = domain.commands[command.command](aggregate.state, args, context);
  } catch (error) {
    const rejection = rejectionOf(error);
    if (!rejection) {
      throw faultOf(place, error);
    }
    const record: CommandRecord = {
      ...known,
      ...rejection,
      status: 'REJECTED',
      toVersion: aggregate.version,
      events: [],
    };
    return { outcome: 'REJECTED', record, events: [] };
  }
  // After the rules: whoever may not send this learns nothing of the aggregate, not even its version.
  const { expectedVersion } = command;
  if (expectedVersion !== undefined && expectedVersion !== aggregate.version) {
    const { requestHash } = known;
    return { outcome: 'CONFLICT', expectedVersion, currentVersion: aggregate.version, requestHash };
  }
  const events = newEvents(place, domain, decided).map(({ type, data }, index): StoredEvent => ({
    eventId: ports.newId(),
    aggregateType: domain.aggregate,
    id: command.id,
    version: aggregate.version + index + 1,
    type,
    schemaVersion: domain.schemaVersion(type),
    data,
    occurredAt: context.now,
    actor: command.actor.sub,
    commandId: command.commandId,
    correlationId: command.correlationId,
    causationId: command.causationId,
  }));
  const tooLarge = events.find(({ data }) => Buffer.byteLength(JSON.stringify(data)) > MAX_DATA_BYTES);
  if (tooLarge) {
    return {
      outcome: 'INVALID',
      field: 'arguments',
      message: `The command makes an event of more than ${MAX_DATA_BYTES} bytes`,
      requestHash: known.requestHash,
    };
  }
  // What its own reducer does not take must not become a fact.
  const { version: toVersion } = aggregate.after(events);
  if (toVersion > LAST_VERSION) {
    throw new DomainFault(`there are no versions after ${LAST_VERSION}`);
  }
  const record: CommandRecord = { ...known, status: 'ACCEPTED', toVersion, events: events.map(({ type }) => type) };
  return { outcome: 'ACCEPTED', record, events };
}

/** What a decider gave, checked: its types do not hold where the domain is no TypeScript. */
function newEvents(place: string, domain: Domain, decided: unknown): AnyEvent[] {
  const events: readonly unknown[] = Array.isArray(decided) ? decided : [decided];
  // All of them: each that fails has to be somebody's.
  if (events.filter(isPromise).length > 0) {
    throw new DomainFault(`${place} must give events of this domain's types, got: a promise`);
  }
  if (events.length > MAX_EVENTS) {
    throw new DomainFault(`${place} gave ${events.length} events, at most ${MAX_EVENTS} are taken`);
  }
  return events.map((event) => {
    const { type, data } = (event ?? {}) as { readonly type?: unknown; readonly data?: unknown };
    if (typeof type !== 'string' || !domain.evolve.has(type)) {
      const what = typeof type === 'string' ? `a type ${type.slice(0, 64)}` : typeof event;
      throw new DomainFault(`${place} must give events of this domain's types, got: ${what}`);
    }
    return { type, data: storedRecord(`${place} data of ${type}`, data) };
  });
}

/** An argument that could not be stored; AppSync takes numbers and text that DynamoDB does not. */
function unstorableArgument(args: Arguments): { readonly field: string; readonly message: string } | undefined {
  for (const [field, value] of Object.entries(args)) {
    const problem = unstorable(value, 20);
    if (problem !== undefined) {
      return { field, message: `${field} must not have ${problem}` };
    }
  }
  return undefined;
}
