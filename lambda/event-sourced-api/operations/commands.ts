import * as z from 'zod/mini';
import { ID } from '../domain/bounds';

const rate = z.optional(z.number().check(z.minimum(1)));
const rates = { maxReadUnitsPerSecond: rate, maxWriteUnitsPerSecond: rate };
const view = z.string().check(z.regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/));

/** What an operator may ask for. */
export const COMMAND = z.discriminatedUnion('command', [
  z.strictObject({ command: z.enum(['rebuild', 'verify', 'erase', 'rate']), view, ...rates }),
  z.strictObject({ command: z.enum(['resume', 'cancel']), view }),
  z.strictObject({ command: z.literal('status'), view: z.optional(view) }),
  z.strictObject({ command: z.literal('redrive') }),
  z.strictObject({
    command: z.literal('events'),
    id: z.string().check(z.regex(ID)),
    after: z.optional(z.number().check(z.int(), z.minimum(0))),
    limit: z.optional(z.number().check(z.int(), z.minimum(1), z.maximum(1000))),
  }),
]);

/** Tells an operator what a command looks like. */
export const COMMANDS =
  'A command is {"command": C, ...}, where C is rebuild, verify or erase with "view", and "maxReadUnitsPerSecond" and ' +
  '"maxWriteUnitsPerSecond" of at least 1 if wanted; rate with "view" and those; resume or cancel with "view"; status, ' +
  'of one "view" if wanted; redrive; or events with "id", "after" a version and "limit" (1 to 1000) if wanted';
