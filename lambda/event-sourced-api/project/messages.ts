import * as z from 'zod/mini';
import type { BringUp } from '../domain/bring-up';

/** What the function for operators asks of the projector, beside the batches of the stream. */
const MESSAGE = z.strictObject({
  bringUp: z.strictObject({
    ids: z.array(z.string().check(z.minLength(1))).check(z.minLength(1), z.maxLength(100)),
    view: z.optional(z.string()),
  }),
});

/** What it answers: those that are not brought up. */
const ANSWER = z.strictObject({ left: z.array(z.strictObject({ id: z.string(), reason: z.string() })) });

export type BringUpAnswer = z.infer<typeof ANSWER>;

/** @throws Error that says what a message is */
export function bringUpOf(event: unknown): BringUp {
  const { success, data } = z.safeParse(MESSAGE, event);
  if (!success) {
    throw new Error('A message is {"bringUp": {"ids": [...], "view": V}}, of 1 to 100 ids, and a view if wanted');
  }
  return data.bringUp;
}

/** @returns undefined where it is no answer of the projector */
export function bringUpAnswerOf(answer: unknown): BringUpAnswer | undefined {
  return z.safeParse(ANSWER, answer).data;
}
