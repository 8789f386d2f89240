import * as z from 'zod/mini';

const id = z.string().check(z.minLength(1), z.maxLength(256));

/** The events of the social table that leave something to clean up; what else they carry is not needed here. */
const MESSAGE = z.discriminatedUnion('type', [
  z.object({ type: z.literal('article-deleted'), articleId: id, authorId: id, tagList: z.array(z.string()) }),
  z.object({
    type: z.literal('comment-created'),
    articleId: id,
    articleAuthorId: id,
    commentId: z.number().check(z.int(), z.positive()),
  }),
]);

export type CleanUpMessage = z.infer<typeof MESSAGE>;
export type ArticleDeleted = Extract<CleanUpMessage, { type: 'article-deleted' }>;

/** @throws for anything that is no message of the clean-up's: it goes to the dead-letter queue */
export function parseMessage(body: unknown): CleanUpMessage {
  return MESSAGE.parse(body);
}
