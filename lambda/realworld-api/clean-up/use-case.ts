import type { ArticleDeleted, CleanUpMessage } from './messages';

/** Items of an article that are removed page by page, because there may be any number of them. */
export type ChildItemKind = 'comments' | 'favorites';

/** What the clean-up needs of the table. Every read is consistent. */
export interface CleanUpStore {
  articleExists(authorId: string, articleId: string): Promise<boolean>;
  /** Makes the edges by author and tag what they must be for these tags of an article, whether it is there or not. */
  settleAuthorTags(authorId: string, articleId: string, tags: readonly string[]): Promise<void>;
  /** Removes the text, the timeline's edge and the edges of these tags. */
  removeEdges(authorId: string, articleId: string, tagList: readonly string[]): Promise<void>;
  /** Removes the counts of those of these tags that no article has any more. */
  removeEmptyTags(tagList: readonly string[]): Promise<void>;
  /** Removes the next page of what belongs to the article; false where nothing was left. */
  removePage(articleId: string, kind: ChildItemKind): Promise<boolean>;
  removeComment(articleId: string, commentId: number): Promise<void>;
}

/** What the clean-up needs of the world. */
export interface CleanUpPorts {
  readonly store: CleanUpStore;
  /** Sends a message to the clean-up itself. */
  send(message: CleanUpMessage): Promise<void>;
  /** Should this invocation hand on what is left? */
  timeIsShort(): boolean;
}

/**
 * Removes what the deletion of an article leaves behind, and writes what a new one is listed by but does not wait for:
 * its edges by author and tag. Messages come more than once and in any order; what is to be
 * removed is read from the table each time, so that one more pass finds what the last one left, or nothing.
 *
 * Favorites are written only where their article exists, in one transaction with that check, so none can come later.
 * Comments are written without: each is looked at once more after it was written, and goes where its article is gone.
 */
export async function handleMessage(ports: CleanUpPorts, message: CleanUpMessage): Promise<void> {
  const { store } = ports;
  const { articleId } = message;
  switch (message.type) {
    case 'article-created':
      return store.settleAuthorTags(message.authorId, articleId, message.tagList);
    case 'article-updated':
      // Its transaction has written the edges, unless they were too many for it.
      return store.settleAuthorTags(message.authorId, articleId, message.changedTags);
    case 'article-deleted':
      return removeArticle(ports, message);
    case 'comment-created':
      if (!(await store.articleExists(message.articleAuthorId, articleId))) {
        await store.removeComment(articleId, message.commentId);
      }
  }
}

async function removeArticle(ports: CleanUpPorts, message: ArticleDeleted): Promise<void> {
  const { store } = ports;
  const { authorId, articleId, tagList } = message;
  // An id is never used again, so that an article that is there was never deleted: whatever this message is, stop.
  if (await store.articleExists(authorId, articleId)) {
    return;
  }
  await store.removeEdges(authorId, articleId, tagList);
  await store.removeEmptyTags(tagList);
  for (const kind of ['comments', 'favorites'] as const) {
    while (await store.removePage(articleId, kind)) {
      if (ports.timeIsShort()) {
        return ports.send(message);
      }
    }
  }
}
