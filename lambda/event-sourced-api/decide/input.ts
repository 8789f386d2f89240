import * as z from 'zod/mini';
import { ID } from '../domain/bounds';
import type { Command } from '../domain/handle-command';

const id = z.string().check(z.regex(ID));
const optionalId = z.nullish(id);

/** What the pipeline's first function sends: what a user can get wrong is checked first, and told by its field. */
const IDS = z.object({ id, commandId: id });

const SENT = z.extend(IDS, {
  expectedVersion: z.nullish(z.number().check(z.int(), z.minimum(0))),
  correlationId: optionalId,
  causationId: optionalId,
});

/** What AppSync itself says. */
const REQUEST = z.object({
  command: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  actor: z.object({
    sub: z.string().check(z.minLength(1), z.maxLength(128)),
    username: z.string(),
    groups: z.nullish(z.array(z.string())),
  }),
});

/** @see ID */
const WANTED = {
  id: '1 to 64 letters, digits, - and _',
  expectedVersion: 'an integer, 0 or more',
};

/** A field that is wrong. */
export interface Malformed {
  readonly field: string;
  readonly message: string;
  /** Where its ids are good: which command it is, and what it asks for. */
  readonly of?: Pick<Command, 'command' | 'id' | 'commandId' | 'arguments' | 'actor'>;
}

/** A command as AppSync sends it, or the field that is wrong of it. @throws where it is none of AppSync's */
export function commandOf(event: unknown): Command | Malformed {
  const { command, arguments: args, actor: sender } = REQUEST.parse(event);
  const actor = { ...sender, groups: sender.groups ?? [] };
  const sent = SENT.safeParse(event);
  if (!sent.success) {
    const field = String(sent.error.issues[0].path[0]);
    const message = `${field} must be ${field === 'expectedVersion' ? WANTED.expectedVersion : WANTED.id}`;
    const ids = IDS.safeParse(event);
    return { field, message, ...(ids.success && { of: { ...ids.data, command, arguments: args, actor } }) };
  }
  const { id: aggregateId, commandId, expectedVersion, correlationId, causationId } = sent.data;
  return {
    command,
    id: aggregateId,
    commandId,
    expectedVersion: expectedVersion ?? undefined,
    correlationId: correlationId ?? commandId,
    causationId: causationId ?? undefined,
    arguments: args,
    actor,
  };
}
