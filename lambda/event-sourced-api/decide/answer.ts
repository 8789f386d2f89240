import type { Malformed } from './input';
import type { WireItem } from '../../core/dynamodb/wire';
import { MAX_WRITE_BYTES } from '../domain/bounds';
import { type Command, type Decision, requestHashOf } from '../domain/handle-command';
import { type AppendedItem, appendedItems, guardKeyValues } from '../repository/event-items';

/** What the templates are answered: `Append` writes `items`, or tells why nothing is written. */
export type Answer =
  | {
      readonly outcome: 'ACCEPTED' | 'REJECTED';
      readonly commandId: string;
      readonly id: string;
      readonly fromVersion: number;
      readonly toVersion: number;
      readonly events: readonly string[];
      readonly requestHash: string;
      readonly occurredAt: string;
      readonly code?: string;
      readonly message?: string;
      /** The guard, then events in their order. */
      readonly items: readonly AppendedItem[];
    }
  | {
      readonly outcome: 'CONFLICT';
      readonly expectedVersion: number;
      readonly currentVersion: number;
      readonly guardKey: WireItem;
      readonly requestHash: string;
    }
  | {
      readonly outcome: 'INVALID';
      readonly field: string;
      readonly message: string;
      /** Where the ids are good: by which it is known whether this very command was there before. */
      readonly guardKey?: WireItem;
      readonly requestHash?: string;
    }
  /** Nothing is known of the command yet: it is to be sent again in a moment, with the same id. */
  | { readonly outcome: 'BUSY' };

const guardKeyOf = ({ actor, commandId }: Pick<Command, 'actor' | 'commandId'>): WireItem =>
  guardKeyValues(actor.sub, commandId);

/** The answer to what could not be read as a command. */
export const malformed = ({ field, message, of }: Malformed): Answer => ({
  ...{ outcome: 'INVALID', field, message },
  ...(of && { guardKey: guardKeyOf(of), requestHash: requestHashOf(of) }),
});

export function answerOf(command: Command, decision: Decision): Answer {
  switch (decision.outcome) {
    case 'INVALID':
    case 'CONFLICT':
      return { ...decision, guardKey: guardKeyOf(command) };
    default: {
      const { commandId, aggregateId: id, fromVersion, toVersion, events, requestHash, ...record } = decision.record;
      const { occurredAt, code, message } = record;
      const items = appendedItems(decision.record, decision.events);
      if (Buffer.byteLength(JSON.stringify(items)) > MAX_WRITE_BYTES) {
        return {
          outcome: 'INVALID',
          field: 'arguments',
          message: `The command makes events of more than ${MAX_WRITE_BYTES} bytes in all`,
          guardKey: guardKeyOf(command),
          requestHash,
        };
      }
      return {
        ...{ outcome: decision.outcome, commandId, id, fromVersion, toVersion, events, requestHash, occurredAt },
        ...(code === undefined ? {} : { code, message }),
        items,
      };
    }
  }
}
