import * as z from 'zod/mini';
import { SOCIAL_MESSAGES } from '../../social-table/messages';

/** The events of the social table that leave something to clean up, or edges to write that no request waits for. */
const MESSAGE = z.discriminatedUnion('type', [
  SOCIAL_MESSAGES['article-created'],
  SOCIAL_MESSAGES['article-updated'],
  SOCIAL_MESSAGES['article-deleted'],
  SOCIAL_MESSAGES['comment-created'],
]);

export type CleanUpMessage = z.infer<typeof MESSAGE>;
export type ArticleDeleted = Extract<CleanUpMessage, { type: 'article-deleted' }>;

/** @throws for anything that is no message of the clean-up's: it goes to the dead-letter queue */
export function parseMessage(body: unknown): CleanUpMessage {
  return MESSAGE.parse(body);
}
