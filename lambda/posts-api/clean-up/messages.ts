import * as z from 'zod/mini';
import { SOCIAL_MESSAGES } from '../../social-table/messages';

/** The events of the social table that leave work which no request waits for. */
const MESSAGE = z.discriminatedUnion('type', [
  SOCIAL_MESSAGES['post-deleted'],
  SOCIAL_MESSAGES['post-grants-changed'],
  SOCIAL_MESSAGES['tag-deleted'],
  SOCIAL_MESSAGES['user-deleted'],
]);

export type CleanUpMessage = z.infer<typeof MESSAGE>;

/** @throws for anything that is no message of the clean-up's: it goes to the dead-letter queue */
export function parseMessage(body: unknown): CleanUpMessage {
  return MESSAGE.parse(body);
}
